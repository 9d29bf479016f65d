/* SPDX-License-Identifier: BSD-2-Clause
 *
 * mta: sessions of the fake MTA: negotiation, macros, commands and answers.
 * See mta.h; edits are in mta_edit.c, whole messages in mta_message.c.
 */
#include "wire/mta.h"
#include "wire/mta_edit.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* Macros that come where the filter asked for none in particular. */
static const char *const default_macros[][MTA_STAGES] = {
	[MTA_POSTFIX] = {
		[MTA_AT_CONNECT] = "j {daemon_name} {daemon_addr} v _",
		[MTA_AT_HELO] = "{tls_version} {cipher} {cipher_bits} "
				"{cert_subject} {cert_issuer}",
		[MTA_AT_MAIL] = "i {auth_type} {auth_authen} {auth_author} "
				"{mail_addr} {mail_host} {mail_mailer}",
		[MTA_AT_RCPT] = "i {rcpt_addr} {rcpt_host} {rcpt_mailer}",
		[MTA_AT_DATA] = "i",
		[MTA_AT_EOM] = "i",
		[MTA_AT_EOH] = "i",
	},
	[MTA_SENDMAIL] = {
		[MTA_AT_CONNECT] = "j _ {daemon_name} {if_name} {if_addr}",
		[MTA_AT_HELO] = "{tls_version} {cipher} {cipher_bits} "
				"{cert_subject} {cert_issuer}",
		[MTA_AT_MAIL] = "i {auth_type} {auth_authen} {auth_ssf} "
				"{auth_author} {mail_mailer} {mail_host} {mail_addr}",
		[MTA_AT_RCPT] = "{rcpt_mailer} {rcpt_host} {rcpt_addr}",
		[MTA_AT_DATA] = "",
		[MTA_AT_EOM] = "{msg_id}",
		[MTA_AT_EOH] = "",
	},
};

struct mta *
mta_open_fd(int fd, enum mta_kind kind)
{
	struct arena *a = arena_new((size_t)512 << 20);
	struct mta *m = a != NULL ? arena_zalloc(a, sizeof(*m)) : NULL;

	if (m == NULL) {
		arena_free(a);
		close(fd);
		return NULL;
	}
	m->arena = a;
	m->fd = fd;
	m->kind = kind;
	m->error = "";
	return m;
}

struct mta *
mta_open(const char *path, enum mta_kind kind)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	size_t n = strlen(path);
	int fd;

	if (n >= sizeof(un.sun_path))
		return NULL;
	memcpy(un.sun_path, path, n + 1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return NULL;
	if (connect(fd, (struct sockaddr *)&un, sizeof(un)) != 0) {
		close(fd);
		return NULL;
	}
	return mta_open_fd(fd, kind);
}

void
mta_close(struct mta *m)
{
	if (m == NULL)
		return;
	if (m->fd >= 0)
		close(m->fd);
	arena_free(m->arena);
}

static struct mta_answer
lost(struct mta *m, char stage, const char *why)
{
	if (m->error[0] == '\0')
		m->error = why;
	return (struct mta_answer){ .verdict = MTA_LOST, .stage = stage };
}

/* ---- macros ---- */

static struct slice
bare(struct slice name)
{
	if (name.n > 2 && name.p[0] == '{' && name.p[name.n - 1] == '}')
		return slice_sub(name, 1, name.n - 2);
	return name;
}

void
mta_macro(struct mta *m, const char *name, const char *value)
{
	struct slice key = bare(slice_c(name));
	struct mta_macro_value *v = NULL;

	for (size_t i = 0; i < m->macros.n && v == NULL; i++) {
		if (slice_eq(m->macros.at[i].name, key))
			v = &m->macros.at[i];
	}
	if (v == NULL)
		v = mta_macro_vec_push(&m->macros, m->arena);
	if (v == NULL)
		abort();
	v->name = arena_copy(m->arena, key);
	v->value = arena_copy(m->arena, slice_c(value));
}

