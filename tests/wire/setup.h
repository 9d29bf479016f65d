/* SPDX-License-Identifier: BSD-2-Clause
 *
 * setup: what the wire tests share: a configuration whose rules give every
 * kind of answer by the sender's domain or the Subject, and sessions that
 * have come as far as HELO.
 */
#ifndef CM_TESTS_WIRE_SETUP_H
#define CM_TESTS_WIRE_SETUP_H

#include "wire/filter.h"
#include "wire/mta.h"

/* Senders at early.test are refused at MAIL, nobody@local.test at RCPT, at the
 * end bad.test is refused, later.test tempfailed; a Subject of "hold me" and
 * "drop me" does what it says; any other mail passes with a field X-Seen. */
extern const struct filter_texts setup_texts;
/* The same without rules at MAIL and RCPT: nothing is answered there. */
extern const struct filter_texts setup_quiet_texts;

#define SETUP_REFUSAL \
	"550-5.7.1 MI:SPF I am 100% sure\n550 5.7.1 and this is line two"
#define SETUP_LATER "451 4.7.1 MI:DNS come back"

/* Connected as mail.example.net [192.0.2.9]. Aborts the test program when
 * that fails. */
struct mta *setup_session(const struct filter *f, enum mta_kind kind,
    struct mta_offer offer);
/* A small message from `from` with that Subject to b@local.test. */
struct mta_answer setup_message(struct mta *m, const char *from,
    const char *subject);

/* One test: the answer lets the message pass. */
bool setup_passes(struct mta_answer a, const char *what);

#endif
