/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The fake MTA by itself: the other end of a socket pair plays the filter,
 * its packets written beforehand.
 */
#include "lib/tap.h"
#include "wire/mta.h"

#include <sys/socket.h>
#include <unistd.h>

/* An mta and the filter's end of its stream. */
struct pair {
	struct mta *m;
	int filter;
};

static struct pair
pair_new(enum mta_kind kind)
{
	struct pair p;
	int fd[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fd) != 0)
		abort();
	p.m = mta_open_fd(fd[0], kind);
	p.filter = fd[1];
	if (p.m == NULL)
		abort();
	return p;
}

static void
pair_end(struct pair *p)
{
	mta_close(p->m);
	if (p->filter >= 0)
		close(p->filter);
}

static void
says(struct pair *p, char command, const char *data, size_t n)
{
	if (!packet_write(p->filter, command, slice_of(data, n)))
		abort();
}

/* Text with a NUL behind each part that is separated by '|'. */
static void
says_text(struct pair *p, char command, const char *prefix, size_t n,
    const char *text)
{
	struct buf b;

	buf_init(&b, NULL, 65536);
	buf_add(&b, slice_of(prefix, n));
	for (; *text != '\0'; text++)
		buf_add(&b, *text == '|' ? SL("\0") : slice_of(text, 1));
	says(p, command, b.p, b.n);
	buf_fini(&b);
}

static void
says_options(struct pair *p, uint32_t actions, uint32_t steps,
    const char *lists, size_t n)
{
	char head[12];
	struct buf b;

	packet_put32(head, 6);
	packet_put32(head + 4, actions);
	packet_put32(head + 8, steps);
	buf_init(&b, NULL, 65536);
	buf_add(&b, slice_of(head, sizeof(head)));
	buf_add(&b, slice_of(lists, n));
	says(p, 'O', b.p, b.n);
	buf_fini(&b);
}

static struct packet
heard(struct pair *p)
{
	struct packet got = { 0 };

	if (!packet_read(p->filter, p->m->arena, &got))
		got.command = '!';
	return got;
}

static struct pair
negotiated(enum mta_kind kind, uint32_t steps)
{
	struct pair p = pair_new(kind);

	says_options(&p, 0x1ff, steps, "", 0);
	if (!mta_negotiate(p.m, MTA_OFFER_FULL))
		abort();
	heard(&p);
	return p;
}

static void
packets(void)
{
	static const struct {
		const char *what;
		const char *bytes;
		size_t n;
	} bad[] = {
		{ "a length of 0", "\0\0\0\0x", 5 },
		{ "a length over the limit", "\x7f\0\0\0x", 5 },
		{ "an end inside the head", "\0\0\0", 3 },
		{ "an end inside the data",
		    "\0\0\0\x05"
		    "cab",
		    7 },
	};
	struct packet got;
	struct pair p = pair_new(MTA_POSTFIX);

	says(&p, 'L', "a\0b", 3);
	says(&p, 'N', "", 0);
	ok(packet_read(p.m->fd, p.m->arena, &got) && got.command == 'L' &&
		slice_eq(got.data, slice_of("a\0b", 3)),
	    "a packet with a NUL inside arrives whole");
	ok(packet_read(p.m->fd, p.m->arena, &got) && got.command == 'N' &&
		got.data.n == 0,
	    "so does one without data");
	pair_end(&p);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		p = pair_new(MTA_POSTFIX);
		packet_write_raw(p.filter, slice_of(bad[i].bytes, bad[i].n));
		close(p.filter);
		p.filter = -1;
		ok(!packet_read(p.m->fd, p.m->arena, &got), "%s is refused",
		    bad[i].what);
		pair_end(&p);
	}
}

static void
negotiation(void)
{
	struct pair p = pair_new(MTA_POSTFIX);
	struct packet got;

	says_options(&p, 0x11, MTA_NR_HDR, "\0\0\0\x02i {auth_type}", 18);
	ok(mta_negotiate(p.m, MTA_OFFER_FULL), "a fair answer is taken");
	got = heard(&p);
	is_int(packet_get32(slice_from(got.data, 8)), 0x1fffff,
	    "all steps are offered");
	ok(p.m->listed[MTA_AT_MAIL] &&
		slice_eq(p.m->wanted[MTA_AT_MAIL], SL("i {auth_type}")),
	    "the list of macros is read");
	pair_end(&p);

	p = pair_new(MTA_POSTFIX);
	says_options(&p, 0x1ff, 0, "", 0);
	ok(!mta_negotiate(p.m, MTA_OFFER_OLD),
	    "edits that were not offered are refused");
	pair_end(&p);
	p = pair_new(MTA_SENDMAIL);
	says_options(&p, 0x3f, MTA_LEADSPC, "", 0);
	ok(!mta_negotiate(p.m, MTA_OFFER_OLD),
	    "steps that were not offered are refused");
	pair_end(&p);
	p = pair_new(MTA_SENDMAIL);
	says_options(&p, 0x1ff, 0, "\0\0\0\x02i", 5);
	ok(!mta_negotiate(p.m, MTA_OFFER_FULL),
	    "a list without its end is refused");
	pair_end(&p);
}

