/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dns_name: see dns_name.h. The wire form is the hub: every other form is
 * read into it and written from it, so limits are checked in one place.
 */
#include "dns/dns_name.h"

#define MAX_LABEL ((size_t)63)

bool
dns_key_init(struct dns_key *k, struct slice name, enum dns_type type)
{
	size_t label = 0;

	if (name.n > 0 && name.p[name.n - 1] == '.')
		name.n--;
	if (name.n == 0 || name.n > DNS_NAME_PLAIN)
		return false;
	for (size_t i = 0; i < name.n; i++) {
		if (name.p[i] == '.') {
			if (label == 0)
				return false;
			label = 0;
		} else if (++label > MAX_LABEL) {
			return false;
		}
		k->name[i] = slice_lower(name.p[i]);
	}
	k->n = (uint8_t)name.n;
	k->type = type;
	return label > 0;
}

bool
dns_key_eq(const struct dns_key *a, const struct dns_key *b)
{
	return a->type == b->type && a->n == b->n &&
	    memcmp(a->name, b->name, a->n) == 0;
}

static inline uint64_t
rotate(uint64_t x, unsigned bits)
{
	return x << bits | x >> (64 - bits);
}

static inline void
sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[1] = rotate(v[1], 13) ^ v[0];
	v[0] = rotate(v[0], 32);
	v[2] += v[3];
	v[3] = rotate(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = rotate(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = rotate(v[1], 17) ^ v[2];
	v[2] = rotate(v[2], 32);
}

static inline void
sip_word(uint64_t v[4], uint64_t word)
{
	v[3] ^= word;
	sip_round(v);
	v[0] ^= word;
}

uint64_t
dns_key_hash(const struct dns_key *k, const uint64_t seed[2])
{
	uint64_t v[4] = {
		seed[0] ^ UINT64_C(0x736f6d6570736575),
		seed[1] ^ UINT64_C(0x646f72616e646f6d),
		seed[0] ^ UINT64_C(0x6c7967656e657261),
		seed[1] ^ UINT64_C(0x7465646279746573),
	};
	uint64_t word;
	size_t i;

	for (i = 0; i + sizeof(word) <= k->n; i += sizeof(word)) {
		memcpy(&word, k->name + i, sizeof(word));
		sip_word(v, word);
	}
	/* The last block holds up to seven bytes and, above them, the length;
	 * the type rides in a block of its own. */
	word = 0;
	memcpy(&word, k->name + i, k->n - i);
	sip_word(v, word ^ (uint64_t)k->n << 56);
	sip_word(v, (uint64_t)k->type);
	v[2] ^= 0xff;
	sip_round(v);
	sip_round(v);
	sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/* Writes a name byte by byte; `label` is where the length byte of the open
 * label stands. */
struct writer {
	struct dns_wire *w;
	size_t label;
	bool bad;
};

static struct writer
writer_begin(struct dns_wire *w)
{
	w->n = 1;
	w->b[0] = 0;
	return (struct writer){ .w = w };
}

static void
writer_byte(struct writer *o, uint8_t byte)
{
	if (o->w->b[o->label] == MAX_LABEL || o->w->n + 1 >= DNS_NAME_WIRE) {
		o->bad = true;
		return;
	}
	o->w->b[o->label]++;
	o->w->b[o->w->n++] = byte;
}

/* Ends the open label and opens the next one. */
static void
writer_dot(struct writer *o)
{
	if (o->w->b[o->label] == 0 || o->w->n >= DNS_NAME_WIRE) {
		o->bad = true;
		return;
	}
	o->label = o->w->n;
	o->w->b[o->w->n++] = 0;
}

/* Ends the name, with or without a final dot before. */
static bool
writer_end(struct writer *o)
{
	if (o->w->b[o->label] != 0)
		writer_dot(o);
	return !o->bad;
}

bool
dns_wire_from_plain(struct slice plain, struct dns_wire *out)
{
	struct writer o = writer_begin(out);

	for (size_t i = 0; i < plain.n && !o.bad; i++) {
		if (plain.p[i] == '.')
			writer_dot(&o);
		else
			writer_byte(&o, (uint8_t)plain.p[i]);
	}
	return writer_end(&o) && out->n > 1;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Reads what follows a backslash at text.p[*i]; leaves *i on its last byte. */
static bool
take_escape(struct slice text, size_t *i, uint8_t *byte)
{
	const char *p = text.p + *i + 1;
	size_t left = text.n - *i - 1;
	int value;

	if (left == 0)
		return false;
	if (!is_digit(p[0])) {
		*byte = (uint8_t)p[0];
		*i += 1;
		return true;
	}
	if (left < 3 || !is_digit(p[1]) || !is_digit(p[2]))
		return false;
	value = (p[0] - '0') * 100 + (p[1] - '0') * 10 + (p[2] - '0');
	*byte = (uint8_t)value;
	*i += 3;
	return value <= UINT8_MAX;
}

bool
dns_wire_from_text(struct slice text, struct dns_wire *out)
{
	struct writer o = writer_begin(out);
	uint8_t byte;

	if (slice_eq(text, SL(".")))
		return true;
	for (size_t i = 0; i < text.n && !o.bad; i++) {
		if (text.p[i] == '.') {
			writer_dot(&o);
			continue;
		}
		byte = (uint8_t)text.p[i];
		if (byte == '\\' && !take_escape(text, &i, &byte))
			return false;
		writer_byte(&o, byte);
	}
	return writer_end(&o) && text.n > 0;
}

bool
dns_wire_take(struct slice *rest, struct dns_wire *out)
{
	size_t at = 0;

	for (;;) {
		uint8_t label;

		if (at >= rest->n)
			return false;
		label = (uint8_t)rest->p[at];
		if (label > MAX_LABEL || at + 1 + label > DNS_NAME_WIRE ||
		    at + 1 + label > rest->n)
			return false;
		at += (size_t)1 + label;
		if (label == 0)
			break;
	}
	memcpy(out->b, rest->p, at);
	out->n = at;
	*rest = slice_from(*rest, at);
	return true;
}

static size_t
put_text(char *out, uint8_t byte)
{
	if (byte > 0x20 && byte < 0x7f && byte != '.' && byte != '\\' &&
	    byte != '"') {
		out[0] = (char)byte;
		return 1;
	}
	out[0] = '\\';
	out[1] = (char)('0' + byte / 100);
	out[2] = (char)('0' + byte / 10 % 10);
	out[3] = (char)('0' + byte % 10);
	return 4;
}

struct slice
dns_wire_text(const struct dns_wire *w, char out[DNS_NAME_TEXT])
{
	size_t n = 0;

	for (size_t at = 0; at < w->n && w->b[at] != 0;) {
		size_t end = at + 1 + w->b[at];

		if (at > 0)
			out[n++] = '.';
		for (at++; at < end; at++)
			n += put_text(out + n, w->b[at]);
	}
	return slice_of(out, n);
}

bool
dns_wire_plain(const struct dns_wire *w, char out[DNS_NAME_PLAIN],
    struct slice *plain)
{
	size_t n = 0;

	for (size_t at = 0; at < w->n && w->b[at] != 0;) {
		size_t label = w->b[at];

		if (memchr(&w->b[at + 1], '.', label) != NULL)
			return false;
		if (at > 0)
			out[n++] = '.';
		memcpy(out + n, &w->b[at + 1], label);
		n += label;
		at += 1 + label;
	}
	*plain = slice_of(out, n);
	return n > 0;
}
