## SPDX-License-Identifier: BSD-2-Clause
libchopmark_a_SOURCES += \
	%D%/arena.c %D%/arena.h \
	%D%/banned.h %D%/base.h \
	%D%/buf.c %D%/buf.h \
	%D%/clock.c %D%/clock.h \
	%D%/err.c %D%/err.h \
	%D%/file.c %D%/file.h \
	%D%/ip.c %D%/ip.h \
	%D%/limits.c %D%/limits.def %D%/limits.h \
	%D%/lines.c %D%/lines.h \
	%D%/log.c %D%/log.h \
	%D%/names.c %D%/names.h \
	%D%/num.c %D%/num.h \
	%D%/refs.h \
	%D%/slice.c %D%/slice.h \
	%D%/stats.c %D%/stats.h \
	%D%/vec.h
