/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dns_unbound: the network, and the one file that knows libunbound. Questions
 * are handed over from any thread by ub_resolve_async(); libunbound works on
 * them in a thread of its own, and ours, the DNS thread, takes what comes back,
 * turns it into answers and runs the chases.
 *
 * What libunbound still works on is bounded by us: it has no limit of its own
 * for questions that come this way, and with dead servers it takes 24 seconds
 * to give one up.
 */
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <unbound.h>

#include "base/err.h"
#include "base/limits.h"
#include "dns/dns_answer.h"
#include "dns/dns_backend.h"
#include "dns/dns_rdata.h"
#include "dns/dns_unbound_setup.h"

#define ANSWER_MEMORY ((size_t)4 << 20) /* while one answer is read */
#define CLASS_IN 1
#define PAUSE_MS 100

struct unbound {
	struct dns_backend backend;
	struct resolver *resolver;
	struct ub_ctx *ctx;
	struct arena *arena; /* the DNS thread's, reset for each answer */
	pthread_t thread;
	int wake; /* eventfd */
	atomic_bool stop;
	pthread_mutex_t lock;
	struct dns_flight *flying; /* with libunbound */
	size_t n_flying;
};

static bool
list_add(struct unbound *u, struct dns_flight *f)
{
	struct dns_flight_link *link = dns_flight_link(f);
	bool room;

	(void)pthread_mutex_lock(&u->lock);
	room = u->n_flying < MOST_DNS_FLIGHTS;
	if (room) {
		link->owner = u;
		link->prev = NULL;
		link->next = u->flying;
		if (u->flying != NULL)
			dns_flight_link(u->flying)->prev = f;
		u->flying = f;
		u->n_flying++;
	}
	(void)pthread_mutex_unlock(&u->lock);
	return room;
}

static void
list_remove(struct unbound *u, struct dns_flight *f)
{
	struct dns_flight_link *link = dns_flight_link(f);

	(void)pthread_mutex_lock(&u->lock);
	if (link->prev != NULL)
		dns_flight_link(link->prev)->next = link->next;
	else
		u->flying = link->next;
	if (link->next != NULL)
		dns_flight_link(link->next)->prev = link->prev;
	u->n_flying--;
	(void)pthread_mutex_unlock(&u->lock);
}

/* Lands a flight without having an answer from the network. */
static void
land_failed(struct unbound *u, struct dns_flight *f, const char *why,
    uint32_t ttl)
{
	const struct dns_key *k = dns_flight_key(f);

	resolver_landed(u->resolver, f,
	    dns_answer_failed(dns_key_name(k), k->type, why, ttl));
}

static const char *
rcode_text(int rcode)
{
	switch (rcode) {
	case 1:
		return "FORMERR";
	case 2:
		return "SERVFAIL";
	case 4:
		return "NOTIMP";
	case 5:
		return "REFUSED";
	default:
		return "unexpected RCODE";
	}
}

/* The records of a result; spec becomes a failure when one is malformed. */
static void
read_records(struct arena *a, const struct ub_result *r,
    struct dns_answer_spec *spec)
{
	struct dns_record *rr;
	size_t n = 0;

	while (n < DNS_MAX_RECORDS && r->data[n] != NULL)
		n++;
	rr = arena_array(a, n, sizeof(*rr));
	for (size_t i = 0; rr != NULL && i < n; i++) {
		size_t len = r->len[i] > 0 ? (size_t)r->len[i] : 0;
		int err = dns_rdata_read(a, spec->type,
		    slice_of(r->data[i], len), &rr[i]);

		if (err == ERR_SYNTAX) {
			spec->status = DNS_TEMPFAIL;
			spec->why = SL("malformed record");
			spec->ttl = DNS_FAILURE_TTL;
			return;
		}
		if (err != 0)
			rr = NULL;
	}
	if (rr == NULL) {
		spec->status = DNS_TEMPFAIL;
		spec->why = SL("answer too large");
		spec->ttl = DNS_FAILURE_TTL;
		return;
	}
	spec->status = DNS_OK;
	spec->rr = rr;
	spec->n = n;
}

/* What libunbound says, bogus first, for then nothing
 * else in the result counts. */
static struct dns_answer *
read_result(struct arena *a, const struct dns_key *k, int err,
    const struct ub_result *r)
{
	struct dns_answer_spec spec = { .type = k->type,
		.name = dns_key_name(k),
		.status = DNS_TEMPFAIL,
		.ttl = DNS_FAILURE_TTL };

	if (err != 0 || r == NULL) {
		spec.why = slice_c(ub_strerror(err));
	} else if (r->bogus) {
		spec.status = DNS_BOGUS;
		spec.why = r->why_bogus != NULL ?
		    slice_c(r->why_bogus) :
		    SL("DNSSEC validation failed");
	} else if (r->nxdomain || (r->rcode == 0 && !r->havedata)) {
		spec.status = r->nxdomain ? DNS_NXDOMAIN : DNS_NODATA;
		spec.ttl = r->ttl > 0 ? (uint32_t)r->ttl : 0;
		spec.secure = r->secure != 0;
	} else if (r->rcode == 0) {
		spec.ttl = r->ttl > 0 ? (uint32_t)r->ttl : 0;
		spec.secure = r->secure != 0;
		read_records(a, r, &spec);
	} else {
		spec.why = slice_c(rcode_text(r->rcode));
	}
	return dns_answer_new(&spec);
}

