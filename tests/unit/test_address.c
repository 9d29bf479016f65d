/* SPDX-License-Identifier: BSD-2-Clause
 *
 * address: paths as MTAs hand them over, and what is a valid mailbox.
 */
#include "mail/address.h"

#include "lib/tap.h"

struct vector {
	const char *path, *text, *local, *domain;
	bool valid;
};

static const struct vector vectors[] = {
	{ "<a@b.org>", "a@b.org", "a", "b.org", true },
	{ "a@b.org", "a@b.org", "a", "b.org", true },
	{ " <a@b.org.> ", "a@b.org.", "a", "b.org", true },
	{ "<>", "", "", "", false },
	{ "", "", "", "", false },
	{ "<@x.org,@y.org:a@b.org>", "a@b.org", "a", "b.org", true },
	{ "<postmaster>", "postmaster", "postmaster", "", false },
	{ "<\"a@x\"@b.org>", "\"a@x\"@b.org", "\"a@x\"", "b.org", true },
	{ "<\"a\\\"@x\"@b.org>", "\"a\\\"@x\"@b.org", "\"a\\\"@x\"", "b.org",
	    true },
	{ "<a@x@b.org>", "a@x@b.org", "a@x", "b.org", false },
	{ "<\"a@b.org>", "\"a@b.org", "\"a", "b.org", false },
	{ "<a@[192.0.2.1]>", "a@[192.0.2.1]", "a", "[192.0.2.1]", true },
	{ "<a@[IPv6:2001:db8::1]>", "a@[IPv6:2001:db8::1]", "a",
	    "[IPv6:2001:db8::1]", true },
	{ "<a@[nonsense]>", "a@[nonsense]", "a", "[nonsense]", false },
	{ "<a..b@c.org>", "a..b@c.org", "a..b", "c.org", false },
	{ "<a b@c.org>", "a b@c.org", "a b", "c.org", false },
	{ "<@b.org>", "@b.org", "", "b.org", false },
	{ "<a@>", "a@", "a", "", false },
	{ "<a@-b.org>", "a@-b.org", "a", "-b.org", false },
	{ "<\xc3\xa9@b\xc3\xbc"
	  "cher.org>",
	    "\xc3\xa9@b\xc3\xbc"
	    "cher.org",
	    "\xc3\xa9",
	    "b\xc3\xbc"
	    "cher.org",
	    true },
	{ "<\xe9@b.org>", "\xe9@b.org", "\xe9", "b.org", false },
};

static void
test_paths(struct arena *a)
{
	struct mailbox m;

	for (size_t i = 0; i < ARRAY_LEN(vectors); i++) {
		const struct vector *v = &vectors[i];

		ok(address_parse_path(a, t_slice(v->path), &m) == 0,
		    "%s parses", v->path);
		is_text(m.text, v->text, "%s: text", v->path);
		is_text(m.local, v->local, "%s: local part", v->path);
		is_text(m.domain, v->domain, "%s: domain", v->path);
		ok(address_is_valid(&m) == v->valid, "%s is %svalid", v->path,
		    v->valid ? "" : "not ");
		ok(address_is_null(&m) == (v->text[0] == '\0'),
		    "%s: null sender or not", v->path);
	}
}

int
main(void)
{
	struct arena *a = t_arena();
	struct mailbox m, n;

	test_paths(a);
	is_text(address_local_unquoted(a, t_slice("\"a\\\" b\"")), "a\" b",
	    "quotes are undone");
	is_text(address_local_unquoted(a, t_slice("a.b")), "a.b",
	    "a plain local part stays");
	ok(address_parse_path(a, SL("A@b.org"), &m) == 0 &&
		address_parse_path(a, SL("a@B.ORG"), &n) == 0,
	    "two spellings parse");
	ok(!address_eq(&m, &n, false), "the local part compares with case");
	ok(address_eq(&m, &n, true), "unless folded");
	return tap_done();
}
