/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dkim_sign: see dkim_sign.h. The body goes through the same digests as in
 * verification; all keys of a message share everything but the last hash and
 * the operation of the key.
 */
#include "check/dkim_sign.h"

#include "base/err.h"
#include "base/log.h"
#include "check/check.h"
#include "check/dkim_addresses.h"
#include "check/dkim_sign_field.h"
#include "check/dkim_traps.h"
#include "mail/address_list.h"
#include "mail/domain.h"
#include "mail/sets.h"

struct dkim_sign_state {
	struct dkim_traps traps;
	int body;              /* handle of the body digest */
	size_t address_octets; /* of fields whose addresses were looked at */
};

/* Kinds of trouble that are told once a sender. */
enum kind {
	KIND_AUTHOR,
	KIND_HELD_BACK,
	KIND_JUDGED,
	KIND_FIELDS,
	KIND_8BIT,
	KIND_8BIT_HEADER,
	KIND_LONG_LINE,
	KIND_ADDRESSES,
	KIND_REWRITTEN,
	KIND_UNREAD,
	KIND_BARE
};

const char *
dkim_unsigned_word(enum dkim_unsigned u)
{
	switch (u) {
	case DKIM_SIGN_YES:
	case DKIM_UNSIGNED_COUNT:
		break;
	case DKIM_UNSIGNED_AUTHOR:
		return "author";
	case DKIM_UNSIGNED_NO_KEY:
		return "no-key";
	case DKIM_UNSIGNED_HELD_BACK:
		return "not-published";
	case DKIM_UNSIGNED_JUDGED:
		return "judged-before";
	case DKIM_UNSIGNED_RETURNED:
		return "returned";
	case DKIM_UNSIGNED_FIELDS:
		return "fields";
	}
	return "";
}

static enum canon
body_canon(const struct dkim_sign_options *o)
{
	switch (o->canon) {
	case DKIM_RELAXED_RELAXED:
	case DKIM_SIMPLE_RELAXED:
		return CANON_RELAXED;
	case DKIM_RELAXED_SIMPLE:
	case DKIM_SIMPLE_SIMPLE:
		return CANON_SIMPLE;
	}
	return CANON_RELAXED;
}

/* The author's address if it can be told, else the envelope's. */
static struct slice
sender_of(const struct evaluation *ev)
{
	return ev->from.authors.n > 0 ? ev->from.authors.at[0].mailbox.text :
					ev->message->mail_from.text;
}

static void
warn(struct evaluation *ev, enum kind kind, const char *text)
{
	struct slice sender = sender_of(ev);

	if (dkim_keys_first_time(ev->env->keys, kind, sender))
		log_text(LOG_LEVEL_WARN, "id=%s: mail of <%.*s> %s",
		    ev->message->id, SL_ARG(slice_sub(sender, 0, 256)),
		    text != NULL ? text : "");
}

/* The one author beyond doubt, or NULL. What was salvaged from broken syntax
 * is good enough for suspicion, not for a signature; nor is a From that a bare
 * CR hides in another field. */
static const struct author *
only_author(const struct evaluation *ev)
{
	const struct from_field *from = &ev->from;

	if (header_list_count(&ev->message->headers, SL("From")) != 1 ||
	    from->error != FROM_OK || from->salvaged || from->more ||
	    from->authors.n != 1 || from->authors.at[0].domain.n == 0)
		return NULL;
	return &from->authors.at[0];
}

/* KeyRequirePublished: only keys that the DNS serves. */
static void
drop_unpublished(struct dkim_signing_keys *keys)
{
	size_t n = 0;

	for (size_t i = 0; i < keys->n; i++)
		if (atomic_load_explicit(&keys->at[i]->published,
			memory_order_relaxed) == DKIM_PUB_GOOD)
			keys->at[n++] = keys->at[i];
	keys->n = n;
}

/* The identifier of the list that sends this on; "" unless there is exactly
 * one. */
