## SPDX-License-Identifier: BSD-2-Clause
## What a hostile message may cost. worst is a figure, not a test:
##   make tests/hostile/worst && ./tests/hostile/worst
hostile_sources = %D%/attack.c %D%/attack.h %D%/attack_checks.c %D%/attack_header.c \
	%D%/attack_sign.c \
	$(fault_scenario)
hostile_wrap = -Wl,--wrap=sig_verify -Wl,--wrap=sig_judge -Wl,--wrap=dkim_lib_judge \
	-Wl,--wrap=sha256_add -Wl,--wrap=canon_header -Wl,--wrap=domain_to_ascii \
	-Wl,--wrap=scan_lenient_cfws -Wl,--wrap=scan_lenient_comment \
	-Wl,--wrap=scan_lenient_quoted
EXTRA_PROGRAMS += %D%/worst
%C%_worst_SOURCES = %D%/worst.c $(hostile_sources)
hostile_tests = %D%/test_cost %D%/test_limits
%C%_test_limits_SOURCES = %D%/test_limits.c $(hostile_sources)
%C%_test_cost_SOURCES = %D%/test_cost.c %D%/work.c %D%/work.h $(hostile_sources)
%C%_test_cost_LDFLAGS = $(AM_LDFLAGS) $(hostile_wrap)
check_PROGRAMS += $(hostile_tests)
TESTS += $(hostile_tests)
