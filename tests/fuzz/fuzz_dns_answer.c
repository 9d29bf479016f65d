/* SPDX-License-Identifier: BSD-2-Clause
 *
 * fuzz_dns_answer: what a name server sends, through libunbound to the answer
 * that checks see. The first byte chooses the type that is asked for, the second
 * how the rest becomes a reply:
 *   0 all that follows the id          1 that with the question put behind the
 *   2 the data of one record             header of twelve octets
 *   3 records, each: type, length, data
 * A reply that libunbound does not take costs a time-out, so it gets little.
 */
#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>

#include "dns/dns_message.h"
#include "fuzz/fuzz.h"

#define TIMEOUT_MS 60
#define HEADER 12
#define QUERY_MAX 512
#define REPLY_MAX ((size_t)4096)
/* libunbound thinks badly of a server that was wrong too often. */
#define PATIENCE 6

static const enum dns_type types[] = { DNS_A, DNS_AAAA, DNS_CNAME, DNS_MX,
	DNS_PTR, DNS_TXT };

static struct resolver *resolver;
static char address[32];
static int server = -1;
static unsigned asked, failures;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct slice given; /* what the reply is made of */
static enum dns_type type;
static uint8_t how;

unsigned
fuzz_slowness(void)
{
	return 60;
}

static void
put16(struct buf *b, size_t v)
{
	buf_addc(b, (char)(unsigned char)(v >> 8));
	buf_addc(b, (char)(unsigned char)v);
}

/* A record of the name that was asked for. */
static void
put_record(struct buf *b, size_t t, struct slice data)
{
	put16(b, 0xc000 | HEADER);
	put16(b, t);
	put16(b, 1);
	put16(b, 0);
	put16(b, 300);
	put16(b, data.n);
	buf_add(b, data);
}

static void
put_header(struct buf *b, struct slice id, size_t answers)
{
	buf_add(b, id);
	put16(b, 0x8580);
	put16(b, 1);
	put16(b, answers);
	put16(b, 0);
	put16(b, 0);
}

static void
put_records(struct buf *b, struct slice id, struct slice question)
{
	struct slice rest = given;
	struct buf records;
	size_t n = 0;

	buf_init(&records, NULL, REPLY_MAX);
	while (rest.n > 0) {
		size_t t = fuzz_byte(&rest), len = fuzz_byte(&rest);

		put_record(&records, t, slice_sub(rest, 0, len));
		rest = slice_from(rest, len);
		n++;
	}
	put_header(b, id, n);
	buf_add(b, question);
	buf_add(b, buf_slice(&records));
	buf_fini(&records);
}

/* Up to the class behind the name. */
static struct slice
question_of(struct slice query)
{
	size_t at = HEADER;

	while (at < query.n && query.p[at] != '\0')
		at += 1 + (size_t)(unsigned char)query.p[at];
	return slice_sub(query, HEADER, at + 5 - HEADER);
}

static void
make_reply(struct buf *b, struct slice query)
{
	struct slice id = slice_sub(query, 0, 2), question = question_of(query);

	switch (how) {
	case 0:
		buf_add(b, id);
		buf_add(b, given);
		break;
	case 1:
		buf_add(b, id);
		buf_add(b, slice_sub(given, 0, HEADER - 2));
		buf_add(b, question);
		buf_add(b, slice_from(given, HEADER - 2));
		break;
	case 2:
		put_header(b, id, 1);
		buf_add(b, question);
		put_record(b, (size_t)type, given);
		break;
	default:
		put_records(b, id, question);
		break;
	}
}

static void *
serve(void *unused)
{
	char in[QUERY_MAX];
	struct sockaddr_in from;

	(void)unused;
	for (;;) {
		socklen_t len = sizeof(from);
		ssize_t n = recvfrom(server, in, sizeof(in), 0,
		    (struct sockaddr *)&from, &len);
		struct buf b;

		if (n < HEADER)
			continue;
		buf_init(&b, NULL, (size_t)64 << 10);
		(void)pthread_mutex_lock(&lock);
		make_reply(&b, slice_of(in, (size_t)n));
		(void)pthread_mutex_unlock(&lock);
		(void)!sendto(server, b.p, b.n, MSG_NOSIGNAL,
		    (struct sockaddr *)&from, len);
		buf_fini(&b);
	}
	return NULL;
}

static void
set_up(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t len = sizeof(at);
	pthread_t thread;

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	server = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	FUZZ_DEMAND(server >= 0 &&
	    bind(server, (struct sockaddr *)&at, sizeof(at)) == 0 &&
	    getsockname(server, (struct sockaddr *)&at, &len) == 0);
	(void)snprintf(address, sizeof(address), "127.0.0.1@%u",
	    ntohs(at.sin_port));
	FUZZ_DEMAND(pthread_create(&thread, NULL, serve, NULL) == 0);
	(void)pthread_detach(thread);
}

static void
stop(void)
{
	resolver_free(resolver);
	resolver = NULL;
}

static void
want_resolver(void)
{
	static bool registered;
	struct slice at = slice_c(address);
	struct resolver_options o = { .nameservers = &at,
		.n_nameservers = 1,
		.timeout_ms = TIMEOUT_MS,
		.cache_entries = 100 };
	char why[RESOLVER_WHY];

	if (failures >= PATIENCE)
		stop();
	if (resolver != NULL)
		return;
	failures = 0;
	resolver = resolver_new(&o, why);
	FUZZ_DEMAND(resolver != NULL);
	if (!registered)
		FUZZ_DEMAND(atexit(stop) == 0);
	registered = true;
}

static void
demand_answer(const struct dns_answer *a)
{
	FUZZ_DEMAND((a->status == DNS_OK) == (a->n > 0));
	FUZZ_DEMAND(a->status == DNS_TEMPFAIL || a->status == DNS_BOGUS ||
	    a->why[0] == '\0');
	for (size_t i = 0; i < a->n; i++) {
		const struct dns_record *rr = &a->rr[i];

		FUZZ_DEMAND(rr->text.n <= 65535 && rr->name.n <= 1024);
		FUZZ_DEMAND((a->type == DNS_A) == (rr->ip.family == 4));
		FUZZ_DEMAND((a->type == DNS_AAAA) == (rr->ip.family == 6));
		FUZZ_DEMAND(i == 0 || a->type != DNS_MX ||
		    a->rr[i - 1].preference <= rr->preference);
	}
}

void
fuzz_one(struct arena *a, struct slice in)
{
	const struct dns_answer *answer;
	struct dns_message *m;
	char name[64];

	if (server < 0)
		set_up();
	want_resolver();
	(void)pthread_mutex_lock(&lock);
	type = types[fuzz_number(&in, ARRAY_LEN(types))];
	how = fuzz_byte(&in) % 4;
	given = slice_sub(in, 0, REPLY_MAX);
	(void)pthread_mutex_unlock(&lock);
	m = dns_message_new(resolver, a, 2 * TIMEOUT_MS, NULL);
	FUZZ_DEMAND(m != NULL);
	(void)snprintf(name, sizeof(name), "n%u.example", asked++);
	FUZZ_DEMAND(dns_message_get(m, slice_c(name), type, &answer) == 0);
	demand_answer(answer);
	failures = answer->status == DNS_TEMPFAIL ? failures + 1 : 0;
	(void)pthread_mutex_lock(&lock);
	given = SL("");
	(void)pthread_mutex_unlock(&lock);
}
