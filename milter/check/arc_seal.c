/* SPDX-License-Identifier: BSD-2-Clause
 *
 * arc_seal: each field is written up to its last tag, b=, kept as it will be
 * delivered, hashed and signed. The message signature covers what a DKIM
 * signature would, and the DKIM signatures themselves.
 */
#include "check/arc_seal.h"

#include "base/err.h"
#include "check/arc_chain.h"
#include "check/check.h"
#include "check/dkim_headers.h"
#include "crypt/key_file.h"
#include "mail/domain.h"
#include "mail/fold.h"
#include "mail/sets.h"

#define SEALER_MEMORY ((size_t)1 << 20)
#define FIELD_MAX ((size_t)65536)
#define WIDTH ((size_t)78)
#define MAX_OF_A_NAME 16U /* instances of one field that are signed */

struct arc_sealer {
	struct arena *arena;
	struct slice domain; /* A-labels */
	struct slice selector;
	struct key *key;
};

/* ---- loading ---- */

static struct place
at_option(const char *name)
{
	return (struct place){ name, 0 };
}

/* A domain or selector in the form that goes into a seal. */
static struct slice
load_name(struct arc_sealer *s, const char *option, struct slice text,
    struct problems *p)
{
	struct slice name = domain_to_ascii(s->arena, text);

	if (name.p == NULL || !domain_is_hostname(name))
		problems_error(p, at_option(option),
		    "%s: '%.*s' is not a domain name", option, SL_ARG(text));
	return name;
}

static void
load_key(struct arc_sealer *s, const struct check_options *o,
    struct problems *p)
{
	const struct key_rules rules = { .user = o->sign.user,
		.safe = o->sign.require_safe_keys,
		.least_bits = o->dkim.minimum_key_bits };
	char why[KEY_FILE_WHY];

	s->key = key_file_load(o->arc.key_file, &rules, why);
	if (s->key == NULL)
		problems_error(p, at_option("ARCKeyFile"), "ARCKeyFile: %s",
		    why);
}

/* False: there is nothing to load, or something is amiss, which is told. */
static bool
is_needed(const struct check_options *check, struct problems *p)
{
	const struct arc_options *o = &check->arc;
	bool wished = o->mode == ARC_SEAL_ALL || o->seal_by_rule;
	bool any = o->domain.n > 0 || o->selector.n > 0 || o->key_file != NULL;
	bool all = o->domain.n > 0 && o->selector.n > 0 && o->key_file != NULL;

	if (o->mode == ARC_OFF) {
		if (o->seal_by_rule)
			problems_warn(p, at_option("ARC"),
			    "a rule says seal, but ARC is off: nothing is "
			    "sealed");
		if (set_count(o->trusted) > 0)
			problems_warn(p, at_option("ARCTrustedSealers"),
			    "ARCTrustedSealers has no effect: ARC is off");
		return false;
	}
	if (!check->direction.verify)
		problems_warn(p, at_option("ARC"),
		    "ARC has no effect: Mode s judges nobody's mail");
	if ((wished || any) && !all)
		problems_error(p, at_option("ARC"),
		    "sealing takes all of ARCDomain, ARCSelector and "
		    "ARCKeyFile");
	return all;
}

struct arc_sealer *
arc_sealer_load(const struct check_options *all, struct problems *p)
{
	const struct arc_options *o = &all->arc;
	unsigned errors = p->errors;
	struct arc_sealer *s;

	if (!is_needed(all, p))
		return NULL;
	s = calloc(1, sizeof(*s));
	if (s != NULL)
		s->arena = arena_new(SEALER_MEMORY);
	if (s == NULL || s->arena == NULL) {
		problems_error(p, at_option("ARC"), "%s", err_text(ERR_NOMEM));
		arc_sealer_free(s);
		return NULL;
	}
	s->domain = load_name(s, "ARCDomain", o->domain, p);
	s->selector = load_name(s, "ARCSelector", o->selector, p);
	load_key(s, all, p);
	if (p->errors == errors)
		return s;
	arc_sealer_free(s);
	return NULL;
}

void
arc_sealer_free(struct arc_sealer *s)
{
	if (s == NULL)
		return;
	key_free(s->key);
	arena_free(s->arena);
	free(s);
}

/* ---- sealing ---- */

