/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dns_store: see dns_store.h. Slots never move; chains are indices, so half
 * the size of pointers.
 */
#include "dns/dns_store.h"

#include "base/err.h"
#include "dns/dns_answer.h"

struct dns_slot {
	const struct dns_answer *answer; /* NULL: free */
	uint64_t hash;
	int64_t until;
	uint32_t bytes;
	uint32_t next; /* index + 1 */
	bool used;     /* since the hand came by */
};

int
dns_store_init(struct dns_store *s, size_t entries, size_t max_bytes)
{
	*s = (struct dns_store){ .max_bytes = max_bytes };
	if (entries == 0)
		return 0;
	if (entries >= UINT32_MAX / 2)
		return ERR_NOMEM;
	s->n_slots = entries;
	s->n_buckets = 1;
	while (s->n_buckets < entries)
		s->n_buckets *= 2;
	s->slots = calloc(s->n_slots, sizeof(*s->slots));
	s->buckets = calloc(s->n_buckets, sizeof(*s->buckets));
	if (s->slots == NULL || s->buckets == NULL) {
		dns_store_fini(s);
		return ERR_NOMEM;
	}
	return 0;
}

void
dns_store_fini(struct dns_store *s)
{
	if (s->slots != NULL)
		for (size_t i = 0; i < s->n_slots; i++)
			dns_answer_put(s->slots[i].answer);
	free(s->slots);
	free(s->buckets);
	*s = (struct dns_store){ 0 };
}

static uint32_t *
bucket_of(struct dns_store *s, uint64_t hash)
{
	return &s->buckets[hash & (s->n_buckets - 1)];
}

static bool
same_question(const struct dns_answer *a, enum dns_type type, struct slice name)
{
	return a->type == type && slice_eq(a->name, name);
}

static struct dns_slot *
find_slot(struct dns_store *s, enum dns_type type, struct slice name,
    uint64_t hash)
{
	if (s->n_slots == 0)
		return NULL;
	for (uint32_t i = *bucket_of(s, hash); i != 0;) {
		struct dns_slot *slot = &s->slots[i - 1];

		if (slot->hash == hash &&
		    same_question(slot->answer, type, name))
			return slot;
		i = slot->next;
	}
	return NULL;
}

static void
evict(struct dns_store *s, struct dns_slot *slot)
{
	uint32_t self = (uint32_t)(slot - s->slots) + 1;
	uint32_t *at = bucket_of(s, slot->hash);

	while (*at != self)
		at = &s->slots[*at - 1].next;
	*at = slot->next;
	s->bytes -= slot->bytes;
	s->count--;
	dns_answer_put(slot->answer);
	memset(slot, 0, sizeof(*slot));
}

/* Moves the hand to a slot that is free, or that it frees. Two rounds at most:
 * the first one takes every second chance away. */
static struct dns_slot *
next_free(struct dns_store *s, int64_t now)
{
	for (;;) {
		struct dns_slot *slot = &s->slots[s->hand];

		s->hand = s->hand + 1 < s->n_slots ? s->hand + 1 : 0;
		if (slot->answer == NULL)
			return slot;
		if (slot->until <= now || !slot->used) {
			evict(s, slot);
			return slot;
		}
		slot->used = false;
	}
}

const struct dns_answer *
dns_store_find(struct dns_store *s, const struct dns_key *k, uint64_t hash,
    int64_t now)
{
	struct dns_slot *slot = find_slot(s, k->type, dns_key_name(k), hash);

	if (slot == NULL)
		return NULL;
	if (slot->until <= now) {
		evict(s, slot);
		return NULL;
	}
	slot->used = true;
	return slot->answer;
}

void
dns_store_put(struct dns_store *s, const struct dns_answer *a, uint64_t hash,
    int64_t until, int64_t now)
{
	struct dns_slot *slot = find_slot(s, a->type, a->name, hash);
	size_t bytes = dns_answer_size(a);

	if (slot != NULL)
		evict(s, slot);
	if (s->n_slots == 0 || bytes > s->max_bytes || bytes > UINT32_MAX ||
	    until <= now)
		return;
	do {
		slot = next_free(s, now);
	} while (s->bytes + bytes > s->max_bytes);
	dns_answer_get(a);
	slot->answer = a;
	slot->hash = hash;
	slot->until = until;
	slot->bytes = (uint32_t)bytes;
	slot->next = *bucket_of(s, hash);
	*bucket_of(s, hash) = (uint32_t)(slot - s->slots) + 1;
	s->bytes += bytes;
	s->count++;
}
