/* SPDX-License-Identifier: BSD-2-Clause
 *
 * srs: making and taking back addresses. What the hashes must be was
 * computed apart from this code, by HMAC-SHA1 and base64 of another language.
 */
#include "srs/srs.h"

#include "base/err.h"
#include "lib/tap.h"

#define DAY ((int64_t)86400)
#define NOW (20000 * DAY) /* stamp RA */

static struct srs_options
options_of(const char *first, const char *second)
{
	struct srs_options o = { .domain = SL("fwd.example.net"),
		.separator = '=',
		.hash_length = 4,
		.hash_min = 4,
		.max_age = 21,
		.allow_long = true };

	if (slice_vec_add(&o.secrets, t_arena(), slice_c(first)) != 0 ||
	    (second != NULL &&
		slice_vec_add(&o.secrets, t_arena(), slice_c(second)) != 0))
		note("out of memory");
	return o;
}

static struct srs_options
plain(void)
{
	return options_of("first secret of ours", NULL);
}

static enum srs_status
go(int (*fn)(struct arena *, const struct srs_options *, const struct mailbox *,
       int64_t, struct slice *, enum srs_status *),
    const struct srs_options *o, const char *address, int64_t now,
    struct slice *out)
{
	enum srs_status status = SRS_OK;
	struct mailbox m;

	if (address_parse_path(t_arena(), t_slice(address), &m) != 0 ||
	    fn(t_arena(), o, &m, now, out, &status) != 0)
		note("out of memory");
	return status;
}

static void
makes(const char *from, const char *to, const char *name)
{
	struct srs_options o = plain();
	struct slice out;

	is_int(go(srs_forward, &o, from, NOW, &out), SRS_OK, "%s", name);
	is_text(out, to, "%s: %s", name, from);
}

static void
takes(const char *from, const char *to, const char *name)
{
	struct srs_options o = plain();
	struct slice out;

	is_int(go(srs_reverse, &o, from, NOW, &out), SRS_OK, "%s", name);
	is_text(out, to, "%s: %s", name, from);
}

static void
refuses(const char *address, enum srs_status want, const char *name)
{
	struct srs_options o = plain();
	struct slice out;
	enum srs_status got = go(srs_reverse, &o, address, NOW, &out);

	is_text(slice_c(srs_status_word(got)), srs_status_word(want), "%s: %s",
	    name, address);
	ok(out.n == 0, "and gives no address");
}

static void
test_forward(void)
{
	makes("<user@example.org>",
	    "SRS0=zNjU=RA=example.org=user@fwd.example.net", "an address");
	makes("User@Example.ORG",
	    "SRS0=zNjU=RA=Example.ORG=User@fwd.example.net",
	    "case is kept and not hashed");
	makes("a=b=@example.org",
	    "SRS0=38s/=RA=example.org=a=b=@fwd.example.net",
	    "separators in the local-part");
	makes("x+y-z@example.org",
	    "SRS0=P9wX=RA=example.org=x+y-z@fwd.example.net",
	    "plus and minus in the local-part");
	makes("\"a b\"@example.org",
	    "\"SRS0=OOFA=RA=example.org=a b\"@fwd.example.net",
	    "a quoted local-part is quoted as a whole");
	makes("\"user\"@example.org",
	    "SRS0=zNjU=RA=example.org=user@fwd.example.net",
	    "quotes that are not needed go");
	makes("\"\"@example.org", "SRS0=mhZn=RA=example.org=@fwd.example.net",
	    "an empty local-part");
	makes("\"q\\\"\\\\\"@example.org",
	    "\"SRS0=hXwb=RA=example.org=q\\\"\\\\\"@fwd.example.net",
	    "quote and backslash");
	makes("user@[192.0.2.1]",
	    "\"SRS0=nqPF=RA=[192.0.2.1]=user\"@fwd.example.net",
	    "an address literal needs quotes");
	makes("us\xc3\xa9r@example.org",
	    "SRS0=R+Sg=RA=example.org=us\xc3\xa9r@fwd.example.net", "UTF-8");
	makes("user@b\xc3\xbc"
	      "cher.example",
	    "SRS0=4OVL=RA=xn--bcher-kva.example=user@fwd.example.net",
	    "a U-label goes as its A-label");
	makes("user@example.org.",
	    "SRS0=zNjU=RA=example.org=user@fwd.example.net",
	    "a final dot goes");
}

