## SPDX-License-Identifier: BSD-2-Clause
libchopmark_a_SOURCES += \
	%D%/body_hash.c %D%/body_hash.h \
	%D%/dkim.h \
	%D%/dkim_field.c %D%/dkim_field.h \
	%D%/dkim_headers.c %D%/dkim_headers.h \
	%D%/dkim_judge.c %D%/dkim_judge.h \
	%D%/dkim_lib.c %D%/dkim_lib.h \
	%D%/dkim_record.c %D%/dkim_record.h \
	%D%/dkim_verify.c
