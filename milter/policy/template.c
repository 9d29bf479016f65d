/* SPDX-License-Identifier: BSD-2-Clause
 *
 * template: compiling a line and filling it in. The values are made printable
 * first and placed afterwards, so that nothing in them is read as a variable,
 * a line end or a quote.
 */
#include "policy/template.h"

#include "base/err.h"
#include "base/names.h"
#include "mail/chars.h"

#define VALUE_MIN ((size_t)12) /* what a cut value keeps if it can */
#define URL_VALUE ((size_t)96) /* octets of an encoded value */

static const struct name_code names[] = {
	{ "host", TEMPLATE_HOST },
	{ "id", TEMPLATE_ID },
	{ "qid", TEMPLATE_QID },
	{ "epoch", TEMPLATE_EPOCH },
	{ "time", TEMPLATE_TIME },
	{ "tag", TEMPLATE_TAG },
	{ "reason", TEMPLATE_REASON },
	{ "rule", TEMPLATE_RULE },
	{ "help", TEMPLATE_HELP },
	{ "lang", TEMPLATE_LANG },
	{ "spf.exp", TEMPLATE_SPF_EXP },
	{ "dkim.reason", TEMPLATE_DKIM_REASON },
	{ "dmarc.record", TEMPLATE_DMARC_RECORD },
};

/* ---- compiling ---- */

static void
unknown_variable(struct slice name, struct place at, struct problems *p)
{
	struct names_nearest near = names_nearest_to(name);

	facts_nearest(&near);
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		names_nearest_try(&near, slice_c(names[i].name));
	problems_error(p, at, "unknown variable {%.*s}%s", SL_ARG(name),
	    problems_hint(p, near.best));
}

/* Splits `header("X")`. False: the brackets or quotes are not right. */
static bool
split_argument(struct slice *name, struct slice *arg)
{
	size_t open = slice_chr(*name, '(');

	*arg = SL("");
	if (open == SLICE_NONE)
		return true;
	*arg = slice_from(*name, open);
	*name = slice_sub(*name, 0, open);
	if (arg->n < 5 || !slice_starts(*arg, SL("(\"")) ||
	    !slice_ends(*arg, SL("\")")))
		return false;
	*arg = slice_sub(*arg, 2, arg->n - 4);
	return slice_chr(*arg, '"') == SLICE_NONE;
}

/* What stands between the braces. False after reporting. */
static bool
compile_variable(struct template_part *part, struct slice name, struct place at,
    struct problems *p)
{
	struct slice whole = name, arg;
	int code;

	if (!split_argument(&name, &arg)) {
		problems_error(p, at,
		    "{%.*s}: an argument is written {header(\"Name\")}",
		    SL_ARG(whole));
		return false;
	}
	code = names_code(names, ARRAY_LEN(names), name, -1);
	part->fact = code < 0 ? fact_find(name) : NULL;
	if (code < 0 && part->fact == NULL) {
		unknown_variable(name, at, p);
		return false;
	}
	part->var = code < 0 ? TEMPLATE_FACT : (enum template_var)code;
	part->text = arg;
	if ((arg.n > 0) != (part->fact != NULL && part->fact->takes_argument)) {
		problems_error(p, at, "{%.*s} %s", SL_ARG(whole),
		    arg.n > 0 ? "takes no argument" :
				"needs an argument: {header(\"Name\")}");
		return false;
	}
	return true;
}

/* Length of the literal text at the front: up to a single brace. A doubled
 * brace ends it behind its first one, which is then part of the text. */
static size_t
literal_length(struct slice s, bool *doubled)
{
	*doubled = false;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] != '{' && s.p[i] != '}')
			continue;
		*doubled = i + 1 < s.n && s.p[i + 1] == s.p[i];
		return *doubled ? i + 1 : i;
	}
	return s.n;
}

