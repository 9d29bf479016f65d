/* SPDX-License-Identifier: BSD-2-Clause
 *
 * labels: the header fields that tell what was found: forged results that
 * claim our authserv-id go out (RFC 8601 section 5), our own
 * Authentication-Results and, if asked for, Received-SPF (RFC 7208 section
 * 9.1) go in on top. Everything a stranger wrote is quoted or replaced here.
 */
#include "base/err.h"
#include "check/arc_seal.h"
#include "engine/engine_private.h"
#include "mail/authres.h"
#include "mail/domain.h"
#include "mail/fold.h"
#include "mail/sets.h"

#define LABEL_MAX ((size_t)32768)
#define FIELD_AR "Authentication-Results"
#define FIELD_RSPF "Received-SPF"
#define WIDTH ((size_t)78)

static struct slice
authserv_id(const struct engine *e, const struct evaluation *ev)
{
	return e->options.authserv_id.n > 0 ? e->options.authserv_id :
					      ev->message->session->hostname;
}

static bool
claims_trusted(const struct engine *e, const struct evaluation *ev,
    struct slice value)
{
	const struct set *trusted = e->options.trusted_ids;
	struct slice id, unused;

	for (size_t i = 0; set_entry(trusted, i, &id, &unused, NULL); i++)
		if (authres_claim(ev->arena, value, id) == AUTHRES_CLAIMS)
			return true;
	return false;
}

/* Whether a stranger's field claims to be ours or a relay's. */
static bool
must_go(const struct engine *e, const struct evaluation *ev, struct slice value)
{
	return authres_claim(ev->arena, value, authserv_id(e, ev)) !=
	    AUTHRES_OTHER ||
	    claims_trusted(e, ev, value);
}

/* The same for what a relay brings: it may know nothing of such fields and
 * pass on what it got, so that our own name counts only if it is listed. */
static bool
must_go_relayed(const struct engine *e, const struct evaluation *ev,
    struct slice value)
{
	bool ours = authres_claim(ev->arena, value, authserv_id(e, ev)) ==
	    AUTHRES_CLAIMS;

	/* Without memory nobody knows. */
	return (ours && !claims_trusted(e, ev, value)) ||
	    arena_failed(ev->arena);
}

static bool
is_ours(const struct engine *e, const struct evaluation *ev,
    const struct header_field *f)
{
	return slice_ieq(f->name, SL(FIELD_AR)) &&
	    authres_claim(ev->arena, f->value, authserv_id(e, ev)) ==
	    AUTHRES_CLAIMS;
}

struct slice
labels_returned(const struct engine *e, const struct evaluation *ev)
{
	const struct set *hosts = ev->env->options->direction.reinject_hosts;
	const struct header_list *h = &ev->message->headers;

	if (!set_has_ip(hosts, &ev->message->session->client))
		return SL("");
	for (size_t i = 0; i < h->fields.n; i++)
		if (is_ours(e, ev, &h->fields.at[i]))
			return h->fields.at[i].value;
	return SL("");
}

static bool
is_author(const struct evaluation *ev, struct slice domain)
{
	const struct author_vec *authors = &ev->from.authors;

	for (size_t i = 0; i < authors->n; i++)
		if (domain_eq(authors->at[i].domain, domain))
			return true;
	return false;
}

/* Whether results speak of an author that the message still has, or do not
 * say of whom they speak. */
static bool
are_of_author(const struct evaluation *ev, struct slice value)
{
	struct authres r;
	bool others = false;

	if (authres_parse(ev->arena, value, &r) != 0)
		return true;
	for (size_t i = 0; i < r.items.n; i++) {
		const struct authres_prop_vec *props = &r.items.at[i].props;

		if (!slice_eq(r.items.at[i].method, SL("dmarc")))
			continue;
		for (size_t k = 0; k < props->n; k++) {
			if (!slice_eq(props->at[k].property, SL("from")))
				continue;
			if (is_author(ev, props->at[k].value))
				return true;
			others = true;
		}
	}
	return !others;
}

bool
labels_judged_author(const struct engine *e, const struct evaluation *ev)
{
	const struct header_list *h = &ev->message->headers;

	for (size_t i = 0; i < h->fields.n; i++)
		if (is_ours(e, ev, &h->fields.at[i]) &&
		    are_of_author(ev, h->fields.at[i].value))
			return true;
	return false;
}

/* Whether a Received-SPF field names us as its receiver, or so that a careless
 * reader might think: our name without white space, quotes and escapes. */