static struct slice
list_id(struct evaluation *ev)
{
	const struct header_list *h = &ev->message->headers;
	const struct header_field *f = header_list_get(h, SL("List-Id"), 0);
	struct slice id;

	if (f == NULL || header_list_get(h, SL("List-Id"), 1) != NULL)
		return SL("");
	id = slice_from(f->value, slice_rchr(f->value, '<'));
	if (!slice_starts(id, SL("<")))
		return SL("");
	id = slice_from(id, 1);
	return slice_trim(slice_sub(id, 0, slice_chr(id, '>')));
}

static enum mta_kind
mta_kind(const struct evaluation *ev)
{
	return mta_kind_of(ev->message->session->mta);
}

static struct dkim_route
route_of(const struct evaluation *ev)
{
	enum dkim_canon_pair c = dkim_keys_options(ev->env->keys)->canon;
	const struct session *s = ev->message->session;

	return (struct dkim_route){ .arena = ev->arena,
		.mta = ev->env->mta,
		.kind = mta_kind(ev),
		.host = s->mta_host.n > 0 ? s->mta_host : s->hostname,
		.exact = c == DKIM_SIMPLE_RELAXED || c == DKIM_SIMPLE_SIMPLE };
}

/* The author that the MTA will put in place of this one, if we do so first. */
static struct author
as_delivered(const struct evaluation *ev, const struct author *author)
{
	struct dkim_route route = route_of(ev);
	struct mta_address address = { .kind = route.kind,
		.host = route.host,
		.sender = true,
		.local = author->mailbox.local,
		.domain = author->mailbox.domain };
	struct author out = *author;

	if (!dkim_keys_options(ev->env->keys)->normalize_addresses ||
	    mta_config_rewrite(route.mta, ev->arena, &address) != MTA_REWRITES)
		return out;
	out.mailbox.local = address.local;
	out.mailbox.domain = address.domain;
	out.domain = domain_to_ascii(ev->arena, address.domain);
	return out;
}

static int
choose(struct evaluation *ev, enum dkim_unsigned *why_not)
{
	struct dkim_signing_keys *keys = &ev->signing.keys;
	const struct author *author = only_author(ev);
	struct author delivered;
	int err;

	*why_not = DKIM_UNSIGNED_AUTHOR;
	if (author == NULL) {
		warn(ev, KIND_AUTHOR,
		    "is not signed: its From field does not name exactly one "
		    "author (told once)");
		return 0;
	}
	delivered = as_delivered(ev, author);
	err = dkim_keys_choose(ev->env->keys, ev->arena, &delivered, keys);
	if (err == 0)
		err = dkim_keys_choose_list(ev->env->keys, ev->arena,
		    list_id(ev), keys);
	*why_not = keys->n > 0 ? DKIM_SIGN_YES : DKIM_UNSIGNED_NO_KEY;
	if (err != 0 || keys->n == 0 ||
	    !dkim_keys_options(ev->env->keys)->require_published)
		return err;
	drop_unpublished(keys);
	if (keys->n > 0)
		return 0;
	*why_not = DKIM_UNSIGNED_HELD_BACK;
	warn(ev, KIND_HELD_BACK,
	    "is not signed: the DNS does not serve its keys yet (told once)");
	return 0;
}

/* Mail that another path brought here, though an internal host or one of our
 * users' programs delivers it: a content filter, a redirection by sendmail(1). */
static enum dkim_unsigned
has_been_here(const struct evaluation *ev, bool judged_before)
{
	const struct message *m = ev->message;
	const struct ip *client = &m->session->client;

	if (m->auth_type.n > 0)
		return DKIM_SIGN_YES;
	/* pickup and sendmail(1) are not how a filter hands mail back */
	if (!direction_is_local(m->session) &&
	    set_has_ip(ev->env->options->direction.reinject_hosts, client))
		return DKIM_UNSIGNED_RETURNED;
	return judged_before ? DKIM_UNSIGNED_JUDGED : DKIM_SIGN_YES;
}

