## SPDX-License-Identifier: BSD-2-Clause
libchopmark_a_SOURCES += \
	%D%/secrets.c %D%/secrets.h \
	%D%/srs.c %D%/srs.h
