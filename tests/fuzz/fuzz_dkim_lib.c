/* SPDX-License-Identifier: BSD-2-Clause
 *
 * fuzz_dkim_lib: a header section whose signatures are read by our reader and,
 * where that lets them pass, judged by libopendkim and by our own digest, which
 * must agree whenever the library may carry them; and key records.
 */
#include "check/dkim_headers.h"
#include "check/dkim_lib.h"
#include "fuzz/fuzz.h"
#include "lib/dkim_signer.h"

/* RFC 8032 section 7.1 test 1: a public key in raw form. */
static const char raw_key[] =
    "\xd7\x5a\x98\x01\x82\xb1\x0a\xb7\xd5\x4b\xfe\xd3\xc9\x64\x07\x3a"
    "\x0e\xe1\x72\xf3\xda\xa6\x23\x25\xaf\x02\x1a\x68\xf7\x07\x51\x1a";

static void
demand_read(const struct dkim_field *f)
{
	FUZZ_DEMAND(fuzz_inside(f->a, f->raw));
	FUZZ_DEMAND(f->b8.n <= 8);
	if (f->verdict != VERDICT_PASS) {
		FUZZ_DEMAND(f->reason.n > 0);
		return;
	}
	FUZZ_DEMAND(f->domain.n > 0 && f->selector.n > 0);
	FUZZ_DEMAND(f->body_hash.n == SHA256_BYTES && f->signature.n > 0);
	FUZZ_DEMAND(f->b_text.n > 0 && fuzz_inside(f->b_text, f->raw));
	FUZZ_DEMAND(f->names.n > 0 && f->names.n <= MOST_SIGNED_NAMES);
}

static void
judge(struct arena *a, const struct dkim_library *lib,
    const struct dkim_headers *h, const struct dkim_field *f)
{
	struct dkim_record record = { .good = true,
		.kind = KEY_ED25519,
		.key = slice_of(raw_key, 32) };
	struct key *key = key_public(KEY_ED25519, record.key);
	uint8_t digest[SHA256_BYTES];
	enum dkim_lib_answer answer;
	struct slice_vec raws;
	const char *surplus;
	bool own;

	FUZZ_DEMAND(key != NULL);
	FUZZ_DEMAND(dkim_headers_select(a, h, f, &raws) == 0);
	FUZZ_DEMAND(raws.n <= f->names.n);
	/* All fields of a name that is signed often enough are covered. */
	surplus = dkim_headers_surplus(h, &f->names);
	FUZZ_DEMAND(
	    surplus == NULL || dkim_headers_count(h, slice_c(surplus)) > 1);
	FUZZ_DEMAND(dkim_headers_digest(f, &raws, digest) == 0);
	own = sig_verify(key, digest, f->signature);
	FUZZ_DEMAND(dkim_lib_judge(lib, a, f, &raws, &record, &answer) == 0);
	if (dkim_lib_can_carry(f, &raws) && answer != DKIM_LIB_REFUSED)
		FUZZ_DEMAND((answer == DKIM_LIB_GOOD) == own);
	key_free(key);
}

void
fuzz_one(struct arena *a, struct slice in)
{
	static struct dkim_library *lib;
	struct dkim_options o = { .clock_drift_s = 300 };
	struct test_mail m = test_mail_parse(a, in);
	struct dkim_headers h;
	struct dkim_record record;

	if (lib == NULL)
		lib = dkim_library_new(&o);
	FUZZ_DEMAND(lib != NULL);
	FUZZ_DEMAND(dkim_record_read(a, m.body, &record) == 0);
	FUZZ_DEMAND(record.good ? record.key.n > 0 : record.reason.n > 0);
	FUZZ_DEMAND(dkim_headers_index(a, &m.headers, &h) == 0);
	for (size_t i = 0; i < m.headers.fields.n && i < 8; i++) {
		struct dkim_field f;

		FUZZ_DEMAND(dkim_field_read(a, &m.headers.fields.at[i],
				1795302019, 300, &f) == 0);
		demand_read(&f);
		if (f.verdict == VERDICT_PASS)
			judge(a, lib, &h, &f);
	}
}