/* One part off the front of *rest. 0, ERR_SYNTAX after reporting, ERR_NOMEM. */
static int
compile_part(struct arena *a, struct reply_template *t, struct slice *rest,
    struct problems *p)
{
	struct template_part *part;
	bool doubled;
	size_t n = literal_length(*rest, &doubled);

	if (t->parts.n >= TEMPLATE_MAX_PARTS) {
		problems_error(p, t->place, "more than %d texts and variables",
		    TEMPLATE_MAX_PARTS);
		return ERR_SYNTAX;
	}
	part = template_part_vec_push(&t->parts, a);
	if (part == NULL)
		return ERR_NOMEM;
	if (n > 0) {
		part->text = slice_sub(*rest, 0, n);
		t->literal += n;
		*rest = slice_from(*rest, n + (doubled ? 1 : 0));
		return 0;
	}
	n = slice_chr(*rest, '}');
	if (rest->p[0] == '}' || n == SLICE_NONE) {
		problems_error(p, t->place,
		    "a '%c' without its '%c' (a brace itself is written twice)",
		    rest->p[0], rest->p[0] == '}' ? '{' : '}');
		return ERR_SYNTAX;
	}
	if (!compile_variable(part, slice_sub(*rest, 1, n - 1), t->place, p))
		return ERR_SYNTAX;
	*rest = slice_from(*rest, n + 1);
	return 0;
}

struct reply_template *
reply_template_parse(struct arena *a, struct slice text, struct place at,
    struct problems *p)
{
	struct reply_template *t = arena_zalloc(a, sizeof(*t));
	struct slice rest = arena_copy(a, text);
	int err = 0;

	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] < ' ' || text.p[i] > '~') {
			problems_error(p, at,
			    "only printable ASCII can be sent");
			return NULL;
		}
	if (t == NULL || rest.p == NULL)
		err = ERR_NOMEM;
	else
		t->place = at;
	while (err == 0 && rest.n > 0)
		err = compile_part(a, t, &rest, p);
	if (err == ERR_NOMEM)
		problems_error(p, at, "out of memory");
	return err == 0 ? t : NULL;
}

const struct fact *
template_late_fact(const struct reply_template *t, enum stage s)
{
	for (size_t i = 0; i < t->parts.n; i++)
		if (t->parts.at[i].var == TEMPLATE_FACT &&
		    !fact_known_at(t->parts.at[i].fact, s))
			return t->parts.at[i].fact;
	return NULL;
}

/* ---- filling in ---- */

/* Octets of a value with its quotes. */
static size_t
width(const struct template_value *v)
{
	return v->text.n + (v->theirs ? 2 : 0);
}

/* Cuts the longest of the values that may be cut, until `over` octets are
 * saved or none has more than VALUE_MIN. Returns what is still too much. */
static size_t
shorten(struct template_value *v, size_t n, size_t over)
{
	while (over > 0) {
		struct template_value *longest = NULL;
		size_t take;

		for (size_t i = 0; i < n; i++)
			if (!v[i].firm && v[i].text.n > VALUE_MIN &&
			    (longest == NULL || v[i].text.n > longest->text.n))
				longest = &v[i];
		if (longest == NULL)
			break;
		take = longest->text.n - VALUE_MIN;
		if (take > over)
			take = over;
		longest->text.n -= take;
		over -= take;
	}
	return over;
}

/* Makes the values fit into a line: shorter, and if that is not enough
 * without the help page, for half a URL leads nowhere. */
static void
fit(const struct reply_template *t, struct template_value *v, size_t over)
{
	over = shorten(v, t->parts.n, over);
	for (size_t i = 0; i < t->parts.n && over > 0; i++) {
		if (t->parts.at[i].var != TEMPLATE_HELP)
			continue;
		over -= v[i].text.n < over ? v[i].text.n : over;
		v[i].text.n = 0;
	}
}

