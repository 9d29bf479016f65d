/* SPDX-License-Identifier: BSD-2-Clause
 *
 * attack_sign: what one of our own users can make signing cost: addresses that
 * are to be written anew, many fields to be signed, bodies to be looked at.
 */
#include "hostile/attack.h"

#define WHOLE ((size_t)500 << 10)

static void
own(struct attack_message *m)
{
	m->own = true;
}

static void
list(struct arena *a, struct attack_message *m, const char *text)
{
	own(m);
	attack_field(m, "Cc", attack_repeat(a, text, WHOLE));
}

static void
mailboxes(struct attack_world *w, struct arena *a, struct attack_message *m)
{
	(void)w;
	list(a, m, " Ann B. Cee <a@d.example>,");
}

static void
commas(struct attack_world *w, struct arena *a, struct attack_message *m)
{
	(void)w;
	list(a, m, ",");
}

static void
comments(struct attack_world *w, struct arena *a, struct attack_message *m)
{
	(void)w;
	list(a, m, "(");
}

static void
quotes(struct attack_world *w, struct arena *a, struct attack_message *m)
{
	(void)w;
	list(a, m, "\"\\");
}

static void
angles(struct attack_world *w, struct arena *a, struct attack_message *m)
{
	(void)w;
	list(a, m, "<");
}

static void
groups(struct attack_world *w, struct arena *a, struct attack_message *m)
{
	(void)w;
	list(a, m, "g:;,");
}

static void
routes(struct attack_world *w, struct arena *a, struct attack_message *m)
{
	(void)w;
	list(a, m, "<@a.b,@c.d:e@f.g>,");
}

static void
folds(struct attack_world *w, struct arena *a, struct attack_message *m)
{
	(void)w;
	list(a, m, "a@b,\n ");
}

static void
fields(struct attack_world *w, struct arena *a, struct attack_message *m)
{
	(void)w;
	own(m);
	for (unsigned i = 0; i < 9000; i++)
		attack_field(m, i % 2 == 0 ? "Cc" : "References",
		    arena_printf(a, " a.b <a%u@d.example>", i));
}

static void
long_line(struct attack_world *w, struct arena *a, struct attack_message *m)
{
	(void)w;
	own(m);
	m->mail.body = attack_repeat(a, "\xc3\xbc", (size_t)20 << 20);
}

static void
returns(struct attack_world *w, struct arena *a, struct attack_message *m)
{
	(void)w;
	own(m);
	m->mail.body = attack_repeat(a, "\r", (size_t)20 << 20);
}

static void
line_ends(struct attack_world *w, struct arena *a, struct attack_message *m)
{
	(void)w;
	own(m);
	m->mail.body = attack_repeat(a, "\n", (size_t)20 << 20);
}

const struct attack attacks_sign[] = {
	{ "own: Cc of mailboxes", mailboxes, "address-octets" },
	{ "own: Cc of commas", commas, "address-octets" },
	{ "own: Cc of comments", comments, "address-octets" },
	{ "own: Cc of quotes", quotes, "address-octets" },
	{ "own: Cc of brackets", angles, "address-octets" },
	{ "own: Cc of groups", groups, "address-octets" },
	{ "own: Cc of routes", routes, "address-octets" },
	{ "own: Cc of folds", folds, "address-octets" },
	{ "own: 9000 fields to sign", fields, NULL },
	{ "own: 20 MB in one line", long_line, NULL },
	{ "own: 20 MB of CR", returns, NULL },
	{ "own: 20 MB of LF", line_ends, NULL },
};
const size_t attacks_sign_count = ARRAY_LEN(attacks_sign);
