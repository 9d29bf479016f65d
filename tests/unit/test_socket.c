/* SPDX-License-Identifier: BSD-2-Clause
 *
 * socket: the text forms of a socket.
 */
#include "config/socket.h"

#include "base/err.h"
#include "lib/tap.h"

static struct socket_spec spec;
static const char *why;

static int
parse(const char *text)
{
	return socket_spec_parse(t_arena(), t_slice(text), &spec, &why);
}

static void
test_good(void)
{
	static const char *const local[] = { "unix:/run/x.sock",
		"local:/run/x.sock", "/run/x.sock", "UNIX:/run/x.sock" };

	for (size_t i = 0; i < ARRAY_LEN(local); i++) {
		ok(parse(local[i]) == 0 && spec.kind == SOCKET_UNIX,
		    "%s is a local socket", local[i]);
		is_text(slice_c(spec.path), "/run/x.sock", "with its path");
	}
	ok(parse("inet:8891@localhost") == 0 && spec.kind == SOCKET_INET &&
		spec.port == 8891 && strcmp(spec.host, "localhost") == 0,
	    "inet with port and host");
	ok(parse("8891@192.0.2.1") == 0 && spec.kind == SOCKET_INET &&
		strcmp(spec.host, "192.0.2.1") == 0,
	    "port and host alone are inet");
	ok(parse("inet:8891") == 0 && spec.port == 8891 && spec.host == NULL,
	    "without host every address is meant");
	ok(parse("inet6:8891@[::1]") == 0 && spec.kind == SOCKET_INET6 &&
		strcmp(spec.host, "::1") == 0,
	    "inet6, brackets are taken off");
	ok(parse("fd:3") == 0 && spec.kind == SOCKET_FD && spec.fd == 3,
	    "an open descriptor");
}

static void
test_bad(void)
{
	static const char *const texts[] = { "", "unix:", "unix:x.sock",
		"tcp:1@h", "inet:", "inet:0@h", "inet:65536@h", "inet:x@h",
		"inet:25@", "inet:25@a b", "inet:-1@h", "fd:", "fd:x",
		"localhost", "inet:localhost:25" };
	char path[200];

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		ok(parse(texts[i]) == ERR_SYNTAX && why[0] != '\0',
		    "'%s' is none, and why is told", texts[i]);
	memset(path, 'x', sizeof(path));
	path[0] = '/';
	path[107] = '\0';
	is_int(parse(path), 0, "a path of 107 bytes");
	path[107] = 'x';
	path[108] = '\0';
	is_int(parse(path), ERR_SYNTAX, "a longer one does not fit an address");
}

int
main(void)
{
	test_good();
	test_bad();
	return tap_done();
}
