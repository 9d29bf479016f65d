/* SPDX-License-Identifier: BSD-2-Clause
 *
 * facts_mail: the facts that the MTA told or that stand in the message,
 * without any judgement.
 */
#include "base/err.h"
#include "check/facts_private.h"
#include "mail/domain.h"

FACT_GETTER(direction)
{
	(void)arg;
	out->text = slice_c(direction_word(c->ev->direction));
	return 0;
}

FACT_GETTER(client)
{
	char text[IP_TEXT];

	(void)arg;
	out->ip = c->ev->message->session->client;
	out->text = arena_copy(c->ev->arena, slice_c(ip_print(&out->ip, text)));
	return out->text.p != NULL ? 0 : ERR_NOMEM;
}

FACT_GETTER(client_name)
{
	(void)arg;
	out->text = c->ev->message->session->client_name;
	/* How Sendmail and Postfix say that there is no name. */
	if (slice_starts(out->text, SL("[")) ||
	    slice_ieq(out->text, SL("unknown")))
		out->text = SL("");
	return 0;
}

FACT_GETTER(helo)
{
	(void)arg;
	out->text = c->ev->message->session->helo;
	return 0;
}

/* A-labels where the domain is one, so that rules need one spelling. */
static int
domain_of(const struct fact_context *c, const struct mailbox *m,
    struct fact_value *out)
{
	struct slice ascii;

	out->text = m->domain;
	if (m->domain.n == 0 || m->domain.p[0] == '[')
		return 0;
	ascii = domain_to_ascii(c->ev->arena, m->domain);
	if (ascii.p == NULL && arena_failed(c->ev->arena))
		return ERR_NOMEM;
	if (ascii.p != NULL)
		out->text = ascii;
	return 0;
}

FACT_GETTER(mailfrom)
{
	(void)arg;
	out->text = c->ev->message->mail_from.text;
	return 0;
}

FACT_GETTER(mailfrom_domain)
{
	(void)arg;
	return domain_of(c, &c->ev->message->mail_from, out);
}

FACT_GETTER(rcpt)
{
	(void)arg;
	if (c->rcpt == NULL)
		return ERR_TIMEOUT;
	out->text = c->rcpt->path.text;
	return 0;
}

FACT_GETTER(rcpt_domain)
{
	(void)arg;
	if (c->rcpt == NULL)
		return ERR_TIMEOUT;
	return domain_of(c, &c->rcpt->path, out);
}

FACT_GETTER(rcpts)
{
	const struct recipient_vec *all = &c->ev->message->rcpts;

	(void)arg;
	for (size_t i = 0; i < all->n; i++)
		if (!all->at[i].refused &&
		    slice_vec_add(&out->list, c->ev->arena,
			all->at[i].path.text) != 0)
			return ERR_NOMEM;
	return 0;
}

FACT_GETTER(from)
{
	const struct from_field *f = &c->ev->from;

	(void)arg;
	if (f->authors.n > 0)
		out->text = f->authors.at[0].mailbox.text;
	return 0;
}

FACT_GETTER(from_domain)
{
	const struct from_field *f = &c->ev->from;

	(void)arg;
	if (c->ev->dmarc.author_domain.n > 0)
		out->text = c->ev->dmarc.author_domain;
	else if (f->authors.n > 0)
		out->text = f->authors.at[0].domain;
	return 0;
}

FACT_GETTER(from_error)
{
	(void)arg;
	out->text = slice_c(from_error_word(c->ev->from.error));
	return 0;
}

FACT_GETTER(authenticated)
{
	(void)arg;
	out->yes = c->ev->message->auth_type.n > 0;
	return 0;
}

FACT_GETTER(auth_user)
{
	(void)arg;
	out->text = c->ev->message->auth_authen;
	return 0;
}

FACT_GETTER(daemon)
{
	(void)arg;
	out->text = c->ev->message->session->daemon_name;
	return 0;
}

FACT_GETTER(tls)
{
	(void)arg;
	out->yes = c->ev->message->session->tls_version.n > 0;
	return 0;
}

FACT_GETTER(size)
{
	const struct message *m = c->ev->message;

	(void)arg;
	/* The empty line between header and body counts, as in RFC 1870. */
	out->number = m->header_bytes + 2 + m->body_bytes;
	out->text = arena_printf(c->ev->arena, "%" PRIu64, out->number);
	return out->text.p != NULL ? 0 : ERR_NOMEM;
}

/* Rules may ask for one field many times, and it may be long. */
FACT_GETTER(header)
{
	struct header_field_vec *known = &c->ev->unfolded;
	const struct header_field *f;
	struct header_field *slot;

	for (size_t i = 0; i < known->n; i++)
		if (slice_ieq(known->at[i].name, arg)) {
			out->text = known->at[i].value;
			return 0;
		}
	f = header_list_get(&c->ev->message->headers, arg, 0);
	if (f == NULL)
		return 0;
	out->text = header_unfold(c->ev->arena, f->value);
	slot = header_field_vec_push(known, c->ev->arena);
	if (out->text.p == NULL || slot == NULL)
		return ERR_NOMEM;
	*slot = (struct header_field){ .name = f->name, .value = out->text };
	return 0;
}

/* RFC 2919: the identifier stands in the last pair of angle brackets. */
FACT_GETTER(list_id)
{
	size_t open, close;
	int err = fact_header(c, SL("List-Id"), out);

	(void)arg;
	if (err != 0)
		return err;
	close = slice_rchr(out->text, '>');
	open =
	    slice_rchr(slice_sub(out->text, 0, close == SLICE_NONE ? 0 : close),
		'<');
	if (open != SLICE_NONE)
		out->text = slice_trim(
		    slice_sub(out->text, open + 1, close - open - 1));
	return 0;
}
