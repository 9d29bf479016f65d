/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dkim_record: reading and choosing key records. Several records at one name
 * are undefined (RFC 6376 section 3.6.2.2); since DNS shuffles them, all that
 * could verify are tried, lest the verdict changes from one message to the
 * next.
 */
#include "check/dkim_record.h"

#include "base/err.h"
#include "dns/resolver.h"
#include "mail/tags.h"

static const struct slice *
get(const struct tag_vec *tags, const char *name)
{
	return tags_get(tags, slice_c(name));
}

static int
refuse(struct dkim_record *out, const char *reason)
{
	out->good = false;
	out->reason = slice_c(reason);
	return 0;
}

/* True if a colon-separated list holds the word. */
static bool
list_has(struct slice list, const char *word)
{
	struct slice part;

	while (slice_cut(&list, ':', &part))
		if (slice_ieq(slice_trim(part), slice_c(word)))
			return true;
	return false;
}

static bool
read_kind(const struct slice *k, enum key_kind *out)
{
	*out = KEY_RSA;
	if (k == NULL || slice_ieq(*k, SL("rsa")))
		return true;
	*out = KEY_ED25519;
	return slice_ieq(*k, SL("ed25519"));
}

/* The checks of RFC 6376 section 6.1.2, on a list that has p=. */
static int
read_tags(struct arena *a, const struct tag_vec *tags, struct dkim_record *out)
{
	const struct slice *v = get(tags, "v"), *h = get(tags, "h"),
			   *s = get(tags, "s"), *t = get(tags, "t"),
			   *p = get(tags, "p");
	int err;

	if (t != NULL) {
		out->testing = list_has(*t, "y");
		out->exact_domain = list_has(*t, "s");
	}
	if (v != NULL &&
	    (!slice_eq(tags->at[0].name, SL("v")) ||
		!slice_eq(*v, SL("DKIM1"))))
		return refuse(out, "key record has another version");
	if (!read_kind(get(tags, "k"), &out->kind))
		return refuse(out, "key type is not supported");
	if (h != NULL && !list_has(*h, "sha256"))
		return refuse(out, "key is not for sha256");
	if (s != NULL && !list_has(*s, "*") && !list_has(*s, "email"))
		return refuse(out, "key is not for mail");
	if (p->n == 0)
		return refuse(out, "key is revoked");
	err = tags_base64(a, *p, &out->key);
	if (err == ERR_SYNTAX)
		return refuse(out, "key is not base64");
	out->good = err == 0;
	return err;
}

int
dkim_record_read(struct arena *a, struct slice text, struct dkim_record *out)
{
	struct tag_vec tags;
	int err = tags_parse(a, text, TAGS_STRICT, &tags, NULL);

	*out = (struct dkim_record){ .reason = SL("") };
	if (err == ERR_NOMEM)
		return err;
	if (err == ERR_LIMIT)
		return refuse(out, "key record has too many tags");
	if (err != 0)
		return refuse(out, "key record is not a tag list");
	if (get(&tags, "p") == NULL)
		return refuse(out, "key record has no p=");
	out->is_key = true;
	return read_tags(a, &tags, out);
}

/* A good record that does not go with this signature becomes a bad one. */
static void
match(struct dkim_record *r, const struct dkim_field *f)
{
	enum key_kind want =
	    f->algorithm == DKIM_ED25519_SHA256 ? KEY_ED25519 : KEY_RSA;

	if (!r->good)
		return;
	if (r->kind != want)
		(void)refuse(r, "key type does not match the algorithm");
	else if (r->exact_domain && !f->identity_is_domain)
		(void)refuse(r, "key does not allow i= below d=");
}

int
dkim_record_choose(struct arena *a, const struct dns_answer *answer,
    const struct dkim_field *f, struct dkim_record_vec *out,
    struct slice *reason, bool *testing)
{
	bool seen_key = false;

	*out = (struct dkim_record_vec){ 0 };
	*reason = SL("key not found");
	*testing = false;
	for (size_t i = 0; i < answer->n && i < MOST_KEY_RECORDS; i++) {
		struct dkim_record one, *slot;
		int err = dkim_record_read(a, answer->rr[i].text, &one);

		if (err != 0)
			return err;
		match(&one, f);
		if (one.good && out->n < DKIM_RECORD_TRIES) {
			slot = dkim_record_vec_push(out, a);
			if (slot == NULL)
				return ERR_NOMEM;
			*slot = one;
		} else if (!one.good && (i == 0 || one.is_key > seen_key)) {
			*reason = one.reason;
			*testing = one.testing;
		}
		seen_key = seen_key || one.is_key;
	}
	return 0;
}
