/* SPDX-License-Identifier: BSD-2-Clause
 *
 * reply: reads and checks the reply file, and renders one reply. Everything
 * that could make a wrong reply is refused at load; what remains at run time,
 * the values, is tamed by template.c.
 */
#include "policy/reply.h"

#include "base/err.h"
#include "base/names.h"
#include "mail/chars.h"
#include "policy/builtin.h"
#include "policy/reply_tags.h"
#include "policy/template.h"

#define BUILT_IN "replies.conf (built in)"
#define MAX_REPLIES ((size_t)200)
#define MAX_NAME ((size_t)64)
#define MAX_URL ((size_t)400)      /* the finished URL */
#define MAX_URL_TEXT ((size_t)200) /* what is fixed of it */
#define MAX_LANG ((size_t)16)

struct reply_def {
	struct slice name;
	struct place place;
	char code[4];
	char enhanced[12];
	struct slice tag;
	bool text; /* a text line followed, right or wrong */
	size_t n;
	struct reply_template *lines[REPLY_MAX_LINES];
};
VEC_DEFINE(reply_def_vec, struct reply_def *);

struct replies {
	struct reply_def_vec all;
	struct reply_template *help; /* NULL: no HelpURL */
	struct slice lang;
};

/* For rules that name no reply. */
static const char defaults[] =
    "reply " REPLY_DEFAULT_REJECT " 550 5.7.1 DT:RULE\n"
    "  {tag} {host},{id} {epoch} {help}\n"
    "  refused by the rule {rule} of this host\n"
    "reply " REPLY_DEFAULT_TEMPFAIL " 451 4.7.1 DT:RULE\n"
    "  {tag} {host},{id} {epoch} {help}\n"
    "  not taken now by the rule {rule} of this host, try again later\n";

static const struct reply_def *
find(const struct replies *r, struct slice name)
{
	for (size_t i = 0; i < r->all.n; i++)
		if (slice_ieq(r->all.at[i]->name, name))
			return r->all.at[i];
	return NULL;
}

/* ---- reading ---- */

struct reader {
	struct arena *arena;
	struct replies *replies;
	struct problems *problems;
	struct reply_def *current; /* takes the text lines; NULL: none yet */
	bool skipping;             /* text of a reply that was refused */
};

static bool
all_digits(struct slice s, size_t min, size_t max)
{
	for (size_t i = 0; i < s.n; i++)
		if (!char_is(s.p[i], CHAR_DIGIT))
			return false;
	return s.n >= min && s.n <= max;
}

/* RFC 5321 section 4.2: 4yz or 5yz, y from 0 to 5. */
static bool
is_code(struct slice s)
{
	return all_digits(s, 3, 3) && (s.p[0] == '4' || s.p[0] == '5') &&
	    s.p[1] <= '5';
}

/* RFC 3463 section 2: class "." subject "." detail. */
static bool
is_enhanced(struct slice s)
{
	struct slice rest = s, class, subject, detail;

	return slice_cut(&rest, '.', &class) &&
	    slice_cut(&rest, '.', &subject) && slice_cut(&rest, '.', &detail) &&
	    rest.n == 0 && s.p[s.n - 1] != '.' && all_digits(class, 1, 1) &&
	    all_digits(subject, 1, 3) && all_digits(detail, 1, 3);
}

static bool
check_codes(struct reader *r, struct place at, struct slice code,
    struct slice enhanced)
{
	if (!is_code(code)) {
		problems_error(r->problems, at,
		    "'%.*s' is no code to refuse with: it is 4xx or 5xx",
		    SL_ARG(code));
		return false;
	}
	if (!is_enhanced(enhanced)) {
		problems_error(r->problems, at,
		    "'%.*s' is no enhanced code: it is %c.x.x",
		    SL_ARG(enhanced), code.p[0]);
		return false;
	}
	if (enhanced.p[0] != code.p[0]) {
		problems_error(r->problems, at,
		    "code %.*s and enhanced code %.*s do not agree: both begin "
		    "with the same digit",
		    SL_ARG(code), SL_ARG(enhanced));
		return false;
	}
	return true;
}

