/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dkim_lib, dkim_headers: libopendkim and our own digest must say the same of
 * every signature that the library can carry.
 */
#include "check/dkim_lib.h"

#include "check/dkim_headers.h"
#include "lib/dkim_signer.h"
#include "lib/tap.h"
#include "lib/test_keys.h"

static struct dkim_library *lib;
static struct key *rsa, *ed;

static const char mail[] =
    "Received: from a by b;\r\n\tSat, 21 Nov 2026\r\n"
    "From: Ann <ann@example.org>\r\n"
    "To: Bob <bob@example.net>,\r\n  Eve <e@x.example>\r\n"
    "Subject:  Two  words \r\n"
    "Date: Sat, 21 Nov 2026 23:00:19 +0000\r\n"
    "\r\n"
    "Hi.\r\n";

struct outcome {
	bool accepted, carried, own;
	enum dkim_lib_answer library;
};

/* What both say of the topmost field. */
static struct outcome
judge(const struct test_mail *m, const struct key *key)
{
	struct arena *a = t_arena();
	struct outcome o = { .library = DKIM_LIB_REFUSED };
	struct dkim_field f;
	struct dkim_headers h;
	struct slice_vec raws;
	struct dkim_record record;
	uint8_t digest[SHA256_BYTES];
	struct slice text = dkim_signer_record(a, key);

	if (dkim_field_read(a, &m->headers.fields.at[0], 1795302019, 300, &f) ||
	    dkim_headers_index(a, &m->headers, &h) != 0 ||
	    dkim_record_read(a, text, &record) != 0)
		return o;
	o.accepted = f.verdict == VERDICT_PASS;
	if (!o.accepted || dkim_headers_select(a, &h, &f, &raws) != 0)
		return o;
	if (dkim_headers_digest(&f, &raws, digest) != 0)
		return o;
	o.own = sig_verify(key, digest, f.signature);
	o.carried = dkim_lib_can_carry(&f, &raws);
	if (dkim_lib_judge(lib, a, &f, &raws, &record, &o.library) != 0)
		o.library = DKIM_LIB_REFUSED;
	return o;
}

static void
both_good(const struct test_mail *m, const struct key *key, const char *what)
{
	struct outcome o = judge(m, key);

	ok(o.accepted && o.carried && o.own && o.library == DKIM_LIB_GOOD,
	    "%s: both verify it", what);
}

static void
both_bad(const struct test_mail *m, const struct key *key, const char *what)
{
	struct outcome o = judge(m, key);

	ok(o.accepted && !o.own && o.library == DKIM_LIB_BAD,
	    "%s: both refuse it", what);
}

static void
test_pairs(void)
{
	static const char *const canons[] = { NULL, "simple", "simple/relaxed",
		"relaxed", "relaxed/simple", "relaxed/relaxed" };
	struct arena *a = t_arena();

	for (size_t i = 0; i < 2 * ARRAY_LEN(canons); i++) {
		const struct key *key = i % 2 == 0 ? rsa : ed;
		struct dkim_signer s = { .key = key, .c = canons[i / 2] };
		struct test_mail m = test_mail_parse(a, slice_c(mail));

		dkim_signer_sign(a, &s, &m);
		both_good(&m, key, s.c != NULL ? s.c : "no c=");
		m.headers.fields.at[2].raw = SL("From: Ann <ann@example.com>");
		both_bad(&m, key, "a changed From");
	}
}

/* Where b= stands and what surrounds it. */
static void
test_b_places(void)
{
	static const char *const places[][2] = {
		{ "; b=", "; t=1795302000" },
		{ ";b=", ";" },
		{ ";b=", " ;" },
		{ ";b=\r\n\t", " " },
		{ "; b=  ", "\r\n ;\r\n " },
		{ "; b=", "; bx=b=; z=b=QQ" },
		{ "; z=b=QQ; b=", NULL },
		{ ";\tb=", ";\r\n\tt=1795302000;\r\n " },
	};
	struct arena *a = t_arena();

	for (size_t i = 0; i < 2 * ARRAY_LEN(places); i++) {
		struct dkim_signer s = { .key = rsa,
			.c = i % 2 == 0 ? "simple/simple" : "relaxed/relaxed",
			.before_b = places[i / 2][0],
			.after_b = places[i / 2][1] };
		struct test_mail m = test_mail_parse(a, slice_c(mail));

		dkim_signer_sign(a, &s, &m);
		both_good(&m, rsa, "a place of b=");
	}
}

