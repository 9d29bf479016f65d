/* SPDX-License-Identifier: BSD-2-Clause
 *
 * scenario: the reader of .scn files. Every mistake is reported with file and
 * line, since a scenario that is read wrongly tests nothing.
 */
#include "scenario/scenario.h"

#include <regex.h>

#include "base/err.h"
#include "base/file.h"
#include "base/names.h"
#include "base/num.h"
#include "scenario/scenario_sign.h"

#define FILE_MAX ((size_t)4 << 20)
#define TEXT_MAX ((size_t)64 << 20)

/* Everything one pass over the file needs. */
struct reader {
	struct arena *a;
	struct scenario *s;
	struct problems *p;
	struct place at;
	struct buf message; /* of the message being read */
	bool in_message;
	struct scn_sign_vec sign;
	struct buf *raw; /* where "| text" lines go */
};

static struct slice
take_word(struct slice *rest)
{
	struct slice word;
	size_t n = 0;

	*rest = slice_trim(*rest);
	while (n < rest->n && rest->p[n] != ' ' && rest->p[n] != '\t')
		n++;
	word = slice_sub(*rest, 0, n);
	*rest = slice_trim(slice_from(*rest, n));
	return word;
}

static int
hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' :
	    c >= 'a' && c <= 'f'    ? c - 'a' + 10 :
				      -1;
}

/* Undoes \xHH and \\ . */
static void
add_unescaped(struct buf *out, struct slice s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\\' && i + 1 < s.n && s.p[i + 1] == '\\') {
			buf_addc(out, '\\');
			i++;
		} else if (s.p[i] == '\\' && i + 3 < s.n && s.p[i + 1] == 'x' &&
		    hex_digit(s.p[i + 2]) >= 0 && hex_digit(s.p[i + 3]) >= 0) {
			buf_addc(out,
			    (char)(hex_digit(s.p[i + 2]) * 16 +
				hex_digit(s.p[i + 3])));
			i += 3;
		} else {
			buf_addc(out, s.p[i]);
		}
	}
}

static struct scn_event *
add_event(struct reader *r, enum scn_kind kind)
{
	struct scn_event *e = scn_event_vec_push(&r->s->events, r->a);

	if (e == NULL)
		abort();
	e->kind = kind;
	e->place = r->at;
	return e;
}

static void
add_args(struct reader *r, struct slice rest, struct slice_vec *out)
{
	struct slice word;
	bool quoted;

	while (lines_word(r->a, &rest, &word, &quoted) == 1)
		if (slice_vec_add(out, r->a, word) != 0)
			abort();
}

/* Ends the message whose lines were being read: signs it. */
static void
end_message(struct reader *r)
{
	struct scn_event *e;

	if (!r->in_message)
		return;
	r->in_message = false;
	e = &r->s->events.at[r->s->events.n - 1];
	e->text = arena_copy(r->a, buf_slice(&r->message));
	for (size_t i = 0; i < e->sign.n; i++)
		if (scenario_sign(r->a, r->s, &e->sign.at[i], &e->text) != 0)
			problems_error(r->p, e->place, "cannot sign");
}

/* @srcdir@ stands for the top of the source: files that a rule names. */
static struct slice
with_srcdir(struct reader *r, struct slice text)
{
	size_t at = slice_search(text, SL("@srcdir@"));

	if (at == SLICE_NONE || r->raw == &r->message)
		return text;
	return arena_printf(r->a, "%.*s" CM_SRCDIR "%.*s",
	    SL_ARG(slice_sub(text, 0, at)), SL_ARG(slice_from(text, at + 8)));
}

