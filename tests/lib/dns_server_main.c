/* SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/lib/dns_server ZONEFILE PORT: the test DNS server as a program. Prints
 * its port (0 asks for a free one) on the first line, then serves until SIGTERM
 * or SIGINT.
 */
#include <signal.h>

#include "base/file.h"
#include "base/num.h"
#include "lib/dns_server.h"

#define MAX_ZONE ((size_t)64 << 20)

int
main(int argc, char **argv)
{
	struct arena *a = arena_new(MAX_ZONE * 2);
	struct dns_server *s;
	struct slice text;
	char why[FILE_WHY];
	uint64_t port;
	sigset_t stop;
	int got;

	if (argc != 3 || a == NULL ||
	    num_parse(slice_c(argv[2]), 65535, &port) != 0) {
		(void)fprintf(stderr, "usage: dns_server ZONEFILE PORT\n");
		arena_free(a);
		return 64;
	}
	if (file_read(a, argv[1], MAX_ZONE, &text, why) != 0) {
		(void)fprintf(stderr, "dns_server: %s\n", why);
		arena_free(a);
		return 66;
	}
	(void)sigemptyset(&stop);
	(void)sigaddset(&stop, SIGTERM);
	(void)sigaddset(&stop, SIGINT);
	(void)sigprocmask(SIG_BLOCK, &stop, NULL);
	s = dns_server_start(text, (uint16_t)port);
	if (s != NULL) {
		printf("%u\n", dns_server_port(s));
		fflush(stdout);
		(void)sigwait(&stop, &got);
	}
	dns_server_stop(s);
	arena_free(a);
	return s != NULL ? 0 : 1;
}