static void
quiet_steps(void)
{
	struct pair p =
	    negotiated(MTA_SENDMAIL, MTA_NR_HELO | MTA_NODATA | MTA_SKIP);
	struct mta_answer a;

	a = mta_helo(p.m, "a.example");
	is_int(a.verdict, MTA_QUIET, "no reply is awaited where none was due");
	is_int(heard(&p).command, 'H', "the command was sent");
	a = mta_data(p.m);
	is_int(a.verdict, MTA_QUIET, "a step not wanted is passed over");
	says(&p, 's', "", 0);
	says(&p, 'c', "", 0);
	a = mta_body(p.m, SL("x\r\n"));
	is_int(a.verdict, MTA_SKIPPED, "SKIP is understood at the body");
	a = mta_body(p.m, SL("y\r\n"));
	is_int(a.verdict, MTA_QUIET, "the rest of the body is not sent");
	is_int(heard(&p).command, 'B', "one chunk was sent");
	a = mta_end(p.m);
	is_int(a.verdict, MTA_CONTINUE, "end of message is");
	is_int(heard(&p).command, 'E', "and nothing between");
	close(p.filter);
	p.filter = -1;
	a = mta_mail(p.m, "<a@b.example>");
	is_int(a.verdict, MTA_LOST, "a filter that went away is noticed");
	pair_end(&p);
}

static void
macros(void)
{
	struct pair p = negotiated(MTA_POSTFIX, MTA_NR_MAIL | MTA_NR_EOH);
	struct packet got;

	mta_macro(p.m, "i", "4XYZ");
	mta_macro(p.m, "{auth_type}", "PLAIN");
	mta_mail(p.m, "<a@b.example>");
	got = heard(&p);
	ok(got.command == 'D' &&
		slice_eq(got.data, slice_of("M{auth_type}\0PLAIN\0", 19)),
	    "Postfix does not tell the queue id at MAIL");
	heard(&p);
	mta_eoh(p.m);
	got = heard(&p);
	ok(slice_eq(got.data,
	       slice_of("Ni\0"
			"4XYZ\0",
		   8)),
	    "but later");
	pair_end(&p);

	for (int kind = MTA_POSTFIX; kind <= MTA_SENDMAIL; kind++) {
		p = negotiated((enum mta_kind)kind, MTA_NR_CONN);
		mta_macro(p.m, "j", "mx.local.test");
		p.m->listed[MTA_AT_CONNECT] = true;
		mta_connect(p.m, "h.example", "192.0.2.1", 258);
		got = heard(&p);
		is_int(got.command, kind == MTA_POSTFIX ? 'D' : 'C',
		    "an empty list: %s",
		    kind == MTA_POSTFIX ? "Postfix sends its own choice" :
					  "Sendmail sends none");
		if (got.command == 'D')
			got = heard(&p);
		ok(slice_eq(got.data,
		       slice_of("h.example\0"
				"4\1\2"
				"192.0.2.1\0",
			   23)),
		    "address and port follow the name");
		pair_end(&p);
	}
}

static void
begin_headers(struct pair *p)
{
	static const char *const values[] = { " one", " two", " three" };

	mta_mail(p->m, "<a@b.example>");
	for (size_t i = 0; i < ARRAY_LEN(values); i++)
		mta_header(p->m, SL("X"), slice_c(values[i]));
}

