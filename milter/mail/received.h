/* SPDX-License-Identifier: BSD-2-Clause
 *
 * received: the from-clause of a Received field as relays write it (Postfix,
 * Sendmail, Exim, Exchange), to learn which client a relay of ours talked to.
 *
 * Give it only the topmost field of mail that a trusted relay handed over. The
 * relay wrote it, but HELO name and reverse name in it are the client's
 * words: the address is taken from the one place where the relay itself puts
 * it, and anything unusual around that place makes the whole field unreadable.
 * Texts live in the arena. One thread.
 */
#ifndef CM_MAIL_RECEIVED_H
#define CM_MAIL_RECEIVED_H

#include "base/arena.h"
#include "base/ip.h"
#include "base/limits.h"

struct received {
	struct slice from; /* the word behind "from" */
	struct slice helo; /* the HELO name; empty when the relay tells none */
	struct ip ip;      /* IPv4-mapped undone */
};

/* 0; ERR_SYNTAX: not one of the known forms; ERR_LIMIT: longer than
 * MOST_RECEIVED_OCTETS; ERR_NOMEM. `out` is cleared unless
 * it is 0. */
int received_parse(struct arena *a, struct slice value,
    struct received *out) A_MUST_USE;

#endif