static struct slice
macro_value(const struct mta *m, struct slice name, enum mta_stage stage)
{
	name = bare(name);
	if (m->kind == MTA_POSTFIX && slice_eq(name, SL("i")) &&
	    (stage == MTA_AT_MAIL || stage == MTA_AT_RCPT))
		return SL("");
	for (size_t i = 0; i < m->macros.n; i++) {
		if (slice_eq(m->macros.at[i].name, name))
			return m->macros.at[i].value;
	}
	return SL("");
}

/* Sends the macros of a stage before its command; none if none has a value. */
static bool
send_macros(struct mta *m, enum mta_stage stage, char command)
{
	struct slice rest = slice_c(default_macros[m->kind][stage]);
	struct slice name;
	struct buf b;

	/* Postfix takes an empty list for "the default". */
	if (m->listed[stage] &&
	    (m->wanted[stage].n > 0 || m->kind == MTA_SENDMAIL))
		rest = m->wanted[stage];
	buf_init(&b, m->arena, 65536);
	buf_addc(&b, command);
	while (slice_cut(&rest, ' ', &name)) {
		struct slice value = macro_value(m, name, stage);

		if (value.n == 0)
			continue;
		buf_add(&b, name);
		buf_addc(&b, '\0');
		buf_add(&b, value);
		buf_addc(&b, '\0');
	}
	if (b.n == 1)
		return true;
	m->macros_sent++;
	return packet_write(m->fd, 'D', buf_slice(&b));
}

/* ---- negotiation ---- */

static bool
read_lists(struct mta *m, struct slice rest)
{
	while (rest.n > 0) {
		uint32_t stage = packet_get32(rest);

		if (rest.n < 5 || stage >= MTA_STAGES)
			return false;
		rest = slice_from(rest, 4);
		if (!packet_text(&rest, &m->wanted[stage]))
			return false;
		m->listed[stage] = true;
	}
	return true;
}

bool
mta_negotiate(struct mta *m, struct mta_offer offer)
{
	char out[12];
	struct packet p;

	m->offer = offer;
	packet_put32(out, offer.version);
	packet_put32(out + 4, offer.actions);
	packet_put32(out + 8, offer.steps);
	if (!packet_write(m->fd, 'O', slice_of(out, sizeof(out))) ||
	    !packet_read(m->fd, m->arena, &p)) {
		m->error = "no answer to the negotiation";
		return false;
	}
	m->replies++;
	if (p.command != 'O' || p.data.n < 12) {
		m->error = "a wrong answer to the negotiation";
		return false;
	}
	m->version = packet_get32(p.data);
	m->actions = packet_get32(slice_from(p.data, 4));
	m->steps = packet_get32(slice_from(p.data, 8));
	if (m->version < 2 || m->version > offer.version ||
	    (m->actions & ~offer.actions) != 0 ||
	    (m->steps & ~offer.steps) != 0) {
		m->error = "the filter asks for what was not offered";
		return false;
	}
	p.data = slice_from(p.data, 12);
	if (p.data.n > 0 && (offer.actions & MTA_SETSYMLIST) == 0) {
		m->error = "a list of macros that was not offered";
		return false;
	}
	if (!read_lists(m, p.data)) {
		m->error = "a malformed list of macros";
		return false;
	}
	return true;
}

/* ---- commands ---- */

/* One step as data. `macros` is MTA_STAGES where none are sent. */
struct step {
	char command;
	enum mta_stage macros;
	uint32_t skip_bit;  /* not sent when negotiated */
	uint32_t quiet_bit; /* no reply when negotiated */
};

