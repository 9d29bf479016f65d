## SPDX-License-Identifier: BSD-2-Clause
libchopmark_a_SOURCES += \
	%D%/arena.c %D%/arena.h \
	%D%/banned.h %D%/base.h \
	%D%/buf.c %D%/buf.h \
	%D%/clock.c %D%/clock.h \
	%D%/err.c %D%/err.h \
	%D%/file.h \
	%D%/ip.c %D%/ip.h \
	%D%/lines.h \
	%D%/log.h \
	%D%/names.h \
	%D%/num.c %D%/num.h \
	%D%/refs.h \
	%D%/slice.c %D%/slice.h \
	%D%/stats.h \
	%D%/vec.h
