## SPDX-License-Identifier: BSD-2-Clause
libchopmark_a_SOURCES += \
	%D%/dmarc.c %D%/dmarc.h \
	%D%/dmarc_judge.c %D%/dmarc_judge.h \
	%D%/dmarc_lib.c %D%/dmarc_lib.h \
	%D%/dmarc_record.c %D%/dmarc_record.h \
	%D%/dmarc_walk.c %D%/dmarc_walk.h
