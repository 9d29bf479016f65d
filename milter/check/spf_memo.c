/* SPDX-License-Identifier: BSD-2-Clause
 *
 * spf_memo: see spf_memo.h. Questions are compared octet by octet; who makes
 * many of one place turns out one word at a time and no more. Under one lock,
 * held for some hundred instructions; a question costs the library thousands.
 */
#include "check/spf_memo.h"

#include <pthread.h>

#define PLACES ((size_t)256)
#define MULTIPLIER 0x9e3779b97f4a7c15ULL /* 2^64 / golden ratio */

struct place {
	struct spf_memo_key key; /* n == 0: free */
	enum spf_lib_match match;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct place places[PLACES];

static void
add(struct spf_memo_key *k, unsigned number, const struct ip *ip)
{
	size_t n = ip->family == 4 ? 4 : 16;

	k->octets[k->n++] = (uint8_t)number;
	memcpy(k->octets + k->n, ip->b, n);
	k->n += n;
}

void
spf_memo_key(struct spf_memo_key *k, const struct ip *client,
    const struct spf_term *terms, size_t n)
{
	k->n = 0;
	add(k, client->family, client);
	for (size_t i = 0; i < n && i < SPF_LIB_RUN; i++)
		if (terms[i].ip.family == client->family)
			add(k,
			    terms[i].kind == SPF_IP4 ? terms[i].bits4 :
						       terms[i].bits6,
			    &terms[i].ip);
}

static struct place *
place_of(const struct spf_memo_key *k)
{
	uint64_t h = k->n, word;
	size_t i = 0;

	for (; i + sizeof(word) <= k->n; i += sizeof(word)) {
		memcpy(&word, k->octets + i, sizeof(word));
		h = (h ^ word) * MULTIPLIER;
		h ^= h >> 32;
	}
	for (; i < k->n; i++)
		h = (h ^ k->octets[i]) * MULTIPLIER;
	return &places[(h >> 40) % PLACES];
}

bool
spf_memo_find(const struct spf_memo_key *k, enum spf_lib_match *out)
{
	struct place *p = place_of(k);
	bool found;

	(void)pthread_mutex_lock(&lock);
	found = p->key.n == k->n && memcmp(p->key.octets, k->octets, k->n) == 0;
	if (found)
		*out = p->match;
	(void)pthread_mutex_unlock(&lock);
	return found;
}

void
spf_memo_keep(const struct spf_memo_key *k, enum spf_lib_match match)
{
	struct place *p = place_of(k);

	(void)pthread_mutex_lock(&lock);
	p->key.n = k->n;
	memcpy(p->key.octets, k->octets, k->n);
	p->match = match;
	(void)pthread_mutex_unlock(&lock);
}

void
spf_memo_forget(void)
{
	(void)pthread_mutex_lock(&lock);
	for (size_t i = 0; i < PLACES; i++)
		places[i].key.n = 0;
	(void)pthread_mutex_unlock(&lock);
}
