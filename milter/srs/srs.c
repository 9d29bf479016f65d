/* SPDX-License-Identifier: BSD-2-Clause
 *
 * srs: see srs.h.
 *
 * Local-parts may hold '=' themselves: fields are cut from the left, a fixed
 * number of them, and the last takes the rest. MTAs lower-case recipients
 * (Postfix does for its table lookups), so that nothing may depend on case:
 * the hash is made of lower-cased text and compared without case, the stamp
 * is base32.
 */
#include "srs/srs.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/ip.h"
#include "crypt/mac.h"
#include "crypt/sig.h"
#include "mail/domain.h"
#include "mail/scan.h"

#define DAY 86400
#define TAG_LEN 5 /* "SRS0=" */
#define STAMP_LEN 2
#define BASE64_LEN 28 /* of 20 octets, the last one is '=' */
/* Longest address that is looked at: nothing that SMTP carries is longer. */
#define ADDRESS_MAX ((size_t)1024)

static const char base32[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

const char *
srs_status_word(enum srs_status s)
{
	static const char *const words[] = {
		[SRS_OK] = "ok",
		[SRS_FOREIGN] = "foreign",
		[SRS_MALFORMED] = "malformed",
		[SRS_FORGED] = "forged",
		[SRS_EXPIRED] = "expired",
		[SRS_TOO_LONG] = "too-long",
	};

	return words[s];
}

/* 0 or 1 for text that begins with SRS0 or SRS1 and a separator, else -1. */
static int
tag_of(struct slice s)
{
	if (s.n < TAG_LEN || !slice_istarts(s, SL("SRS")) ||
	    (s.p[3] != '0' && s.p[3] != '1'))
		return -1;
	if (s.p[4] != '=' && s.p[4] != '+' && s.p[4] != '-')
		return -1;
	return s.p[3] - '0';
}

bool
srs_is_tagged(struct slice local)
{
	if (local.n > 0 && local.p[0] == '"')
		local = slice_from(local, 1);
	return tag_of(local) >= 0;
}

/* Takes the field before the next '=' off *rest; false if there is none. */
static bool
cut_field(struct slice *rest, struct slice *field)
{
	size_t at = slice_chr(*rest, '=');

	if (at == SLICE_NONE)
		return false;
	*field = slice_sub(*rest, 0, at);
	*rest = slice_from(*rest, at + 1);
	return true;
}

/* ---- the hash ---- */

/* base64 of the HMAC over the lower-cased text. */
static int
hash_text(struct arena *a, struct slice secret, struct slice text,
    struct slice *out)
{
	uint8_t mac[MAC_SHA1_BYTES];
	struct slice lower = arena_lower(a, text);
	int err;

	if (lower.p == NULL)
		return ERR_NOMEM;
	err = mac_sha1(secret, lower, mac);
	if (err != 0)
		return err;
	*out = sig_base64(a, slice_of((const char *)mac, sizeof(mac)));
	return out->p != NULL ? 0 : ERR_NOMEM;
}

/* As it is compared: lower case, and the two characters for which there are
 * two alphabets (postsrsd 2 writes '-' and '_') in one spelling. */
static void
fold_hash(struct slice s, char out[BASE64_LEN])
{
	memset(out, 0, BASE64_LEN);
	for (size_t i = 0; i < s.n && i < BASE64_LEN; i++) {
		out[i] = slice_lower(s.p[i]);
		if (out[i] == '-')
			out[i] = '+';
		else if (out[i] == '_')
			out[i] = '/';
	}
}

static int
hash_verify(struct arena *a, const struct srs_options *o, struct slice given,
    struct slice text, bool *good)
{
	char want[BASE64_LEN], have[BASE64_LEN];
	struct slice hash;

	*good = false;
	if (given.n < o->hash_min || given.n > SRS_HASH_MAX)
		return 0;
	fold_hash(given, have);
	for (size_t i = 0; i < o->secrets.n; i++) {
		int err = hash_text(a, o->secrets.at[i], text, &hash);

		if (err != 0)
			return err;
		fold_hash(hash, want);
		*good = mac_equal(want, have, given.n) || *good;
	}
	return 0;
}

/* ---- the stamp ---- */

static void
stamp_make(int64_t now, char out[STAMP_LEN])
{
	unsigned day = (unsigned)(now / DAY % SRS_DAYS);

	out[0] = base32[day >> 5];
	out[1] = base32[day & 31];
}

/* The day of a stamp, or -1. */
static int
stamp_read(struct slice s)
{
	int day = 0;

	if (s.n != STAMP_LEN)
		return -1;
	for (size_t i = 0; i < STAMP_LEN; i++) {
		char c = slice_lower(s.p[i]);

		if (c >= 'a' && c <= 'z')
			day = day * 32 + (c - 'a');
		else if (c >= '2' && c <= '7')
			day = day * 32 + (c - '2') + 26;
		else
			return -1;
	}
	return day;
}

/* Made at most max_age days ago, and not on a day to come. */
static bool
stamp_is_current(const struct srs_options *o, int day, int64_t now)
{
	int today = (int)(now / DAY % SRS_DAYS);
	int age = (today - day + SRS_DAYS) % SRS_DAYS;

	return (unsigned)age <= o->max_age;
}

/* ---- quoting ---- */

/* An address from the unquoted text of its local-part. */
static int
put_address(struct arena *a, struct slice local, bool quoted,
    struct slice domain, struct slice *out)
{
	struct buf b;

	buf_init(&b, a, 4 * ADDRESS_MAX);
	if (!quoted) {
		buf_add(&b, local);
	} else {
		buf_addc(&b, '"');
		for (size_t i = 0; i < local.n; i++) {
			if (local.p[i] == '"' || local.p[i] == '\\')
				buf_addc(&b, '\\');
			buf_addc(&b, local.p[i]);
		}
		buf_addc(&b, '"');
	}
	buf_addc(&b, '@');
	buf_add(&b, domain);
	*out = buf_slice(&b);
	return buf_ok(&b) ? 0 : ERR_NOMEM;
}

static bool
needs_quotes(struct slice local)
{
	return local.n == 0 || scan_dot_atom_utf8(local, 0) != local.n;
}

/* Text that some quoting can carry in SMTP: no control characters, and what is
 * not ASCII is UTF-8 (RFC 6531). */
static bool
is_carryable(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (char_is(s.p[i], CHAR_CTL))
			return false;
	return scan_is_utf8(s);
}

/* A host name or an address literal: what the end of an address can be. */
static bool
is_host(struct slice d)
{
	struct ip ip;

	if (d.n > 2 && d.p[0] == '[' && d.p[d.n - 1] == ']')
		return ip_parse(slice_sub(d, 1, d.n - 2), &ip);
	return domain_is_hostname(d);
}

/* ---- forward ---- */

/* Joins the parts behind the hash and hashes them: `signed_text` is what the
 * hash is over. */
static int
assemble(struct arena *a, const struct srs_options *o, char tag,
    struct slice signed_text, struct slice shown, struct slice *out)
{
	struct slice hash;
	int err = hash_text(a, o->secrets.at[0], signed_text, &hash);

	if (err != 0)
		return err;
	*out = arena_printf(a, "SRS%c%c%.*s=%.*s", tag, o->separator,
	    SL_ARG(slice_sub(hash, 0, o->hash_length)), SL_ARG(shown));
	return out->p != NULL ? 0 : ERR_NOMEM;
}

static int
make_srs0(struct arena *a, const struct srs_options *o, struct slice host,
    struct slice user, int64_t now, struct slice *out)
{
	char stamp[STAMP_LEN];
	struct slice text, shown;

	stamp_make(now, stamp);
	text = arena_printf(a, "%.*s%.*s%.*s", STAMP_LEN, stamp, SL_ARG(host),
	    SL_ARG(user));
	shown = arena_printf(a, "%.*s=%.*s=%.*s", STAMP_LEN, stamp,
	    SL_ARG(host), SL_ARG(user));
	if (text.p == NULL || shown.p == NULL)
		return ERR_NOMEM;
	return assemble(a, o, '0', text, shown, out);
}

static int
make_srs1(struct arena *a, const struct srs_options *o, struct slice host,
    struct slice rest, struct slice *out)
{
	struct slice text =
	    arena_printf(a, "%.*s%.*s", SL_ARG(host), SL_ARG(rest));
	struct slice shown =
	    arena_printf(a, "%.*s=%.*s", SL_ARG(host), SL_ARG(rest));

	if (text.p == NULL || shown.p == NULL)
		return ERR_NOMEM;
	return assemble(a, o, '1', text, shown, out);
}

/* An SRS1 address that has all its fields: first forwarder and what it wrote
 * behind its SRS0. */
static bool
split_srs1(struct slice local, struct slice *hash, struct slice *host,
    struct slice *rest)
{
	*rest = slice_from(local, TAG_LEN);
	return cut_field(rest, hash) && cut_field(rest, host) && host->n > 0 &&
	    rest->n > 0 &&
	    (rest->p[0] == '=' || rest->p[0] == '+' || rest->p[0] == '-');
}

static int
make_local(struct arena *a, const struct srs_options *o, struct slice host,
    struct slice local, int64_t now, struct slice *out)
{
	struct slice hash, first, rest;

	switch (tag_of(local)) {
	case 0:
		/* The separator stays, whatever it is. */
		return make_srs1(a, o, host, slice_from(local, TAG_LEN - 1),
		    out);
	case 1:
		if (split_srs1(local, &hash, &first, &rest) && is_host(first))
			return make_srs1(a, o, first, rest, out);
		break;
	default:
		break;
	}
	return make_srs0(a, o, host, local, now, out);
}

/* An internationalised name is carried in its ASCII form: with an ASCII
 * local-part the address then needs no SMTPUTF8. */
static struct slice
carried_domain(struct arena *a, struct slice d)
{
	return scan_is_ascii(d) ? d : domain_to_ascii(a, d);
}

int
srs_forward(struct arena *a, const struct srs_options *o,
    const struct mailbox *sender, int64_t now, struct slice *out,
    enum srs_status *status)
{
	struct slice host, local, made;
	bool quoted;
	int err;

	*out = slice_of(NULL, 0);
	*status = SRS_MALFORMED;
	if (sender->domain.n == 0 || sender->local.n == 0)
		return 0;
	*status = SRS_TOO_LONG;
	if (sender->text.n > ADDRESS_MAX)
		return 0;
	host = carried_domain(a, sender->domain);
	local = address_local_unquoted(a, sender->local);
	if (local.p == NULL || (host.p == NULL && arena_failed(a)))
		return ERR_NOMEM;
	*status = SRS_MALFORMED;
	if (!is_host(host) || !is_carryable(local))
		return 0;
	err = make_local(a, o, host, local, now, &made);
	if (err != 0)
		return err;
	quoted = needs_quotes(made);
	err = put_address(a, made, quoted, o->domain, out);
	if (err != 0)
		return err;
	*status = SRS_OK;
	if (out->n > SRS_PATH_MAX ||
	    (out->n - o->domain.n - 1 > SRS_LOCAL_MAX && !o->allow_long))
		*status = SRS_TOO_LONG;
	if (*status != SRS_OK)
		*out = slice_of(NULL, 0);
	return 0;
}

/* ---- reverse ---- */

struct opened {
	struct slice host, local;
	enum srs_status status;
};

static int
open_srs0(struct arena *a, const struct srs_options *o, struct slice rest,
    int64_t now, struct opened *to)
{
	struct slice hash, stamp, text;
	bool good;
	int day, err;

	to->status = SRS_MALFORMED;
	if (!cut_field(&rest, &hash) || !cut_field(&rest, &stamp) ||
	    !cut_field(&rest, &to->host) || to->host.n == 0)
		return 0;
	to->local = rest;
	text = arena_printf(a, "%.*s%.*s%.*s", SL_ARG(stamp), SL_ARG(to->host),
	    SL_ARG(rest));
	if (text.p == NULL)
		return ERR_NOMEM;
	err = hash_verify(a, o, hash, text, &good);
	if (err != 0)
		return err;
	day = stamp_read(stamp);
	/* Fields are hashed without what separates them, so that who chose
	 * the address can cut the same text in another place. What comes of
	 * it must be an address still. */
	if (!good || day < 0 || !is_host(to->host) || !is_carryable(rest))
		to->status = SRS_FORGED;
	else
		to->status =
		    stamp_is_current(o, day, now) ? SRS_OK : SRS_EXPIRED;
	return 0;
}

static int
open_srs1(struct arena *a, const struct srs_options *o, struct slice local,
    struct opened *to)
{
	struct slice hash, rest, text;
	bool good;
	int err;

	to->status = SRS_MALFORMED;
	if (!split_srs1(local, &hash, &to->host, &rest))
		return 0;
	text = arena_printf(a, "%.*s%.*s", SL_ARG(to->host), SL_ARG(rest));
	to->local = arena_printf(a, "SRS0%.*s", SL_ARG(rest));
	if (text.p == NULL || to->local.p == NULL)
		return ERR_NOMEM;
	err = hash_verify(a, o, hash, text, &good);
	good = good && is_host(to->host) && is_carryable(rest);
	to->status = good ? SRS_OK : SRS_FORGED;
	return err;
}

/* Of an address that was quoted as a whole the inside is plain text. One that
 * was not may hold a quoted local-part as it stood (Mail::SRS and postsrsd
 * leave it so). */
static bool
wants_quotes(struct slice local, bool whole_quoted)
{
	if (!needs_quotes(local))
		return false;
	return whole_quoted || local.n == 0 ||
	    scan_quoted_string(local, 0) != local.n;
}

int
srs_reverse(struct arena *a, const struct srs_options *o,
    const struct mailbox *rcpt, int64_t now, struct slice *out,
    enum srs_status *status)
{
	bool quoted = rcpt->local.n > 0 && rcpt->local.p[0] == '"';
	struct opened to = { .status = SRS_FOREIGN };
	struct slice local;
	int tag, err;

	*out = slice_of(NULL, 0);
	*status = SRS_FOREIGN;
	if (!srs_is_tagged(rcpt->local))
		return 0;
	*status = SRS_MALFORMED;
	if (rcpt->text.n > ADDRESS_MAX)
		return 0;
	local = address_local_unquoted(a, rcpt->local);
	if (local.p == NULL)
		return ERR_NOMEM;
	tag = tag_of(local);
	if (tag == 1)
		err = open_srs1(a, o, local, &to);
	else
		err = open_srs0(a, o, slice_from(local, TAG_LEN), now, &to);
	*status = to.status;
	if (err != 0 || to.status != SRS_OK)
		return err;
	return put_address(a, to.local, wants_quotes(to.local, quoted), to.host,
	    out);
}
