## SPDX-License-Identifier: BSD-2-Clause
libchopmark_a_SOURCES += \
	%D%/der.c %D%/der.h \
	%D%/key.c %D%/key.h %D%/key_private.h \
	%D%/key_cache.c %D%/key_cache.h \
	%D%/key_file.c %D%/key_file.h \
	%D%/key_make.c %D%/key_make.h \
	%D%/key_stand_in.c %D%/key_stand_in.h \
	%D%/mac.c %D%/mac.h \
	%D%/sig.c %D%/sig.h
