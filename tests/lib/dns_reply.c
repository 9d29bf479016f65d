/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dns_reply: see dns_reply.h. Packets by RFC 1035 section 4, EDNS by RFC 6891.
 */
#include "lib/dns_reply.h"

#define HEADER ((size_t)12)
#define FLAGS_REPLY 0x8180u /* QR RD RA */
#define FLAG_TC 0x0200u
#define TYPE_SOA 6u
#define TYPE_OPT 41u
#define TYPE_ANY_KNOWN DNS_TXT
#define MAX_CHAIN 16
#define HUGE_RECORDS 2000

enum fault {
	FAULT_REFUSED = ZONE_EXTRA,
	FAULT_NOTIMP,
	FAULT_FORMERR,
	FAULT_WRONGID,
	FAULT_WRONGNAME,
	FAULT_WRONGTYPE,
	FAULT_CUT,
	FAULT_POINTERLOOP,
	FAULT_LOOP,
	FAULT_BADDATA,
	FAULT_RANDOM,
	FAULT_SHORT,
	FAULT_HUGE,
	FAULT_TCPCLOSED,
	FAULT_EXTRA,
	FAULT_END
};

const char *const dns_reply_faults[] = { "REFUSED", "NOTIMP", "FORMERR",
	"WRONGID", "WRONGNAME", "WRONGTYPE", "CUT", "POINTERLOOP", "LOOP",
	"BADDATA", "RANDOM", "SHORT", "HUGE", "TCPCLOSED", "EXTRA", NULL };

_Static_assert(ARRAY_LEN(dns_reply_faults) == FAULT_END - ZONE_EXTRA + 1,
    "one name for each fault");

/* Appends to a packet; `full` once something did not fit. */
struct packet {
	uint8_t *b;
	size_t n;
	size_t max;
	bool full;
};

static void
put_bytes(struct packet *p, const void *b, size_t n)
{
	if (p->full || n > p->max - p->n) {
		p->full = true;
		return;
	}
	if (n > 0)
		memcpy(p->b + p->n, b, n);
	p->n += n;
}

static void
put16(struct packet *p, unsigned v)
{
	uint8_t b[2] = { (uint8_t)(v >> 8), (uint8_t)v };

	put_bytes(p, b, 2);
}

static void
put32(struct packet *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p, v & 0xffff);
}

static void
set16(struct packet *p, size_t at, unsigned v)
{
	if (at + 2 <= p->n) {
		p->b[at] = (uint8_t)(v >> 8);
		p->b[at + 1] = (uint8_t)v;
	}
}

static unsigned
get16(const uint8_t *b)
{
	return (unsigned)b[0] << 8 | b[1];
}

static void
put_text_name(struct packet *p, struct slice text)
{
	struct dns_wire w = { { 0 }, 1 };

	if (text.n > 0)
		(void)!dns_wire_from_text(text, &w);
	put_bytes(p, w.b, w.n);
}

static void
put_text(struct packet *p, struct slice text)
{
	do {
		struct slice piece = slice_sub(text, 0, 255);
		uint8_t n = (uint8_t)piece.n;

		put_bytes(p, &n, 1);
		put_bytes(p, piece.p, piece.n);
		text = slice_from(text, piece.n);
	} while (text.n > 0);
}

static void
put_data(struct packet *p, enum dns_type type, const struct dns_record *rr)
{
	switch (type) {
	case DNS_A:
		put_bytes(p, rr->ip.b, 4);
		break;
	case DNS_AAAA:
		put_bytes(p, rr->ip.b, 16);
		break;
	case DNS_MX:
		put16(p, rr->preference);
		put_text_name(p, rr->name);
		break;
	case DNS_PTR:
	case DNS_CNAME:
		put_text_name(p, rr->name);
		break;
	case DNS_TXT:
		put_text(p, rr->text);
		break;
	}
}

/* A record up to its data; returns where its length stands. */
static size_t
begin_record(struct packet *p, const struct dns_wire *owner, unsigned type,
    uint32_t ttl)
{
	put_bytes(p, owner->b, owner->n);
	put16(p, type);
	put16(p, 1);
	put32(p, ttl);
	put16(p, 0);
	return p->n - 2;
}

static void
end_record(struct packet *p, size_t at, unsigned section)
{
	if (p->full)
		return;
	set16(p, at, (unsigned)(p->n - at - 2));
	set16(p, section, get16(p->b + section) + 1);
}

enum { SECTION_ANSWER = 6, SECTION_AUTHORITY = 8, SECTION_ADDITIONAL = 10 };

static void
put_record(struct packet *p, const struct dns_wire *owner, enum dns_type type,
    uint32_t ttl, const struct dns_record *rr)
{
	size_t at = begin_record(p, owner, (unsigned)type, ttl);

	put_data(p, type, rr);
	end_record(p, at, SECTION_ANSWER);
}

/* RFC 2308 section 3: the SOA of the zone, here the root, tells how long the
 * absence may be remembered. */
