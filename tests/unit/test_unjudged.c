/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Messages that we fail to judge: the answer, and that nothing in them passes
 * for our own results.
 */
#include "config/snapshot.h"
#include "unit/config_lib.h"

#define CONFIG                                                    \
	"AuthservID mx.example.org\nHostname mx.test\n"           \
	"PolicyFile \"\"\nRepliesFile \"\"\nTestDNSData \"%s\"\n" \
	"MaximumHeaders 64K\nMaximumMessageMemory 256K\n%s"

#define MANY 10000

static struct snapshot *
load(const char *more)
{
	struct config_source src = { 0 };
	struct problems problems;
	struct snapshot *s;
	char text[1024];

	config_lib_write("zone", "example.org TXT \"v=spf1 -all\"\n");
	(void)snprintf(text, sizeof(text), CONFIG, config_lib_path("zone"),
	    more);
	config_lib_write("chopmark.conf", text);
	src.path = config_lib_path("chopmark.conf");
	problems_init(&problems, t_arena());
	s = snapshot_load(&src, NULL, &problems);
	if (!ok(s != NULL, "a configuration"))
		exit(1);
	return s;
}

/* A message with more fields than the memory allows. */
static const struct plan *
play(struct engine_session *s, const char *client, unsigned fields)
{
	struct ip ip;

	if (!ip_parse(slice_c(client), &ip))
		abort();
	engine_connect(s, SL("client.test"), &ip, 25000);
	engine_helo(s, SL("client.test"));
	(void)engine_mail(s, SL("<a@example.org>"), NULL, 0);
	(void)engine_rcpt(s, SL("<b@local.test>"), NULL, 0);
	engine_header(s, SL("Authentication-Results"),
	    SL(" other.test; spf=pass"));
	engine_header(s, SL("authentication-results "),
	    SL(" mx.example.org; spf=pass"));
	for (unsigned i = 0; i < fields; i++)
		engine_header(s, SL("X"), SL("y"));
	engine_header(s, SL("From"), SL(" a@example.org"));
	engine_header(s, SL("Authentication-Results"),
	    SL(" mx.example.org; dkim=pass"));
	engine_eoh(s);
	(void)engine_body(s, SL("x\r\n"));
	return engine_end(s);
}

static const struct plan *
play_big(struct engine_session *s)
{
	static char big[70000];

	memset(big, 'a', sizeof(big));
	(void)engine_mail(s, SL("<a@example.org>"), NULL, 0);
	engine_header(s, SL("X-Big"), slice_of(big, sizeof(big)));
	engine_eoh(s);
	return engine_end(s);
}

static void
print(const struct plan *p, struct buf *out)
{
	buf_init(out, t_arena(), 65536);
	plan_print(p, out);
}

static void
test_tempfail(void)
{
	struct snapshot *snap = load("");
	struct engine_session *s =
	    engine_session_new(snapshot_engine(snap), NULL);
	const struct plan *p = play(s, "192.0.2.9", MANY);

	is_int(p->action, ACTION_TEMPFAIL, "no memory: try again later");
	is_text(slice_c(p->reply.code), "451", "451");
	is_text(slice_c(p->reply.enhanced), "4.3.0", "4.3.0");
	ok(slice_starts(p->reply.lines.at[0], SL("mx.test,")) &&
		slice_ends(p->reply.lines.at[0],
		    SL(" internal error, please try again later")),
	    "with our name and the id");
	engine_session_free(s);
	snapshot_put(snap);
}

static void
test_accept(void)
{
	struct snapshot *snap = load("OnInternalError accept\n"
				     "RelayHosts 192.0.2.20\n");
	struct engine_session *s =
	    engine_session_new(snapshot_engine(snap), NULL);
	struct buf b;

	print(play(s, "192.0.2.9", MANY), &b);
	is_text(buf_slice(&b),
	    "action accept\n"
	    "delete Authentication-Results 3\n"
	    "delete Authentication-Results 2\n"
	    "delete Authentication-Results 1\n",
	    "passed, without results that cannot be told from ours");
	print(play(s, "192.0.2.20", MANY), &b);
	is_text(buf_slice(&b),
	    "action accept\n"
	    "delete Authentication-Results 3\n"
	    "delete Authentication-Results 2\n"
	    "delete Authentication-Results 1\n",
	    "so are those that a relay of ours brings");
	engine_session_free(s);
	snapshot_put(snap);
}

static void
test_limit(void)
{
	struct snapshot *snap = load("OnInternalError accept\n");
	struct engine_session *s =
	    engine_session_new(snapshot_engine(snap), NULL);
	const struct plan *p;

	engine_header(s, SL("X"), SL("no message yet"));
	p = play(s, "192.0.2.9", 0);
	is_text(slice_c(p->reply.code), "550", "a small header is judged");
	p = play_big(s);

	is_int(p->action, ACTION_REJECT, "a header over the limit is refused");
	is_text(slice_c(p->reply.code), "552", "552");
	engine_session_free(s);
	snapshot_put(snap);
}

int
main(void)
{
	config_lib_begin();
	test_tempfail();
	test_accept();
	test_limit();
	config_lib_end();
	return tap_done();
}
