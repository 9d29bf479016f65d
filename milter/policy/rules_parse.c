/* SPDX-License-Identifier: BSD-2-Clause
 *
 * rules_parse: one line of the policy file: a set, or a rule with its clauses.
 */
#include "base/clock.h"
#include "base/err.h"
#include "base/names.h"
#include "base/num.h"
#include "mail/chars.h"
#include "policy/rules_private.h"

#define DAY_SECONDS 86400

static const struct name_code actions[] = {
	{ "accept", RULE_ACCEPT },
	{ "tag", RULE_TAG },
	{ "seal", RULE_SEAL },
	{ "quarantine", RULE_QUARANTINE },
	{ "hold", RULE_HOLD },
	{ "tempfail", RULE_TEMPFAIL },
	{ "reject", RULE_REJECT },
	{ "discard", RULE_DISCARD },
};

static const struct name_code stages[] = {
	{ "mail", STAGE_MAIL },
	{ "rcpt", STAGE_RCPT },
	{ "eom", STAGE_EOM },
};

enum clause {
	CLAUSE_WITH,
	CLAUSE_AT,
	CLAUSE_TEST,
	CLAUSE_ON,
	CLAUSE_UNTIL,
	CLAUSE_IF,
	CLAUSE_COUNT
};

static const struct name_code clauses[] = {
	{ "with", CLAUSE_WITH },
	{ "at", CLAUSE_AT },
	{ "test", CLAUSE_TEST },
	{ "on", CLAUSE_ON },
	{ "until", CLAUSE_UNTIL },
	{ "if", CLAUSE_IF },
};

/* Fields that belong to the MTA, to the author or to our own checks. */
static const char *const reserved_fields[] = { "Authentication-Results", "Bcc",
	"Cc", "Content-Transfer-Encoding", "Content-Type", "Date",
	"DKIM-Signature", "From", "Message-ID", "MIME-Version", "Received",
	"Received-SPF", "Reply-To", "Return-Path", "Sender", "Subject", "To" };

const char *
rule_action_word(enum rule_action a)
{
	return names_name(actions, ARRAY_LEN(actions), (int)a);
}

static struct names_nearest
nearest_of(const struct name_code *table, size_t n, struct slice word)
{
	struct names_nearest near = names_nearest_to(word);

	for (size_t i = 0; i < n; i++)
		names_nearest_try(&near, slice_c(table[i].name));
	return near;
}

/* Letters, digits and a few signs, as names of rules and sets. */
static bool
check_name(struct rules_reader *r, struct place at, struct slice name,
    const char *what)
{
	bool good = name.n > 0;

	for (size_t i = 0; i < name.n; i++)
		good = good &&
		    (char_is(name.p[i], CHAR_LDH) || name.p[i] == '_' ||
			name.p[i] == '.');
	if (!good)
		problems_error(r->problems, at,
		    "'%.*s' is no name of a %s: letters, digits, '-', '_' and "
		    "'.' only",
		    SL_ARG(name), what);
	else if (name.n > MAX_NAME)
		problems_error(r->problems, at,
		    "the name of the %s is longer than %zu characters", what,
		    MAX_NAME);
	return good && name.n <= MAX_NAME;
}

int
rules_parse_set(struct rules_reader *r, const struct line *line)
{
	struct named_set_vec *all = &r->rules->sets;
	struct slice rest = line->text, word, name;
	struct named_set *s;
	bool quoted;
	int err;

	if (lines_word(r->arena, &rest, &word, &quoted) != 1 ||
	    lines_word(r->arena, &rest, &name, &quoted) != 1 ||
	    slice_trim(rest).n == 0) {
		problems_error(r->problems, line->place,
		    "a set is written `set NAME SOURCE`, such as: "
		    "set partners {192.0.2.0/24, .example.net}");
		return 0;
	}
	if (!check_name(r, line->place, name, "set"))
		return 0;
	for (size_t i = 0; i < all->n; i++)
		if (slice_ieq(all->at[i].name, name)) {
			problems_error(r->problems, line->place,
			    "set '%.*s' stands in line %u already",
			    SL_ARG(name), all->at[i].place.line);
			return 0;
		}
	if (all->n >= MAX_SETS) {
		problems_error(r->problems, line->place, "more than %d sets",
		    MAX_SETS);
		return 0;
	}
	s = named_set_vec_push(all, r->arena);
	if (s == NULL)
		return ERR_NOMEM;
	s->name = name;
	s->place = line->place;
	err = set_load(r->arena, slice_trim(rest), line->place, r->problems,
	    &s->set);
	return err == ERR_NOMEM ? ERR_NOMEM : 0;
}

static bool
is_reserved(struct slice name)
{
	for (size_t i = 0; i < ARRAY_LEN(reserved_fields); i++)
		if (slice_ieq(name, slice_c(reserved_fields[i])))
			return true;
	return slice_istarts(name, SL("ARC-")) ||
	    slice_istarts(name, SL("Resent-"));
}

