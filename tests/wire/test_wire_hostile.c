/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A real chopmarkd against streams that no MTA should send, and messages that
 * one may: after each the filter must serve the next session, and at the end
 * of all be the same process.
 */
#include "lib/tap.h"
#include "wire/setup.h"

#include <unistd.h>

static void
still_serves(const struct filter *f, const char *what)
{
	struct mta *m = setup_session(f, MTA_POSTFIX, MTA_OFFER_FULL);

	setup_passes(setup_message(m, "a@good.test", "x"), what);
	mta_close(m);
}

static void
raw(const struct filter *f, struct slice bytes, const char *what)
{
	struct mta *m = mta_open(f->socket, MTA_POSTFIX);

	if (m == NULL || !packet_write_raw(m->fd, bytes))
		note("closed early");
	mta_close(m);
	still_serves(f, what);
}

static void
raw_in_message(const struct filter *f, struct slice bytes, const char *what)
{
	struct mta *m = setup_session(f, MTA_POSTFIX, MTA_OFFER_FULL);

	mta_mail(m, "<a@good.test>");
	mta_rcpt(m, "<b@local.test>");
	mta_header(m, SL("From"), SL(" a@good.test"));
	if (!packet_write_raw(m->fd, bytes))
		note("closed early");
	mta_close(m);
	still_serves(f, what);
}

static void
broken_streams(const struct filter *f)
{
	static const struct {
		const char *what;
		struct slice bytes;
	} cases[] = {
		{ "nothing at all", SLICE_INIT("") },
		{ "half a length", SLICE_INIT("\0\0") },
		{ "a packet that ends in its data", SLICE_INIT("\0\0\0\x20L") },
		{ "a length of 0", SLICE_INIT("\0\0\0\0") },
		{ "a length of 4 GB", SLICE_INIT("\xff\xff\xff\xffL") },
		{ "an unknown command", SLICE_INIT("\0\0\0\x01Z") },
		{ "SMTP", SLICE_INIT("EHLO x\r\nMAIL FROM:<>\r\n") },
		{ "a header without its NUL", SLICE_INIT("\0\0\0\4Labc") },
		{ "a header with an empty name", SLICE_INIT("\0\0\0\4L\0b\0") },
		{ "MAIL without an argument", SLICE_INIT("\0\0\0\1M") },
		{ "RCPT without a NUL", SLICE_INIT("\0\0\0\3Rab") },
		{ "macros without end", SLICE_INIT("\0\0\0\4DCab") },
		{ "macros for no command", SLICE_INIT("\0\0\0\1D") },
		{ "a macro without a value, asked for later",
		    SLICE_INIT("\0\0\0\10DMa\0b\0"
			       "c\0\0\0\0\4M<>\0") },
		{ "a negotiation that is too short",
		    SLICE_INIT("\0\0\0\3Oab") },
		{ "CONNECT with half an address",
		    SLICE_INIT("\0\0\0\6Ca\0"
			       "4\0\1") },
		{ "end of message at once", SLICE_INIT("\0\0\0\1E") },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char what[96];

		(void)snprintf(what, sizeof(what), "%s, at the start",
		    cases[i].what);
		raw(f, cases[i].bytes, what);
		(void)snprintf(what, sizeof(what), "%s, in a message",
		    cases[i].what);
		raw_in_message(f, cases[i].bytes, what);
	}
}

/* Commands that are right by themselves, in an order that is not. */
static void
any_order(const struct filter *f)
{
	static const struct {
		char command;
		struct slice data;
	} each[] = {
		{ 'A', SLICE_INIT("") },
		{ 'B', SLICE_INIT("body\r\n") },
		{ 'C',
		    SLICE_INIT("x.test\0"
			       "4\1\2"
			       "192.0.2.9\0") },
		{ 'D',
		    SLICE_INIT("Mi\0"
			       "4Q\0") },
		{ 'E', SLICE_INIT("") },
		{ 'E', SLICE_INIT("the end\r\n") },
		{ 'H', SLICE_INIT("helo.test\0") },
		{ 'K', SLICE_INIT("") },
		{ 'L', SLICE_INIT("From\0 a@good.test\0") },
		{ 'L', SLICE_INIT("X\0\0") },
		{ 'M', SLICE_INIT("<a@good.test>\0SIZE=1\0") },
		{ 'M', SLICE_INIT("<a@early.test>\0") },
		{ 'N', SLICE_INIT("") },
		{ 'O', SLICE_INIT("\0\0\0\6\0\0\1\xff\0\x1f\xff\xff") },
		{ 'R', SLICE_INIT("<b@local.test>\0") },
		{ 'R', SLICE_INIT("<nobody@local.test>\0") },
		{ 'T', SLICE_INIT("") },
		{ 'U', SLICE_INIT("XYZZY\0") },
	};
	uint32_t seed = 12345;
	unsigned sent = 0;

	for (int run = 0; run < 100; run++) {
		struct mta *m = setup_session(f, MTA_SENDMAIL, MTA_OFFER_FULL);
		size_t k = 0;

		for (int i = 0; i < 100; i++) {
			seed = seed * 1664525U + 1013904223U;
			k = (seed >> 8) % ARRAY_LEN(each);
			if (!packet_write(m->fd, each[k].command, each[k].data))
				break;
			sent++;
		}
		mta_close(m);
	}
	ok(sent > 1000, "%u commands in any order were sent", sent);
	still_serves(f, "and hurt nobody");
}

static struct mta_answer
with_field(struct mta *m, struct slice name, struct slice value)
{
	mta_mail(m, "<a@good.test>");
	mta_rcpt(m, "<b@local.test>");
	mta_header(m, SL("From"), SL(" a@good.test"));
	mta_header(m, name, value);
	mta_eoh(m);
	mta_body(m, SL("x\r\n"));
	return mta_end(m);
}

