/* SPDX-License-Identifier: BSD-2-Clause
 *
 * callbacks: see callbacks.h. Commands that cannot be answered return what
 * session_quiet() says; everything between CONNECT and end-of-message may
 * come in any order and number that an SMTP client manages to produce.
 */
#include "daemon/callbacks.h"

#include <arpa/inet.h>
#include <semaphore.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/log.h"
#include "daemon/apply.h"
#include "daemon/macros.h"
#include "daemon/mta_io.h"
#include "daemon/session.h"
#include "daemon/shortage.h"
#include "mail/sets.h"

#define MAX_PARAMS 32
#define START_SECONDS 10

static sem_t started; /* made before the thread that serves */

static const struct set *
peers(const struct daemon_session *s)
{
	return snapshot_daemon(s->snapshot)->peers;
}

static sfsistat
on_negotiate(SMFICTX *ctx, unsigned long f0, unsigned long f1,
    A_UNUSED unsigned long f2, A_UNUSED unsigned long f3, unsigned long *pf0,
    unsigned long *pf1, unsigned long *pf2, unsigned long *pf3)
{
	struct daemon_session *s;
	struct steps want;
	const char *missing;

	mta_io_take_bodies(NULL, NULL);
	session_end(ctx);
	s = session_new(ctx);
	if (s == NULL) {
		shortage_tell(SHORTAGE_MEMORY, ENOMEM);
		return SMFIS_REJECT; /* libmilter hangs up: the MTA's default */
	}
	want = engine_steps(snapshot_engine(s->snapshot));
	session_negotiated(s,
	    negotiate(&want,
		session_may_be_refused(s) || set_count(peers(s)) > 0, f0, f1));
	missing = negotiate_missing(&want, f0);
	if (missing != NULL)
		log_text(LOG_LEVEL_WARN, "the MTA does not offer %s", missing);
	if ((f0 & SMFIF_SETSYMLIST) != 0)
		macros_ask(ctx);
	*pf0 = s->negotiated.actions;
	*pf1 = s->negotiated.steps;
	*pf2 = *pf3 = 0;
	return SMFIS_CONTINUE;
}

static uint16_t
client_address(const struct sockaddr *sa, struct ip *ip)
{
	const struct sockaddr_in *in = (const void *)sa;
	const struct sockaddr_in6 *in6 = (const void *)sa;

	*ip = (struct ip){ 0 };
	if (sa != NULL && sa->sa_family == AF_INET) {
		ip->family = 4;
		memcpy(ip->b, &in->sin_addr, 4);
		return ntohs(in->sin_port);
	}
	if (sa != NULL && sa->sa_family == AF_INET6) {
		ip->family = 6;
		memcpy(ip->b, &in6->sin6_addr, 16);
		return ntohs(in6->sin6_port);
	}
	return 0;
}

static sfsistat
on_connect(SMFICTX *ctx, char *name, struct sockaddr *sa)
{
	struct daemon_session *s = session_of(ctx);
	struct ip ip;
	uint16_t port = client_address(sa, &ip);

	if (s == NULL && (s = session_new(ctx)) != NULL)
		session_unsure(s);
	if (s == NULL)
		return SMFIS_TEMPFAIL;
	ip = ip_unmap(ip);
	if (set_has_ip(peers(s), &ip))
		return SMFIS_ACCEPT;
	if (!session_admit(s, &ip))
		return SMFIS_TEMPFAIL;
	macros_connect(ctx, s->engine);
	engine_connect(s->engine, slice_c(name), &ip, port);
	return session_quiet(s, SMFIP_NR_CONN);
}

static sfsistat
on_helo(SMFICTX *ctx, char *name)
{
	struct daemon_session *s = session_of(ctx);

	if (s == NULL)
		return SMFIS_TEMPFAIL;
	macros_helo(ctx, s->engine);
	engine_helo(s->engine, slice_c(name));
	return session_quiet(s, SMFIP_NR_HELO);
}

/* The answer to MAIL or RCPT. One that the MTA would not hear is kept for the
 * end of the message. */
static sfsistat
answer(struct daemon_session *s, const struct plan *plan, unsigned long nr_bit)
{
	if (plan->action == ACTION_CONTINUE || plan->action == ACTION_ACCEPT)
		return session_quiet(s, nr_bit);
	if (s->unsure || !negotiated_reply(&s->negotiated, nr_bit)) {
		s->unanswered = true;
		return session_quiet(s, nr_bit);
	}
	return apply_early(s->ctx, plan);
}

static size_t
params(char **argv, struct slice out[MAX_PARAMS])
{
	size_t n = 0;

	while (argv[0] != NULL && argv[n + 1] != NULL && n < MAX_PARAMS) {
		out[n] = slice_c(argv[n + 1]);
		n++;
	}
	return n;
}

static sfsistat
on_mail(SMFICTX *ctx, char **argv)
{
	struct daemon_session *s = session_of(ctx);
	struct slice param[MAX_PARAMS];
	sfsistat r;

	if (s == NULL)
		return SMFIS_TEMPFAIL;
	mta_io_take_bodies(NULL, NULL);
	s->body_done = s->unanswered = false;
	macros_mail(ctx, s->engine);
	r = answer(s,
	    engine_mail(s->engine, slice_c(argv[0]), param,
		params(argv, param)),
	    SMFIP_NR_MAIL);
	if (r != SMFIS_CONTINUE && r != SMFIS_NOREPLY)
		engine_abort(s->engine);
	return r;
}

