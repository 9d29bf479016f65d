/* SPDX-License-Identifier: BSD-2-Clause
 *
 * engine: leads a message through checks, policy and outcome. It knows
 * neither milter nor files: the daemon, the command line and the tests feed it
 * events and perform the plans it returns.
 *
 * An engine is immutable after engine_new and shared by all threads; the texts
 * and sets that its options name must outlive it. An
 * engine_session belongs to one SMTP connection, one thread at a time.
 *
 *   s = engine_session_new(e, wait, env)
 *   engine_connect(s, ...); engine_helo(s, ...);
 *   plan = engine_mail(s, ...);  plan = engine_rcpt(s, ...);
 *   engine_header(s, ...)...; engine_eoh(s); engine_body(s, ...)...;
 *   plan = engine_end(s);        then again engine_mail, or engine_abort(s)
 *   engine_session_free(s)
 *
 * Errors of ours never leave as errors: every step returns a plan (or bool
 * for steps that cannot answer); after a failure the message is tempfailed or
 * passed as OnInternalError says, with a log line.
 */
#ifndef CM_ENGINE_ENGINE_H
#define CM_ENGINE_ENGINE_H

#include "check/check.h"
#include "engine/timeline.h"
#include "forward/srs_map.h"
#include "policy/rules.h"

enum internal_error_action { INTERNAL_TEMPFAIL, INTERNAL_ACCEPT };

struct engine_options {
	struct check_options check;
	struct rules_options rules;
	struct reply_options replies;
	struct resolver_options resolver;
	struct forward_options forward;
	/* Hostname or empty: macro j, else gethostname */
	struct slice hostname;
	struct slice authserv_id;      /* AuthservID or empty: hostname */
	const struct set *trusted_ids; /* TrustedAuthservIDs */
	bool add_auth_results;         /* AddAuthResults */
	bool add_received_spf;         /* AddReceivedSPF */
	bool log_why;                  /* LogWhy */
	bool log_timing;               /* LogTiming */
	enum internal_error_action on_internal_error;
	size_t max_message_memory; /* ceiling of a message's arena */
	size_t max_header_bytes;
	size_t max_header_fields;
	size_t max_recipients;
	const char *psl_file; /* PublicSuffixList */
};

struct engine;
struct engine_session;

/* `resolver`: shared with the engine before (reload) or NULL to make one.
 * NULL after reporting to p. */
struct engine *engine_new(const struct engine_options *o,
    struct resolver *resolver, struct problems *p) A_MUST_USE;
void engine_free(struct engine *e);
const struct rules *engine_rules(const struct engine *e);
const struct engine_options *engine_options(const struct engine *e);
struct resolver *engine_resolver(const struct engine *e);
/* NULL: no SRS. */
const struct srs_map *engine_srs(const struct engine *e);
/* The keys that we sign with; NULL: nothing is signed. */
struct dkim_keys *engine_keys(const struct engine *e);

/* NULL when out of memory. `wait` may be NULL. */
struct engine_session *engine_session_new(const struct engine *e,
    const struct dns_wait *wait) A_MUST_USE;
void engine_session_free(
    struct engine_session *s); /* aborts a message; NULL is harmless */

/* From now on the times of each message are kept, as LogTiming does; before
 * engine_connect. false: no memory. */
bool engine_keep_timeline(struct engine_session *s) A_MUST_USE;
/* Those of the current message, as engine_evaluation(); NULL: not kept. */
const struct timeline *engine_timeline(const struct engine_session *s);

/* Things the MTA tells beside the commands; the last value counts. Those of
 * AUTH before engine_mail, empty when the client is not authenticated; the
 * queue id whenever it becomes known, before or after engine_mail; the others
 * between messages. Longer values are cut at 4096 octets. */
enum engine_macro {
	ENGINE_HOSTNAME,    /* j */
	ENGINE_DAEMON_NAME, /* {daemon_name} */
	ENGINE_MTA,         /* v */
	ENGINE_TLS_VERSION,
	ENGINE_TLS_CIPHER,
	ENGINE_TLS_VERIFY,
	ENGINE_QUEUE_ID, /* i */
	ENGINE_AUTH_TYPE,
	ENGINE_AUTH_AUTHEN,
	ENGINE_AUTH_AUTHOR
};
void engine_macro(struct engine_session *s, enum engine_macro m,
    struct slice value);

/* client->family 0: local submission. */
void engine_connect(struct engine_session *s, struct slice client_name,
    const struct ip *client, uint16_t port);
void engine_helo(struct engine_session *s, struct slice name);

/* Begins a message; an unfinished one is aborted first. The plan is valid
 * until the next call. */
const struct plan *engine_mail(struct engine_session *s, struct slice path,
    const struct slice *params, size_t n_params);
const struct plan *engine_rcpt(struct engine_session *s, struct slice path,
    const struct slice *params, size_t n_params);
void engine_header(struct engine_session *s, struct slice name,
    struct slice value);
void engine_eoh(struct engine_session *s);
/* false: no more of the body is needed (SMFIS_SKIP). */
bool engine_body(struct engine_session *s, struct slice chunk);
/* The same before the first chunk, from the end of the header section on. */
bool engine_wants_body(const struct engine_session *s);
/* Waits for DNS, judges, decides, writes the log line. Never
 * ACTION_CONTINUE. */
const struct plan *engine_end(struct engine_session *s);
void engine_abort(struct engine_session *s);

/* The evaluation of the current message (after engine_end: of the finished
 * one, until the next engine_mail or abort), or NULL. */
const struct evaluation *engine_evaluation(const struct engine_session *s);
/* A fact of that message, for those who show it: 0, ERR_TIMEOUT (cannot be
 * told, or there is no message) or ERR_NOMEM. */
int engine_fact(struct engine_session *s, const struct fact *f,
    struct slice arg, struct fact_value *out) A_MUST_USE;
const struct message *engine_message(const struct engine_session *s);
const struct session *engine_smtp_session(const struct engine_session *s);

#endif
