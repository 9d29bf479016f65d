/* SPDX-License-Identifier: BSD-2-Clause
 *
 * direction: told from authentication, client address and listener, before
 * any check runs. DESIGN: authenticated, internal, submission listener or
 * local submission is originating; a listed relay is relayed; all else comes
 * from outside.
 */
#include "check/direction.h"

#include "base/err.h"
#include "check/check.h"
#include "mail/received.h"
#include "mail/sets.h"

const char *
direction_word(enum direction d)
{
	switch (d) {
	case DIRECTION_INBOUND:
		return "inbound";
	case DIRECTION_RELAYED:
		return "relayed";
	case DIRECTION_ORIGINATING:
		return "originating";
	}
	return "inbound";
}

bool
direction_is_local(const struct session *s)
{
	/* sendmail(1): no client at all; Postfix's pickup: localhost without
	 * a port, and an answer at RCPT would be an error there */
	return s->client.family == 0 ||
	    (s->client_port == 0 && ip_is_loopback(&s->client));
}

static bool
is_originating(const struct direction_options *o, const struct message *m)
{
	const struct session *s = m->session;

	if (m->auth_type.n > 0)
		return true;
	if (direction_is_local(s))
		return true;
	if (set_has_ip(o->relay_hosts, &s->client))
		return false; /* a relay named on purpose, though internal */
	return set_has_ip(o->internal_hosts, &s->client) ||
	    (s->daemon_name.n > 0 && set_has(o->mta_names, s->daemon_name));
}

void
direction_judge(struct evaluation *ev)
{
	const struct direction_options *o = &ev->env->options->direction;
	const struct session *s = ev->message->session;

	ev->judged_client = s->client;
	ev->judged_helo = s->helo;
	if (is_originating(o, ev->message))
		ev->direction = DIRECTION_ORIGINATING;
	else if (set_has_ip(o->relay_hosts, &s->client)) {
		ev->direction = DIRECTION_RELAYED;
		/* The relay's own address says nothing about the sender. */
		ev->judged_client = (struct ip){ 0 };
		ev->judged_helo = slice_of(NULL, 0);
	} else
		ev->direction = DIRECTION_INBOUND;
	ev->judged = o->verify && ev->direction != DIRECTION_ORIGINATING;
}

int
direction_eoh(struct evaluation *ev)
{
	const struct header_field *top;
	struct received r;
	int err;

	if (ev->direction != DIRECTION_RELAYED)
		return 0;
	top = header_list_get(&ev->message->headers, SL("Received"), 0);
	if (top == NULL)
		return 0;
	err = received_parse(ev->arena, top->value, &r);
	if (err == ERR_NOMEM)
		return err;
	if (err == ERR_LIMIT)
		limits_meet(&ev->limits, LIMIT_RECEIVED_OCTETS);
	if (err != 0 || r.ip.family == 0)
		return 0;
	ev->judged_client = ip_unmap(r.ip);
	ev->judged_helo = r.helo;
	return 0;
}
