## SPDX-License-Identifier: BSD-2-Clause
libtest_a_SOURCES += \
	%D%/mta.c %D%/mta.h \
	%D%/mta_edit.c %D%/mta_edit.h \
	%D%/mta_message.c \
	%D%/packet.c %D%/packet.h
wire_tests = %D%/test_mta
check_PROGRAMS += $(wire_tests)
TESTS += $(wire_tests)