int
dkim_sign_eoh(struct evaluation *ev, bool judged_before)
{
	struct dkim_sign_result *r = &ev->signing;
	struct dkim_sign_state *s;
	int err = 0;

	if (ev->env->keys == NULL || ev->direction != DIRECTION_ORIGINATING)
		return 0;
	r->considered = true;
	r->why_not = has_been_here(ev, judged_before);
	if (r->why_not == DKIM_UNSIGNED_JUDGED)
		warn(ev, KIND_JUDGED,
		    "is not signed: it came from here, but carries our own "
		    "Authentication-Results about its author, so it came from "
		    "outside before; a content filter should be named in "
		    "ReinjectHosts (told once)");
	if (r->why_not == DKIM_SIGN_YES)
		err = choose(ev, &r->why_not);
	if (err != 0 || r->why_not != DKIM_SIGN_YES)
		return err;
	s = arena_zalloc(ev->arena, sizeof(*s));
	if (s == NULL)
		return ERR_NOMEM;
	s->body = body_hash_want(ev->bodies,
	    body_canon(dkim_keys_options(ev->env->keys)), BODY_HASH_NO_LIMIT);
	if (s->body < 0)
		return s->body;
	ev->sign_state = s;
	return 0;
}

void
dkim_sign_body(struct evaluation *ev, struct slice chunk)
{
	if (ev->sign_state == NULL)
		return;
	body_hashes_add(ev->bodies, chunk);
	dkim_traps_body(&ev->sign_state->traps, chunk);
}

static bool
is_signed(const struct evaluation *ev, struct slice name)
{
	const struct dkim_sign_names *names = dkim_keys_names(ev->env->keys);

	for (size_t i = 0; i < names->n; i++)
		if (slice_ieq(names->at[i].name, name))
			return true;
	return false;
}

/* What the MTA will make of a field. One that takes too long to tell it of may
 * become anything. */
static int
written_of(struct evaluation *ev, const struct dkim_route *route,
    const struct header_field *f, struct dkim_written *out)
{
	struct dkim_sign_state *st = ev->sign_state;

	if (address_list_field(f->name) != ADDRESS_FIELD_NONE) {
		if (f->value.n > MOST_ADDRESS_OCTETS - st->address_octets) {
			limits_meet(&ev->limits, LIMIT_ADDRESS_OCTETS);
			*out = (struct dkim_written){ .changes = route->kind ==
				    MTA_SENDMAIL };
			return 0;
		}
		st->address_octets += f->value.n;
	}
	return dkim_addresses_written(route, f, out);
}

int
dkim_sign_normalize(struct evaluation *ev, const struct header_field *f,
    struct slice *value)
{
	struct dkim_written written = { .changes = false };
	int err = 0;

	if (ev->sign_state != NULL &&
	    dkim_keys_options(ev->env->keys)->normalize_addresses &&
	    is_signed(ev, f->name)) {
		struct dkim_route route = route_of(ev);

		err = written_of(ev, &route, f, &written);
	}
	*value = written.value;
	return err;
}

static void
warn_of_addresses(struct evaluation *ev, const struct header_field *f,
    const struct dkim_written *w)
{
	static const char *const ends[2][2] = {
		{ "that Sendmail may write otherwise when it delivers, which "
		  "would break its signature (told once)",
		    "in a way that Sendmail changes when it delivers, which "
		    "breaks its signature: NormalizeAddresses helps (told "
		    "once)" },
		{ "that the MTA may replace when it delivers, which would "
		  "break its signature (told once)",
		    "that the MTA replaces when it delivers, which breaks its "
		    "signature: NormalizeAddresses helps (told once)" }
	};

	warn(ev, w->rewrites ? KIND_REWRITTEN : KIND_ADDRESSES,
	    arena_printf(ev->arena, "has addresses in %.*s %s",
		SL_ARG(slice_sub(f->name, 0, 64)),
		ends[w->rewrites][w->value.p != NULL])
		.p);
}

