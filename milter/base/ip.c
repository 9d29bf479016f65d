/* SPDX-License-Identifier: BSD-2-Clause
 *
 * ip: addresses as values, read and printed by the C library.
 */
#include "base/ip.h"

#include <arpa/inet.h>

#include "base/num.h"

static unsigned
ip_bytes(const struct ip *ip)
{
	return ip->family == 4 ? 4 : ip->family == 6 ? 16 : 0;
}

bool
ip_parse(struct slice s, struct ip *out)
{
	char text[IP_TEXT];

	bool tagged = slice_istarts(s, SL("IPv6:"));

	*out = (struct ip){ 0 };
	if (tagged)
		s = slice_from(s, 5);
	if (s.n == 0 || s.n >= sizeof(text) || slice_chr(s, '\0') != SLICE_NONE)
		return false;
	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	if (slice_chr(s, ':') == SLICE_NONE)
		out->family =
		    !tagged && inet_pton(AF_INET, text, out->b) == 1 ? 4 : 0;
	else if (inet_pton(AF_INET6, text, out->b) == 1)
		out->family = 6;
	return out->family != 0;
}

/* The C library goes through printf for this. */
static void
print_v4(const uint8_t b[4], char *out)
{
	for (size_t i = 0; i < 4; i++) {
		if (i > 0)
			*out++ = '.';
		if (b[i] >= 100)
			*out++ = (char)('0' + b[i] / 100);
		if (b[i] >= 10)
			*out++ = (char)('0' + b[i] / 10 % 10);
		*out++ = (char)('0' + b[i] % 10);
	}
	*out = '\0';
}

const char *
ip_print(const struct ip *ip, char out[IP_TEXT])
{
	out[0] = '\0';
	if (ip->family == 4)
		print_v4(ip->b, out);
	else if (ip->family == 6)
		(void)inet_ntop(AF_INET6, ip->b, out, IP_TEXT);
	return out;
}

bool
ip_net_parse(struct slice s, struct ip_net *out)
{
	size_t slash = slice_chr(s, '/');
	uint64_t bits;

	*out = (struct ip_net){ 0 };
	if (!ip_parse(slice_sub(s, 0, slash), &out->ip))
		return false;
	out->bits = (uint8_t)(ip_bytes(&out->ip) * 8);
	if (slash == SLICE_NONE)
		return true;
	if (num_parse(slice_from(s, slash + 1), out->bits, &bits) != 0)
		return false;
	out->bits = (uint8_t)bits;
	return true;
}

struct ip
ip_unmap(struct ip ip)
{
	static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff,
		0xff };
	struct ip v4 = { .family = 4 };

	if (ip.family != 6 || memcmp(ip.b, mapped, sizeof(mapped)) != 0)
		return ip;
	memcpy(v4.b, ip.b + 12, 4);
	return v4;
}

bool
ip_match(const struct ip *a, const struct ip *b, unsigned bits)
{
	unsigned whole = bits / 8, rest = bits % 8;

	if (a->family == 0 || a->family != b->family || bits > ip_bytes(a) * 8)
		return false;
	if (memcmp(a->b, b->b, whole) != 0)
		return false;
	return rest == 0 || ((a->b[whole] ^ b->b[whole]) >> (8 - rest)) == 0;
}

bool
ip_eq(const struct ip *a, const struct ip *b)
{
	return a->family == b->family && memcmp(a->b, b->b, ip_bytes(a)) == 0;
}

bool
ip_is_loopback(const struct ip *ip)
{
	static const uint8_t one[16] = { [15] = 1 };

	return ip->family == 4 ?
	    ip->b[0] == 127 :
	    ip->family == 6 && memcmp(ip->b, one, sizeof(one)) == 0;
}

const char *
ip_reverse(const struct ip *ip, char out[IP_REVERSE])
{
	size_t n = 0;

	out[0] = '\0';
	if (ip->family == 4) {
		(void)snprintf(out, IP_REVERSE, "%u.%u.%u.%u.in-addr.arpa",
		    ip->b[3], ip->b[2], ip->b[1], ip->b[0]);
	} else if (ip->family == 6) {
		for (size_t i = 16; i > 0; i--) {
			static const char hex[] = "0123456789abcdef";

			out[n++] = hex[ip->b[i - 1] & 15];
			out[n++] = '.';
			out[n++] = hex[ip->b[i - 1] >> 4];
			out[n++] = '.';
		}
		(void)snprintf(out + n, IP_REVERSE - n, "ip6.arpa");
	}
	return out;
}
