/* SPDX-License-Identifier: BSD-2-Clause
 *
 * soak: mixed traffic over the milter protocol against one chopmarkd, for
 * long: every answer compared with the expected one to the last message, while
 * the DNS is slow or dead at times, the configuration is read again, keys take
 * turns, and clients leave at every step. In the end memory, descriptors and
 * threads are as they were, the log holds one line for each message, and a
 * SIGTERM drains. tests/soak/README tells how to read the table.
 *
 *     SOAK_MINUTES, SOAK_RATE (messages a second): how many messages; without
 *     them a short run.
 */
#include "soak/soak.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "base/num.h"
#include "lib/dns_server.h"
#include "lib/tap.h"

#define MEMORY ((size_t)512 << 20)
#define SHORT_TOTAL 1200
#define SHORT_RATE 150
#define ROUNDS_MAX 360
#define ROUND_LEAST 60
#define DARK_MS 1500
#define RECOVERY_MS 15000 /* a lookup, and how long failures are kept */
#define SLOW_MS 120
#define PATIENCE_MS 60000
#define LASTING 5 /* minutes */
#define DRAINED 4
/* Growth that is no leak: the allocator's, after the warm-up. */
/* Of it, and of a short run, which is all warm-up. A sanitizer remembers what
 * it has seen; it finds leaks in the end by itself. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SLACK_KB 32768
#define SHORT_SLACK_KB 65536
#else
#define SLACK_KB 2048
#define SHORT_SLACK_KB 8192
#endif
#define SLACK_BYTES_A_MESSAGE 8

struct lead {
	struct soak s;
	struct dns_server *dns;
	struct filter_texts texts;
	unsigned turn, cache; /* of the configuration now */
	unsigned reloads, refused, dark, slow;
	bool lasting; /* there is time to let things recover */
	struct sample *samples;
	size_t n_samples;
};

/* ---- the filter ---- */

static void
configure(struct lead *l, const char *more)
{
	struct soak *s = &l->s;
	struct buf b;

	buf_init(&b, s->world.a, (size_t)1 << 16);
	buf_add(&b, buf_slice(&s->world.config));
	buf_add(&b, s->world.turns[l->turn]);
	buf_printf(&b, "Nameservers %.*s\nDNSCacheSize %u\n",
	    SL_ARG(dns_server_address(l->dns)), l->cache);
	if (s->filter != NULL)
		buf_printf(&b, "SRSSecretFile %s/secret\nSRSSocket unix:%s\n",
		    s->filter->dir, s->map);
	buf_adds(&b, more);
	l->texts =
	    (struct filter_texts){ .config = buf_cstr(&b), .network = true };
	if (s->filter != NULL)
		filter_write(s->filter, &l->texts);
}

static void
write_secret(const struct filter *f)
{
	static const char secret[] = "the secret of a soak\n";
	char path[96];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/secret", f->dir);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 ||
	    write(fd, secret, sizeof(secret) - 1) !=
		(ssize_t)sizeof(secret) - 1 ||
	    close(fd) != 0)
		abort();
}

static bool
begin(struct lead *l)
{
	struct soak *s = &l->s;
	struct arena *a = arena_new(MEMORY);

	if (a == NULL || pthread_mutex_init(&s->lock, NULL) != 0)
		abort();
	if (!ok(world_make(&s->world, a), "the scenarios can be played"))
		return false;
	l->cache = 2000;
	l->dns = dns_server_start(buf_slice(&s->world.zone), 0);
	if (!ok(l->dns != NULL, "a DNS server answers for them"))
		return false;
	configure(l, "");
	s->filter = filter_new(&l->texts);
	(void)snprintf(s->map, sizeof(s->map), "%s/srs", s->filter->dir);
	write_secret(s->filter);
	configure(l, "");
	if (!ok(filter_start(s->filter), "chopmarkd serves"))
		return false;
	s->watch = watch_new(s->filter);
	return true;
}

static void
end(struct lead *l)
{
	static const char *const names[] = { "secret", "srs" };

	for (size_t i = 0; l->s.filter != NULL && i < ARRAY_LEN(names); i++) {
		char path[96];

		(void)snprintf(path, sizeof(path), "%s/%s", l->s.filter->dir,
		    names[i]);
		(void)unlink(path);
	}
	if (l->s.watch != NULL)
		watch_free(l->s.watch);
	if (l->s.filter != NULL)
		filter_free(l->s.filter);
	dns_server_stop(l->dns);
	arena_free(l->s.world.a);
	free(l->samples);
}

