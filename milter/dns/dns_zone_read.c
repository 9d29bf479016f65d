/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dns_zone_read: the reader of zone text; see dns_zone.h for the form.
 */
#include "base/buf.h"
#include "base/err.h"
#include "base/names.h"
#include "base/num.h"
#include "dns/dns_zone_private.h"

#define MAX_TTL UINT64_C(0x7fffffff) /* RFC 2181 section 8 */
#define MAX_DELAY_MS UINT64_C(60000)
#define MAX_TEXT ((size_t)65535)

struct reader {
	struct arena *arena;
	struct problems *problems;
	const char *const *extra;
	struct dns_zone *zone;
	struct place place; /* of the line that is read */
};

static const struct name_code faults[] = {
	{ "TIMEOUT", ZONE_TIMEOUT },
	{ "SERVFAIL", ZONE_SERVFAIL },
	{ "BOGUS", ZONE_BOGUS },
	{ "NXDOMAIN", ZONE_NXDOMAIN },
};

/* Takes text up to white space off *rest; false when nothing is left. */
static bool
take_word(struct slice *rest, struct slice *word)
{
	size_t n = 0;

	*rest = slice_trim(*rest);
	while (n < rest->n && rest->p[n] != ' ' && rest->p[n] != '\t')
		n++;
	*word = slice_sub(*rest, 0, n);
	*rest = slice_trim(slice_from(*rest, n));
	return n > 0;
}

/* The fault a word stands for, or ZONE_RECORD. */
static unsigned
fault_kind(const struct reader *r, struct slice word)
{
	int code = names_code(faults, ARRAY_LEN(faults), word, ZONE_RECORD);

	if (code != ZONE_RECORD || r->extra == NULL)
		return (unsigned)code;
	for (unsigned i = 0; r->extra[i] != NULL; i++)
		if (slice_ieq(word, slice_c(r->extra[i])))
			return ZONE_EXTRA + i;
	return ZONE_RECORD;
}

static bool
copy_owner(struct reader *r, struct slice text, struct slice *out)
{
	char plain[DNS_NAME_PLAIN];
	struct dns_wire w;
	struct slice name;

	if (!dns_wire_from_text(text, &w) ||
	    !dns_wire_plain(&w, plain, &name)) {
		problems_error(r->problems, r->place,
		    "'%.*s' is not a domain name", SL_ARG(text));
		return false;
	}
	*out = arena_lower(r->arena, name);
	return out->p != NULL;
}

/* A host name as data. */
static bool
read_host(struct reader *r, struct slice text, struct slice *out)
{
	char buf[DNS_NAME_TEXT];
	struct dns_wire w;

	if (!dns_wire_from_text(text, &w)) {
		problems_error(r->problems, r->place,
		    "'%.*s' is not a host name", SL_ARG(text));
		return false;
	}
	*out = arena_copy(r->arena, dns_wire_text(&w, buf));
	return out->p != NULL;
}

static bool
read_mx(struct reader *r, struct slice data, struct dns_record *rr)
{
	struct slice word;
	uint64_t preference;

	if (!take_word(&data, &word) ||
	    num_parse(word, UINT16_MAX, &preference) != 0) {
		problems_error(r->problems, r->place,
		    "MX needs a preference of 0 to 65535 and a host");
		return false;
	}
	rr->preference = (uint16_t)preference;
	return read_host(r, data, &rr->name);
}

static bool
read_address(struct reader *r, struct slice data, enum dns_type type,
    struct dns_record *rr)
{
	int family = type == DNS_A ? 4 : 6;

	if (ip_parse(data, &rr->ip) && rr->ip.family == family)
		return true;
	problems_error(r->problems, r->place, "'%.*s' is not an IPv%d address",
	    SL_ARG(data), family);
	return false;
}

/* Takes what follows a backslash off *s. */
static bool
take_escape(struct slice *s, char *out)
{
	uint64_t value;

	if (s->n == 0)
		return false;
	if (s->p[0] < '0' || s->p[0] > '9') {
		*out = s->p[0];
		*s = slice_from(*s, 1);
		return true;
	}
	if (s->n < 3 || num_parse(slice_sub(*s, 0, 3), UINT8_MAX, &value) != 0)
		return false;
	*out = (char)(unsigned char)value;
	*s = slice_from(*s, 3);
	return true;
}