static void
put_soa(struct packet *p, uint32_t ttl)
{
	static const struct dns_wire root = { { 0 }, 1 };
	size_t at = begin_record(p, &root, TYPE_SOA, ttl);

	put_text_name(p, SL("ns.test"));
	put_text_name(p, SL("hostmaster.test"));
	put32(p, 1);
	put32(p, 3600);
	put32(p, 600);
	put32(p, 86400);
	put32(p, ttl);
	end_record(p, at, SECTION_AUTHORITY);
}

static void
begin_reply(struct packet *p, const struct dns_query *q, unsigned rcode)
{
	p->n = 0;
	p->full = false;
	put16(p, q->id);
	put16(p, FLAGS_REPLY | rcode);
	put16(p, 1);
	put16(p, 0);
	put16(p, 0);
	put16(p, 0);
	put_bytes(p, q->question.p, q->question.n);
}

/* The OPT record, and TC with an empty answer when it did not all fit. */
static void
finish_reply(struct packet *p, const struct dns_query *q)
{
	if (p->full) {
		begin_reply(p, q, 0);
		set16(p, 2, FLAGS_REPLY | FLAG_TC);
	}
	if (q->edns) {
		static const uint8_t root;
		size_t at;

		p->max = DNS_PACKET;
		put_bytes(p, &root, 1);
		put16(p, TYPE_OPT);
		put16(p, 1232);
		put32(p, 0);
		at = p->n;
		put16(p, 0);
		end_record(p, at, SECTION_ADDITIONAL);
	}
}

/* Records of the zone, CNAMEs followed. The RCODE. */
static unsigned
put_answers(struct packet *p, const struct dns_zone *z,
    const struct dns_key *key, unsigned *kind)
{
	struct dns_key k = *key;
	struct zone_match m;

	for (unsigned i = 0; i < MAX_CHAIN; i++) {
		char plain[DNS_NAME_PLAIN];
		struct dns_wire owner, target;
		struct slice next;

		dns_zone_find(z, dns_key_name(&k), k.type, &m);
		*kind = m.kind;
		if (!dns_wire_from_plain(dns_key_name(&k), &owner))
			return 2;
		for (size_t j = 0; j < m.n; j++)
			put_record(p, &owner, m.rr[j].type, m.rr[j].ttl,
			    &m.rr[j].rr);
		if (m.status != DNS_OK && m.kind <= ZONE_NXDOMAIN)
			put_soa(p, m.ttl);
		if (!m.alias)
			return m.status == DNS_NXDOMAIN ? 3 : 0;
		if (!dns_wire_from_text(m.rr->rr.name, &target) ||
		    !dns_wire_plain(&target, plain, &next) ||
		    !dns_key_init(&k, next, k.type)) {
			put_soa(p, DNS_ZONE_NEGATIVE_TTL);
			return 3;
		}
	}
	return 0; /* the asker sees the loop himself */
}

static void
put_bad_data(struct packet *p, enum dns_type type, const struct dns_wire *owner)
{
	static const uint8_t bad[] = { 0xff, 'x', 'y' };
	size_t at = begin_record(p, owner, (unsigned)type, 60);

	put_bytes(p, bad, sizeof(bad));
	end_record(p, at, SECTION_ANSWER);
}

static void
put_huge(struct packet *p, enum dns_type type)
{
	static const struct dns_wire self = { { 0xc0, 0x0c }, 2 };

	for (unsigned i = 0; i < HUGE_RECORDS; i++) {
		char text[32];
		struct dns_record rr = { .preference = (uint16_t)i };
		int n = snprintf(text, sizeof(text), "host%u.huge", i);

		rr.name = rr.text = slice_of(text, (size_t)n);
		rr.ip.b[0] = 192;
		rr.ip.b[2] = (uint8_t)(i >> 8);
		rr.ip.b[3] = (uint8_t)i;
		put_record(p, &self, type, 60, &rr);
	}
}

/* A record that the asker will believe unless something else is wrong. */
static void
put_plausible(struct packet *p, enum dns_type type,
    const struct dns_wire *owner)
{
	struct dns_record rr = { .text = SL("v=spf1 +all"),
		.name = SL("evil.example"),
		.ip = { 4, { 192, 0, 2, 66 } } };

	put_record(p, owner, type, 60, &rr);
}

static void
put_random(struct packet *p, const struct dns_query *q)
{
	uint32_t x = (uint32_t)q->id * 2654435761u + 1;

	p->n = 0;
	put16(p, q->id);
	for (unsigned i = 0; i < 64; i++) {
		x ^= x << 13;
		x ^= x >> 17;
		x ^= x << 5;
		put32(p, x);
	}
	p->b[2] |= 0x80; /* a reply, at least */
}

/* Faults that change the head of the packet, or the question in it. */
static void
spoil_head(struct packet *p, unsigned kind, const struct dns_wire *owner)
{
	static const struct dns_wire evil = { { 4, 'e', 'v', 'i', 'l', 0 }, 6 };

	if (kind == FAULT_WRONGID)
		set16(p, 0, get16(p->b) ^ 0x5555);
	if (kind == FAULT_WRONGNAME) {
		p->b[HEADER + 1] ^= 1;
		put_plausible(p, TYPE_ANY_KNOWN, &evil);
	} else {
		put_plausible(p, TYPE_ANY_KNOWN, owner);
	}
}

