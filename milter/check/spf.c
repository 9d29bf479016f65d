/* SPDX-License-Identifier: BSD-2-Clause
 *
 * spf: SPF's place in the walk of a message: lookups that begin early, the
 * two identities judged when somebody asks, findings at the end. The judgement
 * itself is check_host() in spf_eval.
 */
#include "check/spf.h"

#include "base/err.h"
#include "check/check.h"
#include "check/spf_eval.h"
#include "check/spf_prefetch.h"
#include "mail/domain.h"

/* With what client and HELO a result was made: both may change at end of
 * headers, when a relay's Received was read. */
struct spf_basis {
	struct ip client;
	struct slice helo;
};

struct spf_state {
	struct spf_basis mailfrom, helo;
};

static struct slice
helo_domain(struct arena *a, struct slice helo)
{
	struct slice d = domain_to_ascii(a, helo);

	return spf_is_domain(d) ? d : slice_of(NULL, 0);
}

void
spf_helo(const struct check_env *env, const struct session *s)
{
	struct slice d = s->helo;
	const struct spf_values v = { .local = SPF_POSTMASTER,
		.sender_domain = s->helo,
		.domain =
		    slice_sub(d, 0, slice_ends(d, SL(".")) ? d.n - 1 : d.n),
		.helo = s->helo,
		.client = s->client };

	/* U-labels wait for the message, which has memory to convert them. */
	if (spf_is_domain(v.domain) && domain_is_hostname(v.domain) &&
	    v.client.family != 0)
		spf_prefetch_early(env->resolver, &v,
		    env->options->spf.max_lookups);
}

static bool
is_judged(const struct evaluation *ev)
{
	return ev->judged && ev->judged_client.family != 0;
}

/* What is asked about one identity: the sender's mailbox, or postmaster at the
 * HELO name (RFC 7208 sections 2.3, 2.4). */
static struct spf_query
query_of(const struct evaluation *ev, const struct mailbox *from)
{
	struct slice domain = from != NULL ? from->domain : ev->judged_helo;

	return (struct spf_query){
		.client = ev->judged_client,
		.helo = ev->judged_helo,
		.local = from != NULL ? from->local : slice_of(NULL, 0),
		.sender_domain = domain,
		.domain = domain,
		.receiver = ev->message->session->hostname,
		.options = &ev->env->options->spf,
		.want_explanation = true,
		.client_name = ev->message->session->client_name,
	};
}

int
spf_mail(struct evaluation *ev)
{
	const struct mailbox *from = &ev->message->mail_from;
	struct spf_query q;
	int err = 0;

	if (!is_judged(ev))
		return 0;
	if (!address_is_null(from)) {
		q = query_of(ev, from);
		err = spf_begin_host(ev->arena, ev->dns, &q);
	}
	if (err == 0 && helo_domain(ev->arena, ev->judged_helo).n > 0) {
		q = query_of(ev, NULL);
		err = spf_begin_host(ev->arena, ev->dns, &q);
	}
	return err == 0 && arena_failed(ev->arena) ? ERR_NOMEM : err;
}

/* Only now it is known whom a relay received the message from. */
int
spf_eoh(struct evaluation *ev)
{
	return ev->direction == DIRECTION_RELAYED ? spf_mail(ev) : 0;
}

/* The state, made when first asked for. NULL when out of memory. */
static struct spf_state *
state(struct evaluation *ev)
{
	if (ev->spf_state == NULL)
		ev->spf_state = arena_zalloc(ev->arena, sizeof(*ev->spf_state));
	return ev->spf_state;
}

static bool
still_holds(const struct evaluation *ev, const struct spf_basis *b)
{
	return ip_eq(&b->client, &ev->judged_client) &&
	    slice_eq(b->helo, ev->judged_helo);
}

static int
none(struct spf_result *out, const char *reason)
{
	*out = (struct spf_result){ .done = true,
		.verdict = VERDICT_NONE,
		.reason = slice_c(reason) };
	return 0;
}

