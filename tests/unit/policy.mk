## SPDX-License-Identifier: BSD-2-Clause
## Checks that a rule asks for early never get done in these tests unless the
## fixture says so: tests/lib/undecided.c stands in for them.
unit_policy = \
	%D%/test_decide \
	%D%/test_expr \
	%D%/test_facts \
	%D%/test_plan \
	%D%/test_policy_files \
	%D%/test_reply \
	%D%/test_rules
check_PROGRAMS += $(unit_policy)
TESTS += $(unit_policy)
%C%_test_decide_SOURCES = %D%/test_decide.c tests/lib/undecided.c
%C%_test_expr_SOURCES = %D%/test_expr.c tests/lib/undecided.c
%C%_test_facts_SOURCES = %D%/test_facts.c tests/lib/undecided.c
%C%_test_plan_SOURCES = %D%/test_plan.c
%C%_test_policy_files_SOURCES = %D%/test_policy_files.c tests/lib/undecided.c
%C%_test_reply_SOURCES = %D%/test_reply.c tests/lib/undecided.c
%C%_test_rules_SOURCES = %D%/test_rules.c tests/lib/undecided.c
