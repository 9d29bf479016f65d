## SPDX-License-Identifier: BSD-2-Clause
libchopmark_a_SOURCES += \
	%D%/dump.h \
	%D%/options.c %D%/options.h %D%/options.def \
	%D%/parse.h \
	%D%/snapshot.h \
	%D%/socket.h
