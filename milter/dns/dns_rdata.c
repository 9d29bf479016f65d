/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dns_rdata: see dns_rdata.h.
 */
#include "dns/dns_rdata.h"

#include "base/err.h"

static int
read_address(struct slice rdata, uint8_t family, size_t bytes, struct ip *out)
{
	if (rdata.n != bytes)
		return ERR_SYNTAX;
	out->family = family;
	memcpy(out->b, rdata.p, bytes);
	return 0;
}

static int
read_name(struct arena *a, struct slice rdata, struct slice *out)
{
	char text[DNS_NAME_TEXT];
	struct dns_wire w;

	if (!dns_wire_take(&rdata, &w) || rdata.n != 0)
		return ERR_SYNTAX;
	*out = arena_copy(a, dns_wire_text(&w, text));
	return out->p != NULL ? 0 : ERR_NOMEM;
}

static int
read_mx(struct arena *a, struct slice rdata, struct dns_record *out)
{
	const uint8_t *p = (const uint8_t *)rdata.p;

	if (rdata.n < 2)
		return ERR_SYNTAX;
	out->preference = (uint16_t)(p[0] << 8 | p[1]);
	return read_name(a, slice_from(rdata, 2), &out->name);
}

/* One or more character-strings (RFC 1035 section 3.3.14), joined. */
static int
read_text(struct arena *a, struct slice rdata, struct slice *out)
{
	char *text = arena_alloc(a, rdata.n);
	size_t n = 0;

	if (text == NULL)
		return ERR_NOMEM;
	if (rdata.n == 0)
		return ERR_SYNTAX;
	while (rdata.n > 0) {
		size_t piece = (uint8_t)rdata.p[0];

		if (piece > rdata.n - 1)
			return ERR_SYNTAX;
		memcpy(text + n, rdata.p + 1, piece);
		n += piece;
		rdata = slice_from(rdata, 1 + piece);
	}
	*out = slice_of(text, n);
	return 0;
}

int
dns_rdata_read(struct arena *a, enum dns_type type, struct slice rdata,
    struct dns_record *out)
{
	memset(out, 0, sizeof(*out));
	switch (type) {
	case DNS_A:
		return read_address(rdata, 4, 4, &out->ip);
	case DNS_AAAA:
		return read_address(rdata, 6, 16, &out->ip);
	case DNS_MX:
		return read_mx(a, rdata, out);
	case DNS_PTR:
	case DNS_CNAME:
		return read_name(a, rdata, &out->name);
	case DNS_TXT:
		return read_text(a, rdata, &out->text);
	}
	return ERR_SYNTAX;
}
