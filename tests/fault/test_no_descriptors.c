/* SPDX-License-Identifier: BSD-2-Clause
 *
 * test_no_descriptors: a real chopmarkd with fewer descriptors than its MTA
 * opens connections. Those it takes are served, their names looked up, and it
 * can be reloaded; the others are closed at once, so that the MTA defers. The
 * log says what to do.
 */
#include "base/base.h" /* first: it decides what the system declares */

#include <signal.h>
#include <sys/resource.h>

#include "lib/dns_server.h"
#include "lib/tap.h"
#include "wire/setup.h"

#define CROWD 120
#define ROOM 48 /* descriptors beyond those in use */
#define TOLD "a connection is not taken, the MTA defers its mail"

static struct mta *crowd[CROWD];

static bool
set_limit(const struct filter *f, rlim_t n, struct rlimit *before)
{
	struct rlimit lim;

	if (prlimit(f->pid, RLIMIT_NOFILE, NULL, before) != 0)
		return false;
	lim = *before;
	lim.rlim_cur = n;
	return prlimit(f->pid, RLIMIT_NOFILE, &lim, NULL) == 0;
}

/* Connects CROWD times; how many were taken. */
static unsigned
open_crowd(const struct filter *f)
{
	unsigned taken = 0;

	for (size_t i = 0; i < CROWD; i++) {
		crowd[i] = mta_open(f->socket, MTA_POSTFIX);
		if (crowd[i] == NULL)
			continue;
		if (mta_negotiate(crowd[i], MTA_OFFER_FULL)) {
			taken++;
			continue;
		}
		mta_close(crowd[i]);
		crowd[i] = NULL;
	}
	return taken;
}

/* A message in every session that was taken; how many were judged. */
static unsigned
serve_crowd(void)
{
	unsigned judged = 0;

	for (unsigned i = 0; i < CROWD; i++) {
		struct mta *m = crowd[i];
		char from[32];

		if (m == NULL)
			continue;
		(void)snprintf(from, sizeof(from), "a@d%u.test", i);
		mta_connect(m, "mail.example.net", "192.0.2.9", 25001);
		mta_helo(m, "mail.example.net");
		judged += setup_message(m, from, "x").verdict == MTA_CONTINUE &&
		    slice_search(mta_headers(m), SL("spf=pass")) != SLICE_NONE;
	}
	return judged;
}

static void
close_crowd(struct filter *f, unsigned before)
{
	for (size_t i = 0; i < CROWD; i++) {
		mta_close(crowd[i]);
		crowd[i] = NULL;
	}
	for (int i = 0; i < 1000 && filter_descriptors(f) > before; i++)
		(void)nanosleep(&(struct timespec){ .tv_nsec = 10000000 },
		    NULL);
	ok(filter_descriptors(f) <= before, "no descriptor is left open");
}

static void
too_many(struct filter *f)
{
	unsigned before = filter_descriptors(f), taken;
	struct rlimit wide, tight;

	if (!ok(set_limit(f, before + ROOM, &wide), "few descriptors are left"))
		return;
	taken = open_crowd(f);
	ok(taken > 0 && taken < ROOM, "%u of %d connections are taken", taken,
	    CROWD);
	ok(slice_search(filter_log(f), slice_c(TOLD)) != SLICE_NONE,
	    "the log tells of the others");
	ok(slice_search(filter_log(f), SL("raise LimitNOFILE")) != SLICE_NONE,
	    "and what to do");
	is_int(serve_crowd(), taken,
	    "each that was taken is served, names "
	    "that nobody asked for before included");
	filter_signal(f, SIGHUP);
	ok(filter_await(f, "configuration read again", 1), "a reload works");
	close_crowd(f, before);
	is_int(open_crowd(f), taken, "as many are taken again");
	close_crowd(f, before);
	/* None at all: libmilter's accept() fails. */
	ok(set_limit(f, 3, &tight), "no descriptor is left");
	crowd[0] = mta_open(f->socket, MTA_POSTFIX);
	ok(set_limit(f, wide.rlim_cur, &tight), "descriptors are back");
	ok(crowd[0] != NULL && mta_negotiate(crowd[0], MTA_OFFER_FULL),
	    "who had to wait is served");
	close_crowd(f, before);
	is_int(open_crowd(f), CROWD, "and so is everybody");
	is_int(serve_crowd(), CROWD, "to the end");
	close_crowd(f, before);
}

static struct dns_server *
name_server(void)
{
	struct buf zone;

	buf_init(&zone, t_arena(), 65536);
	for (unsigned i = 0; i < CROWD; i++)
		buf_printf(&zone,
		    "d%u.test TXT \"v=spf1 ip4:192.0.2.9 -all\"\n", i);
	return dns_server_start(buf_slice(&zone), 0);
}

int
main(void)
{
	struct dns_server *dns = name_server();
	struct filter_texts t = { .network = true, .policy = "all: accept\n" };
	char config[64];
	struct filter *f;

	(void)signal(SIGPIPE, SIG_IGN);
	if (dns == NULL)
		return 1;
	(void)snprintf(config, sizeof(config), "Nameservers %.*s\n",
	    SL_ARG(dns_server_address(dns)));
	t.config = config;
	f = filter_new(&t);
	if (ok(filter_start(f), "chopmarkd serves")) {
		too_many(f);
		is_int(filter_stop(f), 0, "and it ends in good order");
	}
	filter_free(f);
	dns_server_stop(dns);
	return tap_done();
}