static void
test_hops(void)
{
	makes("SRS0=zNjU=RA=example.org=user@first.example.net",
	    "SRS1=SIrP=first.example.net==zNjU=RA=example.org=user@"
	    "fwd.example.net",
	    "the second forwarder");
	makes("SRS1=ABCD=first.example.net==zNjU=RA=example.org=user@"
	      "second.example.com",
	    "SRS1=SIrP=first.example.net==zNjU=RA=example.org=user@"
	    "fwd.example.net",
	    "the third forwarder drops the second");
	takes("SRS1=SIrP=first.example.net==zNjU=RA=example.org=user@"
	      "fwd.example.net",
	    "SRS0=zNjU=RA=example.org=user@first.example.net",
	    "back to the first forwarder");
	takes("srs1=sirp=first.example.net==znju=ra=example.org=user@"
	      "fwd.example.net",
	    "SRS0=znju=ra=example.org=user@first.example.net", "in lower case");
}

/* Separators of others stay, so that they know their address again. */
static void
test_foreign_separators(void)
{
	static const char seps[] = "=+-";
	struct srs_options o = plain();
	char from[128], want[128];
	struct slice there, back;

	for (size_t i = 0; i < 3; i++)
		for (size_t k = 0; k < 3; k++) {
			o.separator = seps[k];
			(void)snprintf(from, sizeof(from),
			    "SRS0%cXXXX=RA=example.org=user@first.example.net",
			    seps[i]);
			is_int(go(srs_forward, &o, from, NOW, &there), SRS_OK,
			    "SRS0%c becomes SRS1%c", seps[i], seps[k]);
			(void)snprintf(want, sizeof(want), "SRS1%c", seps[k]);
			ok(slice_starts(there, slice_c(want)), "%.*s",
			    SL_ARG(there));
			is_int(go(srs_reverse, &o, arena_cstr(t_arena(), there),
				   NOW, &back),
			    SRS_OK, "and goes back");
			is_text(back, from, "to what it was");
		}
}

static void
test_reverse(void)
{
	takes("<SRS0=zNjU=RA=example.org=user@fwd.example.net>",
	    "user@example.org", "an address");
	takes("srs0=znju=ra=example.org=user@fwd.example.net",
	    "user@example.org", "all in lower case, as Postfix asks");
	takes("SRS0=ZNJU=RA=EXAMPLE.ORG=USER@FWD.EXAMPLE.NET",
	    "USER@EXAMPLE.ORG", "all in upper case");
	takes("SRS0+zNjU=RA=example.org=user@fwd.example.net",
	    "user@example.org", "another separator");
	takes("SRS0-zNjU=RA=example.org=user@fwd.example.net",
	    "user@example.org", "and the third");
	takes("SRS0=38s/=RA=example.org=a=b=@fwd.example.net",
	    "a=b=@example.org", "separators in the local-part");
	takes("SRS0=38s_=RA=example.org=a=b=@fwd.example.net",
	    "a=b=@example.org", "the hash in the other alphabet");
	takes("SRS0=zNjU57JMFAita/ZNnjlMWZDWFLE=RA=example.org=user@x.example",
	    "user@example.org", "the whole hash");
	takes("SRS0=mhZn=RA=example.org=@fwd.example.net", "\"\"@example.org",
	    "an empty local-part");
	takes("\"SRS0=OOFA=RA=example.org=a b\"@fwd.example.net",
	    "\"a b\"@example.org", "a quoted one");
	takes("\"SRS0=hXwb=RA=example.org=q\\\"\\\\\"@fwd.example.net",
	    "\"q\\\"\\\\\"@example.org", "quote and backslash");
	takes("\"SRS0=zNjU=RA=example.org=user\"@fwd.example.net",
	    "user@example.org", "quoted without need");
	takes("SRS0=OOFA=RA=example.org=a b@fwd.example.net",
	    "\"a b\"@example.org", "its quotes lost on the way");
	takes("SRS0=sGVp=RA=example.org=\"a b\"@fwd.example.net",
	    "\"a b\"@example.org", "quoted inside, as others do");
	takes("\"SRS0=nqPF=RA=[192.0.2.1]=user\"@fwd.example.net",
	    "user@[192.0.2.1]", "an address literal");
}

