/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dkim_record: which key records are fit, and which of several are taken.
 */
#include "check/dkim_record.h"

#include "dns/resolver.h"
#include "lib/tap.h"

static const struct {
	const char *text;
	const char *reason; /* NULL: good */
} cases[] = {
	{ "v=DKIM1; k=rsa; p=QUJD", NULL },
	{ "p=QUJD", NULL },
	{ " p = QU JD ; ", NULL },
	{ "k=ed25519; p=QUJD", NULL },
	{ "v=DKIM1; p=QUJD; n=see=20us; x_y=1", NULL },
	{ "v=DKIM1; h=sha1:sha256; p=QUJD", NULL },
	{ "v=DKIM1; s=other:email; p=QUJD", NULL },
	{ "v=DKIM1; s= * ; p=QUJD", NULL },
	{ "v=DKIM1; g=; p=QUJD", NULL },
	{ "k=rsa; v=DKIM1; p=QUJD", "key record has another version" },
	{ "v=DKIM2; p=QUJD", "key record has another version" },
	{ "v=dkim1; p=QUJD", "key record has another version" },
	{ "v=DKIM1; k=dsa; p=QUJD", "key type is not supported" },
	{ "v=DKIM1; k=; p=QUJD", "key type is not supported" },
	{ "v=DKIM1; h=sha1; p=QUJD", "key is not for sha256" },
	{ "v=DKIM1; h=; p=QUJD", "key is not for sha256" },
	{ "v=DKIM1; s=other; p=QUJD", "key is not for mail" },
	{ "v=DKIM1; p=", "key is revoked" },
	{ "v=DKIM1; p= ;t=y", "key is revoked" },
	{ "v=DKIM1; p=QUJ", "key is not base64" },
	{ "v=DKIM1; p=\"QUJD\"", "key is not base64" },
	{ "v=DKIM1; k=rsa", "key record has no p=" },
	{ "v=DKIM1; p=QUJD; p=QUJD", "key record is not a tag list" },
	{ "v=spf1 -all", "key record has no p=" },
	{ "hello", "key record is not a tag list" },
	{ "", "key record is not a tag list" },
	{ "v=DKIM1; p=QU\xc3JD", "key record is not a tag list" },
};

static void
test_table(void)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct dkim_record r;
		const char *want = cases[i].reason;

		if (dkim_record_read(t_arena(), t_slice(cases[i].text), &r) !=
		    0)
			continue;
		ok(r.good == (want == NULL), "%s: fit or not", cases[i].text);
		is_text(r.reason, want != NULL ? want : "", "%s: why",
		    cases[i].text);
	}
}

static void
test_flags(void)
{
	struct arena *a = t_arena();
	struct dkim_record r;

	ok(dkim_record_read(a, SL("p=QUJD; t=y : s"), &r) == 0 && r.testing &&
		r.exact_domain,
	    "both flags");
	ok(dkim_record_read(a, SL("p=QUJD; t=z"), &r) == 0 && r.good &&
		!r.testing && !r.exact_domain,
	    "an unknown flag is nothing");
	ok(dkim_record_read(a, SL("p=; t=y"), &r) == 0 && !r.good && r.testing,
	    "a revoked key may be testing");
	is_text(r.key, "", "and holds no key");
}

static struct dkim_record_vec
choose(const char *const *texts, size_t n, enum dkim_algorithm algorithm,
    struct slice *reason)
{
	struct dns_record rr[20];
	struct dns_answer answer = { .status = DNS_OK, .n = n, .rr = rr };
	struct dkim_field f = { .algorithm = algorithm };
	struct dkim_record_vec out = { 0 };
	bool testing;

	for (size_t i = 0; i < n; i++)
		rr[i] = (struct dns_record){ .text = t_slice(texts[i]) };
	if (dkim_record_choose(t_arena(), &answer, &f, &out, reason,
		&testing) != 0)
		note("memory");
	return out;
}

static void
test_choice(void)
{
	static const char *const mixed[] = { "some text", "v=spf1 -all",
		"k=ed25519; p=QUJD", "v=DKIM1; p=REVG" };
	static const char *const bad[] = { "some text", "p=; v=DKIM1",
		"other text" };
	static const char *const none[] = { "some text", "other text" };
	static const char *const many[] = { "p=QUJD", "p=REVG", "p=R0hJ",
		"p=SktM", "p=TU5P" };
	struct slice why;
	struct dkim_record_vec v;

	v = choose(mixed, ARRAY_LEN(mixed), DKIM_RSA_SHA256, &why);
	ok(v.n == 1 && slice_eq(v.at[0].key, SL("DEF")),
	    "the RSA key among other records");
	v = choose(mixed, ARRAY_LEN(mixed), DKIM_ED25519_SHA256, &why);
	ok(v.n == 1 && v.at[0].kind == KEY_ED25519, "the Ed25519 key");
	v = choose(mixed, 3, DKIM_RSA_SHA256, &why);
	is_int((int64_t)v.n, 0, "no RSA key");
	is_text(why, "key type does not match the algorithm", "and why");
	v = choose(bad, ARRAY_LEN(bad), DKIM_RSA_SHA256, &why);
	is_text(why, "key record has another version",
	    "the reason is that of the key record");
	v = choose(none, ARRAY_LEN(none), DKIM_RSA_SHA256, &why);
	is_text(why, "key record is not a tag list", "no key record at all");
	v = choose(many, ARRAY_LEN(many), DKIM_RSA_SHA256, &why);
	is_int((int64_t)v.n, DKIM_RECORD_TRIES, "of many keys only some");
}

int
main(void)
{
	test_table();
	test_flags();
	test_choice();
	return tap_done();
}
