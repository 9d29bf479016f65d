## SPDX-License-Identifier: BSD-2-Clause
libchopmark_a_SOURCES += \
	%D%/dkim_addresses.c %D%/dkim_addresses.h \
	%D%/dkim_keys.c %D%/dkim_keys.h %D%/dkim_keys_load.c %D%/dkim_keys_private.h \
	%D%/dkim_published.c %D%/dkim_published.h \
	%D%/dkim_sign.c %D%/dkim_sign.h \
	%D%/dkim_sign_field.c %D%/dkim_sign_field.h \
	%D%/dkim_traps.c %D%/dkim_traps.h \
	%D%/mta_config.c %D%/mta_config.h %D%/mta_parts.c %D%/mta_parts.h \
	%D%/mta_postfix.c %D%/mta_sendmail.c