/* Takes one "quoted string" off *s and appends what it says. */
static bool
take_string(struct slice *s, struct buf *out)
{
	if (s->n == 0 || s->p[0] != '"')
		return false;
	*s = slice_from(*s, 1);
	while (s->n > 0 && s->p[0] != '"') {
		char c = s->p[0];

		*s = slice_from(*s, 1);
		if (c == '\\' && !take_escape(s, &c))
			return false;
		buf_addc(out, c);
	}
	if (s->n == 0)
		return false;
	*s = slice_trim(slice_from(*s, 1));
	return true;
}

static bool
read_text(struct reader *r, struct slice data, struct dns_record *rr)
{
	struct buf text;
	bool good;

	buf_init(&text, r->arena, MAX_TEXT);
	do {
		good = take_string(&data, &text);
	} while (good && data.n > 0);
	if (!good) {
		problems_error(r->problems, r->place,
		    "TXT needs one or more strings in double quotes; inside "
		    "them \\\" \\\\ and \\DDD are escapes");
		return false;
	}
	if (!buf_ok(&text)) {
		problems_error(r->problems, r->place,
		    "the text is longer than %zu bytes", MAX_TEXT);
		return false;
	}
	rr->text = buf_slice(&text);
	return true;
}

static bool
read_data(struct reader *r, struct slice data, struct zone_record *out)
{
	switch (out->type) {
	case DNS_A:
	case DNS_AAAA:
		return read_address(r, data, out->type, &out->rr);
	case DNS_MX:
		return read_mx(r, data, &out->rr);
	case DNS_PTR:
	case DNS_CNAME:
		return read_host(r, data, &out->rr.name);
	case DNS_TXT:
		return read_text(r, data, &out->rr);
	}
	return false;
}

/* [TTL] and [IN], in either order. False if the TTL is none. */
static bool
take_ttl(struct reader *r, struct slice *rest, uint64_t *ttl, bool *given)
{
	struct slice word, after = *rest;
	bool class = false;

	*given = false;
	while (take_word(&after, &word)) {
		if (!class && slice_ieq(word, SL("IN"))) {
			class = true;
		} else if (!*given && word.p[0] >= '0' && word.p[0] <= '9') {
			*given = true;
			if (num_parse(word, MAX_TTL, ttl) != 0) {
				problems_error(r->problems, r->place,
				    "'%.*s' is not a TTL", SL_ARG(word));
				return false;
			}
		} else {
			break;
		}
		*rest = after;
	}
	return true;
}

/* The rest of a line behind the name: [TTL] [IN] TYPE DATA or a fault. */
static bool
read_rest(struct reader *r, struct slice rest, struct zone_record *out)
{
	struct slice word;
	uint64_t ttl = DNS_ZONE_TTL;
	bool given;

	if (!take_ttl(r, &rest, &ttl, &given))
		return false;
	out->ttl = (uint32_t)ttl;
	(void)take_word(&rest, &word);
	if (dns_type_parse(word, &out->type))
		return read_data(r, rest, out);
	out->kind = fault_kind(r, word);
	if (out->kind == ZONE_NXDOMAIN && !given)
		out->ttl = DNS_ZONE_NEGATIVE_TTL;
	if (out->kind != ZONE_RECORD &&
	    (rest.n == 0 || dns_type_parse(rest, &out->type)))
		return true;
	problems_error(r->problems, r->place,
	    "'%.*s' is not a type known here (A AAAA MX PTR CNAME TXT, or "
	    "TIMEOUT SERVFAIL BOGUS NXDOMAIN)",
	    SL_ARG(out->kind == ZONE_RECORD ? word : rest));
	return false;
}

static void
read_directive(struct reader *r, struct slice word, struct slice value)
{
	uint64_t ms;

	if (!slice_ieq(word, SL("$DELAY"))) {
		problems_error(r->problems, r->place,
		    "'%.*s' is not a directive known here ($DELAY)",
		    SL_ARG(word));
	} else if (num_parse(value, MAX_DELAY_MS, &ms) != 0) {
		problems_error(r->problems, r->place,
		    "$DELAY needs a number of milliseconds up to %" PRIu64,
		    MAX_DELAY_MS);
	} else {
		r->zone->delay_ms = (int64_t)ms;
	}
}