unsigned
arc_seal_instance(const struct evaluation *ev)
{
	const struct arc_state *st = ev->arc_state;

	if (st == NULL || !st->may_seal || !ev->arc.done)
		return 0;
	if (st->chain == NULL)
		return 1;
	if (st->chain->ended || st->chain->n >= ARC_MAX_SETS)
		return 0;
	return st->chain->n + 1;
}

bool
arc_seal_is_ours(const struct evaluation *ev, struct slice domain)
{
	return domain_eq(domain, ev->env->arc_sealer->domain);
}

/* The set being made, and the fields as they will be delivered. */
struct sealing {
	struct evaluation *ev;
	const struct arc_sealer *by;
	unsigned instance;
	struct header_list fields;
	struct slice_vec raws; /* covered by the next signature */
};

/* "i=1; a=rsa-sha256;" behind what is there, without or with c=. */
static void
write_head(const struct sealing *s, struct fold *f, const char *more)
{
	struct arena *a = s->ev->arena;

	fold_word(f, arena_printf(a, "i=%u;", s->instance));
	fold_word(f,
	    key_kind(s->by->key) == KEY_ED25519 ? SL("a=ed25519-sha256;") :
						  SL("a=rsa-sha256;"));
	fold_word(f, slice_c(more));
	fold_word(f, arena_printf(a, "d=%.*s;", SL_ARG(s->by->domain)));
	fold_word(f, arena_printf(a, "s=%.*s;", SL_ARG(s->by->selector)));
	fold_word(f, arena_printf(a, "t=%" PRId64 ";", s->ev->message->epoch));
}

/* Adds the field to the set and gives its raw form. */
static int
keep(struct sealing *s, enum arc_kind kind, struct slice value,
    struct slice *raw)
{
	const struct header_field *f;
	int err = header_list_add(&s->fields, slice_c(arc_kind_name(kind)),
	    value, &f);

	if (err == 0)
		*raw = f->raw;
	return err;
}

/* Signs a field that ends in "b=", covering s->raws and itself, and puts the
 * signature behind. */
static int
sign(struct sealing *s, enum arc_kind kind, struct fold *f, struct slice *value)
{
	struct dkim_field field = { .header_canon = CANON_RELAXED };
	struct header_list scratch;
	const struct header_field *bare;
	uint8_t digest[SHA256_BYTES];
	struct slice signature, raw;
	int err;

	if (!buf_ok(f->out))
		return ERR_NOMEM;
	header_list_init(&scratch, s->ev->arena);
	err = header_list_add(&scratch, slice_c(arc_kind_name(kind)),
	    buf_slice(f->out), &bare);
	if (err != 0)
		return err;
	field.raw = bare->raw;
	field.b_text = slice_from(field.raw, field.raw.n);
	err = dkim_headers_digest(&field, &s->raws, digest);
	if (err == 0)
		err = sig_sign(s->ev->arena, s->by->key, digest, &signature);
	if (err != 0)
		return err;
	fold_break(f, sig_base64(s->ev->arena, signature));
	*value = buf_slice(f->out);
	if (!buf_ok(f->out) || arena_failed(s->ev->arena))
		return ERR_NOMEM;
	return keep(s, kind, *value, &raw);
}

/* What is signed, if the message has it; `closed`: so that no further one can be
 * added. Date and Message-ID stay open: an MTA may add them behind us. */
static const struct {
	const char *name;
	bool closed;
} signed_names[] = {
	{ "From", true },
	{ "To", true },
	{ "Cc", true },
	{ "Subject", true },
	{ "Date", false },
	{ "Message-ID", false },
	{ "Sender", false },
	{ "Reply-To", true },
	{ "In-Reply-To", false },
	{ "References", false },
	{ "MIME-Version", true },
	{ "Content-Type", true },
	{ "Content-Transfer-Encoding", true },
	{ "List-Id", false },
	{ "List-Help", false },
	{ "List-Unsubscribe", false },
	{ "List-Unsubscribe-Post", false },
	{ "List-Subscribe", false },
	{ "List-Post", false },
	{ "List-Owner", false },
	{ "List-Archive", false },
	{ "DKIM-Signature", false },
};