bool
rules_parse_field(struct rules_reader *r, struct place at, struct slice text,
    struct slice *name, struct reply_template **value)
{
	size_t colon = slice_chr(text, ':');
	struct slice rest = slice_trim(slice_from(text, num_add(colon, 1)));
	bool good = colon != SLICE_NONE && colon > 0 && colon <= MAX_NAME;

	*name = slice_sub(text, 0, colon);
	/* RFC 5322 section 3.6.8 */
	for (size_t i = 0; good && i < name->n; i++)
		good = char_is(name->p[i], CHAR_VCHAR);
	if (!good || rest.n == 0) {
		problems_error(r->problems, at,
		    "a header field is written \"Name: value\", not \"%.*s\"",
		    SL_ARG(text));
		return false;
	}
	if (is_reserved(*name)) {
		problems_error(r->problems, at,
		    "%.*s fields are not for rules to write: take a name of "
		    "your own, such as X-Policy",
		    SL_ARG(*name));
		return false;
	}
	*value = reply_template_parse(r->arena, rest, at, r->problems);
	return *value != NULL;
}

/* ---- clauses ---- */

/* One rule being read. */
struct rule_reader {
	struct rules_reader *r;
	struct rule *rule;
	struct slice rest;
	bool seen[CLAUSE_COUNT];
};

/* The next word, or an empty one. */
static struct slice
next_word(struct rule_reader *k)
{
	struct slice word;
	bool quoted;

	if (lines_word(k->r->arena, &k->rest, &word, &quoted) != 1)
		return SL("");
	return word;
}

#define complain(k, ...) \
	problems_error((k)->r->problems, (k)->rule->place, __VA_ARGS__)

static void
take_action(struct rule_reader *k)
{
	struct slice word = next_word(k), field;
	int code = names_code(actions, ARRAY_LEN(actions), word, -1);

	k->rule->action = RULE_ACCEPT;
	if (code < 0) {
		complain(k, "unknown action '%.*s'%s", SL_ARG(word),
		    problems_hint(k->r->problems,
			nearest_of(actions, ARRAY_LEN(actions), word).best));
		return;
	}
	k->rule->action = (enum rule_action)code;
	if (k->rule->action != RULE_TAG)
		return;
	k->rest = slice_trim(k->rest);
	if (!slice_starts(k->rest, SL("\""))) {
		complain(k, "tag needs a header field: tag \"Name: value\"");
		return;
	}
	field = next_word(k);
	(void)rules_parse_field(k->r, k->rule->place, field, &k->rule->tag_name,
	    &k->rule->tag_value);
}

static void
take_with(struct rule_reader *k)
{
	struct slice name = next_word(k);
	struct names_nearest near = names_nearest_to(name);
	char class;

	k->rule->reply = name;
	if (replies_has(k->r->replies, name, &class))
		return;
	replies_nearest(k->r->replies, &near);
	complain(k, "unknown reply '%.*s'%s", SL_ARG(name),
	    problems_hint(k->r->problems, near.best));
	k->rule->reply = SL("");
}

static void
take_at(struct rule_reader *k)
{
	struct slice word = next_word(k);
	int code = names_code(stages, ARRAY_LEN(stages), word, -1);

	if (code >= 0)
		k->rule->stage = (enum stage)code;
	else
		complain(k, "unknown stage '%.*s': it is mail, rcpt or eom%s",
		    SL_ARG(word),
		    problems_hint(k->r->problems,
			nearest_of(stages, ARRAY_LEN(stages), word).best));
}

static void
take_on(struct rule_reader *k)
{
	struct slice word = next_word(k);
	uint64_t n = 0;

	if (!slice_ends(word, SL("%")) ||
	    num_parse(slice_sub(word, 0, word.n - 1), 100, &n) != 0 || n == 0)
		complain(k, "'on %.*s': it is a whole number from 1%% to 100%%",
		    SL_ARG(word));
	else
		k->rule->percent = (unsigned)n;
}

static void
take_until(struct rule_reader *k)
{
	struct slice word = next_word(k);
	int64_t day;

	if (clock_parse_day(word, &day) != 0) {
		complain(k, "'until %.*s': it is a day, YYYY-MM-DD",
		    SL_ARG(word));
		return;
	}
	/* The day that is named is the last one. */
	k->rule->until = day + DAY_SECONDS;
	k->rule->expired = clock_epoch() >= k->rule->until;
	if (k->rule->expired)
		problems_warn(k->r->problems, k->rule->place,
		    "rule '%.*s' has expired (until %.*s): it is skipped",
		    SL_ARG(k->rule->name), SL_ARG(word));
}

static int
take_if(struct rule_reader *k)
{
	struct expr_context c = { .arena = k->r->arena,
		.problems = k->r->problems,
		.place = k->rule->place,
		.stage = k->rule->stage,
		.sets = &k->r->rules->sets };
	int err = expr_compile(&c, slice_trim(k->rest), &k->rule->condition);

	k->rest = SL("");
	return err == ERR_NOMEM ? err : 0;
}

