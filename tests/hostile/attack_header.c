/* SPDX-License-Identifier: BSD-2-Clause
 *
 * attack_header: what costs before any check: fields, the author, envelope,
 * body.
 */
#include "hostile/attack.h"

#define WHOLE ((size_t)500 << 10) /* nearly MaximumHeaders */
#define MANY 10000

static void
fields(struct attack_world *w, struct arena *a, struct attack_message *m)
{
	(void)w;
	for (unsigned i = 0; i < MANY; i++)
		attack_field(m, arena_printf(a, "X-Filler-%u", i).p,
		    SL(" of no use to anyone"));
}

static void
short_fields(struct attack_world *w, struct arena *a, struct attack_message *m)
{
	(void)w;
	(void)a;
	for (unsigned i = 0; i < WHOLE / 4; i++)
		attack_field(m, "a", SL(""));
}

/* One field of one text. */
static void
one(struct arena *a, struct attack_message *m, const char *name,
    const char *text)
{
	attack_field(m, name, attack_repeat(a, text, WHOLE));
}

static void
huge_field(struct attack_world *w, struct arena *a, struct attack_message *m)
{
	(void)w;
	one(a, m, "X", "x ");
}

static void
folds(struct attack_world *w, struct arena *a, struct attack_message *m)
{
	(void)w;
	one(a, m, "X", "\n ");
}

static void
list_brackets(struct attack_world *w, struct arena *a, struct attack_message *m)
{
	(void)w;
	one(a, m, "List-Id", "<>");
}

/* Another author in place of the plain one. */
static void
author(struct arena *a, struct attack_message *m, const char *text)
{
	struct test_mail old = m->mail;

	header_list_init(&m->mail.headers, a);
	attack_field(m, "From", attack_repeat(a, text, WHOLE));
	m->mail.body = old.body;
}

static void
from_fields(struct attack_world *w, struct arena *a, struct attack_message *m)
{
	(void)w;
	for (unsigned i = 0; i < 5000; i++)
		attack_field(m, "From",
		    arena_printf(a, " a%u@d%u.example", i, i));
}

static void
from_wide_fields(struct attack_world *w, struct arena *a,
    struct attack_message *m)
{
	(void)w;
	for (unsigned i = 0; i < 5000; i++)
		attack_field(m, "From",
		    arena_printf(a,
			" a%u@b\xc3\xbc"
			"cher%u.example",
			i, i));
}

static void
from_mailboxes(struct attack_world *w, struct arena *a,
    struct attack_message *m)
{
	(void)w;
	author(a, m, " a@d.example,");
}

static void
from_brackets(struct attack_world *w, struct arena *a, struct attack_message *m)
{
	(void)w;
	author(a, m, "<@>");
}

static void
from_angles(struct attack_world *w, struct arena *a, struct attack_message *m)
{
	(void)w;
	author(a, m, "<");
}

static void
from_comments(struct attack_world *w, struct arena *a, struct attack_message *m)
{
	(void)w;
	author(a, m, "a@(");
}

static void
from_nested(struct attack_world *w, struct arena *a, struct attack_message *m)
{
	(void)w;
	author(a, m, "(");
}

static void
from_quotes(struct attack_world *w, struct arena *a, struct attack_message *m)
{
	(void)w;
	author(a, m, "\"\\");
}

static void
from_open_quotes(struct attack_world *w, struct arena *a,
    struct attack_message *m)
{
	(void)w;
	author(a, m, "<\"a@b.c\\");
}

static void
from_encoded(struct attack_world *w, struct arena *a, struct attack_message *m)
{
	(void)w;
	author(a, m, "=?utf-8?q?=40?= ");
}

static void
from_open_words(struct attack_world *w, struct arena *a,
    struct attack_message *m)
{
	(void)w;
	author(a, m, "=?u?q?@");
}

static void
from_dots(struct attack_world *w, struct arena *a, struct attack_message *m)
{
	(void)w;
	author(a, m, "a@b.c .");
}

static void
from_routes(struct attack_world *w, struct arena *a, struct attack_message *m)
{
	(void)w;
	author(a, m, "<@a.b,@c.d:");
}

static void
from_groups(struct attack_world *w, struct arena *a, struct attack_message *m)
{
	(void)w;
	author(a, m, "g:;");
}

static void
from_wide(struct attack_world *w, struct arena *a, struct attack_message *m)
{
	(void)w;
	author(a, m, "a@\xc3\xbc\xc3\xa4\xc3\xb6.\xc3\xbc.\xe4\xbe\x8b ,");
}

