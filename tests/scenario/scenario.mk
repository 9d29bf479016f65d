## SPDX-License-Identifier: BSD-2-Clause
check_PROGRAMS += %D%/run_scenario
TESTS += %D%/run_scenario
%C%_run_scenario_SOURCES = %D%/export.c %D%/export.h %D%/run_scenario.c
## What every program that plays scenarios shares.
libtest_a_SOURCES += \
	%D%/corpus.c %D%/corpus.h \
	%D%/observed.c %D%/observed.h \
	%D%/scenario.c %D%/scenario.h \
	%D%/scenario_sign.c %D%/scenario_sign.h \
	%D%/stage.c %D%/stage.h
EXTRA_DIST += %D%/README \
	%D%/arc-chains.scn \
	%D%/arc-off.scn \
	%D%/arc-seal.scn \
	%D%/arc-vouched.scn \
	%D%/bare-cr.scn \
	%D%/dkim-shapes.scn \
	%D%/dkim-utf8.scn \
	%D%/dmarc.scn \
	%D%/dns-trouble.scn \
	%D%/early-replies.scn \
	%D%/forged-arc.scn \
	%D%/forged-flood.scn \
	%D%/forged-results.scn \
	%D%/from-missing.scn \
	%D%/from-trouble.scn \
	%D%/helo-denied.scn \
	%D%/hold-and-tag.scn \
	%D%/hostile.scn \
	%D%/ipv6.scn \
	%D%/look-alikes.scn \
	%D%/no-time-out-passes.scn \
	%D%/no-way-around.scn \
	%D%/limits.scn \
	%D%/null-sender.scn \
	%D%/originating.scn \
	%D%/outsiders-sign-nothing.scn \
	%D%/own-users.scn \
	%D%/postmaster.scn \
	%D%/real-mails-cautious.scn \
	%D%/real-mails.scn \
	%D%/received-spf.scn \
	%D%/relayed.scn \
	%D%/signing.scn \
	%D%/shared-id.scn \
	%D%/signing-returned.scn \
	%D%/spf-pass-and-fail.scn \
	%D%/starttls.scn \
	%D%/trusted-results.scn \
	%D%/senders.map
