/* SPDX-License-Identifier: BSD-2-Clause
 *
 * socketmap: the protocol, request by request, and what lookups answer.
 */
#include "forward/socketmap.h"

#include "base/clock.h"
#include "base/log.h"
#include "lib/srs_stand.h"
#include "lib/tap.h"

#define NOW ((int64_t)20000 * 86400)

static struct socketmap_counters counters;

static enum socketmap_read
reads(const char *text, struct socketmap_request *r)
{
	*r = (struct socketmap_request){ 0 };
	return socketmap_read(t_slice(text), r);
}

static void
test_requests(void)
{
	struct socketmap_request r;

	is_int(reads("16:forward a@b.test,", &r), SOCKETMAP_TAKEN,
	    "a request is taken");
	is_text(r.name, "forward", "its table");
	is_text(r.key, "a@b.test", "its key");
	is_int((int64_t)r.used, 20, "and no more");
	is_int(reads("12:x a b  c\" \"d,7:forward", &r), SOCKETMAP_TAKEN,
	    "a key may hold spaces");
	is_text(r.key, "a b  c\" \"d", "which belong to it");
	is_int((int64_t)r.used, 16, "what comes behind stays");
	is_int(reads("8:forward ,", &r), SOCKETMAP_TAKEN, "an empty key");
	is_int((int64_t)r.key.n, 0, "is empty");
	is_int(reads("7:forward,", &r), SOCKETMAP_TAKEN, "no key");
	is_text(r.name, "forward", "is a table alone");
	is_int(reads("0:,", &r), SOCKETMAP_TAKEN, "nothing at all");
	is_int((int64_t)(r.name.n + r.key.n), 0, "is neither");
}

static void
test_cut_anywhere(void)
{
	const char *whole = "16:forward a@b.test,";
	struct socketmap_request r;
	unsigned more = 0;

	for (size_t n = 0; n < strlen(whole); n++)
		more += socketmap_read(t_bytes(whole, n), &r) == SOCKETMAP_MORE;
	is_int(more, (int64_t)strlen(whole),
	    "a request that is cut anywhere waits for its rest");
}

static void
test_broken(void)
{
	static const char *const cases[] = { "x", ":", ":,", "-1:x,", " 3:abc,",
		"3 :abc,", "3:abc;", "3:abcd", "65537:x", "99999:x", "123456",
		"00000003:abc,", "0x3:abc,", "\n", "GET / HTTP/1.0\r\n",
		"get key\n", "4294967299:abc," };
	struct socketmap_request r;
	char most[16];

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		is_int(reads(cases[i], &r), SOCKETMAP_BROKEN,
		    "no netstring: case %zu", i + 1);
	(void)snprintf(most, sizeof(most), "%zu:", SOCKETMAP_REQUEST);
	is_int(reads(most, &r), SOCKETMAP_MORE, "the longest may come");
}

/* A reply to a request, by text. */
static struct slice
ask(const struct srs_map *m, const char *name, const char *key)
{
	struct socketmap_request r = { .name = t_slice(name),
		.key = t_slice(key) };
	struct buf b;

	buf_init(&b, t_arena(), 2 * SOCKETMAP_REPLY);
	socketmap_answer(m, t_arena(), &r, NULL, &counters, &b);
	return buf_slice(&b);
}