static bool
names_us(const struct engine *e, const struct evaluation *ev,
    struct slice value)
{
	struct slice name = ev->message->session->hostname;
	char *p = arena_alloc(ev->arena, value.n + 1);
	size_t n = 0;

	(void)e;
	for (size_t i = 0; p != NULL && i < value.n; i++)
		if (slice_chr(SL(" \t\r\n\"\\"), value.p[i]) == SLICE_NONE)
			p[n++] = slice_lower(value.p[i]);
	return p == NULL || slice_search(slice_of(p, n), name) != SLICE_NONE;
}

typedef bool must_go_fn(const struct engine *e, const struct evaluation *ev,
    struct slice value);

/* More than any accident explains: nobody's genuine message. */
static int
too_many(struct evaluation *ev, enum limit limit)
{
	limits_meet(&ev->limits, limit);
	return ERR_LIMIT;
}

/* Deletions from the highest index down: Postfix renumbers after each. Every
 * deletion makes the MTA walk its header section again, so a message with more
 * forged fields than any accident explains is over a limit. */
static int
remove_fields(const struct engine *e, struct evaluation *ev, struct slice name,
    size_t unseen, must_go_fn *goes, struct plan *plan)
{
	const struct header_list *h = &ev->message->headers;
	size_t n = header_list_count(h, name) + unseen;

	if (n - unseen > MOST_RESULTS)
		return too_many(ev, LIMIT_RESULTS);
	for (size_t i = h->fields.n + unseen; i > 0 && n > 0; i--) {
		const struct header_field *f =
		    i > h->fields.n ? NULL : &h->fields.at[i - 1];

		if (f != NULL && !slice_ieq(f->name, name))
			continue;
		if (f == NULL || goes(e, ev, f->value)) {
			if (plan->edits.n == MOST_FORGED_RESULTS)
				return too_many(ev, LIMIT_FORGED_RESULTS);
			if (plan_delete_header(plan, name, (unsigned)n) != 0)
				return ERR_NOMEM;
		}
		n--;
	}
	return 0;
}

int
labels_remove_forged(const struct engine *e, struct evaluation *ev,
    size_t unseen, struct plan *plan)
{
	const struct direction_options *o = &ev->env->options->direction;
	bool relayed = ev->direction == DIRECTION_RELAYED;
	int err;

	/* Without verification such a field is that of the filter that does it;
	 * what our own content filter brings back is ours. */
	if (!o->verify ||
	    set_has_ip(o->reinject_hosts, &ev->message->session->client))
		return 0;
	err = remove_fields(e, ev, SL(FIELD_AR), unseen,
	    relayed ? must_go_relayed : must_go, plan);
	if (err == 0 && !relayed && e->options.add_received_spf)
		err = remove_fields(e, ev, SL(FIELD_RSPF), 0, names_us, plan);
	return err;
}

bool
labels_is_ours(struct slice field_name)
{
	return slice_ieq(slice_rtrim(field_name), SL(FIELD_AR));
}

/* The field must stay one that MTAs carry, and have room for what is not DKIM. */
static bool
is_long(struct evaluation *ev, const struct buf *field)
{
	if (field->n <= MOST_RESULTS_OCTETS)
		return false;
	limits_meet(&ev->limits, LIMIT_RESULTS_OCTETS);
	return true;
}

/* All results as the value of a field. */
static int
write_results(const struct engine *e, struct evaluation *ev,
    const struct plan *plan, struct slice *value)
{
	const struct finding_vec *all = &ev->findings.all;
	struct authres_writer w;
	struct buf b;

	buf_init(&b, ev->arena, LABEL_MAX);
	authres_begin(&w, &b, authserv_id(e, ev));
	for (size_t i = 0; i < all->n; i++) {
		const struct finding *f = all->at[i];

		if (f->hidden || (f->method == METHOD_DKIM && is_long(ev, &b)))
			continue;
		authres_result(&w, method_word(f->method),
		    verdict_word(f->verdict), f->reason);
		for (size_t k = 0; k < f->props.n; k++)
			if (f->props.at[k].ptype != NULL &&
			    f->props.at[k].value.n > 0)
				authres_prop(&w, f->props.at[k].ptype,
				    f->props.at[k].name, f->props.at[k].value,
				    ev->message->smtputf8);
	}
	authres_end(&w);
	if (plan->quarantine || plan->hold)
		authres_comment(&w,
		    arena_printf(ev->arena, "%s by rule %.*s",
			plan->hold ? "held" : "quarantined",
			SL_ARG(plan->rule)));
	*value = buf_slice(&b);
	return buf_ok(&b) ? 0 : ERR_NOMEM;
}

