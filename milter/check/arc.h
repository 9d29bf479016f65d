/* SPDX-License-Identifier: BSD-2-Clause
 *
 * arc: the Authenticated Received Chain (RFC 8617): what came of it, and the
 * steps of the check. Everything about ARC stands in the files arc*.[ch] of this
 * room; without the option ARC, or for a message that carries no chain and gets
 * no seal, none of it does anything.
 */
#ifndef CM_CHECK_ARC_H
#define CM_CHECK_ARC_H

#include "check/verdict.h"

struct evaluation;
struct header_field;
struct set;
struct arc_chain;
struct arc_sealer;
struct finding;

enum arc_mode {
	ARC_OFF,
	ARC_VERIFY,  /* and seal where a rule says so */
	ARC_SEAL_ALL /* and seal whatever was judged and is accepted */
};

struct arc_options {
	enum arc_mode mode;        /* ARC */
	const struct set *trusted; /* ARCTrustedSealers: d= of seals */
	struct slice domain;       /* ARCDomain */
	struct slice selector;     /* ARCSelector */
	const char *key_file;      /* ARCKeyFile */
	const struct set *later;   /* ARCSealLater: recipients */
	bool seal_by_rule;         /* a rule says seal */
};

struct arc_result {
	bool done;
	enum verdict verdict; /* none pass fail */
	struct slice reason;  /* of a fail */
	struct slice sealer;  /* d= of the newest seal of a passing chain */
	bool trusted;         /* the sealer is in ARCTrustedSealers */
	/* A trusted sealer at the end of the chain saw an aligned pass of
	 * this very author domain. */
	bool saw_pass;
	/* `verdict` is fail only because no answer came about a key of a chain
	 * whose newest seal claims to be of a trusted sealer. */
	bool unsure;
	unsigned sets;   /* in the chain */
	unsigned sealed; /* i= of the set that we added; 0: none */
	/* Of mail that came back to be sealed (arc_return): our own results on
	 * it. `verdict` is then what they say, if the seals still hold. */
	struct slice returned;
};

struct arc_state {
	struct arc_chain *chain; /* NULL: the message has no ARC field */
	unsigned asked;          /* keys, while headers came in */
	struct slice last_key;   /* of them, its name */
	bool may_seal;
	int body; /* handle of the digest of our own signature */
	struct finding *finding;
	/* what our own results say of the chain of returned mail */
	enum verdict on_arrival;
};

int arc_header(struct evaluation *ev, const struct header_field *f);
int arc_eoh(struct evaluation *ev);
/* Before dmarc_end. */
int arc_end(struct evaluation *ev);

/* Notes in the finding, as an override for reports (RFC 8617 section 7.2.2),
 * that a message was accepted although DMARC asked for another disposition,
 * and that a trusted chain spoke for it. Does nothing when it did not. 0 or
 * ERR_NOMEM. */
int arc_note_override(struct evaluation *ev) A_MUST_USE;

#endif