static void
test_answers(const struct srs_map *m)
{
	char big[3000];

	is_text(ask(m, "forward", "user@example.org"),
	    "48:OK SRS0=zNjU=RA=example.org=user@fwd.example.net,",
	    "a sender is rewritten");
	is_text(ask(m, "FORWARD", "user@example.org"),
	    "48:OK SRS0=zNjU=RA=example.org=user@fwd.example.net,",
	    "the table in any case");
	is_text(ask(m, "forward", "\"a b\"@example.org"),
	    "49:OK \"SRS0=OOFA=RA=example.org=a b\"@fwd.example.net,",
	    "a quoted one");
	is_text(ask(m, "forward",
		    "SRS0=zNjU=RA=example.org=user@fwd.example.net"),
	    "9:NOTFOUND ,", "asked again it stays");
	is_text(ask(m, "forward", "\"\""), "9:NOTFOUND ,",
	    "the null sender of Postfix");
	is_text(ask(m, "forward", ""), "9:NOTFOUND ,", "an empty key");
	is_text(ask(m, "forward", "root"), "9:NOTFOUND ,", "no domain");
	is_text(ask(m, "reverse",
		    "srs0=znju=ra=example.org=user@fwd.example.net"),
	    "19:OK user@example.org,", "a recipient is taken back");
	is_text(ask(m, "reverse", "user@example.org"), "9:NOTFOUND ,",
	    "another stays");
	is_text(ask(m, "reverse",
		    "srs0=xxxx=ra=example.org=user@fwd.example.net"),
	    "9:NOTFOUND ,", "a forged one is not found");
	ok(slice_starts(ask(m, "aliases", "root"), SL("47:PERM ")),
	    "there is no such table");
	is_text(ask(NULL, "forward", "user@example.org"), "9:NOTFOUND ,",
	    "without SRS nothing is found");
	memset(big, 'x', sizeof(big));
	memcpy(big + sizeof(big) - sizeof("@example.org"), "@example.org",
	    sizeof("@example.org"));
	is_text(ask(m, "forward", big), "9:NOTFOUND ,",
	    "what is too long for mail stays");
}

static unsigned logged;
static char last_line[512];

static void
sink(void *ctx, enum log_level level, struct slice line)
{
	(void)ctx;
	(void)level;
	logged++;
	(void)snprintf(last_line, sizeof(last_line), "%.*s", SL_ARG(line));
}

/* SRSLongSenders keep */
static void
test_long_kept(const struct srs_map *m)
{
	uint64_t before = stats_get(counters.long_senders.kept);

	is_text(ask(m, "forward",
		    "0123456789012345678901234567890123456789@example.org"),
	    "9:NOTFOUND ,", "a long sender is left alone if that is chosen");
	ok(strstr(last_line, "result=too-long long=yes") != NULL,
	    "and logged: %s", last_line);
	is_int((int64_t)(stats_get(counters.long_senders.kept) - before), 1,
	    "and counted");
}

static void
test_log(const struct srs_map *m)
{
	const struct log_options o = { .level = LOG_LEVEL_INFO };

	log_open(&o);
	log_set_sink(sink, NULL);
	(void)ask(m, "forward", "user@example.org");
	(void)ask(m, "reverse", "user@example.org");
	is_int(logged, 0, "lookups are not logged");
	(void)ask(m, "reverse",
	    "srs0=xxxx=ra=example.org=user@fwd.example.net");
	is_text(slice_c(last_line),
	    "srs=reverse "
	    "address=\"srs0=xxxx=ra=example.org=user@fwd.example.net\" "
	    "result=forged",
	    "what is refused is");
	(void)ask(m, "forward",
	    "0123456789012345678901234567890123456789@example.org");
	ok(logged == 2 && strstr(last_line, "long=yes") != NULL,
	    "and what is long");
	is_int((int64_t)stats_get(counters.long_senders.rewritten), 1,
	    "which is counted");
}

int
main(void)
{
	struct forward_options o;
	struct srs_map *m, *keeping;

	srs_stand_begin(NULL);
	clock_fake(NOW);
	socketmap_counters_load(&counters);
	o = srs_stand_options();
	m = srs_stand_map(&o);
	o.long_senders = SRS_LONG_KEEP;
	keeping = srs_stand_map(&o);
	srs_stand_end();
	test_requests();
	test_cut_anywhere();
	test_broken();
	if (ok(m != NULL && keeping != NULL, "a map")) {
		test_answers(m);
		test_log(m);
		test_long_kept(keeping);
	}
	log_set_sink(NULL, NULL);
	return tap_done();
}
