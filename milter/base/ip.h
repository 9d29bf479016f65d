/* SPDX-License-Identifier: BSD-2-Clause
 *
 * ip: IPv4 and IPv6 addresses and networks as plain values. Pure.
 */
#ifndef CM_BASE_IP_H
#define CM_BASE_IP_H

#include "base/slice.h"

struct ip {
	uint8_t family; /* 4, 6, or 0 = no address */
	uint8_t b[16];  /* network order; IPv4 in the first four */
};

struct ip_net {
	struct ip ip;
	uint8_t bits; /* prefix length */
};

#define IP_TEXT 48 /* longest text of an address with its NUL */

/* Dotted quad or RFC 4291 text, an "IPv6:" prefix (RFC 5321) allowed, no
 * brackets, no zone. false = not an address. */
bool ip_parse(struct slice s, struct ip *out) A_MUST_USE;
/* Canonical text (RFC 5952); "" for no address. Returns out. */
const char *ip_print(const struct ip *ip, char out[IP_TEXT]);
/* address or address/prefix; host bits may be set. */
bool ip_net_parse(struct slice s, struct ip_net *out) A_MUST_USE;
/* ::ffff:a.b.c.d becomes a.b.c.d (RFC 7208 section 5); others unchanged. */
struct ip ip_unmap(struct ip ip);
bool ip_eq(const struct ip *a, const struct ip *b) A_PURE;
/* True if the first `bits` bits agree and the family is the same. */
bool ip_match(const struct ip *a, const struct ip *b, unsigned bits) A_PURE;
/* 127.0.0.0/8 or ::1. */
bool ip_is_loopback(const struct ip *ip) A_PURE;
/* The name to ask PTR for: "9.2.0.192.in-addr.arpa" or nibbles and
 * "ip6.arpa"; out needs IP_REVERSE bytes. Returns out. */
#define IP_REVERSE 80
const char *ip_reverse(const struct ip *ip, char out[IP_REVERSE]);

#endif
