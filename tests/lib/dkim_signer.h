/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dkim_signer: genuine DKIM signatures for tests, with every knob that a
 * signer could turn, right or wrong; and messages from text.
 */
#ifndef CM_TESTS_LIB_DKIM_SIGNER_H
#define CM_TESTS_LIB_DKIM_SIGNER_H

#include "crypt/sig.h"
#include "mail/canon.h"
#include "mail/header.h"

struct test_mail {
	struct header_list headers;
	struct slice body;
};

/* The header section of a usual message, with the empty line, from example.org. */
extern const char test_mail_usual[];

/* Cuts "Name: value\r\n...\r\n\r\nbody" into fields and body. */
struct test_mail test_mail_parse(struct arena *a, struct slice text);
/* The message again, as it would go over the wire. */
struct slice test_mail_text(struct arena *a, const struct test_mail *m);
/* A new list that begins with this field. */
void test_mail_prepend(struct arena *a, struct test_mail *m, const char *name,
    struct slice value);

struct dkim_signer {
	const struct key *key;
	const char *a;     /* NULL: as the key is */
	const char *c;     /* NULL: no tag, simple/simple */
	const char *d, *s; /* NULL: example.org, sel */
	const char *h;     /* NULL: from:to:subject:date */
	/* tags put before bh=, "; i=@example.org"; or NULL */
	const char *extra;
	const char *limit;    /* l= as text; or NULL */
	const char *before_b; /* instead of ";\r\n\tb=" */
	const char *after_b;  /* behind the signature; or NULL */
	uint64_t hash_limit;  /* octets really hashed, when limit != NULL */
	bool one_line;        /* no folds */
	const char *tags; /* the whole list up to bh=, instead of all above */
	const char *name; /* of the field; NULL: DKIM-Signature */
};

/* The value of a DKIM-Signature field for the message, with its leading
 * space. */
struct slice dkim_signer_value(struct arena *a, const struct dkim_signer *s,
    const struct test_mail *m);
/* Signs and prepends. */
void dkim_signer_sign(struct arena *a, const struct dkim_signer *s,
    struct test_mail *m);
/* "v=DKIM1; k=...; p=..." of the key. */
struct slice dkim_signer_record(struct arena *a, const struct key *k);

#endif
