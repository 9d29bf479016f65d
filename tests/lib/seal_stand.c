/* SPDX-License-Identifier: BSD-2-Clause
 *
 * seal_stand: see seal_stand.h.
 */
#include "lib/seal_stand.h"

#include "base/file.h"
#include "lib/tap.h"

#define KEY_FILE_MAX ((size_t)65536)

const struct sender seal_stranger = { .client = "192.0.2.9" };

void
seal_stand_begin(void)
{
	sign_stand_begin();
	sign_stand_write("accept.conf", SL("all: accept\n"), 0644);
}

struct key *
seal_stand_key(const char *name)
{
	struct slice pem;
	char why[FILE_WHY];

	if (file_read(t_arena(), sign_stand_path(name), KEY_FILE_MAX, &pem,
		why) != 0)
		abort();
	return key_private(pem);
}

struct slice
seal_stand_verdict(const struct test_mail *m)
{
	struct snapshot *s =
	    sign_stand_config(SEAL_HOST "ARC verify\nPolicyFile accept.conf\n");
	struct test_mail copy = *m;
	const struct evaluation *ev = sign_stand_send(s, &seal_stranger, &copy);
	struct slice said = SL("refused");

	if (ev != NULL)
		said = arena_printf(t_arena(), "%s %u%s%.*s",
		    verdict_word(ev->arc.verdict), ev->arc.sets,
		    ev->arc.reason.n > 0 ? " " : "", SL_ARG(ev->arc.reason));
	sign_stand_forget();
	snapshot_put(s);
	return said;
}

struct test_mail
seal_stand_through(struct snapshot *s, const struct sender *from,
    struct test_mail m)
{
	struct slice text;

	if (sign_stand_send(s, from, &m) == NULL) {
		fprintf(stderr, "a message was refused\n");
		exit(99);
	}
	text = arena_copy(t_arena(), test_mail_text(t_arena(), &m));
	sign_stand_forget();
	return test_mail_parse(t_arena(), text);
}

struct slice
seal_stand_value(const struct test_mail *m, const char *name, size_t nth)
{
	const struct header_field *f =
	    header_list_get(&m->headers, slice_c(name), nth);
	struct slice text;
	char *p;

	if (f == NULL)
		return SL("(none)");
	text = header_unfold(t_arena(), f->value);
	p = arena_cstr(t_arena(), text);
	for (size_t i = 0; i < text.n; i++)
		if (p[i] == '\t')
			p[i] = ' ';
	return slice_of(p, text.n);
}

bool
seal_stand_holds(struct slice text, const char *what)
{
	if (slice_search(text, slice_c(what)) != SLICE_NONE)
		return true;
	note("%.*s", SL_ARG(text));
	return false;
}

unsigned
seal_stand_sets(const struct test_mail *m)
{
	return (unsigned)header_list_count(&m->headers, SL("ARC-Seal"));
}
