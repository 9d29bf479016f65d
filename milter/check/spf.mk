## SPDX-License-Identifier: BSD-2-Clause
libchopmark_a_SOURCES += \
	%D%/spf.c %D%/spf.h \
	%D%/spf_eval.c %D%/spf_eval.h \
	%D%/spf_explain.c \
	%D%/spf_lib.c %D%/spf_lib.h \
	%D%/spf_macro.c %D%/spf_macro.h \
	%D%/spf_memo.c %D%/spf_memo.h \
	%D%/spf_names.c \
	%D%/spf_prefetch.c %D%/spf_prefetch.h \
	%D%/spf_record.c %D%/spf_record.h
