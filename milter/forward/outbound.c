/* SPDX-License-Identifier: BSD-2-Clause
 *
 * outbound: see outbound.h.
 */
#include "forward/outbound.h"

#include "base/err.h"
#include "base/vec.h"
#include "mail/sets.h"

VEC_DEFINE(ip_vec, struct ip);

struct outbound {
	struct ip_vec all;
	struct spf_options spf;
	struct slice hostname;
};

static int
load_addresses(struct arena *a, const struct set *addresses, struct problems *p,
    struct ip_vec *out)
{
	struct slice key;
	struct place at;

	for (size_t i = 0; set_entry(addresses, i, &key, NULL, &at); i++) {
		struct ip *slot = ip_vec_push(out, a);

		if (slot == NULL)
			return ERR_NOMEM;
		if (ip_parse(key, slot))
			continue;
		problems_error(p, at,
		    "OutboundAddresses: '%.*s' is not an IP address",
		    SL_ARG(slice_sub(key, 0, 200)));
		return ERR_CONFIG;
	}
	return 0;
}

struct outbound *
outbound_load(struct arena *a, const struct set *addresses,
    const struct spf_options *spf, struct slice hostname, struct problems *p)
{
	struct outbound *o = arena_zalloc(a, sizeof(*o));
	int err = ERR_NOMEM;

	if (o != NULL) {
		o->spf = *spf;
		o->hostname = hostname;
		err = load_addresses(a, addresses, p, &o->all);
	}
	if (err == ERR_NOMEM)
		problems_error(p, (struct place){ "configuration", 0 }, "%s",
		    err_text(err));
	return err == 0 ? o : NULL;
}

static struct spf_query
query_of(const struct outbound *o, const struct mailbox *sender)
{
	return (struct spf_query){ .helo = o->hostname,
		.local = sender->local,
		.sender_domain = sender->domain,
		.domain = sender->domain,
		.receiver = o->hostname,
		.options = &o->spf };
}

int
outbound_begin(const struct outbound *o, struct arena *a,
    const struct mailbox *sender, struct dns_message *dns)
{
	struct spf_query q = query_of(o, sender);
	int err = 0;

	for (size_t i = 0; i < o->all.n && err == 0; i++) {
		q.client = o->all.at[i];
		err = spf_begin_host(a, dns, &q);
	}
	return err;
}

int
outbound_spf(const struct outbound *o, struct arena *a,
    const struct mailbox *sender, struct dns_message *dns,
    enum outbound_spf *out)
{
	struct spf_query q = query_of(o, sender);

	*out = o->all.n > 0 ? OUTBOUND_PASSES : OUTBOUND_UNSURE;
	for (size_t i = 0; i < o->all.n; i++) {
		struct spf_result r;
		int err;

		q.client = o->all.at[i];
		err = spf_check_host(a, dns, &q, &r);
		if (err != 0)
			return err;
		if (r.verdict == VERDICT_FAIL) {
			*out = OUTBOUND_FAILS;
			return 0;
		}
		if (r.verdict != VERDICT_PASS)
			*out = OUTBOUND_UNSURE;
	}
	return 0;
}
