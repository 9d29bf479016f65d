## SPDX-License-Identifier: BSD-2-Clause
libchopmark_a_SOURCES += \
	%D%/builtin.h \
	%D%/decide.c %D%/rules.h %D%/rules_private.h \
	%D%/expr.c %D%/expr.h %D%/expr_check.c %D%/expr_parse.c %D%/expr_token.c %D%/expr_private.h \
	%D%/plan.c %D%/plan.h \
	%D%/reply.c %D%/reply.h \
	%D%/reply_tags.c %D%/reply_tags.def %D%/reply_tags.h \
	%D%/rules.c %D%/rules_parse.c \
	%D%/template.c %D%/template.h %D%/template_value.c

## The shipped policy and replies, built in.
nodist_libchopmark_a_SOURCES = %D%/builtin.c
EXTRA_DIST += %D%/builtin.sh
CLEANFILES += %D%/builtin.c
%D%/builtin.c: %D%/builtin.sh conf/policy.conf conf/replies.conf
	$(AM_V_GEN)$(MKDIR_P) $(@D) && $(SHELL) $(srcdir)/%D%/builtin.sh \
	  $(srcdir)/conf/policy.conf $(srcdir)/conf/replies.conf >$@.tmp && \
	  mv $@.tmp $@
