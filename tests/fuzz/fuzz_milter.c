/* SPDX-License-Identifier: BSD-2-Clause
 *
 * fuzz_milter: the filter as an MTA meets it: libmilter, our callbacks and the
 * buffers between it and the socket. Each line of the input is a packet, the
 * command and its data with '|' for NUL and a '\v' for LF; a line that begins
 * with '!' is sent as it stands, without length or command. The first byte
 * chooses how it is cut into pieces. All that is answered are packets that a
 * filter may send.
 */
#include <pthread.h>

#include "daemon/callbacks.h"
#include "daemon/kick.h"
#include "daemon/mta_io.h"
#include "daemon/threads.h"
#include "fuzz/live.h"

#define PACKETS_MAX 400

static struct listener listener;

static const char zone_text[] =
    "example.org TXT \"v=spf1 ip4:192.0.2.0/24 include:example.net -all\"\n"
    "example.net TXT \"v=spf1 a ~all\"\n"
    "nomail.example TXT \"v=spf1 -all\"\n"
    "_dmarc.example.org TXT \"v=DMARC1; p=reject\"\n";

static const char policy_text[] =
    "early: reject with spf at mail if spf is fail and spf.null\n"
    "rcpt:  tempfail with dns at rcpt if rcpt.domain is \"later.example\"\n"
    "keep:  hold if header(\"Subject\") is \"hold\"\n"
    "large: quarantine if size > 3K\n"
    "seen:  tag \"X-Seen: {helo} {mailfrom} {from}\"\n"
    "dmarc: reject with dmarc if dmarc.disposition is reject\n"
    "mark:  quarantine if dmarc is fail\n"
    "trap:  discard if mailfrom is \"trap@example.org\"\n";

static void *
serve(void *unused)
{
	(void)unused;
	callbacks_run();
	return NULL;
}

static void
set_up(void)
{
	pthread_t thread;

	live_listen(&listener);
	live_configure("Hostname mx.example.org\nRelayHosts 198.51.100.0/24\n"
		       "AddReceivedSPF yes\n",
	    zone_text, policy_text);
	threads_prepare();
	FUZZ_DEMAND(threads_reserve() == 0);
	mta_io_listen(listener.fd);
	FUZZ_DEMAND(callbacks_register(listener.fd) == 0);
	FUZZ_DEMAND(kick_start(&listener) == 0);
	FUZZ_DEMAND(pthread_create(&thread, NULL, serve, NULL) == 0);
	(void)pthread_detach(thread);
	callbacks_await();
}

static void
add_packet(struct buf *out, struct slice line)
{
	char head[4] = { (char)(unsigned char)(line.n >> 24),
		(char)(unsigned char)(line.n >> 16),
		(char)(unsigned char)(line.n >> 8),
		(char)(unsigned char)line.n };

	buf_add(out, slice_of(head, sizeof(head)));
	for (size_t i = 0; i < line.n; i++)
		buf_addc(out,
		    line.p[i] == '|'      ? '\0' :
			line.p[i] == '\v' ? '\n' :
					    line.p[i]);
}

static struct slice
stream(struct arena *a, struct slice in)
{
	struct buf out;

	buf_init(&out, a, FUZZ_ARENA / 4);
	for (unsigned i = 0; i < PACKETS_MAX && in.n > 0; i++) {
		struct slice line = fuzz_line(&in);

		if (slice_starts(line, SL("!")))
			buf_add(&out, slice_from(line, 1));
		else if (line.n > 0)
			add_packet(&out, line);
	}
	return buf_slice(&out);
}

/* Whole packets, but for the last one, whose end the filter may not have got
 * rid of; each of a kind that goes from a filter to an MTA. */
static void
demand_packets(struct slice heard)
{
	static const char known[] = "+-2abcdefhilmOpqrsty4";

	while (heard.n >= 5) {
		const unsigned char *len = (const void *)heard.p;
		size_t n = (size_t)len[0] << 24 | (size_t)len[1] << 16 |
		    (size_t)len[2] << 8 | len[3];

		FUZZ_DEMAND(n > 0 && n < (size_t)4 << 20);
		FUZZ_DEMAND(
		    memchr(known, heard.p[4], sizeof(known) - 1) != NULL);
		heard = slice_from(heard, 4 + n);
	}
}

void
fuzz_one(struct arena *a, struct slice in)
{
	size_t piece;

	if (listener.fd == 0)
		set_up();
	piece = (size_t)1 << (3 + fuzz_number(&in, 14));
	demand_packets(live_talk(a, &listener, stream(a, in), piece));
}
