/* SPDX-License-Identifier: BSD-2-Clause
 *
 * hostile: messages made of the fuzz targets' seeds, and streams that are no
 * milter protocol. No text makes anything pass, and the same message comes to
 * the same decision as long as the filter lives.
 */
#include "soak/soak.h"

#define RULE_MAX 32
#define MAX_ITEMS 512

/* What became of each seed the first time: action and rule. */
static char first[MAX_ITEMS][RULE_MAX];

static void
compare(struct sender *c, size_t item)
{
	struct soak *s = c->s;
	char now[RULE_MAX];
	bool same;

	(void)snprintf(now, sizeof(now), "%.*s %.*s %.*s",
	    SL_ARG(c->d.seen.code), SL_ARG(c->d.seen.action),
	    SL_ARG(c->d.seen.rule));
	(void)pthread_mutex_lock(&s->lock);
	if (first[item][0] == '\0')
		memcpy(first[item], now, sizeof(now));
	same = strcmp(first[item], now) == 0;
	(void)pthread_mutex_unlock(&s->lock);
	if (!same)
		soak_wrong(s, "hostile text %zu (%.*s): %s, once it was %s",
		    item, SL_ARG(s->world.hostile.at[item].name), now,
		    first[item]);
}

static void
demand_no_pass(struct sender *c, size_t item)
{
	const struct header_field *f = NULL;

	if (c->d.seen.delivered != NULL)
		f = header_list_get(c->d.seen.delivered,
		    SL("Authentication-Results"), 0);
	if (f != NULL && scenario_match(SL("; *[a-z]+=pass"), f->value))
		soak_wrong(c->s, "hostile text %zu passes: %.*s", item,
		    SL_ARG(f->value));
}

static struct slice
message_with(struct sender *c, const struct hostile *h)
{
	struct buf b;

	buf_init(&b, c->a, (size_t)1 << 20);
	if (h->name.n > 0)
		buf_printf(&b, "%.*s: %.*s\r\n", SL_ARG(h->name),
		    SL_ARG(slice_sub(h->text, 0, slice_chr(h->text, '\0'))));
	if (!slice_eq(h->name, SL("From")))
		buf_adds(&b, "From: a@hostile.example\r\n");
	buf_adds(&b, "To: b@local.test\r\n\r\n");
	buf_add(&b, h->text);
	return buf_slice(&b);
}

void
hostile_message(struct sender *c)
{
	const struct hostile_vec *all = &c->s->world.hostile;
	size_t item = soak_random(&c->seed, (uint32_t)all->n);
	const struct hostile *h = &all->at[item];
	struct scn_event m = { .kind = SCN_MESSAGE };

	dialog_close(&c->d);
	m.text = message_with(c, h);
	if (!sender_connect(c, "203.0.113.66", "mail.hostile.example") ||
	    !sender_say(c, SCN_HELO, "mail.hostile.example"))
		return;
	sender_pace(c);
	if (!sender_say(c, SCN_MAIL, "<a@hostile.example>") ||
	    (h->name.n == 0 &&
		!sender_say(c, SCN_RCPT, arena_cstr(c->a, h->text))) ||
	    !sender_say(c, SCN_RCPT, "<b@local.test>") ||
	    !dialog_do(&c->d, &m) || c->d.answer.verdict == MTA_LOST) {
		soak_wrong(c->s, "hostile text %zu: %s", item, c->d.mta->error);
	} else {
		sender_count(c);
		atomic_fetch_add(&c->s->hostile, 1);
		demand_no_pass(c, item);
		if (item < MAX_ITEMS && sender_is_strict(c))
			compare(c, item);
	}
	dialog_close(&c->d);
}

/* Commands in any order with anything in them, and bytes that are none. */
void
hostile_stream(struct sender *c)
{
	static const char commands[] = "ABCDEHKLMNORTUXZ";
	const struct hostile_vec *all = &c->s->world.hostile;
	struct mta *m;

	dialog_close(&c->d);
	m = mta_open(c->s->filter->socket, c->d.kind);
	if (m == NULL) {
		soak_wrong(c->s, "no connection: %s", strerror(errno));
		return;
	}
	if (soak_random(&c->seed, 4) != 0)
		(void)mta_negotiate(m, MTA_OFFER_FULL);
	for (uint32_t n = soak_random(&c->seed, 30); n > 0; n--) {
		struct slice text =
		    all->at[soak_random(&c->seed, (uint32_t)all->n)].text;
		char command =
		    commands[soak_random(&c->seed, sizeof(commands) - 1)];

		text = slice_sub(text, soak_random(&c->seed, 16),
		    soak_random(&c->seed, 400));
		if (soak_random(&c->seed, 16) == 0 ?
			!packet_write_raw(m->fd, text) :
			!packet_write(m->fd, command, text))
			break;
	}
	mta_close(m);
	atomic_fetch_add(&c->s->garbage, 1);
}
