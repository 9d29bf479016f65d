## SPDX-License-Identifier: BSD-2-Clause
check_LIBRARIES += libconfigtest.a
libconfigtest_a_SOURCES = %D%/config_lib.c %D%/config_lib.h
unit_config = \
	%D%/test_dump \
	%D%/test_forwarding \
	%D%/test_parse \
	%D%/test_snapshot \
	%D%/test_socket \
	%D%/test_unjudged \
	%D%/test_verify
check_PROGRAMS += $(unit_config)
TESTS += $(unit_config)
%C%_test_dump_LDADD = libconfigtest.a $(LDADD)
%C%_test_forwarding_LDADD = libconfigtest.a $(LDADD)
%C%_test_parse_LDADD = libconfigtest.a $(LDADD)
%C%_test_snapshot_LDADD = libconfigtest.a $(LDADD)
%C%_test_unjudged_LDADD = libconfigtest.a $(LDADD)
%C%_test_verify_LDADD = libconfigtest.a $(LDADD)

## The operator's command.
check_PROGRAMS += %D%/test_feed
TESTS += %D%/test_feed %D%/test_cli.py %D%/test_hardening.py %D%/test_install.py
%C%_test_feed_SOURCES = %D%/test_feed.c milter/cli/feed.c milter/cli/feed.h
EXTRA_DIST += %D%/test_cli.py %D%/test_hardening.py %D%/test_install.py

## Round trips to the DNS, over a network without a clock.
check_PROGRAMS += %D%/test_latency
TESTS += %D%/test_latency
%C%_test_latency_SOURCES = %D%/test_latency.c tests/lib/dns_rounds.c tests/lib/dns_rounds.h
%C%_test_latency_LDADD = libconfigtest.a $(LDADD)