static void
read_piped(struct reader *r, struct slice rest)
{
	bool last = slice_starts(rest, SL("- "));
	uint64_t times = 1;

	if (r->raw == NULL) {
		problems_error(r->p, r->at, "a '|' line without a command");
		return;
	}
	if (slice_starts(rest, SL("* "))) {
		rest = slice_from(rest, 2);
		if (num_parse(take_word(&rest), 10000000, &times) != 0)
			problems_error(r->p, r->at,
			    "'|* N text' wants a number");
	} else if (last) {
		rest = slice_from(rest, 2);
	} else if (rest.n > 0) {
		rest = slice_from(rest, 1);
	}
	rest = with_srcdir(r, rest);
	for (uint64_t i = 0; i < times; i++) {
		add_unescaped(r->raw, rest);
		if (r->raw != &r->message)
			buf_addc(r->raw, '\n');
		else if (!last)
			buf_adds(r->raw, "\r\n");
	}
	if (!buf_ok(r->raw))
		problems_error(r->p, r->at, "too long");
}

static void
read_message(struct reader *r, struct slice rest)
{
	struct scn_event *e = add_event(r, SCN_MESSAGE);
	struct slice text, line;
	char why[FILE_WHY];
	const char *path;

	e->sign = r->sign;
	r->sign = (struct scn_sign_vec){ 0 };
	buf_init(&r->message, r->a, TEXT_MAX);
	r->in_message = true;
	r->raw = &r->message;
	if (rest.n == 0)
		return;
	path = arena_printf(r->a, "%s/tests/scenario/messages/%.*s", CM_SRCDIR,
	    SL_ARG(rest))
		   .p;
	if (file_read(r->a, path, FILE_MAX, &text, why) != 0) {
		problems_error(r->p, r->at, "%s", why);
		return;
	}
	while (slice_cut(&text, '\n', &line)) {
		buf_add(&r->message, line);
		buf_adds(&r->message, "\r\n");
	}
}

static void
read_sign(struct reader *r, struct slice rest, bool arc)
{
	struct scn_sign *s = scn_sign_vec_push(&r->sign, r->a);
	struct slice word;
	struct buf tags;

	if (s == NULL)
		abort();
	buf_init(&tags, r->a, 4096);
	*s = (struct scn_sign){ .algorithm = SL("rsa-sha256"),
		.canon = SL("relaxed/relaxed"),
		.arc = arc };
	while ((word = take_word(&rest)).n > 0) {
		struct slice value = slice_from(word, 2);

		if (slice_starts(word, SL("d=")))
			s->domain = value;
		else if (slice_starts(word, SL("s=")))
			s->selector = value;
		else if (slice_starts(word, SL("a=")))
			s->algorithm = value;
		else if (slice_starts(word, SL("c=")))
			s->canon = value;
		else if (slice_eq(word, SL("key=no")))
			s->no_key = true;
		else if (s->arc && slice_starts(word, SL("cv=")))
			s->cv = slice_from(word, 3);
		else if (s->arc && slice_eq(word, SL("broken=yes")))
			s->broken = true;
		else if (s->arc && slice_eq(word, SL("results:"))) {
			s->results = slice_trim(rest);
			break;
		} else
			buf_printf(&tags, "%s%.*s", tags.n > 0 ? "; " : "",
			    SL_ARG(word));
	}
	s->tags = buf_slice(&tags);
	if (s->domain.n == 0 || s->selector.n == 0)
		problems_error(r->p, r->at, "sign wants d= and s=");
	if (arc && tags.n > 0)
		problems_error(r->p, r->at, "arc-seal: what is '%.*s'?",
		    SL_ARG(s->tags));
}

static void
read_seal_key(struct reader *r, struct slice rest)
{
	read_sign(r, rest, true);
	r->sign.n--;
	scenario_seal_key(r->a, r->s, &r->sign.at[r->sign.n]);
}

static void
read_dkim_key(struct reader *r, struct slice rest)
{
	read_sign(r, rest, false);
	r->sign.n--;
	scenario_dkim_key(r->a, r->s, &r->sign.at[r->sign.n]);
}

/* Takes a /regex/ off the end of an expectation. */
static struct slice
take_regex(struct slice *rest)
{
	size_t from = slice_search(*rest, SL(" /"));
	struct slice re;

	if (slice_starts(*rest, SL("/")))
		from = 0;
	if (from == SLICE_NONE || !slice_ends(*rest, SL("/")))
		return slice_of("", 0);
	re = slice_trim(slice_from(*rest, from));
	*rest = slice_sub(*rest, 0, from);
	return re.n >= 2 ? slice_sub(re, 1, re.n - 2) : slice_of("", 0);
}