static struct mta_answer
read_answer(struct mta *m, char stage)
{
	struct mta_answer a = { .stage = stage };
	struct packet p;

	if (!packet_read(m->fd, m->arena, &p))
		return lost(m, stage, "the filter closed the connection");
	m->replies++;
	switch (p.command) {
	case 'c':
	case 'a':
	case 'r':
	case 't':
	case 'd':
		a.verdict = (enum mta_verdict)p.command;
		break;
	case 's':
		if (stage != 'B' || (m->steps & MTA_SKIP) == 0)
			return lost(m, stage, "SKIP where it may not be");
		a.verdict = MTA_SKIPPED;
		break;
	case 'y':
		if (!packet_text(&p.data, &a.raw) || a.raw.n < 4)
			return lost(m, stage, "a malformed reply");
		a.verdict = MTA_REPLY;
		break;
	default:
		return lost(m, stage, "an unknown reply");
	}
	return a;
}

static bool
send_step(struct mta *m, const struct step *s, struct slice data)
{
	if (s->macros < MTA_STAGES && !send_macros(m, s->macros, s->command))
		return false;
	return packet_write(m->fd, s->command, data);
}

static struct mta_answer
do_step(struct mta *m, const struct step *s, struct slice data)
{
	if ((m->steps & s->skip_bit) != 0)
		return (struct mta_answer){ .verdict = MTA_QUIET,
			.stage = s->command };
	if (!send_step(m, s, data))
		return lost(m, s->command, "the filter closed the connection");
	if ((m->steps & s->quiet_bit) != 0)
		return (struct mta_answer){ .verdict = MTA_QUIET,
			.stage = s->command };
	return read_answer(m, s->command);
}

struct mta_answer
mta_connect(struct mta *m, const char *name, const char *address, unsigned port)
{
	static const struct step s = { 'C', MTA_AT_CONNECT, MTA_NOCONNECT,
		MTA_NR_CONN };
	struct in6_addr probe;
	struct buf b;
	char family = 'U';

	if (address != NULL && address[0] == '/')
		family = 'L';
	else if (address != NULL && inet_pton(AF_INET6, address, &probe) == 1)
		family = '6';
	else if (address != NULL)
		family = '4';
	buf_init(&b, m->arena, 4096);
	buf_adds(&b, name);
	buf_addc(&b, '\0');
	buf_addc(&b, family);
	if (address != NULL) {
		buf_addc(&b, (char)(unsigned char)(port >> 8));
		buf_addc(&b, (char)(unsigned char)port);
		buf_adds(&b, address);
		buf_addc(&b, '\0');
	}
	return do_step(m, &s, buf_slice(&b));
}

static struct mta_answer
text_step(struct mta *m, const struct step *s, const char *words)
{
	struct slice rest = slice_c(words), word;
	struct buf b;

	buf_init(&b, m->arena, 65536);
	while (slice_cut(&rest, ' ', &word)) {
		buf_add(&b, word);
		buf_addc(&b, '\0');
	}
	if (b.n == 0)
		buf_addc(&b, '\0');
	return do_step(m, s, buf_slice(&b));
}

struct mta_answer
mta_helo(struct mta *m, const char *name)
{
	static const struct step s = { 'H', MTA_AT_HELO, MTA_NOHELO,
		MTA_NR_HELO };

	return text_step(m, &s, name);
}

struct mta_answer
mta_mail(struct mta *m, const char *args)
{
	static const struct step s = { 'M', MTA_AT_MAIL, MTA_NOMAIL,
		MTA_NR_MAIL };
	struct slice rest = slice_c(args), path = SL("");
	struct mta_header *own;

	slice_cut(&rest, ' ', &path);
	m->body_skipped = false;
	m->headers = (struct mta_header_vec){ 0 };
	m->rcpts = (struct slice_vec){ 0 };
	m->edits = (struct slice_vec){ 0 };
	m->hold = (struct slice){ NULL, 0 };
	m->progress = 0;
	m->from = arena_copy(m->arena, path);
	own = mta_header_vec_push(&m->headers, m->arena);
	if (own == NULL)
		abort();
	own->name = SL("Received");
	own->value = SL(" by the MTA under test");
	own->own = true;
	return text_step(m, &s, args);
}

