/* SPDX-License-Identifier: BSD-2-Clause
 *
 * direction: whose mail it is, and by which address a relay's mail is judged.
 */
#include "check/direction.h"

#include "check/check.h"
#include "lib/tap.h"
#include "mail/sets.h"

struct fixture {
	struct arena *a;
	struct check_options options;
	struct check_env env;
	struct session session;
	struct message message;
	struct evaluation ev;
};

static const struct set *
set_of(struct arena *a, const char *source)
{
	struct problems p;
	struct set *s = NULL;

	problems_init(&p, a);
	if (set_load(a, slice_c(source), (struct place){ "test", 1 }, &p, &s) !=
	    0)
		abort();
	return s;
}

static void
fixture_init(struct fixture *f, const char *client)
{
	struct arena *a = t_arena();

	*f = (struct fixture){ .a = a };
	f->options.direction = (struct direction_options){
		.internal_hosts = set_of(a, "{127.0.0.0/8, ::1, 10.0.0.0/8}"),
		.relay_hosts = set_of(a, "{192.0.2.20, 10.0.0.20}"),
		.mta_names = set_of(a, "{MSA}"),
		.verify = true,
	};
	f->env.options = &f->options;
	f->ev = (struct evaluation){ .env = &f->env,
		.message = &f->message,
		.arena = a };
	f->message.session = &f->session;
	f->message.arena = a;
	header_list_init(&f->message.headers, a);
	if (client != NULL && !ip_parse(slice_c(client), &f->session.client))
		abort();
}

static enum direction
judge(struct fixture *f)
{
	direction_judge(&f->ev);
	return f->ev.direction;
}

static void
test_who(void)
{
	struct fixture f;

	fixture_init(&f, "198.51.100.7");
	ok(judge(&f) == DIRECTION_INBOUND && f.ev.judged,
	    "a stranger is inbound and judged");
	fixture_init(&f, "10.1.2.3");
	ok(judge(&f) == DIRECTION_ORIGINATING && !f.ev.judged,
	    "an internal host originates and is not judged");
	fixture_init(&f, "10.0.0.20");
	ok(judge(&f) == DIRECTION_RELAYED && f.ev.judged,
	    "a relay inside the internal net is a relay");
	fixture_init(&f, NULL);
	ok(judge(&f) == DIRECTION_ORIGINATING,
	    "no client address is local submission");
	fixture_init(&f, "127.0.0.1");
	f.options.direction.internal_hosts = NULL;
	ok(judge(&f) == DIRECTION_ORIGINATING,
	    "loopback and port 0 is Postfix's local submission");
	f.session.client_port = 25001;
	ok(judge(&f) == DIRECTION_INBOUND, "with a port it is a client");
	fixture_init(&f, "198.51.100.7");
	ok(judge(&f) == DIRECTION_INBOUND, "port 0 alone is a stranger");
	f.message.auth_type = SL("PLAIN");
	ok(judge(&f) == DIRECTION_ORIGINATING, "authentication makes it ours");
	fixture_init(&f, "198.51.100.7");
	f.session.daemon_name = SL("MSA");
	ok(judge(&f) == DIRECTION_ORIGINATING,
	    "a submission listener makes it ours");
	fixture_init(&f, "198.51.100.7");
	f.session.daemon_name = SL("MTA");
	ok(judge(&f) == DIRECTION_INBOUND, "another listener does not");
	fixture_init(&f, "198.51.100.7");
	f.options.direction.verify = false;
	ok(judge(&f) == DIRECTION_INBOUND && !f.ev.judged,
	    "nobody is judged when verification is off");
}

static void
test_relay(void)
{
	static const char good[] =
	    " from mail.example.org (mail.example.org [198.51.100.7])\r\n"
	    "\tby relay.example (Postfix) with ESMTPS id 4ABC\r\n"
	    "\tfor <b@local.test>; Sat, 21 Nov 2026 10:00:00 +0000 (UTC)";
	struct fixture f;
	char ip[IP_TEXT];

	fixture_init(&f, "192.0.2.20");
	(void)judge(&f);
	ok(f.ev.judged_client.family == 0,
	    "a relay's own address is not judged");
	ok(direction_eoh(&f.ev) == 0 && f.ev.judged_client.family == 0,
	    "without Received there is no address");
	ok(header_list_add(&f.message.headers, SL("Received"), t_slice(good),
	       NULL) == 0 &&
		direction_eoh(&f.ev) == 0,
	    "a Received field is read");
	is_text(slice_c(ip_print(&f.ev.judged_client, ip)), "198.51.100.7",
	    "the address the relay recorded is judged");
	is_text(f.ev.judged_helo, "mail.example.org", "and its HELO");

	fixture_init(&f, "198.51.100.99");
	(void)judge(&f);
	if (header_list_add(&f.message.headers, SL("Received"), t_slice(good),
		NULL) != 0)
		abort();
	ok(direction_eoh(&f.ev) == 0, "a stranger's header section ends");
	is_text(slice_c(ip_print(&f.ev.judged_client, ip)), "198.51.100.99",
	    "a stranger's Received fields count for nothing");
}

int
main(void)
{
	test_who();
	test_relay();
	return tap_done();
}
