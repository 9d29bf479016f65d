## SPDX-License-Identifier: BSD-2-Clause
## One target per parser. With --enable-fuzz they are libFuzzer programs:
##   ./tests/fuzz/fuzz_tags -dict=DIR/dict/tags.dict CORPUS DIR/seeds/tags
## Without, they replay their seeds and variations of them in `make check`.
fuzz_targets = \
	%D%/fuzz_address \
	%D%/fuzz_address_list \
	%D%/fuzz_arc \
	%D%/fuzz_authres \
	%D%/fuzz_canon \
	%D%/fuzz_config \
	%D%/fuzz_der \
	%D%/fuzz_dkim_field \
	%D%/fuzz_dkim_lib \
	%D%/fuzz_dmarc \
	%D%/fuzz_dmarc_record \
	%D%/fuzz_dns_answer \
	%D%/fuzz_domain \
	%D%/fuzz_engine \
	%D%/fuzz_feed \
	%D%/fuzz_from \
	%D%/fuzz_header \
	%D%/fuzz_key \
	%D%/fuzz_lines \
	%D%/fuzz_milter \
	%D%/fuzz_policy \
	%D%/fuzz_rdata \
	%D%/fuzz_received \
	%D%/fuzz_session \
	%D%/fuzz_sets \
	%D%/fuzz_signing \
	%D%/fuzz_socketmap \
	%D%/fuzz_spf \
	%D%/fuzz_spf_record \
	%D%/fuzz_srs \
	%D%/fuzz_tags \
	%D%/fuzz_zone
EXTRA_DIST += %D%/README %D%/seeds %D%/dict %D%/run.sh \
	%D%/aims %D%/coverage.sh %D%/coverage.py

check_LIBRARIES += libfuzz.a
libfuzz_a_SOURCES = %D%/fuzz.c %D%/fuzz.h %D%/plan.c %D%/plan.h \
	%D%/settings.c %D%/settings.h
fuzz_libs = libfuzz.a $(LDADD)

if FUZZ
EXTRA_DIST += %D%/replay.c
fuzz_flags = $(AM_LDFLAGS) -fsanitize=fuzzer
noinst_PROGRAMS += $(fuzz_targets)
else
libfuzz_a_SOURCES += %D%/replay.c
fuzz_flags = $(AM_LDFLAGS)
check_PROGRAMS += $(fuzz_targets)
TESTS += $(fuzz_targets)
endif

%C%_fuzz_address_LDADD = $(fuzz_libs)
%C%_fuzz_address_LDFLAGS = $(fuzz_flags)
%C%_fuzz_address_list_LDADD = $(fuzz_libs)
%C%_fuzz_address_list_LDFLAGS = $(fuzz_flags)
%C%_fuzz_arc_LDADD = $(fuzz_libs)
%C%_fuzz_arc_LDFLAGS = $(fuzz_flags)
%C%_fuzz_authres_LDADD = $(fuzz_libs)
%C%_fuzz_authres_LDFLAGS = $(fuzz_flags)
%C%_fuzz_canon_LDADD = $(fuzz_libs)
%C%_fuzz_canon_LDFLAGS = $(fuzz_flags)
%C%_fuzz_der_LDADD = $(fuzz_libs)
%C%_fuzz_der_LDFLAGS = $(fuzz_flags)
%C%_fuzz_domain_LDADD = $(fuzz_libs)
%C%_fuzz_domain_LDFLAGS = $(fuzz_flags)
%C%_fuzz_from_LDADD = $(fuzz_libs)
%C%_fuzz_from_LDFLAGS = $(fuzz_flags)
%C%_fuzz_header_LDADD = $(fuzz_libs)
%C%_fuzz_header_LDFLAGS = $(fuzz_flags)
%C%_fuzz_lines_LDADD = $(fuzz_libs)
%C%_fuzz_lines_LDFLAGS = $(fuzz_flags)
%C%_fuzz_rdata_LDADD = $(fuzz_libs)
%C%_fuzz_rdata_LDFLAGS = $(fuzz_flags)
%C%_fuzz_session_LDADD = $(fuzz_libs)
%C%_fuzz_session_LDFLAGS = $(fuzz_flags)
%C%_fuzz_sets_LDADD = $(fuzz_libs)
%C%_fuzz_sets_LDFLAGS = $(fuzz_flags)
%C%_fuzz_spf_record_LDADD = $(fuzz_libs)
%C%_fuzz_spf_record_LDFLAGS = $(fuzz_flags)
%C%_fuzz_tags_LDADD = $(fuzz_libs)
%C%_fuzz_tags_LDFLAGS = $(fuzz_flags)
%C%_fuzz_zone_LDADD = $(fuzz_libs)
%C%_fuzz_zone_LDFLAGS = $(fuzz_flags)
%C%_fuzz_config_LDADD = $(fuzz_libs)
%C%_fuzz_config_LDFLAGS = $(fuzz_flags)
%C%_fuzz_dkim_field_LDADD = $(fuzz_libs)
%C%_fuzz_dkim_field_LDFLAGS = $(fuzz_flags)
%C%_fuzz_dkim_lib_LDADD = $(fuzz_libs)
%C%_fuzz_dkim_lib_LDFLAGS = $(fuzz_flags)
%C%_fuzz_dmarc_record_LDADD = $(fuzz_libs)
%C%_fuzz_dmarc_record_LDFLAGS = $(fuzz_flags)
%C%_fuzz_policy_LDADD = $(fuzz_libs)
%C%_fuzz_policy_LDFLAGS = $(fuzz_flags)
%C%_fuzz_received_LDADD = $(fuzz_libs)
%C%_fuzz_received_LDFLAGS = $(fuzz_flags)
%C%_fuzz_engine_LDADD = $(fuzz_libs)
%C%_fuzz_engine_LDFLAGS = $(fuzz_flags)
%C%_fuzz_feed_SOURCES = %D%/fuzz_feed.c milter/cli/feed.c milter/cli/feed.h
%C%_fuzz_feed_LDADD = $(fuzz_libs)
%C%_fuzz_feed_LDFLAGS = $(fuzz_flags)

