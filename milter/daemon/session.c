/* SPDX-License-Identifier: BSD-2-Clause
 *
 * session: see session.h. Here is the wait hook, too: whenever a callback
 * waits for the DNS, the pool is kicked, and at end-of-message the MTA hears
 * that we are alive (Sendmail takes "progress" anywhere else for an error).
 */
#include "daemon/session.h"

#include "base/limits.h"
#include "base/stats.h"
#include "daemon/crowd.h"
#include "daemon/kick.h"
#include "daemon/mta_io.h"
#include "daemon/reload.h"
#include "mail/sets.h"

#define TICK_MS 5000
#define VALUE_MAX ((size_t)2 << 20)

static atomic_uint live;
static atomic_ulong last_actions,
    last_steps; /* negotiated, see session_unsure */

static void
wait_begin(void *ctx)
{
	(void)ctx;
	kick_begin();
}

static void
wait_tick(void *ctx)
{
	const struct daemon_session *s = ctx;

	if (s->at_end)
		(void)smfi_progress(s->ctx);
}

static void
wait_end(void *ctx)
{
	(void)ctx;
	kick_end();
}

static void
session_free(struct daemon_session *s)
{
	if (s->client.family != 0)
		crowd_leave(&s->client);
	engine_session_free(s->engine);
	snapshot_put(s->snapshot);
	buf_fini(&s->value);
	free(s);
	atomic_fetch_sub(&live, 1);
}

struct daemon_session *
session_new(SMFICTX *ctx)
{
	struct daemon_session *s = calloc(1, sizeof(*s));
	struct dns_wait wait = { .begin = wait_begin,
		.tick = wait_tick,
		.end = wait_end,
		.ctx = s,
		.tick_ms = TICK_MS };

	if (s == NULL)
		return NULL;
	atomic_fetch_add(&live, 1);
	s->ctx = ctx;
	s->connection = mta_io_connection();
	buf_init(&s->value, NULL, VALUE_MAX);
	s->snapshot = reload_current();
	s->engine = engine_session_new(snapshot_engine(s->snapshot), &wait);
	if (s->engine == NULL || smfi_setpriv(ctx, s) != MI_SUCCESS) {
		session_free(s);
		return NULL;
	}
	return s;
}

bool
session_may_be_refused(struct daemon_session *s)
{
	const struct daemon_options *d = snapshot_daemon(s->snapshot);

	s->excess = session_count() > d->max_sessions;
	return s->excess || d->max_client_sessions > 0;
}

/* An IPv6 client has a network to choose addresses from. */
static struct ip
crowd_name(const struct ip *client)
{
	struct ip name = *client;

	if (name.family == 6)
		memset(name.b + 8, 0, 8);
	return name;
}

bool
session_admit(struct daemon_session *s, const struct ip *client)
{
	const struct daemon_options *d = snapshot_daemon(s->snapshot);
	const struct direction_options *o =
	    &engine_options(snapshot_engine(s->snapshot))->check.direction;
	const struct ip name = crowd_name(client);
	char text[IP_TEXT];

	if (s->excess) {
		limits_tell(LIMIT_SESSIONS, "%u sessions at once",
		    session_count());
		return false;
	}
	if (d->max_client_sessions == 0 || client->family == 0 ||
	    s->client.family != 0 || set_has_ip(o->internal_hosts, client) ||
	    set_has_ip(o->relay_hosts, client))
		return true;
	if (!crowd_enter(&name, d->max_client_sessions)) {
		limits_tell(LIMIT_CLIENT_SESSIONS, "%zu sessions of %s at once",
		    d->max_client_sessions, ip_print(client, text));
		return false;
	}
	s->client = name;
	return true;
}

void
session_negotiated(struct daemon_session *s, struct negotiated n)
{
	s->negotiated = n;
	atomic_store(&last_actions, n.actions);
	atomic_store(&last_steps, n.steps);
}

void
session_unsure(struct daemon_session *s)
{
	s->unsure = true;
	s->negotiated.actions = atomic_load(&last_actions);
	s->negotiated.steps = atomic_load(&last_steps);
}

struct daemon_session *
session_of(SMFICTX *ctx)
{
	return smfi_getpriv(ctx);
}

void
session_end(SMFICTX *ctx)
{
	struct daemon_session *s = session_of(ctx);

	if (s == NULL)
		return;
	(void)smfi_setpriv(ctx, NULL);
	session_free(s);
}

sfsistat
session_quiet(const struct daemon_session *s, unsigned long nr_bit)
{
	/* Unsure, we answer: libmilter holds an answer back where it is not
	 * due, but an MTA that waits for one would wait in vain. */
	if (s == NULL || s->unsure || negotiated_reply(&s->negotiated, nr_bit))
		return SMFIS_CONTINUE;
	return SMFIS_NOREPLY;
}

struct slice
session_value(struct daemon_session *s, const char *value)
{
	if ((s->negotiated.steps & SMFIP_HDR_LEADSPC) != 0)
		return slice_c(value);
	buf_clear(&s->value);
	buf_addc(&s->value, ' ');
	buf_adds(&s->value, value);
	return buf_ok(&s->value) ? buf_slice(&s->value) : slice_c(value);
}

unsigned
session_count(void)
{
	return atomic_load(&live);
}