static void
test_refusals(void)
{
	refuses("user@fwd.example.net", SRS_FOREIGN, "no SRS address");
	refuses("SRS0@fwd.example.net", SRS_FOREIGN, "a name like it");
	refuses("SRS2=zNjU=RA=example.org=user@x.example", SRS_FOREIGN,
	    "no such scheme");
	refuses("SRS0_zNjU=RA=example.org=user@x.example", SRS_FOREIGN,
	    "no such separator");
	refuses("SRS0=zNjU=RA=example.org@x.example", SRS_MALFORMED,
	    "a field is missing");
	refuses("SRS0=@x.example", SRS_MALFORMED, "all are missing");
	refuses("SRS0=zNjU=RA==user@x.example", SRS_MALFORMED, "no host");
	refuses("SRS1=SIrP=first.example.net@x.example", SRS_MALFORMED,
	    "SRS1 without the rest");
	refuses("SRS1=SIrP=first.example.net=zNjU=RA=x=user@x.example",
	    SRS_MALFORMED, "SRS1 without the inner separator");
	refuses("SRS0=zNjV=RA=example.org=user@x.example", SRS_FORGED,
	    "one bit of the hash");
	refuses("SRS0=zNj=RA=example.org=user@x.example", SRS_FORGED,
	    "a shorter hash");
	refuses("SRS0==RA=example.org=user@x.example", SRS_FORGED, "no hash");
	refuses("SRS0=zNjU57JMFAita/ZNnjlMWZDWFLEA=RA=example.org=user@x.org",
	    SRS_FORGED, "a longer hash than there is");
	refuses("SRS0=zNjU=RB=example.org=user@x.example", SRS_FORGED,
	    "another day");
	refuses("SRS0=zNjU=RA=example.com=user@x.example", SRS_FORGED,
	    "another host");
	refuses("SRS0=zNjU=RA=example.org=users@x.example", SRS_FORGED,
	    "another user");
	refuses("SRS0=8Ytv=RA=example.org=user@x.example", SRS_FORGED,
	    "a secret that is not ours");
	refuses("SRS1=SIrQ=first.example.net==zNjU=RA=example.org=user@x.org",
	    SRS_FORGED, "a forged SRS1");
}

/* The hash does not know where the host ends: who had an address made can cut
 * it elsewhere. What comes out must be an address in any case. */
static void
test_cut_elsewhere(void)
{
	takes("SRS0=cu01=RA=evil.example=om.victim@fwd.example.net",
	    "om.victim@evil.example", "as it was made");
	refuses("SRS0=+YJ1=RA=evil@gmail.com>=foo@fwd.example.net", SRS_FORGED,
	    "no second @ and no bracket in the host");
	refuses("SRS0=+YJ1=RA=evil@=gmail.com>foo@fwd.example.net", SRS_FORGED,
	    "nor at its end");
}