struct mta_answer
mta_rcpt(struct mta *m, const char *args)
{
	static const struct step s = { 'R', MTA_AT_RCPT, MTA_NORCPT,
		MTA_NR_RCPT };
	struct mta_answer a = text_step(m, &s, args);
	struct slice rest = slice_c(args), path = SL("");

	slice_cut(&rest, ' ', &path);
	if (a.verdict == MTA_QUIET || a.verdict == MTA_CONTINUE ||
	    a.verdict == MTA_ACCEPT) {
		if (slice_vec_add(&m->rcpts, m->arena,
			arena_copy(m->arena, path)) != 0)
			abort();
	}
	return a;
}

struct mta_answer
mta_data(struct mta *m)
{
	static const struct step s = { 'T', MTA_AT_DATA, MTA_NODATA,
		MTA_NR_DATA };

	return do_step(m, &s, SL(""));
}

struct mta_answer
mta_header(struct mta *m, struct slice name, struct slice value)
{
	/* Postfix sends the macros of EOH before every field, too. */
	struct step s = { 'L', MTA_STAGES, MTA_NOHDRS, MTA_NR_HDR };
	struct mta_header *h = mta_header_vec_push(&m->headers, m->arena);
	struct buf b;

	if (h == NULL)
		abort();
	h->name = arena_copy(m->arena, name);
	h->value = arena_copy(m->arena, value);
	if (m->kind == MTA_POSTFIX)
		s.macros = MTA_AT_EOH;
	if ((m->steps & MTA_LEADSPC) == 0 && slice_starts(value, SL(" ")))
		value = slice_from(value, 1);
	buf_init(&b, m->arena, name.n + value.n + 2);
	buf_add(&b, name);
	buf_addc(&b, '\0');
	buf_add(&b, value);
	buf_addc(&b, '\0');
	return do_step(m, &s, buf_slice(&b));
}

struct mta_answer
mta_eoh(struct mta *m)
{
	static const struct step s = { 'N', MTA_AT_EOH, MTA_NOEOH, MTA_NR_EOH };

	return do_step(m, &s, SL(""));
}

struct mta_answer
mta_body(struct mta *m, struct slice chunk)
{
	static const struct step s = { 'B', MTA_STAGES, MTA_NOBODY,
		MTA_NR_BODY };
	struct mta_answer a = { .verdict = MTA_QUIET, .stage = 'B' };

	if (m->body_skipped)
		return a;
	a = do_step(m, &s, chunk);
	if (a.verdict == MTA_SKIPPED)
		m->body_skipped = true;
	return a;
}

bool
mta_end_ask(struct mta *m)
{
	static const struct step s = { 'E', MTA_AT_EOM, 0, 0 };

	return send_step(m, &s, SL(""));
}

struct mta_answer
mta_end_wait(struct mta *m)
{
	for (;;) {
		struct mta_answer a = { .stage = 'E' };
		struct packet p;

		if (!packet_read(m->fd, m->arena, &p))
			return lost(m, 'E', "no answer to end of message");
		m->replies++;
		if (strchr("cardt", p.command) != NULL) {
			a.verdict = (enum mta_verdict)p.command;
			return a;
		}
		if (p.command == 'y' && packet_text(&p.data, &a.raw) &&
		    a.raw.n >= 4) {
			a.verdict = MTA_REPLY;
			return a;
		}
		if (p.command == 'p')
			m->progress++;
		else if (!mta_edit_apply(m, &p))
			return lost(m, 'E', "a malformed edit");
	}
}

struct mta_answer
mta_end(struct mta *m)
{
	if (!mta_end_ask(m))
		return lost(m, 'E', "the filter closed the connection");
	return mta_end_wait(m);
}

void
mta_abort(struct mta *m)
{
	if (!packet_write(m->fd, 'A', SL("")))
		m->error = "the filter closed the connection";
}

void
mta_quit(struct mta *m)
{
	if (!packet_write(m->fd, 'Q', SL("")))
		m->error = "the filter closed the connection";
}

void
mta_quit_keep(struct mta *m)
{
	if (!packet_write(m->fd, 'K', SL("")))
		m->error = "the filter closed the connection";
}