static void
hidden_authors(struct attack_world *w, struct arena *a,
    struct attack_message *m)
{
	(void)w;
	one(a, m, "X", "\rFrom:a@b.c");
}

static void
hidden_brackets(struct attack_world *w, struct arena *a,
    struct attack_message *m)
{
	(void)w;
	one(a, m, "X", "\rFrom:<@>,\"");
}

static void
recipients(struct attack_world *w, struct arena *a, struct attack_message *m)
{
	(void)w;
	(void)a;
	m->rcpts = 2000;
}

/* ---- bodies: twenty megabytes, wanted in both canonicalisations ---- */

static void
body(struct attack_world *w, struct arena *a, struct attack_message *m,
    const char *text, size_t n)
{
	struct dkim_signer s = { .key = w->rsa, .c = "relaxed/relaxed" };

	m->mail.body = attack_repeat(a, text, n);
	dkim_signer_sign(a, &s, &m->mail);
}

static void
blank_lines(struct attack_world *w, struct arena *a, struct attack_message *m)
{
	body(w, a, m, "\r\n", (size_t)20 << 20);
}

static void
blanks(struct attack_world *w, struct arena *a, struct attack_message *m)
{
	body(w, a, m, " ", (size_t)20 << 20);
}

static void
words(struct attack_world *w, struct arena *a, struct attack_message *m)
{
	body(w, a, m, "a ", (size_t)20 << 20);
}

static void
short_lines(struct attack_world *w, struct arena *a, struct attack_message *m)
{
	body(w, a, m, "a\r\n", (size_t)20 << 20);
}

static void
blank_ends(struct attack_world *w, struct arena *a, struct attack_message *m)
{
	body(w, a, m, "a \r\n\t\r\n", (size_t)20 << 20);
}

static void
returns(struct attack_world *w, struct arena *a, struct attack_message *m)
{
	body(w, a, m, "\r \n", (size_t)20 << 20);
}

static void
tiny_chunks(struct attack_world *w, struct arena *a, struct attack_message *m)
{
	body(w, a, m, "a b\r\n", (size_t)200 << 10);
	m->chunk = 1;
}

static void
both_canons(struct attack_world *w, struct arena *a, struct attack_message *m)
{
	struct dkim_signer s = { .key = w->rsa, .c = "simple/simple" };

	body(w, a, m, "a \r\n", (size_t)20 << 20);
	dkim_signer_sign(a, &s, &m->mail);
}

const struct attack attacks_header[] = {
	{ "10,000 fields", fields, NULL },
	{ "fields of 4 octets", short_fields, "header-fields" },
	{ "one field of 500 KB", huge_field, NULL },
	{ "one field of folds", folds, NULL },
	{ "List-Id of brackets", list_brackets, NULL },
	{ "5000 From fields", from_fields, "from-fields,author-domains" },
	{ "5000 From fields, IDN", from_wide_fields,
	    "from-fields,author-domains" },
	{ "From: mailboxes", from_mailboxes, "from-addresses" },
	{ "From: <@>", from_brackets, "from-brackets" },
	{ "From: <", from_angles, "from-brackets" },
	{ "From: a@(", from_comments, "from-addresses" },
	{ "From: (", from_nested, NULL },
	{ "From: \"\\", from_quotes, NULL },
	{ "From: <\"a@b.c\\", from_open_quotes, NULL },
	{ "From: encoded words", from_encoded, NULL },
	{ "From: open words", from_open_words, NULL },
	{ "From: a@b.c .", from_dots, NULL },
	{ "From: routes", from_routes, NULL },
	{ "From: groups", from_groups, NULL },
	{ "From: IDN", from_wide, NULL },
	{ "hidden From lines", hidden_authors, "from-fields" },
	{ "hidden From lines <@>", hidden_brackets, "from-fields" },
	{ "2000 recipients", recipients, NULL },
	{ "20 MB of blank lines", blank_lines, NULL },
	{ "20 MB of blanks", blanks, NULL },
	{ "20 MB of words", words, NULL },
	{ "20 MB of short lines", short_lines, NULL },
	{ "20 MB of blank ends", blank_ends, NULL },
	{ "20 MB of bare returns", returns, NULL },
	{ "20 MB, both ways", both_canons, NULL },
	{ "chunks of 1 octet", tiny_chunks, NULL },
};
const size_t attacks_header_count = ARRAY_LEN(attacks_header);
