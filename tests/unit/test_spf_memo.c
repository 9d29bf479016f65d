/* SPDX-License-Identifier: BSD-2-Clause
 *
 * spf_memo: a word is found for its own question and for no other one.
 */
#include "check/spf_memo.h"

#include "lib/tap.h"

static struct spf_term
network(const char *text)
{
	struct spf_term t = { .kind = SPF_IP4, .bits4 = 32, .bits6 = 128 };
	struct ip_net net;

	if (!ip_net_parse(slice_c(text), &net))
		abort();
	t.ip = net.ip;
	t.kind = net.ip.family == 4 ? SPF_IP4 : SPF_IP6;
	if (t.kind == SPF_IP4)
		t.bits4 = net.bits;
	else
		t.bits6 = net.bits;
	return t;
}

static struct spf_memo_key
question(const char *client, const char *first, const char *second)
{
	struct spf_term terms[2] = { network(first), network(second) };
	struct spf_memo_key k;
	struct ip ip;

	if (!ip_parse(slice_c(client), &ip))
		abort();
	spf_memo_key(&k, &ip, terms, 2);
	return k;
}

static bool
known(const struct spf_memo_key *k, enum spf_lib_match want)
{
	enum spf_lib_match got = SPF_LIB_DNS_ERROR;

	return spf_memo_find(k, &got) && got == want;
}

static void
test_questions(void)
{
	static const char *const others[][3] = {
		{ "192.0.2.2", "192.0.2.0/24", "203.0.113.0/24" },
		{ "192.0.2.1", "192.0.2.0/25", "203.0.113.0/24" },
		{ "192.0.2.1", "192.0.2.0/24", "203.0.113.1/24" },
		{ "192.0.2.1", "203.0.113.0/24", "192.0.2.0/24" },
		{ "192.0.2.1", "192.0.2.0/24", "2001:db8::/32" },
		{ "2001:db8::1", "192.0.2.0/24", "203.0.113.0/24" },
	};
	struct spf_memo_key k =
	    question("192.0.2.1", "192.0.2.0/24", "203.0.113.0/24");
	enum spf_lib_match m;

	ok(!spf_memo_find(&k, &m), "nothing is known at first");
	spf_memo_keep(&k, SPF_LIB_YES);
	ok(known(&k, SPF_LIB_YES), "then what was said");
	spf_memo_keep(&k, SPF_LIB_NO);
	ok(known(&k, SPF_LIB_NO), "last");
	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		struct spf_memo_key o =
		    question(others[i][0], others[i][1], others[i][2]);

		ok(!spf_memo_find(&o, &m), "another question: %s in %s, %s",
		    others[i][0], others[i][1], others[i][2]);
	}
	k = question("192.0.2.1", "2001:db8::/32", "192.0.2.0/24");
	spf_memo_keep(&k, SPF_LIB_YES);
	k = question("192.0.2.1", "192.0.2.0/24", "2001:db8:77::/48");
	ok(known(&k, SPF_LIB_YES), "networks of the other family say nothing");
	spf_memo_forget();
	ok(!spf_memo_find(&k, &m), "all is forgotten");
}

/* More questions than there are places: each answer is right or unknown. */
static void
test_many(void)
{
	enum { MANY = 5000 };
	unsigned right = 0, wrong = 0;

	for (unsigned round = 0; round < 2; round++)
		for (unsigned i = 0; i < MANY; i++) {
			enum spf_lib_match want =
			    i % 3 == 0 ? SPF_LIB_YES : SPF_LIB_NO;
			enum spf_lib_match got;
			struct spf_memo_key k;
			char client[32];

			(void)snprintf(client, sizeof(client), "10.1.%u.%u",
			    i / 256, i % 256);
			k = question(client, "10.0.0.0/9", "10.1.0.0/16");
			if (round == 0) {
				spf_memo_keep(&k, want);
			} else if (spf_memo_find(&k, &got)) {
				right += got == want;
				wrong += got != want;
			}
		}
	ok(right > 0 && wrong == 0, "%u of %d kept, none mixed up", right,
	    MANY);
}

int
main(void)
{
	test_questions();
	test_many();
	return tap_done();
}
