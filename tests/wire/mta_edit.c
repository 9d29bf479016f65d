/* SPDX-License-Identifier: BSD-2-Clause
 *
 * mta_edit: edits of header and envelope, counted as Postfix and Sendmail
 * count. Postfix works on the message as it stands: its own Received is the
 * first field and is passed over, whatever stands there by then; a deleted
 * field is gone. Sendmail passes over its own Received, and a deleted field
 * goes on being counted.
 */
#include "wire/mta_edit.h"

static void
log_edit(struct mta *m, struct slice text)
{
	if (slice_vec_add(&m->edits, m->arena, text) != 0)
		m->error = "out of memory";
}

/* Index of the nth field (from 1) of that name as the filter counts, or the
 * length of the list. */
static size_t
find(const struct mta *m, struct slice name, uint32_t nth)
{
	size_t i;

	for (i = 0; i < m->headers.n; i++) {
		const struct mta_header *h = &m->headers.at[i];

		if (m->kind == MTA_POSTFIX ? i == 0 : h->own)
			continue;
		if (slice_ieq(h->name, name) && --nth == 0)
			break;
	}
	return i;
}

static void
insert(struct mta *m, size_t at, struct slice name, struct slice value)
{
	struct mta_header *h = mta_header_vec_push(&m->headers, m->arena);

	if (h == NULL) {
		m->error = "out of memory";
		return;
	}
	if (at > m->headers.n - 1)
		at = m->headers.n - 1;
	memmove(&m->headers.at[at + 1], &m->headers.at[at],
	    (m->headers.n - 1 - at) * sizeof(*h));
	m->headers.at[at] = (struct mta_header){ .name = name, .value = value };
}

static void
change(struct mta *m, uint32_t nth, struct slice name, struct slice value)
{
	size_t i = find(m, name, nth);

	if (i == m->headers.n) {
		if (value.n > 0)
			insert(m, m->headers.n, name, value);
	} else if (value.n > 0) {
		m->headers.at[i].value = value;
	} else if (m->kind == MTA_SENDMAIL) {
		m->headers.at[i].gone = true;
	} else {
		memmove(&m->headers.at[i], &m->headers.at[i + 1],
		    (m->headers.n - i - 1) * sizeof(m->headers.at[0]));
		m->headers.n--;
	}
}

/* Without "leading space" the MTA sets one before the value. */
static struct slice
value_as_sent(struct mta *m, struct slice value)
{
	if ((m->steps & MTA_LEADSPC) != 0 || value.n == 0)
		return value;
	return arena_printf(m->arena, " %.*s", SL_ARG(value));
}

static bool
edit_header(struct mta *m, char command, struct slice data)
{
	uint32_t index = 0;
	struct slice name, value;

	if (command != 'h') {
		if (data.n < 4)
			return false;
		index = packet_get32(data);
		data = slice_from(data, 4);
	}
	if (!packet_text(&data, &name) || !packet_text(&data, &value) ||
	    name.n == 0 || slice_chr(value, '\r') != SLICE_NONE)
		return false;
	value = value_as_sent(m, value);
	if (command == 'h') {
		log_edit(m,
		    arena_printf(m->arena, "add %.*s:%.*s", SL_ARG(name),
			SL_ARG(value)));
		insert(m, m->headers.n, name, value);
	} else if (command == 'i') {
		log_edit(m,
		    arena_printf(m->arena, "insert %u %.*s:%.*s",
			(unsigned)index, SL_ARG(name), SL_ARG(value)));
		insert(m, index, name, value);
	} else if (index == 0) {
		return false;
	} else {
		log_edit(m,
		    value.n > 0 ?
			arena_printf(m->arena, "change %u %.*s:%.*s",
			    (unsigned)index, SL_ARG(name), SL_ARG(value)) :
			arena_printf(m->arena, "delete %.*s %u", SL_ARG(name),
			    (unsigned)index));
		change(m, index, name, value);
	}
	return true;
}