/* h=, and the fields it selects. */
static int
select_fields(struct sealing *s, struct dkim_field *names)
{
	struct arena *a = s->ev->arena;
	struct dkim_headers h;
	int err = dkim_headers_index(a, &s->ev->message->headers, &h);

	for (size_t i = 0; err == 0 && i < ARRAY_LEN(signed_names); i++) {
		struct slice name = slice_c(signed_names[i].name);
		size_t n = dkim_headers_count(&h, name);

		if (n > MAX_OF_A_NAME)
			n = MAX_OF_A_NAME;
		/* h= must name From, whether there is one or not. */
		n += signed_names[i].closed && (n > 0 || i == 0);
		while (err == 0 && n-- > 0)
			err = slice_vec_add(&names->names, a, name);
	}
	return err == 0 ? dkim_headers_select(a, &h, names, &s->raws) : err;
}

static int
add_results(struct sealing *s, struct slice results, struct slice *out)
{
	struct slice raw;

	*out = arena_printf(s->ev->arena, " i=%u;%.*s", s->instance,
	    SL_ARG(results));
	return out->p != NULL ? keep(s, ARC_RESULTS, *out, &raw) : ERR_NOMEM;
}

static int
add_message(struct sealing *s, struct slice *out)
{
	struct evaluation *ev = s->ev;
	struct dkim_field chosen = { 0 };
	const uint8_t *digest =
	    body_hash_get(ev->bodies, ev->arc_state->body, NULL);
	struct fold f;
	struct buf b;
	int err = select_fields(s, &chosen);

	if (err != 0)
		return err;
	buf_init(&b, ev->arena, FIELD_MAX);
	fold_init(&f, &b, strlen(arc_kind_name(ARC_MESSAGE)) + 1, WIDTH);
	write_head(s, &f, "c=relaxed/relaxed;");
	for (size_t i = 0; i < chosen.names.n; i++)
		fold_word(&f,
		    arena_printf(ev->arena, "%s%.*s%c", i == 0 ? "h=" : "",
			SL_ARG(chosen.names.at[i]),
			i + 1 < chosen.names.n ? ':' : ';'));
	fold_word(&f,
	    arena_printf(ev->arena, "bh=%.*s;",
		SL_ARG(sig_base64(ev->arena,
		    slice_of((const char *)digest, BODY_HASH_BYTES)))));
	fold_word(&f, SL("b="));
	return sign(s, ARC_MESSAGE, &f, out);
}

/* What was found of the chain so far. */
static const char *
cv_tag(const struct evaluation *ev)
{
	switch (ev->arc.verdict) {
	case VERDICT_NONE:
		return "cv=none;";
	case VERDICT_PASS:
		return "cv=pass;";
	case VERDICT_FAIL:
	case VERDICT_SOFTFAIL:
	case VERDICT_NEUTRAL:
	case VERDICT_POLICY:
	case VERDICT_TEMPERROR:
	case VERDICT_PERMERROR:
	case VERDICT_COUNT:
		break;
	}
	return "cv=fail;";
}

static int
add_seal(struct sealing *s, struct slice *out)
{
	struct evaluation *ev = s->ev;
	struct fold f;
	struct buf b;
	int err = 0;

	s->raws = (struct slice_vec){ 0 };
	if (ev->arc.verdict == VERDICT_PASS)
		err = arc_chain_sets(ev->arc_state->chain, ev->arena, &s->raws);
	for (size_t i = 0; err == 0 && i < s->fields.fields.n; i++)
		err = slice_vec_add(&s->raws, ev->arena,
		    s->fields.fields.at[i].raw);
	if (err != 0)
		return err;
	buf_init(&b, ev->arena, FIELD_MAX);
	fold_init(&f, &b, strlen(arc_kind_name(ARC_SEAL)) + 1, WIDTH);
	write_head(s, &f, cv_tag(ev));
	fold_word(&f, SL("b="));
	return sign(s, ARC_SEAL, &f, out);
}

int
arc_seal(struct evaluation *ev, struct slice results,
    struct slice out[ARC_KINDS])
{
	struct sealing s = { .ev = ev,
		.by = ev->env->arc_sealer,
		.instance = arc_seal_instance(ev) };
	int err = body_hashes_end(ev->bodies);

	if (s.instance == 0)
		return ERR_BUG;
	header_list_init(&s.fields, ev->arena);
	if (err == 0)
		err = add_results(&s, results, &out[ARC_RESULTS]);
	if (err == 0)
		err = add_message(&s, &out[ARC_MESSAGE]);
	if (err == 0)
		err = add_seal(&s, &out[ARC_SEAL]);
	if (err == 0)
		ev->arc.sealed = s.instance;
	return err;
}
