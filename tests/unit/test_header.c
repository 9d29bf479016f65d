/* SPDX-License-Identifier: BSD-2-Clause
 *
 * header: raw text, counting from both ends, unfolding.
 */
#include "mail/header.h"

#include "lib/tap.h"

static const struct header_field *
add(struct header_list *h, const char *name, const char *value)
{
	const struct header_field *f = NULL;

	ok(header_list_add(h, t_slice(name), t_slice(value), &f) == 0,
	    "adding %s", name);
	return f;
}

static void
test_list(void)
{
	struct header_list h;
	const struct header_field *f;

	header_list_init(&h, t_arena());
	f = add(&h, "Subject ", " a\n\tb\r\n c");
	is_text(f->raw, "Subject : a\r\n\tb\r\n c",
	    "a lone LF becomes CRLF, the space before the colon stays");
	is_text(f->name, "Subject", "the name has no trailing space");
	is_text(f->value, " a\r\n\tb\r\n c",
	    "the value keeps its leading space");
	is_int((int64_t)h.bytes, (int64_t)f->raw.n, "bytes are counted");
	add(&h, "To", " 1");
	add(&h, "x-to", " no");
	add(&h, "TO", "2");
	is_int((int64_t)header_list_count(&h, SL("to")), 2,
	    "names count without case");
	is_text(header_list_get(&h, SL("to"), 0)->value, " 1",
	    "first from the top");
	is_text(header_list_get(&h, SL("to"), 1)->value, "2",
	    "second from the top");
	is_text(header_list_get_last(&h, SL("to"), 0)->value, "2",
	    "first from the bottom");
	ok(header_list_get(&h, SL("to"), 2) == NULL, "no third from the top");
	ok(header_list_get_last(&h, SL("to"), 2) == NULL,
	    "no third from the bottom");
	for (int i = 0; i < 100; i++)
		if (header_list_add(&h, SL("X"), SL(""), NULL) != 0)
			ok(false, "adding many");
	is_int((int64_t)header_list_count(&h, SL("x")), 100,
	    "an empty value, a hundred times");
	ok(header_list_add(&h, SL("N"), t_bytes("a\0b", 3), &f) == 0 &&
		f->value.n == 3,
	    "NUL stays");
}

static void
test_full_arena(void)
{
	struct arena *a = arena_new(64);
	struct header_list h;
	char big[200];

	memset(big, 'x', sizeof(big));
	header_list_init(&h, a);
	ok(header_list_add(&h, SL("A"), slice_of(big, sizeof(big)), NULL) < 0,
	    "a full arena is an error");
	is_int((int64_t)h.fields.n, 0, "and leaves no half field");
	arena_free(a);
}

int
main(void)
{
	struct arena *a = t_arena();

	test_list();
	test_full_arena();
	is_text(header_unfold(a, t_slice(" a\r\n b\r\n\tc ")), "a b\tc",
	    "unfold drops CRLF before white space");
	is_text(header_unfold(a, t_slice("a\rb\nc\r\nd")), "a b c  d",
	    "stray CR and LF become spaces");
	is_text(header_unfold(a, t_slice("a\r\n")), "a",
	    "a final line end goes");
	is_text(header_unfold(a, t_slice("a\n b")), "a b",
	    "a fold of LF is a fold");
	is_text(header_unfold(a, t_slice("")), "", "empty stays empty");
	ok(header_is_name(t_slice("X-Mailer!")), "a name of a field");
	ok(!header_is_name(t_slice("")) && !header_is_name(t_slice("a b")) &&
		!header_is_name(t_slice("From:")) &&
		!header_is_name(t_slice("a\x7f")) &&
		!header_is_name(t_slice("\xc3\xbc")),
	    "texts that are none");
	return tap_done();
}
