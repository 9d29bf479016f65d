## SPDX-License-Identifier: BSD-2-Clause
libchopmark_a_SOURCES += \
	%D%/dump.c %D%/dump.h \
	%D%/foreign.c %D%/foreign.h %D%/foreign.def \
	%D%/locate.c %D%/locate.h \
	%D%/options.c %D%/options.h %D%/options.def \
	%D%/parse.c %D%/parse.h \
	%D%/snapshot.c %D%/snapshot.h \
	%D%/socket.c %D%/socket.h \
	%D%/values.c %D%/values.h \
	%D%/verify.c %D%/verify.h \
	%D%/verify_forward.c
