## SPDX-License-Identifier: BSD-2-Clause
libchopmark_a_SOURCES += \
	%D%/verdict.c %D%/verdict.h %D%/verdicts.def
include milter/check/core.mk
include milter/check/spf.mk
include milter/check/dkim.mk
include milter/check/dmarc.mk
include milter/check/dkim_sign.mk
include milter/check/arc.mk