/* What the library hashes or reads wrongly is known and kept from it. */
static void
test_not_carried(void)
{
	static const char *const values[] = { "Subject: nul \0 inside",
		"Subject: a\vb", "Subject: a\fb", "Subject: a\rb",
		"Subject: a\r\nb", "Subject: a\x7f" };
	struct arena *a = t_arena();
	struct dkim_signer s = { .key = ed, .before_b = ";b =" };
	struct test_mail m = test_mail_parse(a, slice_c(mail));
	struct outcome o;

	dkim_signer_sign(a, &s, &m);
	o = judge(&m, ed);
	ok(o.own && !o.carried, "white space behind the name b");
	s = (struct dkim_signer){ .key = ed,
		.d = "b\xc3\xbc"
		     "cher.example" };
	m = test_mail_parse(a, slice_c(mail));
	dkim_signer_sign(a, &s, &m);
	o = judge(&m, ed);
	ok(o.own && !o.carried, "a U-label in d=");
	for (size_t i = 0; i < ARRAY_LEN(values); i++) {
		struct slice raw =
		    slice_of(values[i], i == 0 ? 21 : strlen(values[i]));

		s = (struct dkim_signer){ .key = ed };
		m = test_mail_parse(a, slice_c(mail));
		m.headers.fields.at[3].raw = raw;
		dkim_signer_sign(a, &s, &m);
		m.headers.fields.at[4].raw = raw;
		o = judge(&m, ed);
		ok(!o.carried, "an odd byte in a signed field, %zu", i);
	}
}

static void
test_names(void)
{
	static const char *const lists[] = { "from", "FROM : To :\r\n\tsubject",
		"from:from:to:to:x-none", "from:received:received:received",
		"x-none:from:x-none", "from:dup:dup", "from:dup",
		"dup:from:dup:dup:dup" };
	struct arena *a = t_arena();

	for (size_t i = 0; i < 2 * ARRAY_LEN(lists); i++) {
		struct dkim_signer s = { .key = ed,
			.h = lists[i / 2],
			.c = i % 2 == 0 ? "simple" : "relaxed" };
		struct test_mail m = test_mail_parse(a,
		    SL("Dup: one\r\nFrom: a@example.org\r\nDup:two\r\n"
		       "Received: x\r\nDup:\tthree\r\nReceived:\r\n\r\n"));

		dkim_signer_sign(a, &s, &m);
		both_good(&m, ed, "a list of names");
	}
}

/* Random values of everything that mail may carry. */
static void
test_values(bool odd)
{
	static const char usual[] = "aZ0=;:,\"\\() \t  \xc3\xa4\xff";
	static const char odds[] = "\v\f\r\n\x01\x7f\0";
	struct arena *a = t_arena();
	unsigned wrong = 0, own = 0, carried = 0, rounds = 300;
	uint32_t x = 12345;

	for (unsigned i = 0; i < rounds; i++) {
		struct dkim_signer s = { .key = ed,
			.h = "from:x:y",
			.c = i % 2 == 0 ? "simple" : "relaxed" };
		struct test_mail m =
		    test_mail_parse(a, SL("From: a@example.org\r\n\r\n"));
		struct outcome o;
		char value[40];
		size_t n = 0;

		while (n < 30) {
			x = x * 1664525 + 1013904223;
			if (x >> 28 == 0) {
				memcpy(value + n, "\r\n\t", 3);
				n += 3;
			} else if (odd && x >> 28 == 1) {
				value[n++] =
				    odds[(x >> 16) % (sizeof(odds) - 1)];
			} else {
				value[n++] =
				    usual[(x >> 16) % (sizeof(usual) - 1)];
			}
		}
		if (header_list_add(&m.headers, SL("X"), slice_of(value, n),
			NULL) != 0)
			return;
		dkim_signer_sign(a, &s, &m);
		o = judge(&m, ed);
		carried += o.carried;
		own += o.own;
		wrong += o.carried && o.library != DKIM_LIB_GOOD;
	}
	is_int(own, rounds, "our own digest verifies all");
	is_int(wrong, 0, "the library is never wrong about what it carries");
	if (!odd)
		is_int(carried, rounds, "and may carry all");
}

int
main(void)
{
	struct dkim_options o = { .verify = true };

	lib = dkim_library_new(&o);
	rsa = key_private(test_rsa_pem(t_arena(), 2048, PEM_PKCS8));
	ed = key_private(test_ed25519_pem(t_arena()));
	test_pairs();
	test_b_places();
	test_not_carried();
	test_names();
	test_values(false);
	test_values(true);
	key_free(rsa);
	key_free(ed);
	dkim_library_free(lib);
	return tap_done();
}
