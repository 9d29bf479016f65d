/* SPDX-License-Identifier: BSD-2-Clause
 *
 * foreign: the table from foreign.def.
 */
#include "config/foreign.h"

static const struct foreign_option foreign[] = {
#define FOREIGN(name, origin, instead) { #name, origin, instead },
#include "config/foreign.def"
#undef FOREIGN
};

const struct foreign_option *
foreign_find(struct slice name)
{
	for (size_t i = 0; i < ARRAY_LEN(foreign); i++)
		if (slice_ieq(slice_c(foreign[i].name), name))
			return &foreign[i];
	return NULL;
}