/* The first field that is changed behind us, if any. */
static int
look_at_addresses(struct evaluation *ev, const struct header_list *h)
{
	struct dkim_route route = route_of(ev);
	int err = 0;

	if (route.kind == MTA_SENDMAIL &&
	    !mta_config_knows(route.mta, MTA_SENDMAIL) &&
	    dkim_keys_first_time(ev->env->keys, KIND_UNREAD, SL("")))
		log_text(LOG_LEVEL_WARN,
		    "whether Sendmail masquerades senders is not known, which "
		    "would break signatures: name its sendmail.cf in MTAConfig "
		    "(told once)");
	for (size_t i = 0; i < h->fields.n && err == 0; i++) {
		struct dkim_written written;

		if (!is_signed(ev, h->fields.at[i].name))
			continue;
		err = written_of(ev, &route, &h->fields.at[i], &written);
		if (err == 0 && written.changes) {
			warn_of_addresses(ev, &h->fields.at[i], &written);
			break;
		}
	}
	return err;
}

/* Signed all the same: most next hops take such mail as it is. */
static int
warn_of_traps(struct evaluation *ev, const struct header_list *h)
{
	struct dkim_traps *t = &ev->sign_state->traps;

	dkim_traps_end(t);
	dkim_traps_headers(t, h);
	if (t->eight_bit && mta_config_encodes(ev->env->mta, mta_kind(ev)))
		warn(ev, KIND_8BIT,
		    ev->message->body8bit ?
			"has 8-bit text, or says so: on the way to a host "
			"without 8BITMIME it is encoded, which breaks its "
			"signature (told once)" :
			"has 8-bit text, or says so, but came without "
			"BODY=8BITMIME: a host that encodes it breaks its "
			"signature (told once)");
	if (t->eight_bit_header && ev->message->body8bit &&
	    mta_kind(ev) == MTA_SENDMAIL &&
	    (header_list_get(h, SL("MIME-Version"), 0) == NULL ||
		header_list_get(h, SL("Content-Type"), 0) == NULL))
		warn(ev, KIND_8BIT_HEADER,
		    "has 8-bit text in its header, but MIME-Version or "
		    "Content-Type is missing: Sendmail adds them on the way to "
		    "a host without 8BITMIME, which breaks its signature (told "
		    "once)");
	if (t->long_line)
		warn(ev, KIND_LONG_LINE,
		    "has lines of more than 990 octets: a host that breaks "
		    "them breaks its signature (told once)");
	if (t->bare)
		warn(ev, KIND_BARE,
		    "has CR or LF that end no line: a host that mends them "
		    "breaks its signature (told once)");
	return look_at_addresses(ev, h);
}

static int
sign(struct evaluation *ev, struct dkim_sign_input *in,
    struct slice_vec *values)
{
	const struct dkim_signing_keys *keys = &ev->signing.keys;

	in->now = ev->message->epoch;
	in->body_hash = sig_base64(ev->arena,
	    slice_of((const char *)body_hash_get(ev->bodies,
			 ev->sign_state->body, NULL),
		BODY_HASH_BYTES));
	if (in->body_hash.p == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < keys->n; i++) {
		struct slice value;
		int err = dkim_sign_field(ev->arena, ev->env->keys, keys->at[i],
		    in, &value);

		if (err == 0)
			err = slice_vec_add(values, ev->arena, value);
		if (err != 0)
			return err;
	}
	return 0;
}

int
dkim_sign_end(struct evaluation *ev, const struct header_list *h,
    struct slice_vec *values)
{
	struct dkim_sign_input in = { 0 };
	int err;

	*values = (struct slice_vec){ 0 };
	if (ev->sign_state == NULL)
		return 0;
	err = dkim_sign_select(ev->arena, ev->env->keys, h, &in);
	if (err == ERR_LIMIT) {
		ev->signing.why_not = DKIM_UNSIGNED_FIELDS;
		ev->signing.keys.n = 0;
		warn(ev, KIND_FIELDS,
		    "is not signed: it repeats header fields too often (told "
		    "once)");
		return 0;
	}
	if (err == 0)
		err = body_hashes_end(ev->bodies);
	if (err == 0)
		err = sign(ev, &in, values);
	return err != 0 ? err : warn_of_traps(ev, h);
}
