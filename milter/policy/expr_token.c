/* SPDX-License-Identifier: BSD-2-Clause
 *
 * expr_token: cuts the text of a condition into tokens.
 */
#include "base/err.h"
#include "policy/expr_private.h"

static bool
is_space(char c)
{
	return c == ' ' || c == '\t';
}

static bool
ends_word(char c)
{
	return is_space(c) || c == '(' || c == ')' || c == '{' || c == '}' ||
	    c == '<' || c == '>' || c == '"' || c == ',';
}

/* Offset behind the closing quote of the string at s.p[0], or SLICE_NONE. */
static size_t
string_end(struct slice s)
{
	for (size_t i = 1; i < s.n; i++) {
		if (s.p[i] == '\\')
			i++;
		else if (s.p[i] == '"')
			return i + 1;
	}
	return SLICE_NONE;
}

/* Offset behind the closing brace of the list at s.p[0], or SLICE_NONE. */
static size_t
list_end(struct slice s)
{
	for (size_t i = 1; i < s.n; i++) {
		if (s.p[i] == '}')
			return i + 1;
		if (s.p[i] == '{')
			return SLICE_NONE;
		if (s.p[i] == '"') {
			size_t n = string_end(slice_from(s, i));

			if (n == SLICE_NONE)
				return SLICE_NONE;
			i += n - 1;
		}
	}
	return SLICE_NONE;
}

static struct token
bad(struct slice *rest, const char *why)
{
	*rest = slice_from(*rest, rest->n);
	return (struct token){ TOKEN_BAD, slice_c(why) };
}

static struct token
take(struct slice *rest, enum token_kind kind, size_t n)
{
	struct token t = { kind, slice_sub(*rest, 0, n) };

	*rest = slice_from(*rest, n);
	return t;
}

static struct token
take_string(struct arena *a, struct slice *rest)
{
	struct token t = { TOKEN_STRING, { NULL, 0 } };
	bool quoted;
	int got = lines_word(a, rest, &t.text, &quoted);

	if (got == 1)
		return t;
	return bad(rest,
	    got == ERR_NOMEM ? "out of memory" :
			       "a double quote is not closed");
}

struct token
token_next(struct arena *a, struct slice *rest)
{
	size_t n = 0;

	while (rest->n > 0 && is_space(rest->p[0]))
		*rest = slice_from(*rest, 1);
	if (rest->n == 0)
		return (struct token){ TOKEN_END, SL("") };
	switch (rest->p[0]) {
	case '(':
		return take(rest, TOKEN_OPEN, 1);
	case ')':
		return take(rest, TOKEN_CLOSE, 1);
	case '<':
		return take(rest, TOKEN_LESS, 1);
	case '>':
		return take(rest, TOKEN_MORE, 1);
	case '"':
		return take_string(a, rest);
	case '{':
		n = list_end(*rest);
		if (n == SLICE_NONE)
			return bad(rest, "a '{' is not closed");
		return take(rest, TOKEN_LIST, n);
	case '}':
		return bad(rest, "a '}' without its '{'");
	case ',':
		return bad(rest, "a comma outside of a list {a, b}");
	default:
		break;
	}
	while (n < rest->n && !ends_word(rest->p[n]))
		n++;
	return take(rest, TOKEN_WORD, n);
}

const char *
token_kind_text(enum token_kind k)
{
	switch (k) {
	case TOKEN_END:
		break;
	case TOKEN_WORD:
		return "a word";
	case TOKEN_STRING:
		return "a text in quotes";
	case TOKEN_LIST:
		return "a list";
	case TOKEN_OPEN:
		return "'('";
	case TOKEN_CLOSE:
		return "')'";
	case TOKEN_LESS:
		return "'<'";
	case TOKEN_MORE:
		return "'>'";
	case TOKEN_BAD:
		return "an error";
	}
	return "the end";
}

/* One entry and the comma behind it, off the front of *rest. */
static int
list_entry(struct arena *a, struct slice *rest, struct slice *out)
{
	bool quoted = false;
	size_t comma;

	*rest = slice_trim(*rest);
	if (rest->n > 0 && rest->p[0] == '"') {
		int got = lines_word(a, rest, out, &quoted);

		if (got < 0)
			return got;
		*rest = slice_trim(*rest);
		if (rest->n > 0 && rest->p[0] != ',')
			return ERR_SYNTAX;
		*rest = slice_from(*rest, 1);
		return 0;
	}
	comma = slice_chr(*rest, ',');
	*out = slice_trim(slice_sub(*rest, 0, comma));
	*rest = comma == SLICE_NONE ? slice_from(*rest, rest->n) :
				      slice_from(*rest, comma + 1);
	return slice_chr(*out, '"') == SLICE_NONE ? 0 : ERR_SYNTAX;
}

int
token_list(struct arena *a, struct slice list, struct slice_vec *out)
{
	struct slice rest, entry;
	int err;

	if (list.n < 2 || list.p[0] != '{' || list.p[list.n - 1] != '}')
		return ERR_SYNTAX;
	rest = slice_trim(slice_sub(list, 1, list.n - 2));
	while (rest.n > 0) {
		err = list_entry(a, &rest, &entry);
		if (err == 0 && slice_vec_add(out, a, entry) != 0)
			err = ERR_NOMEM;
		if (err != 0)
			return err;
	}
	return 0;
}
