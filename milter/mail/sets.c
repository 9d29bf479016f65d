/* SPDX-License-Identifier: BSD-2-Clause
 *
 * sets: the table and the questions asked of it. Each question probes the
 * table with every spelling under which an entry could match, and gathers in a
 * `struct hit` the first entry that does and whether one excludes.
 */
#include "mail/sets.h"

#include "base/err.h"
#include "mail/scan.h"
#include "mail/sets_private.h"

#define FIRST_SLOTS ((size_t)16)
#define LOCAL_BUF 512 /* longer local-parts keep their quotes */

struct hit {
	size_t from; /* items before this one do not count */
	size_t item; /* the first that matches, or SLICE_NONE */
	bool no;     /* one of them excludes */
};

#define HIT_INIT(first)                             \
	{                                           \
		.from = (first), .item = SLICE_NONE \
	}

/* A text that is looked for: pieces[0] pieces[1] pieces[2] in a row. */
struct spelling {
	struct slice pieces[3];
	uint64_t hash;
};

uint64_t
set_hash_before(uint64_t h, struct slice piece)
{
	for (size_t i = piece.n; i > 0; i--) {
		h ^= (unsigned char)slice_lower(piece.p[i - 1]);
		h *= UINT64_C(0x100000001b3);
	}
	return h;
}

uint64_t
set_hash_net(const struct ip *ip, unsigned bits)
{
	uint64_t h = SET_HASH ^ bits ^ (uint64_t)ip->family << 8;

	for (size_t i = 0; i < sizeof(ip->b); i++) {
		h ^= ip->b[i];
		h *= UINT64_C(0x100000001b3);
	}
	return h;
}

static size_t
slot_of(const struct set *s, uint64_t hash)
{
	return (size_t)(hash ^ hash >> 32) & (s->n_slots - 1);
}

static bool
same_key(const struct set_key *a, const struct set_key *b)
{
	if (a->hash != b->hash || (a->text.p == NULL) != (b->text.p == NULL))
		return false;
	if (a->text.p != NULL)
		return slice_ieq(a->text, b->text);
	return a->net.bits == b->net.bits && ip_eq(&a->net.ip, &b->net.ip);
}

/* Puts key i into the table, or behind the last key that equals it. */
static void
insert(struct set *s, size_t i)
{
	struct set_key *key = &s->keys.at[i];
	size_t at = slot_of(s, key->hash);

	for (; s->slots[at] != 0; at = (at + 1) & (s->n_slots - 1)) {
		struct set_key *old = &s->keys.at[s->slots[at] - 1];

		if (!same_key(old, key))
			continue;
		while (old->next != 0)
			old = &s->keys.at[old->next - 1];
		old->next = i + 1;
		return;
	}
	s->slots[at] = i + 1;
}

static int
grow(struct arena *a, struct set *s)
{
	size_t n = s->n_slots == 0 ? FIRST_SLOTS : s->n_slots * 2;
	size_t *slots = arena_array(a, n, sizeof(*slots));

	if (slots == NULL)
		return ERR_NOMEM;
	memset(slots, 0, n * sizeof(*slots));
	s->slots = slots;
	s->n_slots = n;
	for (size_t i = 0; i < s->keys.n; i++)
		s->keys.at[i].next = 0;
	for (size_t i = 0; i < s->keys.n; i++)
		insert(s, i);
	return 0;
}

static int
add_key(struct arena *a, struct set *s, const struct set_key *key)
{
	struct set_key *slot;

	if (s->keys.n >= s->n_slots / 2 && grow(a, s) != 0)
		return ERR_NOMEM;
	slot = set_key_vec_push(&s->keys, a);
	if (slot == NULL)
		return ERR_NOMEM;
	*slot = *key;
	slot->item = s->items.n - 1;
	insert(s, s->keys.n - 1);
	return 0;
}

int
set_add_text(struct arena *a, struct set *s, struct slice text)
{
	struct set_key key = { .hash = set_hash_before(SET_HASH, text),
		.text = text };

	if (key.text.p == NULL)
		key.text.p = "";
	return add_key(a, s, &key);
}

int
set_add_net(struct arena *a, struct set *s, const struct ip_net *net)
{
	struct set_key key = { .hash = set_hash_net(&net->ip, net->bits),
		.net = *net };

	if (net->ip.family == 4)
		s->bits4[net->bits] = true;
	else
		s->bits6[net->bits] = true;
	return add_key(a, s, &key);
}

static void
take_item(const struct set *s, struct hit *hit, size_t item)
{
	if (s->items.at[item].no)
		hit->no = true;
	else if (item >= hit->from && item < hit->item)
		hit->item = item;
}

