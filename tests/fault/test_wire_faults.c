/* SPDX-License-Identifier: BSD-2-Clause
 *
 * test_wire_faults: a real chopmarkd whose MTA goes away at every step, or
 * leaves connections lying; whose key files vanish. It is there afterwards, the
 * same process, with the descriptors and keys it had.
 */
#include "base/base.h" /* first: it decides what the system declares */

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/tap.h"
#include "lib/test_keys.h"
#include "wire/setup.h"

#define STEPS 9
#define LEFT_OPEN 300

static void
still_serves(const struct filter *f, const char *what)
{
	struct mta *m = setup_session(f, MTA_POSTFIX, MTA_OFFER_FULL);

	setup_passes(setup_message(m, "a@good.test", "x"), what);
	mta_quit(m);
	mta_close(m);
}

static void
descriptors_return(const struct filter *f, unsigned before, const char *what)
{
	for (int i = 0; i < 1000 && filter_descriptors(f) > before; i++)
		(void)nanosleep(&(struct timespec){ .tv_nsec = 10000000 },
		    NULL);
	ok(filter_descriptors(f) <= before, "%s: no descriptor is left open",
	    what);
}

/* Goes as far as step n, then away; with half of a packet if `half`. */
static void
leave_at(const struct filter *f, unsigned n, bool half)
{
	struct mta *m = mta_open(f->socket, MTA_SENDMAIL);

	if (m == NULL)
		abort();
	if (n > 0 && !mta_negotiate(m, MTA_OFFER_FULL))
		abort();
	if (n > 1)
		mta_connect(m, "mail.example.net", "192.0.2.9", 25001);
	if (n > 2)
		mta_helo(m, "mail.example.net");
	if (n > 3)
		mta_mail(m, "<a@good.test>");
	if (n > 4)
		mta_rcpt(m, "<b@local.test>");
	if (n > 5)
		mta_header(m, SL("From"), SL(" a@good.test"));
	if (n > 6)
		mta_eoh(m);
	if (n > 7)
		mta_body(m, SL("Hello.\r\n"));
	if (n > 8)
		(void)mta_end_ask(m);
	if (half)
		(void)packet_write_raw(m->fd, slice_of("\0\0\1", 3));
	mta_close(m);
}

static void
gone_at_every_step(const struct filter *f)
{
	unsigned before = filter_descriptors(f);

	for (unsigned n = 0; n <= STEPS; n++) {
		leave_at(f, n, false);
		leave_at(f, n, true);
	}
	still_serves(f, "after an MTA went away at every step");
	descriptors_return(f, before, "an MTA that goes away");
}

static void
left_lying(const struct filter *f)
{
	static struct mta *m[LEFT_OPEN];
	unsigned before = filter_descriptors(f);

	for (size_t i = 0; i < LEFT_OPEN; i++)
		m[i] = i % 3 == 0 ?
		    setup_session(f, MTA_POSTFIX, MTA_OFFER_FULL) :
		    mta_open(f->socket, MTA_POSTFIX);
	still_serves(f, "beside 300 connections that say nothing");
	for (size_t i = 0; i < LEFT_OPEN; i++)
		mta_close(m[i]);
	descriptors_return(f, before, "300 connections");
}

static struct mta_answer
own_message(struct mta *m)
{
	static const char *const rcpts[] = { "<x@far.example>" };

	return mta_message(m, "<ann@ours.example>", rcpts, 1,
	    SL("From: ann@ours.example\nSubject: x\n\nHello.\n"));
}

/* One test: mail of our own users is signed. */
static void
signs(const struct filter *f, const char *what)
{
	struct mta *m = mta_open(f->socket, MTA_POSTFIX);

	if (m == NULL || !mta_negotiate(m, MTA_OFFER_FULL))
		abort();
	mta_connect(m, "localhost", "127.0.0.1", 1);
	mta_helo(m, "localhost");
	setup_passes(own_message(m), what);
	ok(mta_field(m, "DKIM-Signature", 1).n > 0, "%s: signed", what);
	mta_quit(m);
	mta_close(m);
}

static void
put_key(const char *path, struct slice pem)
{
	FILE *out = fopen(path, "w");

	if (out == NULL || fwrite(pem.p, 1, pem.n, out) != pem.n ||
	    fclose(out) != 0 || chmod(path, 0600) != 0)
		abort();
}

