/* SPDX-License-Identifier: BSD-2-Clause
 *
 * err: the codes by which a function says that *we* failed (memory, I/O, a
 * limit of ours, a bug). That a *message* failed is an enum verdict, never
 * one of these. 0 is success, every code is negative.
 */
#ifndef CM_BASE_ERR_H
#define CM_BASE_ERR_H

enum err {
	ERR_NONE = 0,
	ERR_NOMEM = -1,  /* out of memory, or an arena's ceiling reached */
	ERR_LIMIT = -2,  /* more than we take: length, count, depth */
	ERR_SYNTAX = -3, /* input does not follow its grammar */
	ERR_RANGE = -4,  /* a number outside what is allowed */
	ERR_IO = -5,     /* reading or writing failed, errno tells why */
	ERR_NOTFOUND = -6,
	ERR_UNSAFE = -7,   /* owner or mode of a file is not safe */
	ERR_TIMEOUT = -8,  /* a deadline passed */
	ERR_CLOSED = -9,   /* the other side, or we, are going away */
	ERR_LIBRARY = -10, /* a foreign library refused what it must accept */
	ERR_CONFIG = -11,  /* the configuration was refused; already reported */
	ERR_BUG = -12      /* an invariant of ours does not hold */
};

/* A short English text for a code, never NULL. Thread-safe, static storage. */
const char *err_text(int err);

#endif