/* Writes what a fault sends; false for no packet at all. */
static bool
put_fault(struct packet *p, const struct dns_query *q, unsigned kind)
{
	static const struct dns_wire self = { { 0xc0, 0x0c }, 2 };
	struct dns_wire owner;
	size_t at;

	if (!dns_wire_from_plain(dns_key_name(&q->key), &owner))
		return false;
	switch (kind) {
	case ZONE_TIMEOUT:
		return false;
	case ZONE_SERVFAIL:
	case ZONE_BOGUS:
		set16(p, 2, FLAGS_REPLY | 2u);
		break;
	case FAULT_REFUSED:
		set16(p, 2, FLAGS_REPLY | 5u);
		break;
	case FAULT_NOTIMP:
		set16(p, 2, FLAGS_REPLY | 4u);
		break;
	case FAULT_FORMERR:
		set16(p, 2, FLAGS_REPLY | 1u);
		break;
	case FAULT_WRONGID:
	case FAULT_WRONGNAME:
		spoil_head(p, kind, &owner);
		break;
	case FAULT_WRONGTYPE:
		put_plausible(p, q->key.type == DNS_TXT ? DNS_A : DNS_TXT,
		    &owner);
		break;
	case FAULT_CUT:
		put_plausible(p, q->key.type, &owner);
		p->n -= 3;
		break;
	case FAULT_POINTERLOOP:
		/* The pointer stands where it points to. */
		at = p->n;
		put16(p, 0xc000u | (unsigned)at);
		set16(p, SECTION_ANSWER, 1);
		break;
	case FAULT_LOOP:
		at = begin_record(p, &owner, DNS_CNAME, 60);
		put_bytes(p, self.b, self.n);
		end_record(p, at, SECTION_ANSWER);
		break;
	case FAULT_BADDATA:
		put_bad_data(p, q->key.type, &owner);
		break;
	case FAULT_RANDOM:
		put_random(p, q);
		break;
	case FAULT_SHORT:
		p->n = 3;
		break;
	case FAULT_HUGE:
		put_huge(p, q->key.type);
		finish_reply(p, q);
		break;
	case FAULT_TCPCLOSED:
		set16(p, 2, FLAGS_REPLY | FLAG_TC);
		return !q->tcp;
	}
	return true;
}

static bool
read_opt(const uint8_t *b, size_t n, size_t at, struct dns_query *out)
{
	if (at + 11 > n || b[at] != 0 || get16(b + at + 1) != TYPE_OPT)
		return false;
	out->edns = true;
	out->size = get16(b + at + 3);
	return true;
}

bool
dns_query_read(struct slice packet, bool tcp, struct dns_query *out)
{
	const uint8_t *b = (const uint8_t *)packet.p;
	char plain[DNS_NAME_PLAIN];
	struct slice rest, name;
	struct dns_wire w;

	memset(out, 0, sizeof(*out));
	if (packet.n < HEADER || (b[2] & 0x80) != 0 || get16(b + 4) != 1)
		return false;
	rest = slice_from(packet, HEADER);
	if (!dns_wire_take(&rest, &w) || rest.n < 4)
		return false;
	out->id = (uint16_t)get16(b);
	out->question = slice_sub(packet, HEADER, w.n + 4);
	out->tcp = tcp;
	out->size = 512;
	if (get16(b + 10) > 0)
		(void)read_opt(b, packet.n, HEADER + w.n + 4, out);
	if (tcp)
		out->size = DNS_PACKET;
	if (!dns_wire_plain(&w, plain, &name) ||
	    !dns_key_init(&out->key, name,
		(enum dns_type)get16((const uint8_t *)rest.p)))
		out->key = (struct dns_key){ .n = 0 };
	return true;
}

size_t
dns_reply_write(const struct dns_zone *z, const struct dns_query *q,
    uint8_t out[DNS_PACKET])
{
	struct packet p = { out, 0, q->size, false };
	unsigned kind = ZONE_RECORD, rcode;

	if (q->size < 512)
		p.max = 512;
	if (q->edns)
		p.max -= 11; /* room for our OPT */
	begin_reply(&p, q, 0);
	if (q->key.n == 0) {
		put_soa(&p, DNS_ZONE_NEGATIVE_TTL);
		finish_reply(&p, q);
		return p.n;
	}
	rcode = put_answers(&p, z, &q->key, &kind);
	if (kind == FAULT_EXTRA) {
		static const struct dns_wire evil = {
			{ 4, 'e', 'v', 'i', 'l', 0 }, 6
		};

		begin_reply(&p, q, 0);
		put_plausible(&p, q->key.type, &evil);
		put_soa(&p, DNS_ZONE_NEGATIVE_TTL);
		rcode = 0;
	} else if (kind != ZONE_RECORD && kind != ZONE_NXDOMAIN) {
		begin_reply(&p, q, 0);
		return put_fault(&p, q, kind) ? p.n : 0;
	}
	if (!p.full)
		set16(&p, 2, FLAGS_REPLY | rcode);
	finish_reply(&p, q);
	return p.n;
}
