/* SPDX-License-Identifier: BSD-2-Clause
 *
 * test_spf_lib: the door to libspf2 by itself: what it judges, what it is
 * asked and what it is told.
 */
#include "check/spf_lib.h"

#include "lib/tap.h"
#include "mail/domain.h"

/* A small DNS: records of one answer, for every question of their type. */
struct world {
	struct spf_lib_reply addresses, exchangers, names;
	unsigned asked;
	struct slice last; /* name of the last question, in `room` */
	char room[DOMAIN_MAX + 1];
};

static struct spf_lib_reply
answer(void *ctx, enum dns_type type, struct slice name)
{
	struct world *w = ctx;

	w->asked++;
	w->last = slice_sub(name, 0, sizeof(w->room));
	memcpy(w->room, name.p, w->last.n);
	w->last.p = w->room;
	if (type == DNS_MX)
		return w->exchangers;
	return type == DNS_PTR ? w->names : w->addresses;
}

static struct ip
ip(const char *text)
{
	struct ip out;

	if (!ip_parse(slice_c(text), &out))
		abort();
	return out;
}

static struct spf_lib *
library(const char *client, struct world *w)
{
	struct ip c = ip(client);
	struct spf_lib *l = spf_lib_new(&c, answer, w);

	if (l == NULL)
		abort();
	return l;
}

static enum spf_lib_match
networks(const char *client, const struct spf_term *terms, size_t n)
{
	struct world w = { 0 };
	struct spf_lib *l = library(client, &w);
	enum spf_lib_match match = SPF_LIB_DNS_ERROR;

	is_int(spf_lib_networks(l, terms, n, &match), 0, "%zu networks for %s",
	    n, client);
	is_int(w.asked, 0, "and nothing is asked");
	spf_lib_free(l);
	return match;
}

static void
test_networks(void)
{
	struct spf_term t[SPF_LIB_RUN];

	for (unsigned i = 0; i < SPF_LIB_RUN; i++) {
		t[i] = (struct spf_term){ .kind = i % 2 ? SPF_IP6 : SPF_IP4,
			.bits4 = 32,
			.bits6 = 128,
			.ip = ip(i % 2 ? "2001:db8:1234:5678:9abc:def0:1234:0" :
					 "192.0.2.0") };
		t[i].ip.b[i % 2 ? 15 : 3] = (uint8_t)i;
	}
	ok(networks("192.0.2.18", t, SPF_LIB_RUN) == SPF_LIB_YES,
	    "the last of twenty matches");
	ok(networks("192.0.2.19", t, SPF_LIB_RUN) == SPF_LIB_NO,
	    "the other family does not");
	ok(networks("2001:db8:1234:5678:9abc:def0:1234:13", t, SPF_LIB_RUN) ==
		SPF_LIB_YES,
	    "an IPv6 address in full");
	t[0].bits4 = 24;
	ok(networks("192.0.2.19", t, 1) == SPF_LIB_YES, "a prefix");
	t[0].bits4 = 0;
	ok(networks("192.0.2.0", t, 1) == SPF_LIB_NO, "/0 is left to others");
	t[0].bits4 = 32;
	t[0].ip = ip("127.0.0.1");
	ok(networks("127.0.0.2", t, 1) == SPF_LIB_NO,
	    "loopback is nothing special");
}

static enum spf_lib_match
names(struct world *w, enum spf_kind kind, uint8_t bits4, const char *client)
{
	struct spf_term t = { .kind = kind, .bits4 = bits4, .bits6 = 128 };
	struct spf_lib *l = library(client, w);
	enum spf_lib_match match = SPF_LIB_DNS_ERROR;

	w->asked = 0;
	is_int(spf_lib_names(l, &t, SL("t.example"), &match), 0,
	    "mechanism %d for %s", (int)kind, client);
	spf_lib_free(l);
	return match;
}

static void
test_names(void)
{
	struct dns_record address[2] = { { .ip = ip("198.51.100.1") },
		{ .ip = ip("192.0.2.1") } };
	struct dns_record host[2] = { { .name = SLICE_INIT("one.t.example") },
		{ .name = SLICE_INIT("bad\0name") } };
	struct world w = { .addresses = { DNS_OK, address, 2 },
		.exchangers = { DNS_OK, host, 1 },
		.names = { DNS_OK, host, 1 } };

	ok(names(&w, SPF_A, 32, "192.0.2.1") == SPF_LIB_YES, "a");
	is_text(w.last, "t.example", "asks for the target");
	ok(names(&w, SPF_A, 32, "192.0.2.2") == SPF_LIB_NO, "another client");
	ok(names(&w, SPF_A, 30, "192.0.2.2") == SPF_LIB_YES, "with a prefix");
	ok(names(&w, SPF_A, 0, "203.0.113.9") == SPF_LIB_YES, "/0");
	ok(names(&w, SPF_EXISTS, 32, "203.0.113.9") == SPF_LIB_YES, "exists");
	is_text(w.last, "t.example", "asks for the target");
	ok(names(&w, SPF_MX, 32, "192.0.2.1") == SPF_LIB_YES, "mx");
	is_text(w.last, "one.t.example", "asks for its hosts");
	is_int(w.asked, 2, "and for nothing else");
	ok(names(&w, SPF_PTR, 32, "192.0.2.1") == SPF_LIB_YES, "ptr");
	ok(names(&w, SPF_A, 32, "2001:db8::1") == SPF_LIB_NO,
	    "addresses of the other family are not shown to it");
	w.exchangers.rr = &host[1];
	ok(names(&w, SPF_MX, 32, "192.0.2.1") == SPF_LIB_NO,
	    "nor is a name with a NUL");
	is_int(w.asked, 1, "so it does not ask for it");
	w.addresses = (struct spf_lib_reply){ .status = DNS_NXDOMAIN };
	ok(names(&w, SPF_A, 0, "192.0.2.1") == SPF_LIB_NO, "no address");
	ok(names(&w, SPF_EXISTS, 32, "192.0.2.1") == SPF_LIB_NO, "no name");
	w.addresses.status = DNS_TEMPFAIL;
	ok(names(&w, SPF_A, 32, "192.0.2.1") == SPF_LIB_DNS_ERROR, "an error");
	w.addresses.status = DNS_BOGUS;
	ok(names(&w, SPF_EXISTS, 32, "192.0.2.1") == SPF_LIB_DNS_ERROR,
	    "a forgery");
}

/* Far more records than a mail host has. */
static void
test_many_records(void)
{
	static struct dns_record rr[3000];
	struct world w = { .addresses = { DNS_OK, rr, ARRAY_LEN(rr) } };

	for (size_t i = 0; i < ARRAY_LEN(rr); i++) {
		rr[i].ip = ip("10.0.0.0");
		rr[i].ip.b[2] = (uint8_t)(i / 256);
		rr[i].ip.b[3] = (uint8_t)(i % 256);
	}
	ok(names(&w, SPF_A, 32, "10.0.11.183") == SPF_LIB_YES,
	    "the last of 3000 addresses");
	ok(names(&w, SPF_A, 32, "10.0.11.184") == SPF_LIB_NO, "none of them");
}

int
main(void)
{
	test_networks();
	test_names();
	test_many_records();
	return tap_done();
}
