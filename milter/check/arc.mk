## SPDX-License-Identifier: BSD-2-Clause
libchopmark_a_SOURCES += \
	%D%/arc.c %D%/arc.h \
	%D%/arc_chain.c %D%/arc_chain.h \
	%D%/arc_field.c %D%/arc_field.h \
	%D%/arc_return.c %D%/arc_return.h \
	%D%/arc_seal.c %D%/arc_seal.h \
	%D%/arc_verify.c \
	%D%/arc_vouch.c %D%/arc_vouch.h
