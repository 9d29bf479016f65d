## SPDX-License-Identifier: BSD-2-Clause
libchopmark_a_SOURCES += \
	%D%/dns_answer.c %D%/dns_answer.h \
	%D%/dns_asker.c %D%/dns_asker.h \
	%D%/dns_backend.h \
	%D%/dns_cache.c %D%/dns_cache.h \
	%D%/dns_hold.c %D%/dns_hold.h \
	%D%/dns_message.c %D%/dns_message.h %D%/dns_message_private.h \
	%D%/dns_name.c %D%/dns_name.h \
	%D%/dns_outage.c %D%/dns_outage.h \
	%D%/dns_rdata.c %D%/dns_rdata.h \
	%D%/dns_store.c %D%/dns_store.h \
	%D%/dns_unbound.c \
	%D%/dns_unbound_setup.c %D%/dns_unbound_setup.h \
	%D%/dns_zone.c %D%/dns_zone.h \
	%D%/dns_zone_backend.c \
	%D%/dns_zone_private.h \
	%D%/dns_zone_read.c \
	%D%/resolver.c %D%/resolver.h %D%/resolver_private.h
