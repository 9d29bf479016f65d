/* SPDX-License-Identifier: BSD-2-Clause
 *
 * iprev: PTR names of the client, each looked up forward again; the first
 * whose addresses hold the client's confirms it. At most ten names are tried,
 * as many as RFC 7208 section 4.6.4 allows for the same purpose.
 */
#include "check/iprev.h"

#include "base/err.h"
#include "base/limits.h"
#include "check/check.h"
#include "check/client_names.h"

void
iprev_connect(const struct check_env *env, const struct session *s)
{
	struct dns_asker k;

	if (!env->options->iprev.enabled)
		return;
	dns_asker_of_nobody(&k, env->resolver);
	client_names_begin(&k, &s->client);
}

/* Again for the message, so that it is there until its end. */
int
iprev_mail(struct evaluation *ev)
{
	struct dns_asker k;

	if (!ev->env->options->iprev.enabled || !ev->judged)
		return 0;
	dns_asker_of_message(&k, ev->dns);
	client_names_begin(&k, &ev->judged_client);
	return 0;
}

/* Only now it is known what address a relay received the message from. */
int
iprev_eoh(struct evaluation *ev)
{
	return ev->direction == DIRECTION_RELAYED ? iprev_mail(ev) : 0;
}

static bool
answer_has(const struct dns_answer *a, const struct ip *ip)
{
	for (size_t i = 0; i < a->n; i++)
		if (ip_eq(&a->rr[i].ip, ip))
			return true;
	return false;
}

/* Forward look-up of every name; VERDICT_PASS, _FAIL or _TEMPERROR. */
static int
confirm(struct evaluation *ev, const struct ip *ip,
    const struct dns_answer *names)
{
	enum dns_type type = ip->family == 6 ? DNS_AAAA : DNS_A;
	size_t n = names->n < MOST_SPF_NAMES ? names->n : MOST_SPF_NAMES;

	ev->iprev.verdict = VERDICT_FAIL;
	for (size_t i = 0; i < n; i++)
		dns_message_prefetch(ev->dns, names->rr[i].name, type);
	for (size_t i = 0; i < n; i++) {
		const struct dns_answer *a;
		int err = dns_message_get(ev->dns, names->rr[i].name, type, &a);

		if (err != 0)
			return err;
		if (answer_has(a, ip)) {
			ev->iprev.verdict = VERDICT_PASS;
			ev->iprev.name = names->rr[i].name;
			return 0;
		}
		if (a->status == DNS_TEMPFAIL || a->status == DNS_BOGUS)
			ev->iprev.verdict = VERDICT_TEMPERROR;
	}
	return 0;
}

int
iprev_judge(struct evaluation *ev)
{
	const struct ip *ip = &ev->judged_client;
	char name[IP_REVERSE];
	const struct dns_answer *a;
	int err;

	if (ev->iprev.done)
		return 0;
	if (!ev->judged || ip->family == 0) {
		ev->iprev.done = true;
		return 0;
	}
	err = dns_message_get(ev->dns, slice_c(ip_reverse(ip, name)), DNS_PTR,
	    &a);
	if (err != 0)
		return err;
	if (a->status == DNS_TEMPFAIL || a->status == DNS_BOGUS)
		ev->iprev.verdict = VERDICT_TEMPERROR;
	else if (a->status != DNS_OK)
		ev->iprev.verdict = VERDICT_PERMERROR; /* RFC 8601 2.7.3 */
	else
		err = confirm(ev, ip, a);
	if (err == 0)
		ev->iprev.done = true;
	return err;
}

int
iprev_end(struct evaluation *ev)
{
	struct finding *f;
	struct slice ip;
	char text[IP_TEXT];
	int err;

	if (!ev->env->options->iprev.enabled)
		return 0;
	err = iprev_judge(ev);
	if (err != 0 || ev->iprev.verdict == VERDICT_NONE)
		return err;
	ip = arena_copy(ev->arena, slice_c(ip_print(&ev->judged_client, text)));
	f = findings_add(&ev->findings, METHOD_IPREV, ev->iprev.verdict,
	    slice_of(NULL, 0));
	if (f == NULL || ip.p == NULL ||
	    finding_prop(&ev->findings, f, "policy", "iprev", ip) != 0 ||
	    finding_prop(&ev->findings, f, NULL, "name", ev->iprev.name) != 0)
		return ERR_NOMEM;
	return 0;
}