static bool
same_address(struct slice a, struct slice b)
{
	if (a.n > 1 && a.p[0] == '<' && a.p[a.n - 1] == '>')
		a = slice_sub(a, 1, a.n - 2);
	if (b.n > 1 && b.p[0] == '<' && b.p[b.n - 1] == '>')
		b = slice_sub(b, 1, b.n - 2);
	return slice_ieq(a, b);
}

static bool
edit_envelope(struct mta *m, char command, struct slice data)
{
	struct slice text;

	if (!packet_text(&data, &text) || text.n == 0)
		return false;
	switch (command) {
	case 'e':
		m->from = text;
		log_edit(m, arena_printf(m->arena, "from %.*s", SL_ARG(text)));
		break;
	case 'q':
		m->hold = text;
		log_edit(m, arena_printf(m->arena, "hold %.*s", SL_ARG(text)));
		break;
	case '-':
		for (size_t i = 0; i < m->rcpts.n; i++) {
			if (same_address(m->rcpts.at[i], text)) {
				m->rcpts.at[i] = m->rcpts.at[--m->rcpts.n];
				break;
			}
		}
		log_edit(m, arena_printf(m->arena, "rcpt- %.*s", SL_ARG(text)));
		break;
	default:
		if (slice_vec_add(&m->rcpts, m->arena, text) != 0)
			return false;
		log_edit(m, arena_printf(m->arena, "rcpt+ %.*s", SL_ARG(text)));
		break;
	}
	return true;
}

/* The bit of the actions that an edit needs. */
static uint32_t
bit_of(char command)
{
	static const struct {
		char command;
		uint32_t bit;
	} bits[] = { { 'h', MTA_ADDHDRS }, { 'i', MTA_ADDHDRS },
		{ 'm', MTA_CHGHDRS }, { 'q', MTA_QUARANTINE }, { 'e', 0x40 },
		{ '+', 0x04 }, { '2', 0x80 }, { '-', 0x08 } };

	for (size_t i = 0; i < ARRAY_LEN(bits); i++) {
		if (bits[i].command == command)
			return bits[i].bit;
	}
	return 0;
}

bool
mta_edit_apply(struct mta *m, const struct packet *p)
{
	uint32_t bit = bit_of(p->command);
	bool done;

	if (bit == 0) {
		m->error = "an unknown packet at end of message";
		return false;
	}
	if ((m->actions & bit) == 0) {
		m->error = "an edit that was not negotiated";
		return false;
	}
	if (p->command == 'h' || p->command == 'i' || p->command == 'm')
		done = edit_header(m, p->command, p->data);
	else
		done = edit_envelope(m, p->command, p->data);
	if (!done)
		m->error = "a malformed edit";
	return done;
}

struct slice
mta_headers(struct mta *m)
{
	struct buf b;

	buf_init(&b, m->arena, (size_t)16 << 20);
	for (size_t i = 0; i < m->headers.n; i++) {
		const struct mta_header *h = &m->headers.at[i];

		if (h->gone)
			continue;
		buf_add(&b, h->name);
		buf_addc(&b, ':');
		buf_add(&b, h->value);
		buf_addc(&b, '\n');
	}
	return buf_slice(&b);
}

struct slice
mta_field(struct mta *m, const char *name, unsigned nth)
{
	for (size_t i = 0; i < m->headers.n; i++) {
		const struct mta_header *h = &m->headers.at[i];

		if (!h->gone && slice_ieq(h->name, slice_c(name)) && --nth == 0)
			return h->value;
	}
	return (struct slice){ NULL, 0 };
}

struct slice
mta_edits(struct mta *m)
{
	struct buf b;

	buf_init(&b, m->arena, (size_t)16 << 20);
	for (size_t i = 0; i < m->edits.n; i++) {
		buf_add(&b, m->edits.at[i]);
		buf_addc(&b, '\n');
	}
	return buf_slice(&b);
}
