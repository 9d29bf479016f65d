## SPDX-License-Identifier: BSD-2-Clause
libchopmark_a_SOURCES += \
	%D%/address.c %D%/address.h \
	%D%/address_list.c %D%/address_list.h \
	%D%/chars.c %D%/chars.h \
	%D%/display_name.c %D%/display_name.h \
	%D%/domain.c %D%/domain.h \
	%D%/encoded.c %D%/encoded.h \
	%D%/fold.c %D%/fold.h \
	%D%/from.c %D%/from.h %D%/from_parts.h \
	%D%/from_salvage.c \
	%D%/from_strict.c \
	%D%/header.c %D%/header.h \
	%D%/psl.c %D%/psl.h \
	%D%/received.c %D%/received.h \
	%D%/scan.c %D%/scan.h

libchopmark_a_SOURCES += \
	%D%/authres.h %D%/authres_read.c %D%/authres_write.c \
	%D%/canon.c %D%/canon.h \
	%D%/canon_scan.c %D%/canon_scan.h \
	%D%/message.h \
	%D%/sets.c %D%/sets.h %D%/sets_load.c %D%/sets_private.h \
	%D%/tags.c %D%/tags.h