static void
odd_fields(struct filter *f)
{
	static char big[102400], packet[(1 << 20) + 64];
	struct mta *m = setup_session(f, MTA_POSTFIX, MTA_OFFER_FULL);
	struct slice all;

	for (size_t i = 0; i < sizeof(big); i++)
		big[i] = (char)(i % 255 + 1);
	all = slice_of(big, 255);
	while (slice_chr(all, '\r') != SLICE_NONE)
		big[slice_chr(all, '\r')] = 'x';
	setup_passes(with_field(m, SL("X-Bytes"), all),
	    "a field with every byte but NUL and CR");
	memset(big, 'a', sizeof(big));
	setup_passes(with_field(m, SL("X-Big"), slice_of(big, 65536)),
	    "a field of 64 KB");
	setup_passes(with_field(m, SL("X-Big"), slice_of(big, sizeof(big))),
	    "one of 100 KB, as Postfix sends them");
	setup_passes(with_field(m, slice_of(big, 998), SL(" v")),
	    "a name of 998 bytes");
	setup_passes(with_field(m, SL("X-Empty"), SL("")), "an empty value");
	setup_passes(with_field(m, SL("From"), SL(" a@good.test")),
	    "a second From");
	mta_close(m);

	m = setup_session(f, MTA_POSTFIX, MTA_OFFER_FULL);
	mta_mail(m, "<a@good.test>");
	memset(packet, 'a', sizeof(packet));
	packet_put32(packet, (uint32_t)sizeof(packet) - 4);
	packet[4] = 'L';
	if (!packet_write_raw(m->fd, slice_of(packet, sizeof(packet))))
		note("closed early");
	is_int(mta_end(m).verdict, MTA_LOST,
	    "a packet over 1 MB ends its session");
	mta_close(m);
	still_serves(f, "and no other");
	ok(slice_search(filter_log(f), SL("limit packet-octets: ")) !=
		SLICE_NONE,
	    "which the log tells");
}

static void
large_header(const struct filter *f)
{
	struct mta *m = setup_session(f, MTA_POSTFIX, MTA_OFFER_FULL);
	struct mta_answer a;
	struct slice reply;
	char value[1000];

	memset(value, 'a', sizeof(value));
	mta_mail(m, "<a@good.test>");
	mta_rcpt(m, "<b@local.test>");
	for (int i = 0; i < 600; i++)
		mta_header(m, SL("X-Filler"), slice_of(value, sizeof(value)));
	mta_eoh(m);
	a = mta_end(m);
	reply = mta_reply(m, a);
	ok(slice_starts(reply, SL("552 5.3.4 ")),
	    "a header section over the limit is refused, and told why");
	setup_passes(setup_message(m, "a@good.test", "x"),
	    "the next message of that session passes");
	mta_close(m);
}

static void
envelopes(const struct filter *f)
{
	static const char *const mails[] = { "<>", "", "a", "<a", "<@>",
		"<\xff\xfe@x.test>", "<\"a b\"@good.test>",
		"<a@[192.0.2.1]> SIZE=1 BODY=8BITMIME SMTPUTF8 AUTH=<>" };
	struct mta *m = setup_session(f, MTA_SENDMAIL, MTA_OFFER_FULL);
	unsigned answered = 0;

	for (size_t i = 0; i < ARRAY_LEN(mails); i++) {
		static const char *const rcpts[] = { "<b@local.test>", "",
			"<\"\xff\"@x>" };

		if (mta_message(m, mails[i], rcpts, ARRAY_LEN(rcpts),
			SL("From: a@good.test\n\nx\n"))
			.verdict != MTA_LOST)
			answered++;
	}
	is_int(answered, (int64_t)ARRAY_LEN(mails),
	    "every odd envelope gets an answer");
	mta_close(m);
}

static void
clients(const struct filter *f)
{
	static const char *const addresses[] = { NULL, "/run/client",
		"2001:db8::1", "::ffff:192.0.2.9", "192.0.2.9", "127.0.0.1" };

	for (size_t i = 0; i < ARRAY_LEN(addresses); i++) {
		struct mta *m = mta_open(f->socket, MTA_POSTFIX);

		if (m == NULL || !mta_negotiate(m, MTA_OFFER_FULL))
			abort();
		mta_connect(m, "localhost", addresses[i], 0);
		setup_passes(setup_message(m, "a@good.test", "x"),
		    addresses[i] != NULL ? addresses[i] : "no address");
		mta_close(m);
	}
}

static void
bodies(const struct filter *f)
{
	static char chunk[65535];
	struct mta *m = setup_session(f, MTA_POSTFIX, MTA_OFFER_FULL);

	memset(chunk, 'b', sizeof(chunk));
	mta_mail(m, "<a@good.test>");
	mta_rcpt(m, "<b@local.test>");
	mta_header(m, SL("From"), SL(" a@good.test"));
	mta_eoh(m);
	for (int i = 0; i < 32; i++)
		mta_body(m, slice_of(chunk, sizeof(chunk)));
	setup_passes(mta_end(m), "2 MB in one line");
	mta_mail(m, "<a@good.test>");
	mta_rcpt(m, "<b@local.test>");
	setup_passes(mta_end(m), "neither header nor body");
	mta_close(m);
}

int
main(void)
{
	struct filter *f = filter_new(&setup_texts);

	if (ok(filter_start(f), "chopmarkd serves")) {
		pid_t pid = f->pid;

		broken_streams(f);
		any_order(f);
		odd_fields(f);
		large_header(f);
		envelopes(f);
		clients(f);
		bodies(f);
		is_int(filter_stop(f), 0, "it lived through it and ends well");
		note("process %ld", (long)pid);
	}
	filter_free(f);
	return tap_done();
}
