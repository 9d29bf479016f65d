/* SPDX-License-Identifier: BSD-2-Clause
 *
 * client_names: see client_names.h.
 */
#include "check/client_names.h"

#include "base/limits.h"

struct names_chaser {
	struct dns_chaser head;
	enum dns_type addresses; /* of the client's family */
};

static void
ask_addresses(struct dns_asker *k, const struct dns_answer *names,
    enum dns_type type)
{
	dns_asker_behind(k, names);
	for (size_t i = 0; i < names->n && i < MOST_SPF_NAMES; i++)
		dns_asker_prefetch(k, names->rr[i].name, type);
}

static void
chase(struct dns_asker *k, const struct dns_answer *a,
    const struct dns_chase *c)
{
	const struct names_chaser *n = (const struct names_chaser *)c->ctx;

	ask_addresses(k, a, n->addresses);
}

static void
chaser_free(struct dns_chaser *c)
{
	free(c);
}

void
client_names_begin(struct dns_asker *k, const struct ip *client)
{
	enum dns_type type = client->family == 6 ? DNS_AAAA : DNS_A;
	struct dns_chase c = { .fn = chase };
	const struct dns_answer *names;
	struct names_chaser *n;
	char reverse[IP_REVERSE];
	struct slice name;

	if (client->family == 0)
		return;
	name = slice_c(ip_reverse(client, reverse));
	names = dns_asker_look(k, name, DNS_PTR);
	if (names == NULL) {
		n = malloc(sizeof(*n));
		if (n == NULL)
			return;
		dns_chaser_init(&n->head, k, chaser_free);
		n->addresses = type;
		c.ctx = &n->head;
		names = dns_asker_begin(k, name, DNS_PTR, &c);
		dns_chaser_put(&n->head);
	}
	if (names != NULL)
		ask_addresses(k, names, type);
	dns_answer_put(names);
}