static bool
check_tag(struct reader *r, struct place at, struct slice tag)
{
	struct names_nearest near = names_nearest_to(tag);

	if (reply_tag_find(tag) != NULL)
		return true;
	for (size_t i = 0; i < REPLY_TAG_COUNT; i++)
		names_nearest_try(&near, slice_c(reply_tags[i].text));
	problems_error(r->problems, at, "unknown tag '%.*s'%s", SL_ARG(tag),
	    problems_hint(r->problems, near.best));
	return false;
}

static bool
check_name(struct reader *r, struct place at, struct slice name)
{
	const struct reply_def *before;

	for (size_t i = 0; i < name.n; i++)
		if (!char_is(name.p[i], CHAR_LDH) && name.p[i] != '_' &&
		    name.p[i] != '.') {
			problems_error(r->problems, at,
			    "reply name '%.*s': letters, digits, '-', '_' and "
			    "'.' only",
			    SL_ARG(name));
			return false;
		}
	if (name.n > MAX_NAME) {
		problems_error(r->problems, at,
		    "the reply name is longer than %zu characters", MAX_NAME);
		return false;
	}
	before = find(r->replies, name);
	if (before != NULL) {
		problems_error(r->problems, at,
		    "reply '%.*s' stands in line %u already", SL_ARG(name),
		    before->place.line);
		return false;
	}
	return true;
}

/* `reply NAME CODE ENHANCED TAG` into a new definition. */
static int
take_head(struct reader *r, const struct line *line)
{
	struct slice rest = line->text, word[6];
	struct reply_def *d, **slot;
	size_t n = 0;
	bool quoted, good;

	while (n < ARRAY_LEN(word) &&
	    lines_word(r->arena, &rest, &word[n], &quoted) == 1)
		n++;
	r->current = NULL;
	r->skipping = true;
	if (n == 0 || !slice_ieq(word[0], SL("reply")) || n != 5) {
		problems_error(r->problems, line->place,
		    "a reply begins `reply NAME CODE ENHANCED TAG`; its text "
		    "lines begin with white space");
		return 0;
	}
	good = check_name(r, line->place, word[1]);
	good = check_codes(r, line->place, word[2], word[3]) && good;
	good = check_tag(r, line->place, word[4]) && good;
	if (good && r->replies->all.n >= MAX_REPLIES) {
		problems_error(r->problems, line->place,
		    "more than %zu replies", MAX_REPLIES);
		good = false;
	}
	if (!good)
		return 0;
	d = arena_zalloc(r->arena, sizeof(*d));
	slot =
	    d != NULL ? reply_def_vec_push(&r->replies->all, r->arena) : NULL;
	if (slot == NULL)
		return ERR_NOMEM;
	*slot = d;
	d->name = arena_lower(r->arena, word[1]);
	d->tag = slice_c(reply_tag_find(word[4])->text);
	d->place = line->place;
	memcpy(d->code, word[2].p, word[2].n);
	memcpy(d->enhanced, word[3].p, word[3].n);
	r->current = d;
	r->skipping = false;
	return d->name.p != NULL ? 0 : ERR_NOMEM;
}

static int
take_text(struct reader *r, const struct line *line)
{
	struct reply_def *d = r->current;
	struct reply_template *t;

	if (r->skipping)
		return 0;
	if (d == NULL) {
		problems_error(r->problems, line->place,
		    "a text line without a `reply` line before it");
		return 0;
	}
	d->text = true;
	if (d->n >= REPLY_MAX_LINES) {
		problems_error(r->problems, line->place,
		    "reply '%.*s' has more than %d lines", SL_ARG(d->name),
		    REPLY_MAX_LINES);
		return 0;
	}
	t = reply_template_parse(r->arena, line->text, line->place,
	    r->problems);
	if (t == NULL)
		return 0;
	if (t->literal > TEMPLATE_LINE)
		problems_error(r->problems, line->place,
		    "the line has %zu characters without its variables; a "
		    "reply line has room for %zu",
		    t->literal, TEMPLATE_LINE);
	d->lines[d->n++] = t;
	return 0;
}