static void
read_expect(struct reader *r, struct slice rest)
{
	static const struct name_code kinds[] = {
		{ "reply", EXPECT_REPLY },
		{ "finding", EXPECT_FINDING },
		{ "rule", EXPECT_RULE },
		{ "action", EXPECT_ACTION },
		{ "test", EXPECT_TEST },
		{ "header", EXPECT_HEADER },
		{ "count", EXPECT_COUNT },
	};
	struct slice word = take_word(&rest);
	bool no = slice_eq(word, SL("no"));
	struct scn_event *e;
	int kind;

	if (no)
		word = take_word(&rest);
	kind = names_code(kinds, ARRAY_LEN(kinds), word, -1);
	if (no && kind == EXPECT_FINDING)
		kind = EXPECT_NO_FINDING;
	else if (no && kind == EXPECT_HEADER)
		kind = EXPECT_NO_HEADER;
	else if (no || kind < 0) {
		problems_error(r->p, r->at, "unknown expectation '%.*s'",
		    SL_ARG(word));
		return;
	}
	e = add_event(r, SCN_EXPECT);
	e->expect = (enum scn_expect)kind;
	if (kind != EXPECT_FINDING && kind != EXPECT_NO_FINDING)
		e->text = take_regex(&rest);
	e->name = take_word(&rest);
	add_args(r, rest, &e->args);
	if (e->name.n == 0 || (kind == EXPECT_HEADER && e->text.n == 0))
		problems_error(r->p, r->at, "incomplete expectation");
}

static void
read_connect(struct reader *r, struct slice rest)
{
	struct scn_event *e = add_event(r, SCN_CONNECT);
	struct slice ip = take_word(&rest);

	if (!slice_eq(ip, SL("local")) && !ip_parse(ip, &e->ip))
		problems_error(r->p, r->at, "no address: %.*s", SL_ARG(ip));
	e->name = take_word(&rest);
}

static void
read_text_line(struct buf *to, struct slice rest)
{
	buf_add(to, rest);
	buf_addc(to, '\n');
}

/* `policy policy-strict.conf`: one of the files that are shipped. */
static void
read_shipped(struct reader *r, struct buf *to, struct slice name)
{
	const char *path =
	    arena_printf(r->a, "%s/conf/%.*s", CM_SRCDIR, SL_ARG(name)).p;
	struct slice text;
	char why[FILE_WHY];

	if (file_read(r->a, path, FILE_MAX, &text, why) != 0)
		problems_error(r->p, r->at, "%s", why);
	else
		buf_add(to, text);
}

static bool
read_setting(struct reader *r, struct slice word, struct slice rest)
{
	struct scenario *s = r->s;

	if (slice_eq(word, SL("config")))
		read_text_line(&s->config, rest);
	else if (slice_eq(word, SL("zone")))
		read_text_line(&s->zone, rest);
	else if (slice_eq(word, SL("only")))
		add_args(r, rest, &s->only);
	else if (slice_eq(word, SL("policy")) ||
	    slice_eq(word, SL("replies"))) {
		r->raw = word.p[0] == 'p' ? &s->policy : &s->replies;
		if (slice_starts(rest, SL("|")))
			read_piped(r, slice_from(rest, 1));
		else
			read_shipped(r, r->raw, rest);
	} else
		return false;
	return true;
}

/* "<path> PARAMETER...": the path may hold quoted spaces. */
static void
read_path(struct reader *r, enum scn_kind kind, struct slice rest)
{
	struct scn_event *e = add_event(r, kind);
	size_t end = slice_rchr(rest, '>');
	struct buf b;

	if (end == SLICE_NONE) {
		problems_error(r->p, r->at, "a path wants < and >");
		return;
	}
	buf_init(&b, r->a, TEXT_MAX);
	add_unescaped(&b, slice_sub(rest, 0, end + 1));
	e->text = buf_slice(&b);
	add_args(r, slice_from(rest, end + 1), &e->args);
}