static int
take_clause(struct rule_reader *k, enum clause which)
{
	switch (which) {
	case CLAUSE_WITH:
		take_with(k);
		break;
	case CLAUSE_AT:
		take_at(k);
		break;
	case CLAUSE_TEST:
		k->rule->test = true;
		break;
	case CLAUSE_ON:
		take_on(k);
		break;
	case CLAUSE_UNTIL:
		take_until(k);
		break;
	case CLAUSE_IF:
		return take_if(k);
	case CLAUSE_COUNT:
		break;
	}
	return 0;
}

/* All clauses, each at most once, `if` last. */
static int
take_clauses(struct rule_reader *k)
{
	int err = 0;

	while (err == 0 && slice_trim(k->rest).n > 0) {
		struct slice word = next_word(k);
		int code = names_code(clauses, ARRAY_LEN(clauses), word, -1);

		if (code < 0) {
			complain(k, "unexpected '%.*s'%s", SL_ARG(word),
			    problems_hint(k->r->problems,
				nearest_of(clauses, ARRAY_LEN(clauses), word)
				    .best));
			return 0;
		}
		if (k->seen[code]) {
			complain(k, "`%s` stands twice", clauses[code].name);
			return 0;
		}
		k->seen[code] = true;
		err = take_clause(k, (enum clause)code);
	}
	return err;
}

/* ---- what must fit together ---- */

static void
check_reply(struct rule_reader *k)
{
	bool tempfail = k->rule->action == RULE_TEMPFAIL;
	bool answers = tempfail || k->rule->action == RULE_REJECT;
	const struct fact *late;
	char class = '\0';

	if (!answers) {
		if (k->seen[CLAUSE_WITH])
			complain(k,
			    "%s gives no reply: `with` goes with "
			    "reject and tempfail",
			    rule_action_word(k->rule->action));
		return;
	}
	if (!k->seen[CLAUSE_WITH])
		k->rule->reply = slice_c(
		    tempfail ? REPLY_DEFAULT_TEMPFAIL : REPLY_DEFAULT_REJECT);
	if (k->rule->reply.n == 0 ||
	    !replies_has(k->r->replies, k->rule->reply, &class))
		return;
	if (class != (tempfail ? '4' : '5'))
		complain(k,
		    "%s needs a reply with a code of %cxx, '%.*s' has %cxx",
		    tempfail ? "tempfail" : "reject", tempfail ? '4' : '5',
		    SL_ARG(k->rule->reply), class);
	late = replies_late_fact(k->r->replies, k->rule->reply, k->rule->stage);
	if (late != NULL)
		problems_warn(k->r->problems, k->rule->place,
		    "reply '%.*s' names {%s}, which is not known at %s",
		    SL_ARG(k->rule->reply), late->name,
		    stage_word(k->rule->stage));
}

static void
check_stage(struct rule_reader *k)
{
	enum rule_action a = k->rule->action;

	if (k->rule->stage == STAGE_EOM)
		return;
	if (a == RULE_TAG || a == RULE_SEAL || a == RULE_QUARANTINE ||
	    a == RULE_HOLD)
		complain(k, "%s is only possible at eom", rule_action_word(a));
	else if (a == RULE_DISCARD && k->rule->stage == STAGE_RCPT)
		complain(k,
		    "discard at rcpt would drop the message for every "
		    "recipient: write it at mail or at eom");
}

/* The name up to the colon; the rest of the line is left. */
static bool
take_name(struct rule_reader *k, struct slice text)
{
	const struct rule_vec *all = &k->r->rules->all;
	struct slice *name = &k->rule->name;
	size_t colon = slice_chr(text, ':');
	size_t space = slice_chr(text, ' ');

	if (colon == SLICE_NONE ||
	    (space < colon && space != SLICE_NONE &&
		slice_trim(slice_sub(text, space, colon - space)).n > 0)) {
		problems_error(k->r->problems, k->rule->place,
		    "a rule begins with its name and a colon: `name: ACTION "
		    "... if CONDITION` (or is it `set NAME SOURCE`?)");
		return false;
	}
	*name = slice_trim(slice_sub(text, 0, colon));
	k->rest = slice_from(text, colon + 1);
	if (!check_name(k->r, k->rule->place, *name, "rule"))
		return false;
	for (size_t i = 0; i < all->n; i++)
		if (&all->at[i] != k->rule &&
		    slice_ieq(all->at[i].name, *name)) {
			complain(k, "rule '%.*s' stands in line %u already",
			    SL_ARG(*name), all->at[i].place.line);
			return false;
		}
	return true;
}

int
rules_parse_rule(struct rules_reader *r, const struct line *line)
{
	struct rule_reader k = { .r = r };
	int err;

	if (r->rules->all.n >= MAX_RULES) {
		problems_error(r->problems, line->place, "more than %d rules",
		    MAX_RULES);
		return 0;
	}
	k.rule = rule_vec_push(&r->rules->all, r->arena);
	if (k.rule == NULL)
		return ERR_NOMEM;
	*k.rule = (struct rule){ .place = line->place,
		.stage = STAGE_EOM,
		.percent = 100 };
	if (!take_name(&k, line->text))
		return 0;
	take_action(&k);
	err = take_clauses(&k);
	check_reply(&k);
	check_stage(&k);
	return err;
}