static void
key_vanishes(void)
{
	struct arena *a = t_arena();
	struct filter_texts t = setup_texts;
	struct filter *f = filter_new(&t);
	char path[96];

	(void)snprintf(path, sizeof(path), "%s/key", f->dir);
	put_key(path,
	    test_ed25519_seed_pem(a, SL("chopmark chopmark chopmark chopm")));
	t.config = arena_printf(a,
	    "Domain ours.example\nSelector s\nKeyFile %s\n", path)
		       .p;
	filter_write(f, &t);
	if (!ok(filter_start(f), "chopmarkd serves with a key"))
		return;
	signs(f, "with its key");
	(void)unlink(path);
	signs(f, "with the key file gone");
	filter_signal(f, SIGHUP);
	ok(filter_await(f, "is refused, the old one stays", 1),
	    "a reload without the key is refused");
	ok(slice_search(filter_log(f), slice_c(path)) != SLICE_NONE,
	    "and the log names the file");
	signs(f, "after that reload");
	put_key(path, SL("no key at all\n"));
	filter_signal(f, SIGHUP);
	ok(filter_await(f, "is refused, the old one stays", 2),
	    "so is one with rubbish in its place");
	signs(f, "after that, too");
	is_int(filter_stop(f), 0, "it ends");
	(void)unlink(path);
	filter_free(f);
}

static void
write_keys(struct filter *f, struct filter_texts *t, const char *path,
    const char *selector)
{
	t->config = arena_printf(f->arena,
	    "Domain ours.example\nSelector %s\nKeyFile %s\n", selector, path)
			.p;
	filter_write(f, t);
}

/* Another key comes into its place, and is loaded, while a message is in hand:
 * that one is signed with the key it began with. */
static void
key_replaced(void)
{
	static const char *const seeds[] = { "chopmark chopmark chopmark chopm",
		"another another another another " };
	struct filter_texts t = setup_texts;
	struct filter *f = filter_new(&t);
	struct mta *m;
	char path[96];

	(void)snprintf(path, sizeof(path), "%s/key", f->dir);
	put_key(path, test_ed25519_seed_pem(f->arena, slice_c(seeds[0])));
	write_keys(f, &t, path, "old");
	if (!ok(filter_start(f), "chopmarkd serves with a key"))
		return;
	m = mta_open(f->socket, MTA_POSTFIX);
	if (m == NULL || !mta_negotiate(m, MTA_OFFER_FULL))
		abort();
	mta_connect(m, "localhost", "127.0.0.1", 1);
	mta_mail(m, "<ann@ours.example>");
	mta_rcpt(m, "<x@far.example>");
	mta_header(m, SL("From"), SL(" ann@ours.example"));
	mta_eoh(m);
	mta_body(m, SL("half\r\n"));
	put_key(path, test_ed25519_seed_pem(f->arena, slice_c(seeds[1])));
	write_keys(f, &t, path, "new");
	filter_signal(f, SIGHUP);
	ok(filter_await(f, "configuration read again", 1),
	    "another key is loaded in the middle of a message");
	mta_body(m, SL("rest\r\n"));
	setup_passes(mta_end(m), "which passes");
	ok(slice_search(mta_field(m, "DKIM-Signature", 1), SL("s=old;")) !=
		SLICE_NONE,
	    "signed with the key it began with");
	mta_close(m);
	m = mta_open(f->socket, MTA_POSTFIX);
	if (m == NULL || !mta_negotiate(m, MTA_OFFER_FULL))
		abort();
	mta_connect(m, "localhost", "127.0.0.1", 1);
	setup_passes(own_message(m), "the next session's passes");
	ok(slice_search(mta_field(m, "DKIM-Signature", 1), SL("s=new;")) !=
		SLICE_NONE,
	    "signed with the new one");
	mta_close(m);
	is_int(filter_stop(f), 0, "it ends");
	(void)unlink(path);
	filter_free(f);
}

int
main(void)
{
	struct filter *f = filter_new(&setup_texts);
	pid_t pid;

	(void)signal(SIGPIPE, SIG_IGN);
	if (!ok(filter_start(f), "chopmarkd serves"))
		return tap_done();
	pid = f->pid;
	still_serves(f, "a first message");
	gone_at_every_step(f);
	left_lying(f);
	is_int(f->pid, pid, "all this was one process");
	is_int(filter_stop(f), 0, "which ends well");
	filter_free(f);
	key_vanishes();
	key_replaced();
	return tap_done();
}
