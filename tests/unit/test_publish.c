/* SPDX-License-Identifier: BSD-2-Clause
 *
 * publish: KeyRequirePublished in the daemon: a thread of its own finds what
 * the DNS serves while others sign and the configuration is read again. Its
 * minutes are made short. For the thread sanitizer, too.
 */
#include "daemon/publish.h"

#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "daemon/reload.h"
#include "lib/dkim_signer.h"
#include "lib/quiet.h"
#include "lib/test_keys.h"
#include "unit/config_lib.h"

#define SENDERS 4
#define RELOADS 20U
#define PATIENCE_MS 60000 /* for what must happen */
#define MINUTE_MS 60000

#define CONFIG                                                   \
	"Hostname mx.test\nPolicyFile \"\"\nRepliesFile \"\"\n"  \
	"MTAConfig \"\"\nTestDNSData zone\nDomain example.org\n" \
	"Selector ed\nKeyFile ed.pem\nRequireSafeKeys no\n"      \
	"KeyRequirePublished yes\n"

/* The linker leads calls of deadline_in() here. */
struct deadline __real_deadline_in(int64_t ms);
struct deadline __wrap_deadline_in(int64_t ms);

struct deadline
__wrap_deadline_in(int64_t ms)
{
	return __real_deadline_in(ms >= MINUTE_MS ? 2 : ms);
}

static struct slice record;
static atomic_bool finished;
static atomic_uint sent, held_back;

static void
write_zone(const char *text)
{
	config_lib_write("zone", text);
}

static struct snapshot *
load(const struct snapshot *before)
{
	struct config_source src = { .path = config_lib_path("chopmark.conf") };
	struct arena *a = arena_new((size_t)1 << 24);
	struct problems p;
	struct snapshot *s;

	if (a == NULL)
		exit(99);
	problems_init(&p, a);
	s = snapshot_load(&src, before, &p);
	for (size_t i = 0; i < p.all.n; i++)
		note("%.*s", SL_ARG(p.all.at[i].text));
	if (s == NULL)
		exit(99);
	arena_free(a);
	return s;
}

/* Whether a message is signed under the configuration in use. */
static bool
is_signed(void)
{
	struct snapshot *s = reload_current();
	struct engine_session *es =
	    engine_session_new(snapshot_engine(s), NULL);
	const struct evaluation *ev;
	struct ip ip;
	bool result;

	if (es == NULL || !ip_parse(SL("127.0.0.1"), &ip))
		exit(99);
	engine_connect(es, SL("host.example.org"), &ip, 4711);
	engine_helo(es, SL("host.example.org"));
	(void)engine_mail(es, SL("<ann@example.org>"), NULL, 0);
	(void)engine_rcpt(es, SL("<bob@example.net>"), NULL, 0);
	engine_header(es, SL("From"), SL(" ann@example.org"));
	engine_eoh(es);
	(void)engine_end(es);
	ev = engine_evaluation(es);
	result = ev != NULL && ev->signing.keys.n == 1;
	engine_session_free(es);
	snapshot_put(s);
	return result;
}

static void *
send_mail(void *unused)
{
	while (!atomic_load(&finished)) {
		if (!is_signed())
			atomic_fetch_add(&held_back, 1);
		atomic_fetch_add(&sent, 1);
	}
	return unused;
}

/* True once mail is signed. */
static bool
await_signature(void)
{
	struct deadline patience = __real_deadline_in(PATIENCE_MS);

	while (!is_signed()) {
		if (deadline_passed(patience))
			return false;
		(void)usleep(1000);
	}
	return true;
}

/* Until this many more messages were sent. */
static void
await_mail(unsigned more)
{
	unsigned until = atomic_load(&sent) + more;

	while (atomic_load(&sent) < until)
		(void)usleep(1000);
}

static void
test_found(void)
{
	struct snapshot *s = load(NULL);

	publish_look(s, NULL);
	reload_install(s);
	ok(!is_signed(), "a key that the DNS does not serve does not sign");
	is_int(publish_start(), 0, "a thread looks for it");
	write_zone(arena_cstr(t_arena(), record));
	/* without a look, as if the record had come later */
	reload_install(load(NULL));
	ok(await_signature(), "which finds it, and it signs");
}

/* What was there stays there, whatever the DNS says for a while. */
static void
test_reloads(void)
{
	pthread_t threads[SENDERS];

	for (size_t i = 0; i < SENDERS; i++)
		if (pthread_create(&threads[i], NULL, send_mail, NULL) != 0)
			exit(99);
	for (unsigned i = 0; i < RELOADS; i++) {
		struct snapshot *before = reload_current(), *s;

		write_zone(i % 2 == 0 ? "ed._domainkey.example.org SERVFAIL\n" :
					arena_cstr(t_arena(), record));
		s = load(before);
		publish_look(s, before);
		snapshot_put(before);
		reload_install(s);
		await_mail(10);
	}
	publish_stop();
	publish_stop();
	await_mail(10);
	atomic_store(&finished, true);
	for (size_t i = 0; i < SENDERS; i++)
		(void)pthread_join(threads[i], NULL);
	is_int(atomic_load(&held_back), 0,
	    "%u reloads under %u messages: all are signed", RELOADS,
	    atomic_load(&sent));
}

int
main(void)
{
	struct slice pem = test_ed25519_pem(t_arena());
	struct key *key = key_private(pem);

	quiet_log();
	config_lib_begin();
	if (key == NULL)
		return 99;
	record =
	    arena_printf(t_arena(), "ed._domainkey.example.org TXT \"%.*s\"\n",
		SL_ARG(dkim_signer_record(t_arena(), key)));
	key_free(key);
	config_lib_write("ed.pem", arena_cstr(t_arena(), pem));
	config_lib_write("chopmark.conf", CONFIG);
	write_zone("other.example.org TXT \"x\"\n");
	test_found();
	test_reloads();
	reload_install(NULL);
	config_lib_end();
	return tap_done();
}
