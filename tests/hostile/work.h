/* SPDX-License-Identifier: BSD-2-Clause
 *
 * work: what a message made us do, counted where one file of ours calls
 * another: the linker leads those calls past here. One thread.
 */
#ifndef CM_TESTS_HOSTILE_WORK_H
#define CM_TESTS_HOSTILE_WORK_H

#include "base/base.h"

struct work {
	size_t verified;  /* signatures, by libopendkim or by us */
	size_t hashed;    /* octets of header and body */
	size_t canonical; /* octets of header made canonical */
	size_t walked;    /* octets of comments and quotes, closed or not */
	size_t idn;       /* domains that may have U-labels, converted */
};

extern struct work work;

#endif
