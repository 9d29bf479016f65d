/* SPDX-License-Identifier: BSD-2-Clause
 *
 * arc_signer: genuine ARC sets for tests, with every knob that a sealer could
 * turn, right or wrong. It shares nothing with the sealer under test.
 */
#ifndef CM_TESTS_LIB_ARC_SIGNER_H
#define CM_TESTS_LIB_ARC_SIGNER_H

#include "lib/dkim_signer.h"

struct arc_signer {
	const struct key *key;
	const char *d, *s; /* NULL: example.org, sel */
	unsigned i;        /* 0: one more than the sets that are there */
	const char *cv;    /* NULL: none for the first, else pass */
	const char *a;     /* NULL: as the key is */
	const char *c;     /* of the message signature; NULL: relaxed/relaxed */
	const char *h;     /* NULL: from:to:subject:date */
	const char *results;   /* NULL: mx.example.net; spf=none */
	const char *ams_extra; /* "; l=5": tags of the message signature */
	const char *as_extra;  /* "; t=1": tags of the seal */
	const char *limit;     /* octets of l=, which are hashed */
	bool no_cv;
	bool alone; /* the seal covers its own set only */
};

/* Puts the three fields on top of the message. */
void arc_signer_seal(struct arena *a, const struct arc_signer *s,
    struct test_mail *m);
/* n sets one after the other, all alike. */
void arc_signer_chain(struct arena *a, const struct arc_signer *s, unsigned n,
    struct test_mail *m);

#endif
