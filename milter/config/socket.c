/* SPDX-License-Identifier: BSD-2-Clause
 *
 * socket: reads the text form of a socket.
 */
#include "config/socket.h"

#include <sys/socket.h>
#include <sys/un.h>

#include "base/err.h"
#include "base/num.h"

static int
parse_path(struct arena *a, struct slice s, struct socket_spec *out,
    const char **why)
{
	struct sockaddr_un un;

	out->kind = SOCKET_UNIX;
	if (s.n == 0 || s.p[0] != '/') {
		*why = "the path of a local socket begins with '/'";
		return ERR_SYNTAX;
	}
	if (s.n >= sizeof(un.sun_path)) {
		*why = "the path of a local socket has 107 bytes at most";
		return ERR_SYNTAX;
	}
	out->path = arena_cstr(a, s);
	return out->path != NULL ? 0 : ERR_NOMEM;
}

/* "port@host" or "port". */
static int
parse_inet(struct arena *a, struct slice s, struct socket_spec *out,
    const char **why)
{
	size_t at = slice_chr(s, '@');
	struct slice host = slice_sub(s, at == SLICE_NONE ? s.n : at + 1, s.n);
	uint64_t port;

	if (num_parse(slice_sub(s, 0, at), 65535, &port) != 0 || port == 0) {
		*why = "the port is a number from 1 to 65535, as in "
		       "inet:8891@localhost";
		return ERR_SYNTAX;
	}
	out->port = (uint16_t)port;
	if (at == SLICE_NONE)
		return 0;
	if (host.n >= 2 && host.p[0] == '[' && host.p[host.n - 1] == ']')
		host = slice_sub(host, 1, host.n - 2);
	if (host.n == 0 || slice_chr(host, ' ') != SLICE_NONE ||
	    slice_chr(host, '\0') != SLICE_NONE) {
		*why = "a host name or address follows '@'";
		return ERR_SYNTAX;
	}
	out->host = arena_cstr(a, host);
	return out->host != NULL ? 0 : ERR_NOMEM;
}

static int
parse_fd(struct slice s, struct socket_spec *out, const char **why)
{
	uint64_t fd;

	out->kind = SOCKET_FD;
	if (num_parse(s, 65535, &fd) != 0) {
		*why = "fd: takes the number of an open descriptor";
		return ERR_SYNTAX;
	}
	out->fd = (int)fd;
	return 0;
}

int
socket_spec_parse(struct arena *a, struct slice text, struct socket_spec *out,
    const char **why)
{
	size_t colon = slice_chr(text, ':');
	struct slice kind = slice_sub(text, 0, colon);
	struct slice rest =
	    slice_from(text, colon == SLICE_NONE ? text.n : colon + 1);

	*out = (struct socket_spec){ .kind = SOCKET_INET, .fd = -1 };
	*why = "";
	if (text.n > 0 && text.p[0] == '/')
		return parse_path(a, text, out, why);
	if (colon == SLICE_NONE)
		return parse_inet(a, text, out, why);
	if (slice_ieq(kind, SL("unix")) || slice_ieq(kind, SL("local")))
		return parse_path(a, rest, out, why);
	if (slice_ieq(kind, SL("inet6")))
		out->kind = SOCKET_INET6;
	if (slice_ieq(kind, SL("inet")) || slice_ieq(kind, SL("inet6")))
		return parse_inet(a, rest, out, why);
	if (slice_ieq(kind, SL("fd")))
		return parse_fd(rest, out, why);
	*why = "a socket is unix:/path, inet:port@host or inet6:port@host";
	return ERR_SYNTAX;
}
