/* SPDX-License-Identifier: BSD-2-Clause
 *
 * test_spf_macro: expansion into bounded room, from values of any length and
 * any bytes. What expands to what is told by the vectors.
 */
#include "check/spf_macro.h"

#include "lib/tap.h"
#include "mail/domain.h"

static struct spf_values values = { .local = SLICE_INIT("a-b.c"),
	.sender_domain = SLICE_INIT("sender.example"),
	.domain = SLICE_INIT("d.example"),
	.helo = SLICE_INIT("h.example"),
	.client = { .family = 4, .b = { 192, 0, 2, 1 } },
	.epoch = 1700000000 };

static void
is_expanded(const char *text, const char *want)
{
	char out[1000];
	size_t n =
	    spf_macro_expand(t_slice(text), &values, false, out, sizeof(out));

	is_text(slice_of(out, n), want, "%s", text);
}

static void
test_expand(void)
{
	is_expanded("", "");
	is_expanded("plain", "plain");
	is_expanded("%{s}", "a-b.c@sender.example");
	is_expanded("%{t}", "1700000000");
	is_expanded("%{p} %{r}", "unknown unknown");
	is_expanded("%{l1}|%{l1r}|%{l2r-.}|%{lr-.}|%{l-}",
	    "c|a-b|b.a|c.b.a|a.b.c");
	is_expanded("x%%y%_z%-", "x%y z%20");
}

/* All splits of a value at its delimiters. */
static void
test_empty_parts(void)
{
	values.local = SL("-a--b-");
	is_expanded("%{l-}", ".a..b.");
	is_expanded("%{lr-}", ".b..a.");
	is_expanded("%{l1-}", "");
	is_expanded("%{l2-}", "b.");
	is_expanded("%{l2r-}", "a.");
	is_expanded("%{l1r-}", "");
	values.local = SL("");
	is_expanded("<%{l}%{lr}%{l1r-}%{L}>", "<>");
	values.local = SL("a-b.c");
}

static void
test_room(void)
{
	char out[10];
	struct slice text = t_slice("0123%{h}89");
	size_t n = spf_macro_expand(text, &values, false, out, sizeof(out));

	is_text(slice_of(out, n), "0123h.exam", "the beginning of a long text");
	n = spf_macro_expand(text, &values, true, out, sizeof(out));
	is_text(slice_of(out, n), ".example89", "or its end");
	n = spf_macro_expand(text, &values, true, out, 0);
	is_int((int64_t)n, 0, "no room at all");
}

static void
test_long_values(void)
{
	static char big[100000];
	char room[SPF_NAME_ROOM];
	struct slice name;

	memset(big, 'x', sizeof(big));
	for (size_t i = 0; i < sizeof(big); i += 50)
		big[i] = '.';
	values.local = slice_of(big, sizeof(big));
	name =
	    spf_macro_name(SL("%{l}.%{s}.%{lr}.%{L}.example."), &values, room);
	ok(domain_is_carryable(name), "values of 100 KB make a name");
	ok(name.n > 200 && slice_ends(name, SL(".example")),
	    "as long as a name may be, from the right");
	memset(big, '%', sizeof(big));
	name = spf_macro_name(SL("%{L}.example"), &values, room);
	is_text(name, "example", "a label of 300 KB goes");
	name = spf_macro_name(SL("%{l}"), &values, room);
	ok(!domain_is_carryable(name), "alone it makes no name");
	values.local = SL("a-b.c");
}

static void
test_scan(void)
{
	struct spf_macro m;
	struct slice s = t_slice("x%{D12r-/}y");

	is_int((int64_t)spf_macro_scan(s, 1, &m), 10, "one macro");
	ok(m.letter == 'd' && m.escape_url && m.reverse && m.parts == 12,
	    "letter and transformers");
	is_text(m.delimiters, "-/", "and delimiters");
	for (size_t n = 1; n < 9; n++)
		is_int((int64_t)spf_macro_scan(slice_sub(s, 1, n), 0, &m), 0,
		    "%zu octets of it are none", n);
}

int
main(void)
{
	test_expand();
	test_empty_parts();
	test_room();
	test_long_values();
	test_scan();
	return tap_done();
}
