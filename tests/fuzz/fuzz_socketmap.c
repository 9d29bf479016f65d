/* SPDX-License-Identifier: BSD-2-Clause
 *
 * fuzz_socketmap: the table lookups of an MTA, from the octets on the socket to
 * the threads that ask the DNS. The first byte chooses how the stream is cut.
 * As many requests as are whole are answered, each by one netstring.
 */
#include "daemon/map_server.h"
#include "forward/socketmap.h"
#include "fuzz/live.h"

static struct listener listener;

static const char zone_text[] =
    "passes.example TXT \"v=spf1 ip4:192.0.2.1 -all\"\n"
    "fails.example TXT \"v=spf1 -all\"\n"
    "loop.example TXT \"v=spf1 include:loop.example -all\"\n"
    "silent.example SERVFAIL\n";

static void
set_up(void)
{
	char config[512];

	live_listen(&listener);
	(void)snprintf(config, sizeof(config),
	    "SRSDomain fwd.example.org\nSRSSecretFile %s\n"
	    "LocalDomains local.example\nSRSWhen needed\n"
	    "OutboundAddresses 192.0.2.1\n",
	    live_secret(SL("first secret of ours\nthe second secret\n")));
	live_configure(config, zone_text, NULL);
	FUZZ_DEMAND(map_server_start(&listener) != NULL);
}

/* How many requests there are before the first that is none. */
static size_t
requests(struct slice in, bool *broken)
{
	struct socketmap_request r;
	enum socketmap_read got;
	size_t n = 0;

	while ((got = socketmap_read(in, &r)) == SOCKETMAP_TAKEN) {
		FUZZ_DEMAND(r.used > 0 && r.used <= in.n);
		FUZZ_DEMAND(fuzz_inside(r.name, in) && fuzz_inside(r.key, in));
		FUZZ_DEMAND(r.name.n + r.key.n < r.used);
		in = slice_from(in, r.used);
		n++;
	}
	*broken = got == SOCKETMAP_BROKEN;
	return n;
}

/* Takes "N:WORD text," off the front. */
static void
take_reply(struct slice *heard)
{
	static const char *const words[] = { "OK ", "NOTFOUND ", "TEMP ",
		"PERM " };
	size_t colon = slice_chr(*heard, ':'), n = 0;
	bool known = false;
	struct slice text;

	FUZZ_DEMAND(colon != SLICE_NONE && colon > 0 && colon < 6);
	for (size_t i = 0; i < colon; i++) {
		FUZZ_DEMAND(heard->p[i] >= '0' && heard->p[i] <= '9');
		n = n * 10 + (size_t)(heard->p[i] - '0');
	}
	text = slice_sub(*heard, colon + 1, n);
	FUZZ_DEMAND(text.n == n && heard->n > colon + 1 + n);
	FUZZ_DEMAND(heard->p[colon + 1 + n] == ',');
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		known = known || slice_starts(text, slice_c(words[i]));
	FUZZ_DEMAND(known);
	*heard = slice_from(*heard, colon + n + 2);
}

void
fuzz_one(struct arena *a, struct slice in)
{
	size_t piece, want, got = 0;
	struct slice heard;
	bool broken;

	if (listener.fd == 0)
		set_up();
	piece = (size_t)1 << fuzz_number(&in, 16);
	want = requests(in, &broken);
	heard = live_talk(a, &listener, in, piece);
	for (; heard.n > 0; got++)
		take_reply(&heard);
	/* Nonsense ends the connection, with what was not yet answered. */
	FUZZ_DEMAND(broken ? got <= want : got == want);
}
