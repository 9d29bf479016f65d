/* SPDX-License-Identifier: BSD-2-Clause
 *
 * sign_stand: our own users' mail through an engine that signs, and the result
 * as a stranger's mail through one that verifies. Keys are made at run time;
 * "rsa" and "ed" are published below example.org and example.com, "late" is
 * not. One thread.
 */
#ifndef CM_TESTS_LIB_SIGN_STAND_H
#define CM_TESTS_LIB_SIGN_STAND_H

#include "config/snapshot.h"
#include "lib/dkim_signer.h"

/* Makes directory, keys and zone; the keys are rsa.pem, ed.pem and late.pem
 * there. Ends the program on failure. */
void sign_stand_begin(void);
void sign_stand_end(void);
/* A file of the directory; the path is valid until the end. */
const char *sign_stand_path(const char *name);
void sign_stand_write(const char *name, struct slice text, unsigned mode);

/* A snapshot from this configuration, to which the zone is added; NULL when it
 * was refused. *said: all problems, a line each, without the directory. */
struct snapshot *sign_stand_load(const char *config, struct slice *said);
/* The same of one that is right; else the program ends. */
struct snapshot *sign_stand_config(const char *config);

/* A message of these fields and this body, both with CRLF. */
struct test_mail sign_stand_mail(const char *head, const char *body);

/* Who sends it, and how. */
struct sender {
	const char *client;   /* NULL: 127.0.0.1; "": no address at all */
	const char *auth;     /* {auth_authen} and a type, or NULL */
	const char *daemon;   /* {daemon_name}, or NULL */
	const char *envelope; /* NULL: ann@example.org */
	const char *rcpt;     /* NULL: bob@example.net */
	const char *param;    /* of MAIL, or NULL */
	size_t chunk;         /* octets of a piece of body; 0: all at once */
	bool pickup;          /* Postfix's: the client has no port */
};

/* Leads a message through; *mail becomes what is delivered. Everything lives
 * until sign_stand_forget(). NULL when it was not accepted. */
const struct evaluation *sign_stand_send(const struct snapshot *s,
    const struct sender *from, struct test_mail *mail);
void sign_stand_forget(void);

/* How many signatures a stranger verifies of how many: "2/2". */
struct slice sign_stand_verified(const struct test_mail *mail, size_t chunk);

#endif