## All of them for FUZZ_SECONDS each, in a build with CC=clang --enable-fuzz.
FUZZ_SECONDS = 60
fuzz: $(fuzz_targets)
if FUZZ
	@$(SHELL) $(srcdir)/tests/fuzz/run.sh $(FUZZ_SECONDS) $(srcdir) $(fuzz_targets)
else
	@echo 'make fuzz needs a build of its own: configure CC=clang --enable-fuzz --enable-sanitize' >&2; exit 1
endif
## Lines that each target reaches; needs llvm's tools beside clang.
fuzz-coverage:
	@$(SHELL) $(srcdir)/tests/fuzz/coverage.sh $(srcdir) $(fuzz_targets)
.PHONY: fuzz fuzz-coverage
%C%_fuzz_signing_LDADD = $(fuzz_libs)
%C%_fuzz_signing_LDFLAGS = $(fuzz_flags)
%C%_fuzz_srs_LDADD = $(fuzz_libs)
%C%_fuzz_srs_LDFLAGS = $(fuzz_flags)
%C%_fuzz_dns_answer_LDADD = $(fuzz_libs)
%C%_fuzz_dns_answer_LDFLAGS = $(fuzz_flags)
%C%_fuzz_key_LDADD = $(fuzz_libs)
%C%_fuzz_key_LDFLAGS = $(fuzz_flags)
## In front of a server of ours in the same process.
fuzz_live_libs = libfuzz.a libdaemon.a $(LDADD) $(MILTER_LIBS) $(SYSTEMD_LIBS)
%C%_fuzz_milter_SOURCES = %D%/fuzz_milter.c %D%/live.c %D%/live.h milter/daemon/sigwait.c
%C%_fuzz_milter_LDADD = $(fuzz_live_libs)
%C%_fuzz_milter_LDFLAGS = $(fuzz_flags)
%C%_fuzz_socketmap_SOURCES = %D%/fuzz_socketmap.c %D%/live.c %D%/live.h
%C%_fuzz_socketmap_LDADD = $(fuzz_live_libs)
%C%_fuzz_socketmap_LDFLAGS = $(fuzz_flags)
## On a zone that the input brings.
%C%_fuzz_dmarc_SOURCES = %D%/fuzz_dmarc.c %D%/zone.c %D%/zone.h
%C%_fuzz_dmarc_LDADD = $(fuzz_libs)
%C%_fuzz_dmarc_LDFLAGS = $(fuzz_flags)
%C%_fuzz_spf_SOURCES = %D%/fuzz_spf.c %D%/zone.c %D%/zone.h
%C%_fuzz_spf_LDADD = $(fuzz_libs)
%C%_fuzz_spf_LDFLAGS = $(fuzz_flags)