static int
take_lines(struct reader *r, const struct line_vec *lines)
{
	int err = 0;

	for (size_t i = 0; i < lines->n && err == 0; i++)
		err = lines->at[i].indented ? take_text(r, &lines->at[i]) :
					      take_head(r, &lines->at[i]);
	return err;
}

static void
check_text(struct reader *r)
{
	const struct reply_def_vec *all = &r->replies->all;

	for (size_t i = 0; i < all->n; i++)
		if (!all->at[i]->text)
			problems_error(r->problems, all->at[i]->place,
			    "reply '%.*s' has no text line",
			    SL_ARG(all->at[i]->name));
}

/* Adds the default replies that the file did not define. */
static int
take_defaults(struct reader *r)
{
	struct line_vec lines;
	size_t first = 0;
	int err = lines_parse(r->arena, "built-in replies", slice_c(defaults),
	    0, &lines, r->problems);

	while (err == 0 && first < lines.n) {
		struct line_vec part = { .at = &lines.at[first], .n = 1 };
		struct slice rest = lines.at[first].text, name;

		while (first + part.n < lines.n && part.at[part.n].indented)
			part.n++;
		(void)slice_cut(&rest, ' ', &name);
		(void)slice_cut(&rest, ' ', &name);
		if (find(r->replies, name) == NULL)
			err = take_lines(r, &part);
		first += part.n;
	}
	return err;
}

static int
take_help(struct reader *r, const struct reply_options *o)
{
	struct place at = { "HelpURL", 0 }, lang = { "HelpLang", 0 };
	struct reply_template *t;

	r->replies->lang =
	    arena_copy(r->arena, o->help_lang.n > 0 ? o->help_lang : SL("en"));
	if (r->replies->lang.p == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < o->help_lang.n; i++)
		if (!char_is(o->help_lang.p[i], CHAR_LDH) ||
		    o->help_lang.n > MAX_LANG) {
			problems_error(r->problems, lang,
			    "'%.*s' is no language, such as en or zh-CN",
			    SL_ARG(o->help_lang));
			break;
		}
	if (o->help_url.n == 0)
		return 0;
	if (!slice_istarts(o->help_url, SL("https://")) &&
	    !slice_istarts(o->help_url, SL("http://")))
		problems_error(r->problems, at,
		    "'%.*s' does not begin with https:// or http://",
		    SL_ARG(o->help_url));
	if (slice_chr(o->help_url, ' ') != SLICE_NONE)
		problems_error(r->problems, at, "a URL holds no space");
	t = reply_template_parse(r->arena, o->help_url, at, r->problems);
	if (t == NULL)
		return 0;
	if (t->literal > MAX_URL_TEXT)
		problems_error(r->problems, at,
		    "more than %zu characters without its variables",
		    MAX_URL_TEXT);
	for (size_t i = 0; i < t->parts.n; i++)
		if (t->parts.at[i].var == TEMPLATE_HELP)
			problems_error(r->problems, at,
			    "{help} is the URL itself");
	r->replies->help = t;
	return 0;
}

struct replies *
replies_load(struct arena *a, const struct reply_options *o, struct problems *p)
{
	struct reader r = { .arena = a, .problems = p };
	struct place whole = { o->file != NULL ? o->file : BUILT_IN, 0 };
	unsigned errors = p->errors;
	struct line_vec lines;
	int err;

	r.replies = arena_zalloc(a, sizeof(*r.replies));
	if (r.replies == NULL) {
		problems_error(p, whole, "out of memory");
		return NULL;
	}
	if (o->file != NULL)
		err = lines_read(a, o->file, LINES_KEEP_HASH, &lines, p);
	else
		err = lines_parse(a, BUILT_IN, builtin_replies, LINES_KEEP_HASH,
		    &lines, p);
	if (err == 0 || lines.n > 0)
		err = take_lines(&r, &lines);
	check_text(&r);
	if (err == 0)
		err = take_defaults(&r);
	if (err == 0)
		err = take_help(&r, o);
	if (err == ERR_NOMEM)
		problems_error(p, whole, "out of memory");
	return p->errors == errors ? r.replies : NULL;
}

