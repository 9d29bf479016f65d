/* SPDX-License-Identifier: BSD-2-Clause
 *
 * srs_map: which envelope senders are rewritten when this host sends mail on,
 * and which recipients are taken back. The same answers serve the MTAs' table
 * lookups, the filter itself and the operator's command.
 *
 * A map is immutable after srs_map_load and shared by all threads.
 */
#ifndef CM_FORWARD_SRS_MAP_H
#define CM_FORWARD_SRS_MAP_H

#include "base/lines.h"
#include "base/stats.h"
#include "forward/outbound.h"
#include "srs/srs.h"

struct set;
struct dns_message;

enum srs_when { SRS_ALWAYS, SRS_NEEDED };
enum srs_long { SRS_LONG_REWRITE, SRS_LONG_KEEP };

struct forward_options {
	/* SRSDomain (empty: no SRS), SRSHashLength, SRSHashMinimum; the other
	 * fields are filled at load */
	struct srs_options srs;
	const char *secret_file; /* SRSSecretFile */
	unsigned secret_uid;     /* the user who will run the daemon, or -1 */
	int separator;           /* SRSSeparator */
	int64_t max_age_s;       /* SRSMaxAge */
	enum srs_when when;      /* SRSWhen */
	enum srs_long long_senders;         /* SRSLongSenders */
	const struct set *local_domains;    /* LocalDomains */
	const struct set *excluded_domains; /* SRSExcludeDomains */
	const struct set *outbound;         /* OutboundAddresses */
	const struct set *forwarded;        /* ForwardedRecipients */
	bool rewrite; /* SRSRewrite: the filter changes senders itself */
	bool reverse; /* SRSReverse: and recipients */
};

struct srs_map;

/* Reads the secrets. The options' texts and sets and `outbound`, which is for
 * SRSWhen needed, must outlive the map. NULL after reporting to p. */
struct srs_map *srs_map_load(struct arena *a, const struct forward_options *o,
    const struct outbound *outbound, struct problems *p) A_MUST_USE;

/* What a lookup came to, and why. */
enum srs_outcome {
	SRS_MAP_REWRITTEN, /* the only one with an address */
	/* senders that stay as they are */
	SRS_MAP_NULL,
	SRS_MAP_OWN,      /* of our own domains, our SRS addresses too */
	SRS_MAP_EXCLUDED, /* SRSExcludeDomains */
	SRS_MAP_PASSES,   /* SRSWhen needed: SPF passes from here too */
	SRS_MAP_TOO_LONG,
	SRS_MAP_UNFIT, /* no address that SRS could carry */
	/* recipients that stay as they are */
	SRS_MAP_FOREIGN, /* no SRS address, or another host's */
	/* ours by its form, but not to be believed: refuse it */
	SRS_MAP_MALFORMED,
	SRS_MAP_FORGED,
	SRS_MAP_EXPIRED
};
const char *srs_outcome_word(enum srs_outcome o);
/* Of recipients: it claims to be ours and is not good. */
bool srs_outcome_refuses(enum srs_outcome o);

struct srs_answer {
	enum srs_outcome outcome;
	struct slice address; /* in the arena */
	/* a sender whose SRS local-part has, or would have, more than 64
	 * octets: rewritten or left alone as SRSLongSenders says */
	bool is_long;
};

/* Of senders that are too long, by what became of them. */
struct srs_long_counters {
	struct stat_counter *rewritten, *kept;
};
/* `by`: "table" or "filter". */
void srs_long_counters_load(struct srs_long_counters *c, const char *by);
/* Counts a sender if it is too long. */
void srs_count_long(const struct srs_long_counters *c, bool is_long,
    bool rewritten);

/* The sender under which mail of `sender` leaves this host. With SRSWhen
 * needed `dns` is asked, and waits; NULL: no question, rewritten in any case.
 * What cannot be found out is rewritten too. 0; ERR_NOMEM, ERR_LIBRARY,
 * ERR_TIMEOUT (the soft deadline of dns). */
int srs_map_sender(const struct srs_map *m, struct arena *a,
    const struct mailbox *sender, struct dns_message *dns,
    struct srs_answer *out) A_MUST_USE;
/* Whom mail to `rcpt` is for. 0, ERR_NOMEM, ERR_LIBRARY. */
int srs_map_rcpt(const struct srs_map *m, struct arena *a,
    const struct mailbox *rcpt, struct srs_answer *out) A_MUST_USE;

/* True if srs_map_sender may want to ask the DNS for this sender. */
bool srs_map_asks(const struct srs_map *m, const struct mailbox *sender);
/* SRSDomain or one of LocalDomains. */
bool srs_map_is_ours(const struct srs_map *m, struct slice domain);
struct slice srs_map_domain(const struct srs_map *m);

#endif
