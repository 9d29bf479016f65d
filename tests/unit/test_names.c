/* SPDX-License-Identifier: BSD-2-Clause
 *
 * names: tables both ways, and which spelling is suggested.
 */
#include "base/names.h"

#include "lib/tap.h"

static const struct name_code table[] = {
	{ "mail", 2 },
	{ "local0", 16 },
	{ "alias", 2 },
};

static void
suggests(const char *word, const char *want)
{
	static const char *const known[] = { "Socket", "SocketMode",
		"SocketGroup", "Syslog", "Mode", "MTA" };
	struct names_nearest near = names_nearest_to(t_slice(word));

	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		names_nearest_try(&near, slice_c(known[i]));
	is_text(near.best, want, "'%s' suggests '%s'", word, want);
}

int
main(void)
{
	char long_name[100];

	is_int(names_code(table, ARRAY_LEN(table), t_slice("LOCAL0"), -1), 16,
	    "a code by name without case");
	is_int(names_code(table, ARRAY_LEN(table), t_slice("mai"), -1), -1,
	    "a prefix is not the name");
	is_text(slice_c(names_name(table, ARRAY_LEN(table), 2)), "mail",
	    "the first name of a code");
	is_text(slice_c(names_name(table, ARRAY_LEN(table), 99)), "unknown",
	    "a code without name");

	is_int(names_distance(t_slice(""), t_slice("")), 0, "empty and empty");
	is_int(names_distance(t_slice(""), t_slice("abc")), 3, "insertions");
	is_int(names_distance(t_slice("abc"), t_slice("")), 3, "deletions");
	is_int(names_distance(t_slice("Socket"), t_slice("sOCKET")), 0,
	    "case does not count");
	is_int(names_distance(t_slice("socket"), t_slice("sokcet")), 1,
	    "a swap of neighbours is one edit");
	is_int(names_distance(t_slice("ca"), t_slice("abc")), 3,
	    "but none across other edits");
	is_int(names_distance(t_slice("kitten"), t_slice("sitting")), 3,
	    "substitutions and an insertion");
	memset(long_name, 'x', sizeof(long_name));
	ok(names_distance(t_bytes(long_name, 63), t_bytes(long_name, 63)) == 0,
	    "63 bytes are compared");
	ok(names_distance(t_bytes(long_name, 64), t_bytes(long_name, 64)) >
		1000,
	    "64 are far away");

	suggests("Sokcet", "Socket");
	suggests("socketgruop", "SocketGroup");
	suggests("Mod", "Mode");
	suggests("MAT", "MTA");
	suggests("Xyz", "");
	suggests("PolicyFile", "");
	suggests("", "");
	return tap_done();
}
