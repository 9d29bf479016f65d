## SPDX-License-Identifier: BSD-2-Clause
libchopmark_a_SOURCES += \
	%D%/engine.c %D%/engine.h %D%/engine_private.h \
	%D%/forwarding.c \
	%D%/id.c %D%/id.h \
	%D%/labels.c \
	%D%/outcome.c \
	%D%/session.c \
	%D%/sign.c \
	%D%/steps.c %D%/steps.h \
	%D%/timeline.c %D%/timeline.h \
	%D%/unjudged.c \
	%D%/walk.c
