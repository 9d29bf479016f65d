## SPDX-License-Identifier: BSD-2-Clause
libtest_a_SOURCES += \
	%D%/dialog.c %D%/dialog.h \
	%D%/filter.c %D%/filter.h \
	%D%/mta.c %D%/mta.h \
	%D%/mta_edit.c %D%/mta_edit.h \
	%D%/mta_message.c \
	%D%/packet.c %D%/packet.h \
	%D%/setup.c %D%/setup.h
## The fake MTA by itself, and the parts of the daemon that can stand alone.
wire_tests = %D%/test_mta tests/unit/test_apply tests/unit/test_listen \
	tests/unit/test_map_server tests/unit/test_negotiate tests/unit/test_privs \
	tests/unit/test_mta_io tests/unit/test_publish
tests_unit_test_apply_LDADD = libdaemon.a $(LDADD)
tests_unit_test_listen_LDADD = libdaemon.a $(LDADD)
tests_unit_test_listen_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=bind -Wl,--wrap=listen
tests_unit_test_map_server_LDADD = libdaemon.a libconfigtest.a $(LDADD) $(MILTER_LIBS) \
	$(SYSTEMD_LIBS) $(SECCOMP_LIBS)
tests_unit_test_map_server_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=clock_mono_ms
tests_unit_test_negotiate_LDADD = libdaemon.a $(LDADD)
tests_unit_test_privs_LDADD = libdaemon.a $(LDADD)
tests_unit_test_mta_io_LDADD = libdaemon.a $(LDADD)
tests_unit_test_publish_LDADD = libdaemon.a libconfigtest.a $(LDADD) $(MILTER_LIBS) \
	$(SYSTEMD_LIBS) $(SECCOMP_LIBS)
tests_unit_test_publish_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=deadline_in
## A real chopmarkd.
wire_tests += %D%/test_wire_dns %D%/test_wire_drain %D%/test_wire_hostile \
	%D%/test_wire_latency %D%/test_wire_life %D%/test_wire_limits \
	%D%/test_wire_pool %D%/test_wire_session %D%/test_wire_waiting
check_PROGRAMS += $(wire_tests)
TESTS += $(wire_tests)
## Every scenario, in the manner of both MTAs.
check_PROGRAMS += %D%/run_wire
TESTS += %D%/run_wire
## The programs to run with --enable-sanitize=thread.
EXTRA_DIST += %D%/tsan.list %D%/tsan.supp
## SRSSocket.
TESTS += %D%/test_socketmap.py
EXTRA_DIST += %D%/test_socketmap.py
