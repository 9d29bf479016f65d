/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What the filter does to the envelope of mail that goes on, and what it tells
 * of it: whole messages through an engine, without an MTA.
 */
#include "base/clock.h"
#include "base/log.h"
#include "base/stats.h"
#include "config/snapshot.h"
#include "unit/config_lib.h"

#define NOW ((int64_t)20000 * 86400)
#define CONFIG                                                                \
	"Hostname mx.test\nPolicyFile policy\nRepliesFile \"\"\n"             \
	"TestDNSData zone\nSRSDomain fwd.example.net\nSRSSecretFile secret\n" \
	"LocalDomains local.test\n%s"

/* A relay, which does without the MTA's tables. */
#define BY_FILTER "SRSRewrite yes\nSRSReverse yes\n"

/* As RFC 5321 has it 64 octets are the most; SRS adds 14 and the domain. */
#define LONG "0123456789012345678901234567890123456789@example.org"
#define REWRITTEN "SRS0=zNjU=RA=example.org=user@fwd.example.net"

static struct snapshot *snap;
static char last_line[1024];

static void
sink(void *ctx, enum log_level level, struct slice line)
{
	(void)ctx;
	(void)level;
	(void)snprintf(last_line, sizeof(last_line), "%.*s", SL_ARG(line));
}

static const char *policy = "trusted: accept if direction is originating\n";

static void
load(const char *more)
{
	struct config_source src = { 0 };
	struct problems problems;
	char text[1024];

	snapshot_put(snap);
	config_lib_write("zone", "example.org TXT \"v=spf1 +all\"\n");
	config_lib_write("secret", "first secret of ours\n");
	config_lib_write("policy", policy);
	(void)snprintf(text, sizeof(text), CONFIG, more);
	config_lib_write("chopmark.conf", text);
	src.path = config_lib_path("chopmark.conf");
	problems_init(&problems, t_arena());
	snap = snapshot_load(&src, NULL, &problems);
	if (snap == NULL)
		abort();
}

/* The plan of a message as text, without edits of the header; or the reply to
 * the last recipient. `client` NULL: it did not come by SMTP. */
static struct slice
plan_of(const char *client, const char *sender, const char *const *rcpts)
{
	struct engine_session *s =
	    engine_session_new(snapshot_engine(snap), NULL);
	const struct plan *p = NULL;
	struct ip ip = { 0 };
	struct slice text, line = SL("");
	struct buf all, out;

	if (client != NULL && !ip_parse(slice_c(client), &ip))
		abort();
	engine_connect(s, SL("client.test"), &ip, client != NULL ? 25000 : 0);
	engine_helo(s, SL("client.test"));
	(void)engine_mail(s, t_slice(sender), NULL, 0);
	for (size_t i = 0; rcpts[i] != NULL; i++)
		p = engine_rcpt(s, t_slice(rcpts[i]), NULL, 0);
	if (p == NULL || p->action != ACTION_REJECT) {
		engine_header(s, SL("From"), SL(" a@example.org"));
		engine_eoh(s);
		p = engine_end(s);
	}
	buf_init(&all, t_arena(), 65536);
	buf_init(&out, t_arena(), 65536);
	plan_print(p, &all);
	text = buf_slice(&all);
	while (slice_cut(&text, '\n', &line))
		if (!slice_starts(line, SL("insert ")))
			buf_printf(&out, "%.*s|", SL_ARG(line));
	engine_session_free(s);
	return buf_slice(&out);
}

#define RCPTS(...) ((const char *const[]){ __VA_ARGS__, NULL })
#define FROM_OUTSIDE "192.0.2.9"

static void
test_rewrites(void)
{
	load(BY_FILTER);
	is_text(plan_of(FROM_OUTSIDE, "<user@example.org>",
		    RCPTS("<x@far.test>")),
	    "action accept|change-from <" REWRITTEN ">|",
	    "mail that leaves has its sender changed");
	is_text(plan_of(FROM_OUTSIDE, "<user@example.org>",
		    RCPTS("<x@far.test>", "<y@local.test>")),
	    "action accept|", "mail of which some stays here has not");
	is_text(plan_of(FROM_OUTSIDE, "<user@example.org>",
		    RCPTS("<y@local.test>")),
	    "action accept|", "nor has mail that stays");
	is_text(plan_of("127.0.0.1", "<user@local.test>",
		    RCPTS("<x@far.test>")),
	    "action accept|rule trusted|", "nor has our own");
	is_text(plan_of(FROM_OUTSIDE, "<>", RCPTS("<x@far.test>")),
	    "action accept|", "nor has a bounce");
	load("");
	is_text(plan_of(FROM_OUTSIDE, "<user@example.org>",
		    RCPTS("<x@far.test>")),
	    "action accept|",
	    "where the MTA's tables do it the filter does not");
	is_text(plan_of(FROM_OUTSIDE, "<>", RCPTS("<" REWRITTEN ">")),
	    "action accept|", "nor does it take back");
}