static void
test_days(void)
{
	static const struct {
		int64_t later;
		enum srs_status want;
		const char *name;
	} cases[] = {
		{ 0, SRS_OK, "the second it was made" },
		{ DAY - 1, SRS_OK, "the last second of its day" },
		{ 21 * DAY, SRS_OK, "the 21st day" },
		{ 22 * DAY - 1, SRS_OK, "the last second of the 21st day" },
		{ 22 * DAY, SRS_EXPIRED, "a second later" },
		{ -1, SRS_EXPIRED, "the day before it was made" },
		{ 1023 * DAY, SRS_EXPIRED, "the day before it comes round" },
		{ 1024 * DAY, SRS_OK, "stamps come round" },
	};
	struct srs_options o = plain();
	struct slice out;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		is_int(go(srs_reverse, &o,
			   "SRS0=zNjU=RA=example.org=user@fwd.example.net",
			   NOW + cases[i].later, &out),
		    cases[i].want, "%s", cases[i].name);
	o.max_age = 0;
	is_int(go(srs_reverse, &o,
		   "SRS0=zNjU=RA=example.org=user@fwd.example.net", NOW + DAY,
		   &out),
	    SRS_EXPIRED, "an age of 0 is over with the day");
}

/* Over the end of the cycle: day 1023 is followed by 0. */
static void
test_cycle(void)
{
	struct srs_options o = plain();
	int64_t last = (int64_t)1024 * 20 * DAY - 1;
	struct slice out, back;

	is_int(go(srs_forward, &o, "user@example.org", last, &out), SRS_OK,
	    "made on the last day of the cycle");
	ok(slice_search(out, SL("=77=")) != SLICE_NONE, "%.*s", SL_ARG(out));
	is_int(go(srs_reverse, &o, arena_cstr(t_arena(), out), last + 1, &back),
	    SRS_OK, "good on the first of the next");
	is_int(go(srs_reverse, &o, arena_cstr(t_arena(), out), last + 21 * DAY,
		   &back),
	    SRS_OK, "and after 21 days");
	is_int(go(srs_reverse, &o, arena_cstr(t_arena(), out),
		   last + 1 + 21 * DAY, &back),
	    SRS_EXPIRED, "but not after 22");
}

static void
test_rotation(void)
{
	struct srs_options before = plain();
	struct srs_options both =
	    options_of("the new secret, on top", "first secret of ours");
	struct srs_options after = options_of("the new secret, on top", NULL);
	struct slice old, made, back;
	const char *text;

	is_int(go(srs_forward, &before, "user@example.org", NOW, &old), SRS_OK,
	    "an address of the old secret");
	text = arena_cstr(t_arena(), old);
	is_int(go(srs_reverse, &both, text, NOW, &back), SRS_OK,
	    "is good beside a new one");
	is_int(go(srs_reverse, &after, text, NOW, &back), SRS_FORGED,
	    "and no more without the old one");
	is_int(go(srs_forward, &both, "user@example.org", NOW, &made), SRS_OK,
	    "the first secret signs");
	is_int(go(srs_reverse, &after, arena_cstr(t_arena(), made), NOW, &back),
	    SRS_OK, "so that the old one can go");
}

static void
test_hash_length(void)
{
	struct srs_options o = plain();
	struct slice out;

	o.hash_length = 8;
	is_int(go(srs_forward, &o, "user@example.org", NOW, &out), SRS_OK,
	    "a longer hash");
	is_text(out, "SRS0=zNjU57JM=RA=example.org=user@fwd.example.net",
	    "is more of the same");
	o.hash_min = 6;
	is_int(go(srs_reverse, &o,
		   "SRS0=zNjU5=RA=example.org=user@fwd.example.net", NOW, &out),
	    SRS_FORGED, "a hash under the least length is none");
	is_int(go(srs_reverse, &o,
		   "SRS0=zNjU57=RA=example.org=user@fwd.example.net", NOW,
		   &out),
	    SRS_OK, "of the least length it is");
}