static int
judge(struct evaluation *ev, const struct mailbox *from, struct spf_result *out)
{
	struct spf_query q = query_of(ev, from);

	if (!ev->judged)
		return none(out, "not judged");
	return spf_check_host(ev->arena, ev->dns, &q, out);
}

int
spf_judge_mailfrom(struct evaluation *ev)
{
	const struct mailbox *from = &ev->message->mail_from;
	struct spf_basis *basis;
	bool null = address_is_null(from);
	int err;

	if (state(ev) == NULL)
		return ERR_NOMEM;
	basis = &ev->spf_state->mailfrom;
	if (ev->spf.done && still_holds(ev, basis))
		return 0;
	err = judge(ev, null ? NULL : from, &ev->spf);
	ev->spf.from_helo = null;
	*basis = (struct spf_basis){ ev->judged_client, ev->judged_helo };
	return err;
}

int
spf_judge_helo(struct evaluation *ev)
{
	struct spf_basis *basis;
	int err = 0;

	if (state(ev) == NULL)
		return ERR_NOMEM;
	basis = &ev->spf_state->helo;
	if (ev->spf_helo.done && still_holds(ev, basis))
		return 0;
	if (helo_domain(ev->arena, ev->judged_helo).n == 0)
		err = none(&ev->spf_helo, "HELO is not a domain name");
	else
		err = judge(ev, NULL, &ev->spf_helo);
	if (arena_failed(ev->arena))
		err = ERR_NOMEM;
	if (err == 0)
		ev->spf_helo.identity = ev->judged_helo;
	*basis = (struct spf_basis){ ev->judged_client, ev->judged_helo };
	return err;
}

/* A property for trace, log and tests; empty ones are left out. */
static int
trace(struct evaluation *ev, struct finding *f, const char *name,
    struct slice value)
{
	return value.n == 0 ? 0 :
			      finding_prop(&ev->findings, f, NULL, name, value);
}

static int
trace_number(struct evaluation *ev, struct finding *f, const char *name,
    unsigned n)
{
	return trace(ev, f, name, arena_printf(ev->arena, "%u", n));
}

static int
tell(struct evaluation *ev, const struct spf_result *r, const char *property)
{
	struct finding *f =
	    findings_add(&ev->findings, METHOD_SPF, r->verdict, r->reason);
	char ip[IP_TEXT];
	struct slice client;
	int err;

	if (f == NULL)
		return ERR_NOMEM;
	client =
	    arena_copy(ev->arena, slice_c(ip_print(&ev->judged_client, ip)));
	err = finding_prop(&ev->findings, f, "smtp", property, r->identity);
	if (err == 0)
		err = trace(ev, f, "mechanism", r->mechanism);
	if (err == 0)
		err = trace(ev, f, "record", r->record);
	if (err == 0)
		err = trace(ev, f, "domain", r->domain);
	if (err == 0)
		err = trace_number(ev, f, "lookups", r->lookups);
	if (err == 0)
		err = trace_number(ev, f, "voids", r->voids);
	if (err == 0)
		err = trace(ev, f, "client", client);
	if (err == 0)
		err = trace(ev, f, "explanation", r->explanation);
	return err == 0 && arena_failed(ev->arena) ? ERR_NOMEM : err;
}

int
spf_end(struct evaluation *ev)
{
	struct finding *last;
	int err;

	if (!ev->judged)
		return 0;
	err = spf_judge_helo(ev);
	if (err == 0)
		err = spf_judge_mailfrom(ev);
	if (err == 0 && helo_domain(ev->arena, ev->judged_helo).n > 0) {
		err = tell(ev, &ev->spf_helo, "helo");
		/* Few hosts publish a record for their own name. */
		last = ev->findings.all.n > 0 ?
		    ev->findings.all.at[ev->findings.all.n - 1] :
		    NULL;
		if (err == 0 && last != NULL)
			last->hidden = ev->spf_helo.verdict == VERDICT_NONE;
	}
	return err == 0 ? tell(ev, &ev->spf, "mailfrom") : err;
}