/* The dots show that something is missing; `full` is the length before. */
static void
put_value(struct buf *out, const struct template_value *v, size_t full)
{
	if (v->theirs)
		buf_addc(out, '"');
	if (v->text.n < full) {
		buf_add(out, slice_sub(v->text, 0, v->text.n - 3));
		buf_adds(out, "...");
	} else {
		buf_add(out, v->text);
	}
	if (v->theirs)
		buf_addc(out, '"');
}

/* Writes the parts; an empty value takes the space before it along or, at
 * the start of the line, the one behind it. */
static void
put_parts(const struct reply_template *t, const struct template_value *v,
    const size_t *full, struct buf *out)
{
	size_t start = out->n;

	for (size_t i = 0; i < t->parts.n; i++) {
		struct slice text = t->parts.at[i].text;

		if (t->parts.at[i].var != TEMPLATE_TEXT) {
			if (v[i].text.n > 0)
				put_value(out, &v[i], full[i]);
			else if (out->n > start && out->p[out->n - 1] == ' ')
				buf_cut(out, out->n - 1);
			continue;
		}
		if (out->n == start && i > 0)
			while (text.n > 0 && text.p[0] == ' ')
				text = slice_from(text, 1);
		buf_add(out, text);
	}
	while (out->n > start && out->p[out->n - 1] == ' ')
		buf_cut(out, out->n - 1);
}

int
template_line(const struct reply_template *t, const struct template_source *s,
    size_t max, struct buf *out)
{
	struct template_value v[TEMPLATE_MAX_PARTS] = { 0 };
	size_t full[TEMPLATE_MAX_PARTS] = { 0 };
	size_t total = t->literal, start = out->n;
	int err;

	for (size_t i = 0; i < t->parts.n; i++) {
		if (t->parts.at[i].var == TEMPLATE_TEXT)
			continue;
		err = template_value(s, &t->parts.at[i],
		    t->parts.at[i].var == TEMPLATE_HELP ? TEMPLATE_LINE :
							  TEMPLATE_VALUE_MAX,
		    &v[i]);
		if (err != 0)
			return err;
		full[i] = v[i].text.n;
		total += width(&v[i]);
	}
	if (total > max)
		fit(t, v, total - max);
	put_parts(t, v, full, out);
	if (out->n > start + max) {
		buf_cut(out, start + (max > 3 ? max - 3 : 0));
		buf_adds(out, "...");
	}
	return buf_ok(out) ? 0 : ERR_NOMEM;
}

/* Percent-encodes as much of a value as has room in URL_VALUE octets. */
static void
put_encoded(struct buf *out, struct slice s)
{
	static const char hex[] = "0123456789ABCDEF";
	size_t end = out->n + URL_VALUE;

	for (size_t i = 0; i < s.n && out->n + 3 <= end; i++) {
		unsigned char c = (unsigned char)s.p[i];

		/* RFC 3986 section 2.3: unreserved */
		if (char_is(s.p[i], CHAR_ALPHA | CHAR_DIGIT) || c == '-' ||
		    c == '.' || c == '_' || c == '~') {
			buf_addc(out, s.p[i]);
			continue;
		}
		buf_addc(out, '%');
		buf_addc(out, hex[c >> 4]);
		buf_addc(out, hex[c & 15]);
	}
}

int
template_url(const struct reply_template *t, const struct template_source *s,
    size_t max, struct buf *out)
{
	size_t start = out->n;
	struct slice text;
	struct template_value v;
	int err;

	for (size_t i = 0; i < t->parts.n; i++) {
		const struct template_part *part = &t->parts.at[i];

		if (part->var == TEMPLATE_TEXT) {
			buf_add(out, part->text);
			continue;
		}
		err = template_value_raw(s, part, &v);
		if (err != 0)
			return err;
		text = template_printable(s->context->ev->arena, v.text,
		    URL_VALUE);
		if (text.p == NULL)
			return ERR_NOMEM;
		put_encoded(out, text);
	}
	if (out->n > start + max)
		buf_cut(out, start);
	return buf_ok(out) ? 0 : ERR_NOMEM;
}
