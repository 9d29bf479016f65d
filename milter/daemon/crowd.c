/* SPDX-License-Identifier: BSD-2-Clause
 *
 * crowd: a table of the clients that have a session, under one lock. Strangers
 * choose their addresses, so the table is hashed with a seed.
 */
#include "daemon/crowd.h"

#include <pthread.h>

#include "base/slice.h"

#define CHAINS ((size_t)4096)

struct member {
	struct member *next;
	struct ip client;
	size_t sessions;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct member *chains[CHAINS];

/* The place that points to this client's member, or to the end of its chain.
 * Under the lock. */
static struct member **
find(const struct ip *client)
{
	struct slice octets = slice_of((const char *)client->b, 16);
	struct member **at =
	    &chains[slice_ihash(octets, (uint64_t)(uintptr_t)&lock) % CHAINS];

	while (*at != NULL && !ip_eq(&(*at)->client, client))
		at = &(*at)->next;
	return at;
}

bool
crowd_enter(const struct ip *client, size_t most)
{
	struct member **at;
	bool entered = false;

	(void)pthread_mutex_lock(&lock);
	at = find(client);
	if (*at == NULL) {
		*at = calloc(1, sizeof(**at));
		if (*at != NULL)
			(*at)->client = *client;
	}
	if (*at != NULL && (*at)->sessions < most) {
		(*at)->sessions++;
		entered = true;
	}
	(void)pthread_mutex_unlock(&lock);
	return entered;
}

void
crowd_leave(const struct ip *client)
{
	struct member **at, *gone = NULL;

	(void)pthread_mutex_lock(&lock);
	at = find(client);
	if (*at != NULL && --(*at)->sessions == 0) {
		gone = *at;
		*at = gone->next;
	}
	(void)pthread_mutex_unlock(&lock);
	free(gone);
}

size_t
crowd_count(const struct ip *client)
{
	struct member *const *at;
	size_t n;

	(void)pthread_mutex_lock(&lock);
	at = find(client);
	n = *at != NULL ? (*at)->sessions : 0;
	(void)pthread_mutex_unlock(&lock);
	return n;
}