/* ---- what happens while mail is sent ---- */

/* Waits until *count, read again and again, is `want`. */
static bool
await(struct lead *l, bool refused, uint64_t want)
{
	struct deadline until = deadline_in(PATIENCE_MS);

	while (!deadline_passed(until)) {
		struct watch_counts c = watch_counts(l->s.watch);

		if ((refused ? c.refused_reloads : c.reloads) >= want)
			return true;
		soak_sleep(5);
	}
	soak_wrong(&l->s, "a reload was not answered");
	return false;
}

static void
reload(struct lead *l)
{
	l->turn = (l->turn + 1) % WORLD_TURNS;
	configure(l, "");
	filter_signal(l->s.filter, l->reloads % 2 == 0 ? SIGHUP : SIGUSR1);
	(void)await(l, false, ++l->reloads);
}

static void
reload_broken(struct lead *l)
{
	configure(l, "NoSuchOption yes\n");
	filter_signal(l->s.filter, SIGHUP);
	(void)await(l, true, ++l->refused);
	configure(l, "");
}

/* Whoever asks while it is dead is deferred. Afterwards either a fresh
 * resolver, whose settings differ, takes over, or the old one recovers. */
static void
go_dark(struct lead *l)
{
	atomic_fetch_add(&l->s.darkness, 1);
	dns_server_silence(l->dns, true);
	soak_sleep(DARK_MS);
	dns_server_silence(l->dns, false);
	if (l->dark++ % 4 != 3 || !l->lasting) {
		l->cache ^= 1;
		reload(l);
	} else {
		soak_sleep(RECOVERY_MS);
	}
	atomic_fetch_add(&l->s.darkness, 1);
}

static void
sample(struct lead *l)
{
	struct sample now = watch_sample(l->s.filter->pid);

	now.messages = atomic_load(&l->s.numbers);
	l->samples[l->n_samples++] = now;
}

static void
round_of(struct lead *l, unsigned n)
{
	if (n % 5 == 3) {
		dns_server_delay(l->dns, SLOW_MS);
		l->slow++;
	} else {
		dns_server_delay(l->dns, 0);
	}
	if (n % 12 == 1)
		go_dark(l);
	else
		reload(l);
	if (n % 7 == 4)
		reload_broken(l);
}

static void
lead(struct lead *l)
{
	struct soak *s = &l->s;
	uint64_t size = s->total / ROUNDS_MAX;
	unsigned n = 0;

	if (size < ROUND_LEAST)
		size = ROUND_LEAST;
	l->samples = calloc(s->total / size + 2, sizeof(*l->samples));
	if (l->samples == NULL)
		abort();
	for (uint64_t sent; (sent = atomic_load(&s->numbers)) < s->total;) {
		if (sent < size * n) {
			soak_sleep(20);
			continue;
		}
		sample(l);
		round_of(l, n);
		n = (unsigned)(atomic_load(&s->numbers) / size) + 1;
	}
	dns_server_delay(l->dns, 0);
	sample(l);
}

static void
play(struct lead *l)
{
	static struct sender senders[SOAK_SENDERS];
	pthread_t lookups;

	l->s.begun_ms = clock_mono_ms();
	for (unsigned i = 0; i < SOAK_SENDERS; i++)
		sender_start(&senders[i], &l->s, i);
	if (pthread_create(&lookups, NULL, lookups_run, &l->s) != 0)
		abort();
	lead(l);
	for (unsigned i = 0; i < SOAK_SENDERS; i++)
		sender_join(&senders[i]);
	atomic_store(&l->s.enough, true);
	(void)pthread_join(lookups, NULL);
}

/* ---- the end ---- */

