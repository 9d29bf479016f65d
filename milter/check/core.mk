## SPDX-License-Identifier: BSD-2-Clause
libchopmark_a_SOURCES += \
	%D%/arc.h \
	%D%/check.h %D%/checks.c \
	%D%/direction.c %D%/direction.c %D%/direction.h \
	%D%/facts.h \
	%D%/finding.c %D%/finding.h \
	%D%/iprev.c %D%/iprev.h
