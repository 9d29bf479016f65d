## SPDX-License-Identifier: BSD-2-Clause
libchopmark_a_SOURCES += \
	%D%/doomed.c %D%/doomed.h \
	%D%/outbound.c %D%/outbound.h \
	%D%/socketmap.c %D%/socketmap.h \
	%D%/srs_map.c %D%/srs_map.h