/* Messages that are on their way when the filter is told to end. */
static void
drain(struct lead *l)
{
	struct mta *m[DRAINED];
	unsigned answered = 0;

	for (size_t i = 0; i < DRAINED; i++) {
		m[i] = mta_open(l->s.filter->socket,
		    i % 2 == 0 ? MTA_POSTFIX : MTA_SENDMAIL);
		if (m[i] == NULL || !mta_negotiate(m[i], MTA_OFFER_FULL))
			abort();
		mta_connect(m[i], "mx.genuine.example", "192.0.2.1", 4321);
		mta_helo(m[i], "mx.genuine.example");
		mta_mail(m[i], "<a@genuine.example>");
		mta_rcpt(m[i], "<b@local.test>");
		mta_header(m[i], SL("From"), SL(" a@genuine.example"));
	}
	filter_signal(l->s.filter, SIGTERM);
	for (size_t i = 0; i < DRAINED; i++) {
		mta_eoh(m[i]);
		mta_body(m[i], SL("the last one\r\n"));
		answered += mta_end(m[i]).verdict == MTA_CONTINUE &&
		    slice_search(mta_headers(m[i]), SL("spf=pass")) !=
			SLICE_NONE;
		mta_quit(m[i]);
		mta_close(m[i]);
	}
	is_int(answered, DRAINED, "what is under way at SIGTERM is judged");
	is_int(filter_wait(l->s.filter), 0, "and then it ends well");
}

/* Descriptors as before the first message: connections take a moment to go,
 * and the old resolver goes with what it kept open. */
static void
see_descriptors(struct lead *l, unsigned before)
{
	unsigned now = 0;

	l->cache ^= 1;
	reload(l);
	for (int i = 0; i < 1000; i++) {
		now = watch_sample(l->s.filter->pid).descriptors;
		if (now <= before)
			break;
		soak_sleep(10);
	}
	is_int(now, before, "no descriptor is left open");
}

static unsigned long
rss_of(const struct sample *s)
{
	return s->rss_kb;
}

static unsigned long
threads_of(const struct sample *s)
{
	return s->threads;
}

static int
by_value(const void *a, const void *b)
{
	const unsigned long *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* The median of a quarter of the samples, so that a moment of a busy machine
 * counts for nothing. */
static long
middle_of(const struct lead *l, size_t quarter,
    unsigned long (*value)(const struct sample *))
{
	size_t n = l->n_samples / 4;
	unsigned long *v = calloc(n + 1, sizeof(*v)), middle;

	if (v == NULL)
		abort();
	for (size_t i = 0; i <= n; i++)
		v[i] = value(&l->samples[quarter * n + i]);
	qsort(v, n + 1, sizeof(*v), by_value);
	middle = v[n / 2];
	free(v);
	return (long)middle;
}

/* The first quarter is the warm-up. */
static void
see_memory(const struct lead *l)
{
	size_t n = l->n_samples / 4;
	uint64_t messages = l->samples[3 * n].messages - l->samples[n].messages;
	long early = middle_of(l, 1, rss_of), late = middle_of(l, 3, rss_of);
	long may = (l->lasting ? SLACK_KB : SHORT_SLACK_KB) +
	    (long)(messages * SLACK_BYTES_A_MESSAGE / 1024);

	note("least squares behind the warm-up: %.1f bytes a message",
	    watch_slope(&l->samples[n], l->n_samples - n));
	ok(late - early <= may,
	    "memory is flat: %ld kB more after %" PRIu64
	    " messages, may be %ld",
	    late - early, messages, may);
}

static void
see_threads(const struct lead *l)
{
	long early = middle_of(l, 1, threads_of),
	     late = middle_of(l, 3, threads_of);

	ok(late > 0 && late <= early + SOAK_SENDERS,
	    "threads are no more than before: %ld, then %ld", early, late);
}

static uint64_t
completed(const struct soak *s)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < SOAK_OUTCOMES; i++)
		n += atomic_load(&s->outcomes[i]);
	return n;
}

static void
see_log(const struct lead *l, uint64_t judged)
{
	struct watch_counts c = watch_counts(l->s.watch);
	uint64_t left = atomic_load(&l->s.left);

	ok(c.decided >= judged &&
		c.decided <= judged + left + atomic_load(&l->s.garbage) * 30,
	    "a line in the log for each of %" PRIu64 " messages: %" PRIu64
	    ", %" PRIu64 " were left at their end",
	    judged, c.decided, left);
	is_int((int64_t)c.errors, 0, "no error of ours in the log");
	is_int((int64_t)c.sanitizer, 0, "no report of a sanitizer");
}

