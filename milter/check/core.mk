## SPDX-License-Identifier: BSD-2-Clause
libchopmark_a_SOURCES += \
	%D%/check.h %D%/checks.c \
	%D%/client_names.c %D%/client_names.h \
	%D%/direction.c %D%/direction.h \
	%D%/evaluation.c \
	%D%/facts.c %D%/facts.def %D%/facts.h %D%/facts_private.h \
	%D%/facts_check.c %D%/facts_mail.c \
	%D%/finding.c %D%/finding.h \
	%D%/forward.h \
	%D%/iprev.c %D%/iprev.h