static void
take_chain(const struct set *s, struct hit *hit, const struct set_key *key)
{
	take_item(s, hit, key->item);
	while (key->next != 0) {
		key = &s->keys.at[key->next - 1];
		take_item(s, hit, key->item);
	}
}

static bool
spells(const struct spelling *w, struct slice text)
{
	for (size_t i = 0; i < ARRAY_LEN(w->pieces); i++) {
		if (!slice_istarts(text, w->pieces[i]))
			return false;
		text = slice_from(text, w->pieces[i].n);
	}
	return text.n == 0;
}

static void
try_spelling(const struct set *s, struct hit *hit, const struct spelling *w)
{
	size_t mask = s->n_slots - 1, at;

	if (s->n_slots == 0)
		return;
	at = slot_of(s, w->hash);
	for (; s->slots[at] != 0; at = (at + 1) & mask) {
		const struct set_key *key = &s->keys.at[s->slots[at] - 1];

		if (key->hash == w->hash && key->text.p != NULL &&
		    spells(w, key->text)) {
			take_chain(s, hit, key);
			return;
		}
	}
}

static void
try_text(const struct set *s, struct hit *hit, struct slice a, struct slice b,
    struct slice c)
{
	struct spelling w = { .pieces = { a, b, c } };

	w.hash = set_hash_before(SET_HASH, c);
	w.hash = set_hash_before(w.hash, b);
	w.hash = set_hash_before(w.hash, a);
	try_spelling(s, hit, &w);
}

/* ".domain", and every ".parent" of it, in one walk from the end. */
static void
try_suffixes(const struct set *s, struct hit *hit, struct slice d)
{
	uint64_t h = SET_HASH;

	for (size_t i = d.n; i > 0; i--) {
		bool label = i < d.n && d.p[i - 1] == '.';
		struct spelling w = { .pieces = { slice_from(d, i - 1) } };

		h = set_hash_before(h, slice_sub(d, i - 1, 1));
		w.hash = h;
		if (label)
			try_spelling(s, hit, &w);
	}
	if (d.n > 0) {
		struct spelling w = { .pieces = { SL("."), d } };

		w.hash = set_hash_before(h, SL("."));
		try_spelling(s, hit, &w);
	}
}

/* "*" stands for any text. At a mismatch only the last "*" is given one byte
 * more: what stands before it can match no better, so the work is at most the
 * product of the lengths. */
static bool
pattern_matches(struct slice pattern, struct slice text)
{
	size_t p = 0, t = 0, star = SLICE_NONE, resume = 0;

	while (t < text.n) {
		if (p < pattern.n && pattern.p[p] == '*') {
			star = ++p;
			resume = t;
		} else if (p < pattern.n &&
		    slice_lower(pattern.p[p]) == slice_lower(text.p[t])) {
			p++;
			t++;
		} else if (star != SLICE_NONE) {
			p = star;
			t = ++resume;
		} else {
			return false;
		}
	}
	while (p < pattern.n && pattern.p[p] == '*')
		p++;
	return p == pattern.n;
}

static void
try_patterns(const struct set *s, struct hit *hit, struct slice text)
{
	for (size_t i = 0; i < s->patterns.n; i++)
		if (pattern_matches(s->patterns.at[i].text, text))
			take_item(s, hit, s->patterns.at[i].item);
}

static struct slice
without_dot(struct slice s)
{
	return s.n > 0 && s.p[s.n - 1] == '.' ? slice_sub(s, 0, s.n - 1) : s;
}

/* A word, a host or a domain. */
static void
try_domain(const struct set *s, struct hit *hit, struct slice d)
{
	d = without_dot(d);
	try_text(s, hit, d, SL(""), SL(""));
	try_suffixes(s, hit, d);
	try_patterns(s, hit, d);
}

/* The local-part without its quotes, if `space` can hold it. */
static struct slice
plain_local(struct slice local, char space[LOCAL_BUF])
{
	if (local.n < 2 || local.n > LOCAL_BUF || local.p[0] != '"')
		return local;
	return slice_of(space, scan_unquote(local, space));
}

static void
try_address(const struct set *s, struct hit *hit, struct slice text,
    struct slice local, struct slice domain)
{
	char space[LOCAL_BUF];

	local = plain_local(local, space);
	domain = without_dot(domain);
	try_text(s, hit, local, SL("@"), SL(""));
	if (domain.n == 0) {
		try_text(s, hit, local, SL(""), SL(""));
	} else {
		try_text(s, hit, local, SL("@"), domain);
		try_text(s, hit, SL("@"), domain, SL(""));
		try_text(s, hit, domain, SL(""), SL(""));
		try_suffixes(s, hit, domain);
	}
	try_patterns(s, hit, without_dot(text));
}