static void
row(const char *name, uint64_t value)
{
	note("  %-34s %10" PRIu64, name, value);
}

static void
table(const struct lead *l)
{
	const struct soak *s = &l->s;
	const struct sample *half = &l->samples[l->n_samples / 2],
			    *tenth = &l->samples[l->n_samples / 10],
			    *last = &l->samples[l->n_samples - 1];

	row("messages begun", atomic_load(&s->numbers));
	row("  accepted", atomic_load(&s->outcomes[SOAK_ACCEPTED]));
	row("  accepted with a mark", atomic_load(&s->outcomes[SOAK_MARKED]));
	row("  rejected", atomic_load(&s->outcomes[SOAK_REJECTED]));
	row("  deferred", atomic_load(&s->outcomes[SOAK_DEFERRED]));
	row("judged strictly", atomic_load(&s->strict));
	row("judged while the DNS was dead", atomic_load(&s->lenient));
	row("wrong", atomic_load(&s->wrong));
	row("signed or sealed, and verified", atomic_load(&s->returned));
	row("hostile messages", atomic_load(&s->hostile));
	row("streams of nonsense", atomic_load(&s->garbage));
	row("aborted at some step", atomic_load(&s->aborted));
	row("slow sessions", atomic_load(&s->slow));
	row("sessions", atomic_load(&s->sessions));
	row("lookups of SRS", atomic_load(&s->lookups));
	row("broken requests there", atomic_load(&s->broken_lookups));
	row("reloads", l->reloads);
	row("reloads refused", l->refused);
	row("times the DNS was dead", l->dark);
	row("times it was slow", l->slow);
	note("  %-34s %10s %10s %10s", "", "at 10 %", "at 50 %", "at 100 %");
	note("  %-34s %10lu %10lu %10lu", "RSS kB", tenth->rss_kb, half->rss_kb,
	    last->rss_kb);
	note("  %-34s %10lu %10lu %10lu", "PSS kB", tenth->pss_kb, half->pss_kb,
	    last->pss_kb);
	note("  %-34s %10u %10u %10u", "descriptors", tenth->descriptors,
	    half->descriptors, last->descriptors);
	note("  %-34s %10u %10u %10u", "threads", tenth->threads, half->threads,
	    last->threads);
	note("  %-34s %10.1f", "seconds",
	    (double)(clock_mono_ms() - s->begun_ms) / 1000);
}

static uint64_t
number_from(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);
	uint64_t n;

	if (text == NULL || text[0] == '\0')
		return otherwise;
	if (num_parse(slice_c(text), 1000000, &n) != 0 || n == 0) {
		printf("Bail out! %s is no number\n", name);
		exit(1);
	}
	return n;
}

/* What AddressSanitizer keeps to tell of its use later would hide a leak. */
static void
keep_little(void)
{
	const char *given = getenv("ASAN_OPTIONS");
	char options[512];

	(void)snprintf(options, sizeof(options), "%s:quarantine_size_mb=4",
	    given != NULL ? given : "");
	(void)setenv("ASAN_OPTIONS", options, 1);
}

int
main(void)
{
	static struct lead l;
	uint64_t minutes = number_from("SOAK_MINUTES", 0);
	unsigned before;

	l.s.rate = (double)number_from("SOAK_RATE", SHORT_RATE);
	l.s.total =
	    minutes > 0 ? minutes * 60 * (uint64_t)l.s.rate : SHORT_TOTAL;
	l.lasting = minutes >= LASTING;
	keep_little();
	if (begin(&l)) {
		before = watch_sample(l.s.filter->pid).descriptors;
		play(&l);
		for (unsigned i = 0; i < l.s.n_notes; i++)
			note("%s", l.s.notes[i]);
		is_int((int64_t)atomic_load(&l.s.wrong), 0,
		    "every answer was right");
		ok(atomic_load(&l.s.strict) > l.s.total / 2 &&
			atomic_load(&l.s.returned) > 0,
		    "most were judged strictly");
		see_descriptors(&l, before);
		see_threads(&l);
		see_memory(&l);
		drain(&l);
		see_log(&l, completed(&l.s) + DRAINED);
		table(&l);
	}
	end(&l);
	return tap_done();
}