static void
test_takes_back(void)
{
	static const char forged[] =
	    "<SRS0=AAAA=RA=example.org=user@fwd.example.net>";

	load(BY_FILTER);
	is_text(plan_of(FROM_OUTSIDE, "<>", RCPTS("<" REWRITTEN ">")),
	    "action accept|delete-rcpt <" REWRITTEN
	    ">|add-rcpt <user@example.org>|",
	    "a bounce is sent to the author");
	ok(slice_starts(plan_of(FROM_OUTSIDE, "<>", RCPTS(forged)),
	       SL("action reject|rule srs|reply 550 5.1.1 RP:SRS")),
	    "a forged address is refused at RCPT");
	ok(strstr(last_line, " at=rcpt ") != NULL &&
		strstr(last_line, "AAAA") != NULL,
	    "and the log tells which: %s", last_line);
	clock_fake(NOW + (int64_t)22 * 86400);
	ok(slice_starts(plan_of(FROM_OUTSIDE, "<>", RCPTS("<" REWRITTEN ">")),
	       SL("action reject|rule srs|")),
	    "so is one that has expired");
	clock_fake(NOW);
	is_text(plan_of(NULL, "<>", RCPTS(forged)),
	    "action accept|rule trusted|",
	    "mail of programs of this host is not refused at RCPT");
	load(BY_FILTER "TestMode yes\n");
	is_text(plan_of(FROM_OUTSIDE, "<>", RCPTS(forged)), "action accept|",
	    "nor is any in test mode");
}

/* A recipient that a rule has refused is none. */
static void
test_refused(void)
{
	const char *before = policy;

	policy = "no: reject at rcpt if rcpt is \"" REWRITTEN "\"\n";
	load(BY_FILTER);
	is_text(plan_of(FROM_OUTSIDE, "<user@example.org>",
		    RCPTS("<" REWRITTEN ">", "<y@local.test>", "<x@far.test>")),
	    "action accept|", "what was refused is not taken back");
	is_text(plan_of(FROM_OUTSIDE, "<user@example.org>",
		    RCPTS("<" REWRITTEN ">", "<x@far.test>")),
	    "action accept|change-from <" REWRITTEN ">|",
	    "nor does it keep mail here");
	policy = before;
}

/* The rule of forwarding.md, for who lets nothing but bounces come back. */
static void
test_bounces_alone(void)
{
	const char *before = policy;

	policy = "not-a-bounce: reject at rcpt\n"
		 "  if rcpt.domain is \"fwd.example.net\" and "
		 "mailfrom is not \"\"\n";
	load(BY_FILTER);
	ok(slice_starts(plan_of(FROM_OUTSIDE, "<user@example.org>",
			    RCPTS("<" REWRITTEN ">")),
	       SL("action reject|rule not-a-bounce|reply 550 5.7.1 ")),
	    "mail to an address of ours that is no bounce can be refused");
	is_text(plan_of(FROM_OUTSIDE, "<>", RCPTS("<" REWRITTEN ">")),
	    "action accept|delete-rcpt <" REWRITTEN
	    ">|add-rcpt <user@example.org>|",
	    "and bounces still come back");
	policy = before;
}

static uint64_t
counted(const char *result)
{
	return stats_get(stats_counter("srs_long_senders_total", "by",
	    SL("filter"), "result", slice_c(result)));
}

static void
test_long(void)
{
	load(BY_FILTER);
	ok(slice_starts(plan_of(FROM_OUTSIDE, "<" LONG ">",
			    RCPTS("<x@far.test>")),
	       SL("action accept|change-from <SRS0=")),
	    "a long sender is rewritten");
	ok(strstr(last_line, " srs=rewritten long=yes ") != NULL,
	    "and the log says so: %s", last_line);
	load(BY_FILTER "SRSLongSenders keep\n");
	is_text(plan_of(FROM_OUTSIDE, "<" LONG ">", RCPTS("<x@far.test>")),
	    "action accept|", "or left alone");
	ok(strstr(last_line, " srs=too-long long=yes ") != NULL,
	    "and the log says so: %s", last_line);
	(void)plan_of(FROM_OUTSIDE, "<user@example.org>",
	    RCPTS("<x@far.test>"));
	ok(strstr(last_line, " srs=rewritten ") != NULL &&
		strstr(last_line, "long=") == NULL,
	    "of others it says nothing");
	is_int((int64_t)counted("rewritten"), 1, "one was rewritten");
	is_int((int64_t)counted("too-long"), 1, "one was not");
}

int
main(void)
{
	const struct log_options o = { .level = LOG_LEVEL_INFO };

	config_lib_begin();
	log_open(&o);
	log_set_sink(sink, NULL);
	clock_fake(NOW);
	test_rewrites();
	test_takes_back();
	test_refused();
	test_bounces_alone();
	test_long();
	snapshot_put(snap);
	log_set_sink(NULL, NULL);
	config_lib_end();
	return tap_done();
}