static int
read_line(struct reader *r, struct slice rest)
{
	struct zone_record one = { .kind = ZONE_RECORD };
	struct zone_record *slot;
	struct slice word;

	(void)take_word(&rest, &word);
	if (word.n > 0 && word.p[0] == '$') {
		read_directive(r, word, rest);
		return 0;
	}
	if (!copy_owner(r, word, &one.name) || !read_rest(r, rest, &one))
		return 0;
	one.order = r->zone->all.n;
	slot = zone_record_vec_push(&r->zone->all, r->arena);
	if (slot == NULL)
		return ERR_NOMEM;
	*slot = one;
	return 0;
}

static int
by_place(const void *a, const void *b)
{
	const struct zone_record *x = a, *y = b;
	int order = zone_compare_names(x->name, y->name);

	if (order != 0)
		return order;
	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	if (x->type != y->type)
		return x->type < y->type ? -1 : 1;
	return x->order < y->order ? -1 : 1;
}

/* Appends a line, its parentheses as spaces; they are not looked for in quotes
 * and behind a backslash. True if one is still open. */
static bool
add_line(struct buf *b, struct slice line, bool open)
{
	bool quoted = false;

	for (size_t i = 0; i < line.n; i++) {
		char c = line.p[i];

		if (c == '\\' && i + 1 < line.n) {
			buf_addc(b, c);
			c = line.p[++i];
		} else if (c == '"') {
			quoted = !quoted;
		} else if (!quoted && (c == '(' || c == ')')) {
			open = c == '(';
			c = ' ';
		}
		buf_addc(b, c);
	}
	return open;
}

/* The lines from *i on that parentheses make one (RFC 1035 section 5.1); *i is
 * left at the last. Empty if there is no end. */
static struct slice
take_lines(struct reader *r, const struct line_vec *lines, size_t *i)
{
	struct slice first = lines->at[*i].text;
	struct buf b;
	bool open;

	if (slice_chr(first, '(') == SLICE_NONE)
		return first;
	buf_init(&b, r->arena, 2 * MAX_TEXT);
	open = add_line(&b, first, false);
	while (open && *i + 1 < lines->n) {
		buf_addc(&b, ' ');
		open = add_line(&b, lines->at[++*i].text, open);
	}
	if (!open && buf_ok(&b))
		return buf_slice(&b);
	problems_error(r->problems, r->place,
	    open ? "a '(' that no ')' follows" : "the record is too long");
	return SL("");
}

static int
read_lines(struct reader *r, const struct line_vec *lines)
{
	unsigned errors = r->problems->errors;

	*r->zone = (struct dns_zone){ 0 };
	for (size_t i = 0; i < lines->n; i++) {
		struct slice text;

		r->place = lines->at[i].place;
		text = take_lines(r, lines, &i);
		if ((text.n > 0 && read_line(r, text) != 0) ||
		    arena_failed(r->arena))
			return ERR_NOMEM;
	}
	if (r->zone->all.n > 1)
		qsort(r->zone->all.at, r->zone->all.n,
		    sizeof(r->zone->all.at[0]), by_place);
	return r->problems->errors > errors ? ERR_CONFIG : 0;
}

int
dns_zone_read(struct arena *a, const char *path, const char *const *extra,
    struct dns_zone *out, struct problems *p)
{
	struct reader r = { a, p, extra, out, { path, 0 } };
	struct line_vec lines;

	if (lines_read(a, path, LINES_KEEP_HASH, &lines, p) != 0)
		return ERR_CONFIG;
	return read_lines(&r, &lines);
}

int
dns_zone_parse(struct arena *a, const char *name, struct slice text,
    const char *const *extra, struct dns_zone *out, struct problems *p)
{
	struct reader r = { a, p, extra, out, { name, 0 } };
	struct line_vec lines;

	if (lines_parse(a, name, text, LINES_KEEP_HASH, &lines, p) != 0)
		return ERR_CONFIG;
	return read_lines(&r, &lines);
}