static void
try_net(const struct set *s, struct hit *hit, const struct ip *ip,
    unsigned bits)
{
	uint64_t hash = set_hash_net(ip, bits);
	size_t at = slot_of(s, hash);

	for (; s->slots[at] != 0; at = (at + 1) & (s->n_slots - 1)) {
		const struct set_key *key = &s->keys.at[s->slots[at] - 1];

		if (key->hash == hash && key->text.p == NULL &&
		    key->net.bits == bits && ip_eq(&key->net.ip, ip)) {
			take_chain(s, hit, key);
			return;
		}
	}
}

/* From the whole address to its shorter prefixes, each length that occurs. */
static void
try_ip(const struct set *s, struct hit *hit, const struct ip *address)
{
	struct ip ip = ip_unmap(*address);
	const bool *occurs = ip.family == 4 ? s->bits4 : s->bits6;

	if (ip.family == 0 || s->n_slots == 0)
		return;
	for (unsigned bits = ip.family == 4 ? 32 : 128;; bits--) {
		if (occurs[bits])
			try_net(s, hit, &ip, bits);
		if (bits == 0)
			return;
		ip.b[(bits - 1) / 8] &= (uint8_t) ~(0x80U >> (bits - 1) % 8);
	}
}

/* Of an address literal, as in HELO, what stands in the brackets. */
static struct slice
without_brackets(struct slice s)
{
	return s.n > 2 && s.p[0] == '[' && s.p[s.n - 1] == ']' ?
	    slice_sub(s, 1, s.n - 2) :
	    s;
}

static void
try_any(const struct set *s, struct hit *hit, struct slice text)
{
	size_t at = slice_rchr(text, '@');
	struct ip ip;

	if (at != SLICE_NONE)
		try_address(s, hit, text, slice_sub(text, 0, at),
		    slice_from(text, at + 1));
	else
		try_domain(s, hit, text);
	if (at == SLICE_NONE) /* postmaster, RFC 5321 section 4.5.1 */
		try_text(s, hit, text, SL("@"), SL(""));
	if (at == SLICE_NONE && ip_parse(without_brackets(text), &ip))
		try_ip(s, hit, &ip);
}

static bool
is_hit(const struct hit *hit)
{
	return hit->item != SLICE_NONE && !hit->no;
}

bool
set_has_ip(const struct set *s, const struct ip *ip)
{
	struct hit hit = HIT_INIT(0);

	if (s != NULL)
		try_ip(s, &hit, ip);
	return is_hit(&hit);
}

bool
set_has_domain(const struct set *s, struct slice domain)
{
	struct hit hit = HIT_INIT(0);

	if (s != NULL)
		try_domain(s, &hit, domain);
	return is_hit(&hit);
}

bool
set_has_host(const struct set *s, const struct ip *ip, struct slice name)
{
	struct hit hit = HIT_INIT(0);

	if (s != NULL)
		try_ip(s, &hit, ip);
	if (s != NULL && name.n > 0)
		try_domain(s, &hit, name);
	return is_hit(&hit);
}

bool
set_has_address(const struct set *s, const struct mailbox *m)
{
	struct hit hit = HIT_INIT(0);

	if (s != NULL)
		try_address(s, &hit, m->text, m->local, m->domain);
	return is_hit(&hit);
}

bool
set_has(const struct set *s, struct slice text)
{
	struct hit hit = HIT_INIT(0);

	if (s != NULL)
		try_any(s, &hit, text);
	return is_hit(&hit);
}

bool
set_map_next(const struct set *s, struct slice key, size_t *next,
    struct slice *value)
{
	struct hit hit = HIT_INIT(*next);

	if (s != NULL)
		try_any(s, &hit, key);
	if (!is_hit(&hit))
		return false;
	*next = hit.item + 1;
	*value = s->items.at[hit.item].value;
	return true;
}

bool
set_map(const struct set *s, struct slice key, struct slice *value)
{
	size_t next = 0;

	return set_map_next(s, key, &next, value);
}

size_t
set_count(const struct set *s)
{
	return s != NULL ? s->items.n : 0;
}

bool
set_is_map(const struct set *s)
{
	return s != NULL && s->map;
}

bool
set_entry(const struct set *s, size_t i, struct slice *key, struct slice *value,
    struct place *at)
{
	if (i >= set_count(s))
		return false;
	if (key != NULL)
		*key = s->items.at[i].text;
	if (value != NULL)
		*value = s->items.at[i].value;
	if (at != NULL)
		*at = s->items.at[i].at;
	return true;
}