static int
add_results(const struct engine *e, struct evaluation *ev, struct plan *plan)
{
	struct slice value;
	int err = write_results(e, ev, plan, &value);

	return err == 0 ? plan_insert_header(plan, 0, SL(FIELD_AR), value) :
			  err;
}

/* An ARC set on top of everything. */
static int
add_seal(const struct engine *e, struct evaluation *ev, struct plan *plan)
{
	struct slice results = SL(""), fields[ARC_KINDS];
	int err = 0;

	if (!plan->seal && ev->env->options->arc.mode != ARC_SEAL_ALL)
		return 0;
	if (arc_seal_instance(ev) == 0)
		return 0;
	if (ev->arc.returned.n > 0)
		results = ev->arc.returned;
	else
		err = write_results(e, ev, plan, &results);
	if (err == 0)
		err = arc_seal(ev, results, fields);
	for (unsigned k = ARC_KINDS; k > 0 && err == 0; k--)
		err = plan_insert_header(plan, 0,
		    slice_c(arc_kind_name((enum arc_kind)(k - 1))),
		    fields[k - 1]);
	return err;
}

/* key=value; with the value as dot-atom or quoted-string (RFC 7208 9.1). */
static void
add_pair(struct fold *f, struct arena *a, const char *key, struct slice value,
    bool last)
{
	struct buf b;

	if (value.n == 0)
		return;
	buf_init(&b, a, LABEL_MAX);
	buf_printf(&b, "%s=\"", key);
	for (size_t i = 0; i < value.n && i < 512; i++) {
		char c = value.p[i];

		if (c == '"' || c == '\\')
			buf_addc(&b, '\\');
		buf_addc(&b, c >= 0x20 && c < 0x7f ? c : '?');
	}
	buf_adds(&b, last ? "\"" : "\";");
	fold_word(f, buf_ok(&b) ? buf_slice(&b) : SL(""));
}

static int
add_received_spf(const struct evaluation *ev, struct plan *plan)
{
	const struct spf_result *r = &ev->spf;
	const struct session *s = ev->message->session;
	char ip[IP_TEXT];
	struct fold f;
	struct buf b;

	if (!r->done || ev->judged_client.family == 0)
		return 0;
	buf_init(&b, ev->arena, LABEL_MAX);
	fold_init(&f, &b, sizeof(FIELD_RSPF), WIDTH);
	fold_word(&f, slice_c(verdict_word(r->verdict)));
	add_pair(&f, ev->arena, "receiver", s->hostname, false);
	add_pair(&f, ev->arena, "client-ip",
	    slice_c(ip_print(&ev->judged_client, ip)), false);
	add_pair(&f, ev->arena, "envelope-from", r->identity, false);
	add_pair(&f, ev->arena, "helo", ev->judged_helo, false);
	add_pair(&f, ev->arena, "mechanism", r->mechanism, false);
	if (r->verdict == VERDICT_TEMPERROR || r->verdict == VERDICT_PERMERROR)
		add_pair(&f, ev->arena, "problem", r->reason, false);
	add_pair(&f, ev->arena, "identity", SL("mailfrom"), true);
	if (!buf_ok(&b))
		return ERR_NOMEM;
	return plan_insert_header(plan, 0, SL(FIELD_RSPF), buf_slice(&b));
}

int
labels_apply(const struct engine *e, struct evaluation *ev, struct plan *plan)
{
	struct edit_vec rules = plan->edits;
	bool label = ev->judged && labels_returned(e, ev).n == 0;
	int err;

	plan->edits = (struct edit_vec){ 0 };
	err = labels_remove_forged(e, ev, 0, plan);
	/* The first of those that go to the top stays there. */
	if (err == 0 && (label || ev->arc.returned.n > 0))
		err = add_seal(e, ev, plan);
	if (err == 0 && label && e->options.add_auth_results)
		err = add_results(e, ev, plan);
	if (err == 0 && label && e->options.add_received_spf)
		err = add_received_spf(ev, plan);
	for (size_t i = 0; i < rules.n && err == 0; i++) {
		struct edit *slot = edit_vec_push(&plan->edits, plan->arena);

		if (slot == NULL)
			err = ERR_NOMEM;
		else
			*slot = rules.at[i];
	}
	return err;
}