static void
read_command(struct reader *r, struct slice word, struct slice rest)
{
	struct scn_event *e;

	if (slice_eq(word, SL("connect"))) {
		read_connect(r, rest);
	} else if (slice_eq(word, SL("macro"))) {
		e = add_event(r, SCN_MACRO);
		e->name = take_word(&rest);
		e->text = rest;
	} else if (slice_eq(word, SL("helo"))) {
		struct buf b;

		buf_init(&b, r->a, TEXT_MAX);
		add_unescaped(&b, rest);
		add_event(r, SCN_HELO)->text = buf_slice(&b);
	} else if (slice_eq(word, SL("starttls"))) {
		add_event(r, SCN_STARTTLS);
	} else if (slice_eq(word, SL("mail")) || slice_eq(word, SL("rcpt"))) {
		read_path(r, word.p[0] == 'm' ? SCN_MAIL : SCN_RCPT, rest);
	} else if (slice_eq(word, SL("rset"))) {
		add_event(r, SCN_RSET);
	} else if (slice_eq(word, SL("reload"))) {
		add_event(r, SCN_RELOAD);
	} else {
		problems_error(r->p, r->at, "unknown word '%.*s'",
		    SL_ARG(word));
	}
}

static void
read_line(struct reader *r, struct slice line)
{
	struct slice rest = slice_rtrim(line), word;

	if (slice_starts(line, SL("|"))) {
		/* white space at the end of a message line counts */
		read_piped(r, slice_from(line, 1));
		return;
	}
	if (rest.n == 0 || rest.p[0] == '#')
		return;
	end_message(r);
	r->raw = NULL;
	word = take_word(&rest);
	if (slice_eq(word, SL("message")))
		read_message(r, rest);
	else if (slice_eq(word, SL("sign")))
		read_sign(r, rest, false);
	else if (slice_eq(word, SL("arc-seal")))
		read_sign(r, rest, true);
	else if (slice_eq(word, SL("seal-key")))
		read_seal_key(r, rest);
	else if (slice_eq(word, SL("dkim-key")))
		read_dkim_key(r, rest);
	else if (slice_eq(word, SL("expect")))
		read_expect(r, rest);
	else if (!read_setting(r, word, rest))
		read_command(r, word, rest);
}

int
scenario_read(struct arena *a, const char *path, struct scenario *out,
    struct problems *p)
{
	struct reader r = { .a = a, .s = out, .p = p, .at = { path, 0 } };
	struct slice text, line;
	char why[FILE_WHY];

	*out = (struct scenario){ .file = path };
	buf_init(&out->config, a, FILE_MAX);
	buf_init(&out->zone, a, FILE_MAX);
	buf_init(&out->policy, a, FILE_MAX);
	buf_init(&out->replies, a, FILE_MAX);
	if (file_read(a, path, FILE_MAX, &text, why) != 0) {
		problems_error(p, r.at, "%s", why);
		return ERR_CONFIG;
	}
	while (slice_cut(&text, '\n', &line)) {
		r.at.line++;
		read_line(&r, line);
	}
	end_message(&r);
	return p->errors > 0 ? ERR_CONFIG : 0;
}

bool
scenario_is_for(const struct scenario *s, const char *how)
{
	for (size_t i = 0; i < s->only.n; i++)
		if (slice_eq(s->only.at[i], slice_c(how)))
			return true;
	return s->only.n == 0;
}

bool
scenario_match(struct slice regex, struct slice text)
{
	char *re = strndup(regex.p, regex.n);
	char *t = strndup(text.p != NULL ? text.p : "", text.n);
	regex_t compiled;
	bool hit = false;

	if (re == NULL || t == NULL)
		abort();
	if (regcomp(&compiled, re, REG_EXTENDED | REG_NOSUB) == 0) {
		hit = regexec(&compiled, t, 0, NULL, 0) == 0;
		regfree(&compiled);
	} else {
		printf("# bad regex: %s\n", re);
	}
	free(re);
	free(t);
	return hit;
}
