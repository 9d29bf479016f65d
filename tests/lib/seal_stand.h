/* SPDX-License-Identifier: BSD-2-Clause
 *
 * seal_stand: messages through a host that seals, and what the next host makes
 * of the chain. Stands on sign_stand, between its begin and end. One thread.
 */
#ifndef CM_TESTS_LIB_SEAL_STAND_H
#define CM_TESTS_LIB_SEAL_STAND_H

#include "lib/sign_stand.h"

/* A host without users, and what it seals with. */
#define SEAL_HOST "Mode v\nInternalHosts \"\"\n"
#define SEAL_KEYS "ARCDomain example.org\nARCSelector rsa\nARCKeyFile rsa.pem\n"
#define SEAL_HEAD                                   \
	"From: Ann <ann@example.org>\r\n"           \
	"To: Bob <bob@example.net>\r\n"             \
	"Subject: Hello\r\n"                        \
	"Date: Sat, 21 Nov 2026 23:00:19 +0000\r\n" \
	"Message-ID: <1@example.org>\r\n"

/* sign_stand_begin(), and a policy that accepts all: accept.conf. */
void seal_stand_begin(void);
/* The private key of a file that is there. */
struct key *seal_stand_key(const char *name);

/* Somebody outside. */
extern const struct sender seal_stranger;

/* The message as that host sends it on; it lives on. Ends the program if it was
 * refused. */
struct test_mail seal_stand_through(struct snapshot *s,
    const struct sender *from, struct test_mail m);

/* "pass 2", "fail 1 reason": what a host that only verifies makes of it. */
struct slice seal_stand_verdict(const struct test_mail *m);

/* The nth field of a name from the top, unfolded: every fold one space;
 * "(none)". */
struct slice seal_stand_value(const struct test_mail *m, const char *name,
    size_t nth);
/* Whether a text holds another; shows it if not. */
bool seal_stand_holds(struct slice text, const char *what);
/* How many seals are there. */
unsigned seal_stand_sets(const struct test_mail *m);

#endif
