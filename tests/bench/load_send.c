/* SPDX-License-Identifier: BSD-2-Clause
 *
 * load_send: the packets that Postfix sends at each step, with the macros that
 * the filter chose or, if it did not, Postfix's own.
 */
#include "bench/load.h"

#define CHUNK 65535

static void
packet(struct octets *o, char command, const void *p, size_t n)
{
	char head[5];

	put32(head, (uint32_t)n + 1);
	head[4] = command;
	octets_add(o, head, sizeof(head));
	octets_add(o, p, n);
}

/* Stage on the wire, and Postfix's own choice of macros for it. */
static const struct {
	int stage;
	char command;
	const char *macros;
} stages[] = {
	[NEGOTIATE] = { -1, 'O', "" },
	[CONNECT] = { 0, 'C', "j {daemon_name} {daemon_addr} v _" },
	[HELO] = { 1, 'H', "{tls_version} {cipher} {cipher_bits}" },
	[MAIL] = { 2, 'M', "i {mail_addr} {mail_host} {mail_mailer}" },
	[RCPT] = { 3, 'R', "i {rcpt_addr} {rcpt_host} {rcpt_mailer}" },
	[DATA] = { 4, 'T', "i" },
	[HEADER] = { 6, 'L', "i" },
	[EOH] = { 6, 'N', "i" },
	[BODY] = { -1, 'B', "" },
	[EOM] = { 5, 'E', "i" },
	[HOLD] = { -1, 0, "" },
};

static const char *
macro_value(const struct session *s, const char *name, enum step step)
{
	static char text[160];

	if (strcmp(name, "i") == 0) {
		if (step < DATA)
			return NULL;
		(void)snprintf(text, sizeof(text), "4F%08X%u",
		    (unsigned)(s - sessions), s->done);
		return text;
	}
	if (strcmp(name, "j") == 0)
		return "mx.local.test";
	if (strcmp(name, "v") == 0)
		return "Postfix 3.7.11";
	if (strcmp(name, "_") == 0) {
		(void)snprintf(text, sizeof(text), "%s [%s]", s->m->helo,
		    s->m->client);
		return text;
	}
	if (strcmp(name, "{daemon_name}") == 0)
		return "mx.local.test";
	if (strcmp(name, "{daemon_addr}") == 0)
		return "192.0.3.1";
	if (strcmp(name, "{mail_addr}") == 0)
		return s->m->from;
	if (strcmp(name, "{rcpt_addr}") == 0)
		return "user@local.test";
	if (strcmp(name, "{mail_host}") == 0 ||
	    strcmp(name, "{rcpt_host}") == 0)
		return "local.test";
	if (strcmp(name, "{mail_mailer}") == 0 ||
	    strcmp(name, "{rcpt_mailer}") == 0)
		return "smtp";
	return NULL;
}

void
send_macros(struct session *s, const struct peer *p, enum step step)
{
	int stage = stages[step].stage;
	const char *list = stages[step].macros;
	static struct octets data;
	char names[512], *name, *save = NULL;

	if (stage < 0)
		return;
	if (p->chosen[stage])
		list = p->macros[stage];
	data.n = 0;
	octets_add(&data, &stages[step].command, 1);
	(void)snprintf(names, sizeof(names), "%s", list);
	for (name = strtok_r(names, " ", &save); name != NULL;
	     name = strtok_r(NULL, " ", &save)) {
		const char *v = macro_value(s, name, step);

		if (v == NULL)
			continue;
		octets_add(&data, name, strlen(name) + 1);
		octets_add(&data, v, strlen(v) + 1);
	}
	if (data.n > 1)
		packet(&s->out, 'D', data.p, data.n);
}

static void
send_texts(struct session *s, char command, const char *a, const char *b)
{
	static struct octets data;

	data.n = 0;
	octets_add(&data, a, strlen(a) + 1);
	if (b != NULL)
		octets_add(&data, b, strlen(b) + 1);
	packet(&s->out, command, data.p, data.n);
}

static void
send_field(struct session *s, const struct peer *p, const struct field *f)
{
	static struct octets data;
	bool eat = (p->steps & 0x100000U) == 0 && f->value[0] == ' ';

	data.n = 0;
	octets_add(&data, f->name, f->name_n + 1);
	octets_add(&data, f->value + eat, f->value_n - eat + 1);
	packet(&s->out, 'L', data.p, data.n);
}

static void
send_connect(struct session *s)
{
	static struct octets data;

	data.n = 0;
	octets_add(&data, s->m->helo, strlen(s->m->helo) + 1);
	octets_add(&data, "4\x62\x11", 3); /* IPv4, some port */
	octets_add(&data, s->m->client, strlen(s->m->client) + 1);
	packet(&s->out, 'C', data.p, data.n);
}

static void
send_negotiation(struct session *s)
{
	char data[12];

	put32(data, 6);
	put32(data + 4, 0x1ff);
	put32(data + 8, 0x1fffff);
	packet(&s->out, 'O', data, sizeof(data));
}

/* Sends the next field: first what the filter before has inserted. */
static bool
send_next_field(struct session *s, const struct peer *p)
{
	const char *at = s->inserted.p + s->before;
	struct field f;

	if (p == s->peer || s->before == s->inserted.n) {
		send_field(s, p, &s->m->fields[s->field++]);
		return s->field >= s->m->n_fields;
	}
	f = (struct field){ .name = unconst(at), .name_n = strlen(at) };
	f.value = f.name + f.name_n + 1;
	f.value_n = strlen(f.value);
	s->before += f.name_n + f.value_n + 2;
	send_field(s, p, &f);
	return false;
}

bool
send_step(struct session *s, struct peer *p, enum step step)
{
	size_t n;

	switch (step) {
	case NEGOTIATE:
		send_negotiation(s);
		break;
	case CONNECT:
		send_connect(s);
		break;
	case HELO:
		send_texts(s, 'H', s->m->helo, NULL);
		break;
	case MAIL: {
		char path[96];

		(void)snprintf(path, sizeof(path), "<%s>", s->m->from);
		send_texts(s, 'M', path, "BODY=8BITMIME");
		break;
	}
	case RCPT:
		send_texts(s, 'R', "<user@local.test>", NULL);
		break;
	case HEADER:
		return send_next_field(s, p);
	case BODY:
		n = s->m->body_n - s->body_at;
		if (n > CHUNK)
			n = CHUNK;
		packet(&s->out, 'B', s->m->body + s->body_at, n);
		s->body_at += n;
		return s->body_at >= s->m->body_n;
	case DATA:
	case EOH:
	case EOM:
		packet(&s->out, stages[step].command, "", 0);
		break;
	case HOLD:
		break;
	}
	return true;
}