static void
edits_count_as_the_mta_counts(void)
{
	static const struct {
		enum mta_kind kind;
		const char *ascending, *descending;
	} cases[] = {
		{ MTA_POSTFIX, " two", " three" },
		{ MTA_SENDMAIL, " three", " three" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *mta =
		    cases[i].kind == MTA_POSTFIX ? "Postfix" : "Sendmail";
		struct pair p =
		    negotiated(cases[i].kind, MTA_NR_MAIL | MTA_NR_HDR);

		begin_headers(&p);
		says_text(&p, 'm', "\0\0\0\1", 4, "X||");
		says_text(&p, 'm', "\0\0\0\2", 4, "X||");
		says(&p, 'c', "", 0);
		is_int(mta_end(p.m).verdict, MTA_CONTINUE, "edits are taken");
		is_text(mta_field(p.m, "X", 1), cases[i].ascending,
		    "%s: deleting 1, then 2", mta);
		begin_headers(&p);
		says_text(&p, 'm', "\0\0\0\2", 4, "X||");
		says_text(&p, 'm', "\0\0\0\1", 4, "X||");
		says(&p, 'a', "", 0);
		mta_end(p.m);
		is_text(mta_field(p.m, "X", 1), cases[i].descending,
		    "%s: deleting 2, then 1", mta);
		pair_end(&p);
	}
}

static void
inserts(void)
{
	struct pair p =
	    negotiated(MTA_POSTFIX, MTA_NR_MAIL | MTA_NR_HDR | MTA_LEADSPC);

	begin_headers(&p);
	says_text(&p, 'i', "\0\0\0\1", 4, "B| below|");
	says_text(&p, 'i', "\0\0\0\0", 4, "A| above|");
	says_text(&p, 'h', "", 0, "Z| last|");
	says_text(&p, 'm', "\0\0\0\2", 4, "X| changed|");
	says_text(&p, 'q', "", 0, "look at it|");
	says(&p, 'p', "", 0);
	says(&p, 'c', "", 0);
	is_int(mta_end(p.m).verdict, MTA_CONTINUE, "edits are taken");
	is_text(mta_headers(p.m),
	    "A: above\nReceived: by the MTA under test\nB: below\n"
	    "X: one\nX: changed\nX: three\nZ: last\n",
	    "0 is above the MTA's own Received, 1 below it");
	is_text(p.m->hold, "look at it", "the reason of a hold is kept");
	is_int(p.m->progress, 1, "progress is counted");
	begin_headers(&p);
	says_text(&p, 'h', "", 0, "Z| a\r\n b|");
	is_int(mta_end(p.m).verdict, MTA_LOST, "CR in a value is an error");
	pair_end(&p);

	p = negotiated(MTA_SENDMAIL, MTA_NR_MAIL | MTA_NR_HDR);
	p.m->actions = MTA_ADDHDRS;
	begin_headers(&p);
	says_text(&p, 'h', "", 0, "Z|v|");
	says_text(&p, 'm', "\0\0\0\1", 4, "X||");
	is_int(mta_end(p.m).verdict, MTA_LOST,
	    "an edit that was not negotiated is an error");
	is_text(mta_field(p.m, "Z", 1), " v",
	    "without \"leading space\" the MTA sets one");
	pair_end(&p);
}

static void
replies(void)
{
	static const struct {
		enum mta_kind kind;
		const char *raw, *want;
	} cases[] = {
		{ MTA_POSTFIX, "550 5.7.1 100%% sure|", "550 5.7.1 100% sure" },
		{ MTA_SENDMAIL, "550 5.7.1 100%% sure|",
		    "550 5.7.1 100% sure" },
		{ MTA_POSTFIX, "550 5.7.1 100% sure|", "550 5.7.1 100 sure" },
		{ MTA_SENDMAIL, "550 5.7.1 100% sure|",
		    "550 5.7.1 Command rejected" },
		{ MTA_POSTFIX, "550 4.7.1 odd|",
		    "451 4.3.5 Server configuration error - try again later" },
		{ MTA_SENDMAIL, "550 4.7.1 odd|", "550 4.7.1 odd" },
		{ MTA_POSTFIX, "550-5.7.1 a\r\n550 5.7.1 b|",
		    "550-5.7.1 a\n550 5.7.1 b" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct pair p = negotiated(cases[i].kind, MTA_NR_MAIL);
		struct mta_answer a;

		mta_mail(p.m, "<a@b.example>");
		says_text(&p, 'y', "", 0, cases[i].raw);
		a = mta_end(p.m);
		is_text(mta_reply(p.m, a), cases[i].want, "%s, reply %zu",
		    cases[i].kind == MTA_POSTFIX ? "Postfix" : "Sendmail", i);
		pair_end(&p);
	}
}

static void
whole_message(void)
{
	static const char *const rcpts[] = { "<x@local.test>",
		"<y@local.test> NOTIFY=NEVER" };
	static const char want[] = "MRRTLLNBE";
	struct pair p = negotiated(MTA_SENDMAIL,
	    MTA_NR_MAIL | MTA_NR_DATA | MTA_NR_HDR | MTA_NR_EOH | MTA_LEADSPC);
	struct mta_answer a;

	says_text(&p, 'y', "", 0, "550 5.1.1 no|");
	says(&p, 'c', "", 0);
	says(&p, 'c', "", 0);
	says(&p, 'a', "", 0);
	a = mta_message(p.m, "<a@b.example> SIZE=10", rcpts, 2,
	    SL("From:a@b.example\nTo: x\n y\n\nbody\nend"));
	is_int(a.verdict, MTA_ACCEPT, "a message goes through");
	is_int((int64_t)p.m->rcpts.n, 1, "without the recipient refused");
	is_text(mta_field(p.m, "To", 1), " x\n y", "folds are kept");
	for (size_t i = 0; i + 1 < sizeof(want); i++) {
		struct packet got = heard(&p);

		if (got.command != want[i])
			is_int(got.command, want[i], "step %zu", i);
		if (got.command == 'B')
			is_text(got.data, "body\r\nend\r\n",
			    "the body has CRLF line ends");
	}
	pair_end(&p);
}

int
main(void)
{
	packets();
	negotiation();
	quiet_steps();
	macros();
	edits_count_as_the_mta_counts();
	inserts();
	replies();
	whole_message();
	return tap_done();
}
