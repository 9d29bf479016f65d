/* SPDX-License-Identifier: BSD-2-Clause
 *
 * id: unique, sortable, of the promised characters.
 */
#include "engine/id.h"

#include "base/clock.h"
#include "lib/tap.h"

#define MANY 5000

static int
by_text(const void *a, const void *b)
{
	return memcmp(a, b, MESSAGE_ID_LEN);
}

int
main(void)
{
	static char ids[MANY][MESSAGE_ID_LEN + 1];
	char early[MESSAGE_ID_LEN + 1], late[MESSAGE_ID_LEN + 1];
	size_t same = 0, strange = 0;

	for (size_t i = 0; i < MANY; i++) {
		id_make(ids[i]);
		strange +=
		    strspn(ids[i], "0123456789abcdefghijklmnopqrstuvwxyz") !=
		    MESSAGE_ID_LEN;
	}
	qsort(ids, MANY, sizeof(ids[0]), by_text);
	for (size_t i = 1; i < MANY; i++)
		same += memcmp(ids[i - 1], ids[i], MESSAGE_ID_LEN) == 0;
	is_int((int64_t)same, 0, "ids are unique");
	is_int((int64_t)strange, 0, "ids are 16 characters of [0-9a-z]");
	clock_fake(1700000000);
	id_make(early);
	clock_fake(1700000001);
	id_make(late);
	ok(strcmp(early, late) < 0, "ids sort by time");
	clock_fake(0);
	return tap_done();
}