static sfsistat
on_rcpt(SMFICTX *ctx, char **argv)
{
	struct daemon_session *s = session_of(ctx);
	struct slice param[MAX_PARAMS];

	if (s == NULL)
		return SMFIS_TEMPFAIL;
	return answer(s,
	    engine_rcpt(s->engine, slice_c(argv[0]), param,
		params(argv, param)),
	    SMFIP_NR_RCPT);
}

static sfsistat
on_header(SMFICTX *ctx, char *name, char *value)
{
	struct daemon_session *s = session_of(ctx);

	if (s == NULL)
		return SMFIS_TEMPFAIL;
	engine_header(s->engine, slice_c(name), session_value(s, value));
	return session_quiet(s, SMFIP_NR_HDR);
}

/* A piece of the body, be it from mta_io or from libmilter. */
static bool
take_body(void *session, struct slice piece)
{
	struct daemon_session *s = session;

	if (!s->body_done)
		s->body_done = !engine_body(s->engine, piece);
	return !s->body_done;
}

static sfsistat
on_eoh(SMFICTX *ctx)
{
	struct daemon_session *s = session_of(ctx);

	if (s == NULL)
		return SMFIS_TEMPFAIL;
	macros_queue_id(ctx, s->engine);
	engine_eoh(s->engine);
	if (engine_wants_body(s->engine))
		mta_io_take_bodies(take_body, s);
	return session_quiet(s, SMFIP_NR_EOH);
}

static sfsistat
on_body(SMFICTX *ctx, unsigned char *p, size_t n)
{
	struct daemon_session *s = session_of(ctx);

	if (s == NULL)
		return SMFIS_TEMPFAIL;
	if (!take_body(s, slice_of((const char *)p, n)))
		mta_io_take_bodies(NULL, NULL);
	if (s->body_done && !mta_io_answered() &&
	    (s->negotiated.steps & SMFIP_SKIP) != 0)
		return SMFIS_SKIP;
	return SMFIS_CONTINUE;
}

static sfsistat
on_end(SMFICTX *ctx)
{
	struct daemon_session *s = session_of(ctx);
	const struct message *m;
	const struct plan *plan;
	sfsistat r = SMFIS_TEMPFAIL;

	if (s == NULL)
		return SMFIS_TEMPFAIL;
	mta_io_take_bodies(NULL, NULL);
	macros_queue_id(ctx, s->engine);
	s->at_end = true;
	plan = engine_end(s->engine);
	s->at_end = false;
	m = engine_message(s->engine);
	if (!s->unanswered)
		r = apply_end(ctx, &s->negotiated, plan,
		    m != NULL ? m->id : "-");
	engine_abort(s->engine); /* the message is over: its memory, too */
	s->body_done = false;
	return r;
}

static sfsistat
on_abort(SMFICTX *ctx)
{
	struct daemon_session *s = session_of(ctx);

	if (s == NULL)
		return SMFIS_CONTINUE;
	mta_io_message_ends(s->connection);
	engine_abort(s->engine);
	return SMFIS_CONTINUE;
}

/* May come without abort, and from the pool's controller under its lock (a
 * session silent for hours): it frees, and waits for nobody. */
static sfsistat
on_close(SMFICTX *ctx)
{
	const struct daemon_session *s = session_of(ctx);

	/* A connection that never negotiated, like those of the kick, may be
	 * closed without being read: its worker still knows another one. */
	if (s != NULL)
		mta_io_session_ends(s->connection);
	session_end(ctx);
	return SMFIS_CONTINUE;
}

int
callbacks_register(int listen_fd)
{
	struct smfiDesc d = {
		.xxfi_name = unconst("chopmark"),
		.xxfi_version = SMFI_VERSION,
		.xxfi_flags = SMFIF_ADDHDRS | SMFIF_CHGHDRS | SMFIF_QUARANTINE |
		    SMFIF_CHGFROM | SMFIF_ADDRCPT | SMFIF_DELRCPT |
		    SMFIF_SETSYMLIST,
		.xxfi_connect = on_connect,
		.xxfi_helo = on_helo,
		.xxfi_envfrom = on_mail,
		.xxfi_envrcpt = on_rcpt,
		.xxfi_header = on_header,
		.xxfi_eoh = on_eoh,
		.xxfi_body = on_body,
		.xxfi_eom = on_end,
		.xxfi_abort = on_abort,
		.xxfi_close = on_close,
		.xxfi_negotiate = on_negotiate,
	};
	char conn[32];

	(void)snprintf(conn, sizeof(conn), "fd:%d", listen_fd);
	if (smfi_setconn(conn) != MI_SUCCESS || smfi_register(d) != MI_SUCCESS)
		return ERR_LIBRARY;
	/* libmilter's own is 65535; Postfix sends header fields of 102400. */
	(void)smfi_setmaxdatasize(MOST_PACKET);
	if (sem_init(&started, 0, 0) != 0)
		return ERR_LIBRARY;
	return smfi_opensocket(false) == MI_SUCCESS ? 0 : ERR_LIBRARY;
}

void
callbacks_started(void)
{
	(void)sem_post(&started);
}

void
callbacks_await(void)
{
	struct timespec end;

	(void)clock_gettime(CLOCK_REALTIME, &end);
	end.tv_sec += START_SECONDS;
	while (sem_timedwait(&started, &end) != 0 && errno == EINTR)
		;
}

void
callbacks_run(void)
{
	(void)smfi_main();
	callbacks_started();
}