static void
test_length(void)
{
	/* 4 + 1 + 4 + 1 + 2 + 1 + 11 + 1 = 25 octets before the user */
	char exact[80], over[80], far[300];
	struct srs_options o = plain();
	struct slice out;

	(void)snprintf(exact, sizeof(exact), "%039d@example.org", 0);
	(void)snprintf(over, sizeof(over), "%040d@example.org", 0);
	(void)snprintf(far, sizeof(far), "%0213d@example.org", 0);
	o.allow_long = false;
	is_int(go(srs_forward, &o, exact, NOW, &out), SRS_OK,
	    "a local-part of 64 octets");
	is_int((int64_t)out.n, 64 + 16, "%.*s", SL_ARG(out));
	is_int(go(srs_forward, &o, over, NOW, &out), SRS_TOO_LONG,
	    "of 65 octets it is too long");
	ok(out.n == 0, "and not given");
	o.allow_long = true;
	is_int(go(srs_forward, &o, over, NOW, &out), SRS_OK,
	    "unless long ones are wanted");
	is_int(go(srs_forward, &o, far, NOW, &out), SRS_OK,
	    "a path of 254 octets");
	is_int((int64_t)out.n, 254, "is as long as mail can carry");
	(void)snprintf(far, sizeof(far), "%0214d@example.org", 0);
	is_int(go(srs_forward, &o, far, NOW, &out), SRS_TOO_LONG,
	    "one more is too long in any case");
}

static void
test_unfit(void)
{
	static const char *const cases[] = { "user", "@example.org",
		"user@exa=mple.org", "user@exa mple.org", "a\x01@example.org",
		"\xff@example.org", "user@[nonsense]", "user@", "<>" };
	struct srs_options o = plain();
	struct slice out;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		is_int(go(srs_forward, &o, cases[i], NOW, &out), SRS_MALFORMED,
		    "case %zu cannot be carried", i);
	makes("SRS1=AAAA=no host==AAAA=RA=x.example=u@example.org",
	    "\"SRS0=Ne1m=RA=example.org=SRS1=AAAA=no "
	    "host==AAAA=RA=x.example=u\"@fwd.example.net",
	    "nor is one whose first forwarder is no host");
	makes("SRS1=x@example.org",
	    "SRS0=8uBq=RA=example.org=SRS1=x@fwd.example.net",
	    "an SRS1 that is none is an address like others");
}

/* Whatever the text, no crash, and what is made can be taken back. */
static void
test_round_trips(void)
{
	static const char chars[] = "aB0=+-._\"\\ @[]<>,:/\x01\xc3\xa9SR";
	struct srs_options o = plain();
	uint64_t seed = 42;
	unsigned made = 0, same = 0;

	for (int round = 0; round < 3000; round++) {
		char raw[24], path[80];
		struct mailbox m;
		struct slice there, back, local;
		size_t n = 0, q = 0;

		while (n < sizeof(raw) - 1) {
			seed = seed * UINT64_C(6364136223846793005) + 1;
			if ((seed >> 40) % 9 == 0)
				break;
			raw[n++] = chars[(seed >> 33) % (sizeof(chars) - 1)];
		}
		path[q++] = '"';
		for (size_t i = 0; i < n; i++) {
			if (raw[i] == '"' || raw[i] == '\\')
				path[q++] = '\\';
			path[q++] = raw[i];
		}
		(void)snprintf(path + q, sizeof(path) - q, "\"@example.org");
		if (go(srs_forward, &o, path, NOW, &there) != SRS_OK)
			continue;
		made++;
		if (go(srs_reverse, &o, arena_cstr(t_arena(), there), NOW,
			&back) != SRS_OK ||
		    address_parse_path(t_arena(), back, &m) != 0)
			continue;
		local = address_local_unquoted(t_arena(), m.local);
		same += slice_eq(local, slice_of(raw, n)) &&
		    slice_eq(m.domain, SL("example.org"));
	}
	ok(made > 500, "%u random addresses could be carried", made);
	is_int(same, made, "and all of them came back as they were");
}

int
main(void)
{
	test_forward();
	test_hops();
	test_foreign_separators();
	test_reverse();
	test_refusals();
	test_cut_elsewhere();
	test_days();
	test_cycle();
	test_rotation();
	test_hash_length();
	test_length();
	test_unfit();
	test_round_trips();
	return tap_done();
}