/* Called by ub_process() in the DNS thread. */
static void
on_result(void *arg, int err, struct ub_result *result)
{
	struct dns_flight *f = arg;
	struct unbound *u = dns_flight_link(f)->owner;
	struct dns_answer *answer;

	list_remove(u, f);
	answer = read_result(u->arena, dns_flight_key(f), err, result);
	arena_reset(u->arena);
	ub_resolve_free(result);
	resolver_landed(u->resolver, f, answer);
}

static void
unbound_submit(struct dns_backend *b, struct dns_flight *f)
{
	struct unbound *u = (struct unbound *)b;
	const struct dns_key *k = dns_flight_key(f);
	char text[DNS_NAME_TEXT + 1];
	struct dns_wire w;
	struct slice name;

	if (!dns_wire_from_plain(dns_key_name(k), &w)) {
		land_failed(u, f, "bad name", 0);
		return;
	}
	name = dns_wire_text(&w, text);
	text[name.n] = '\0';
	if (!list_add(u, f)) {
		limits_tell(LIMIT_DNS_FLIGHTS, "a question is not asked");
		land_failed(u, f, "too many lookups at once", 0);
		return;
	}
	if (ub_resolve_async(u->ctx, text, (int)k->type, CLASS_IN, f, on_result,
		NULL) != 0) {
		list_remove(u, f);
		land_failed(u, f, "resolver library failed", 0);
	}
}

static void *
dns_thread(void *arg)
{
	struct unbound *u = arg;
	struct pollfd fds[2] = {
		{ .fd = ub_fd(u->ctx), .events = POLLIN },
		{ .fd = u->wake, .events = POLLIN },
	};

	while (!atomic_load(&u->stop)) {
		if (poll(fds, 2, -1) <= 0 || fds[0].revents == 0)
			continue;
		/* Should the library's thread be gone, questions time out;
		 * this thread must not spin meanwhile. */
		if (ub_process(u->ctx) != 0)
			(void)poll(&fds[1], 1, PAUSE_MS);
	}
	return NULL;
}

static void
stop_thread(struct unbound *u)
{
	uint64_t one = 1;

	atomic_store(&u->stop, true);
	while (write(u->wake, &one, sizeof(one)) < 0 && errno == EINTR)
		;
	(void)pthread_join(u->thread, NULL);
}

static void
unbound_free(struct dns_backend *b)
{
	struct unbound *u = (struct unbound *)b;

	stop_thread(u);
	/* Ends its thread; no callback comes any more. */
	ub_ctx_delete(u->ctx);
	while (u->flying != NULL) {
		struct dns_flight *f = u->flying;

		list_remove(u, f);
		land_failed(u, f, "shutdown", 0);
	}
	(void)close(u->wake);
	(void)pthread_mutex_destroy(&u->lock);
	arena_free(u->arena);
	free(u);
}

/* The threads that answer for the DNS take no signals: those are the main
 * thread's. */
static int
start_thread(struct unbound *u, const struct resolver_options *o,
    char why[RESOLVER_WHY])
{
	sigset_t all, before;
	int err;

	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	err = dns_unbound_start(u->ctx, o, why);
	if (err == 0 && pthread_create(&u->thread, NULL, dns_thread, u) != 0) {
		(void)snprintf(why, RESOLVER_WHY,
		    "cannot start the DNS thread");
		err = ERR_NOMEM;
	}
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	return err;
}

struct dns_backend *
dns_unbound_new(struct resolver *r, const struct resolver_options *o,
    char why[RESOLVER_WHY])
{
	struct unbound *u = calloc(1, sizeof(*u));

	(void)snprintf(why, RESOLVER_WHY, "out of memory");
	if (u == NULL)
		return NULL;
	if (pthread_mutex_init(&u->lock, NULL) != 0) {
		free(u);
		return NULL;
	}
	u->backend.submit = unbound_submit;
	u->backend.free = unbound_free;
	u->resolver = r;
	u->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	u->arena = arena_new(ANSWER_MEMORY);
	u->ctx = u->wake >= 0 && u->arena != NULL ? ub_ctx_create() : NULL;
	if (u->ctx != NULL && dns_unbound_setup(u->ctx, o, why) == 0 &&
	    start_thread(u, o, why) == 0) {
		why[0] = '\0';
		return &u->backend;
	}
	if (u->ctx != NULL)
		ub_ctx_delete(u->ctx);
	if (u->wake >= 0)
		(void)close(u->wake);
	(void)pthread_mutex_destroy(&u->lock);
	arena_free(u->arena);
	free(u);
	return NULL;
}