/* ---- asking ---- */

bool
replies_has(const struct replies *r, struct slice name, char *code_class)
{
	const struct reply_def *d = find(r, name);

	if (d != NULL)
		*code_class = d->code[0];
	return d != NULL;
}

void
replies_nearest(const struct replies *r, struct names_nearest *near)
{
	for (size_t i = 0; i < r->all.n; i++)
		names_nearest_try(near, r->all.at[i]->name);
}

const struct fact *
replies_late_fact(const struct replies *r, struct slice name, enum stage s)
{
	const struct reply_def *d = find(r, name);
	const struct fact *f = NULL;

	for (size_t i = 0; d != NULL && i < d->n && f == NULL; i++)
		f = template_late_fact(d->lines[i], s);
	return f;
}

/* ---- rendering ---- */

static int
make_source(const struct replies *r, const struct fact_context *c,
    const struct reply_extra *x, struct slice tag, struct template_source *out)
{
	struct buf url;
	int err;

	*out = (struct template_source){ .context = c,
		.extra = x,
		.tag = tag,
		.lang = r->lang };
	if (r->help == NULL)
		return 0;
	buf_init(&url, c->ev->arena, SIZE_MAX);
	err = template_url(r->help, out, MAX_URL, &url);
	out->help = buf_slice(&url);
	return err;
}

/* One line; left out when every value in it is empty and nothing remains. */
static int
render_line(const struct reply_template *t, const struct template_source *s,
    size_t max, struct reply *out)
{
	struct arena *a = s->context->ev->arena;
	struct buf b;
	int err;

	buf_init(&b, a, LINES_MAX_LINE);
	err = template_line(t, s, max, &b);
	if (err != 0 || b.n == 0)
		return err;
	return slice_vec_add(&out->lines, a, buf_slice(&b)) == 0 ? 0 :
								   ERR_NOMEM;
}

int
replies_render(const struct replies *r, struct slice name,
    const struct fact_context *c, const struct reply_extra *x, size_t line_max,
    struct reply *out)
{
	const struct reply_def *d = find(r, name);
	struct template_source s;
	int err;

	*out = (struct reply){ 0 };
	if (d == NULL)
		return ERR_BUG;
	if (line_max > TEMPLATE_LINE)
		line_max = TEMPLATE_LINE;
	err = make_source(r, c, x, d->tag, &s);
	memcpy(out->code, d->code, sizeof(out->code));
	memcpy(out->enhanced, d->enhanced, sizeof(out->enhanced));
	out->tag = d->tag;
	for (size_t i = 0; i < d->n && err == 0; i++)
		err = render_line(d->lines[i], &s, line_max, out);
	if (err == 0 && out->lines.n == 0)
		err = slice_vec_add(&out->lines, c->ev->arena, d->tag) == 0 ?
		    0 :
		    ERR_NOMEM;
	out->set = err == 0;
	return err;
}

int
reply_template_render(const struct reply_template *t, const struct replies *r,
    const struct fact_context *c, const struct reply_extra *x, struct buf *out)
{
	struct template_source s;
	int err = make_source(r, c, x, SL(""), &s);

	return err != 0 ? err : template_line(t, &s, REPLY_TEMPLATE_MAX, out);
}

void
reply_internal(struct reply *out, struct arena *a, const char *id)
{
	static const struct slice plain =
	    SLICE_INIT("ER:SYS internal error, please try again later");
	struct slice text;

	*out = (struct reply){ .set = true,
		.code = "451",
		.enhanced = "4.3.0",
		.tag = slice_c(reply_tags[REPLY_TAG_SYSTEM].text) };
	text =
	    arena_printf(a, "%s %.16s internal error, please try again later",
		reply_tags[REPLY_TAG_SYSTEM].text, id);
	if (text.p != NULL && slice_vec_add(&out->lines, a, text) == 0)
		return;
	/* Out of memory: a line that nobody writes to. */
	out->lines = (struct slice_vec){ .at = unconst(&plain), .n = 1 };
}
