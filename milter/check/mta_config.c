/* SPDX-License-Identifier: BSD-2-Clause
 *
 * mta_config: which reader a file is for, and which of both answers.
 */
#include "check/mta_config.h"

#include "base/err.h"
#include "base/file.h"
#include "check/mta_parts.h"
#include "mail/chars.h"

struct mta_config {
	bool has_sendmail, has_postfix;
	struct mta_sendmail sendmail;
	struct mta_postfix postfix;
};

/* Postfix tells its name, Sendmail its version alone. */
enum mta_kind
mta_kind_of(struct slice v)
{
	if (v.n > 0 && char_is(v.p[0], CHAR_DIGIT))
		return MTA_SENDMAIL;
	return slice_istarts(v, SL("Postfix")) ? MTA_POSTFIX : MTA_OTHER;
}

/* A sendmail.cf tells the version of its language: "V10/Berkeley". */
static bool
is_sendmail(struct slice text)
{
	struct slice line;

	while (slice_cut(&text, '\n', &line))
		if (line.n > 1 && line.p[0] == 'V' &&
		    char_is(line.p[1], CHAR_DIGIT))
			return true;
	return false;
}

static int
read_one(struct arena *a, const char *path, bool needed, bool mended,
    struct problems *p, struct mta_config *c)
{
	char why[FILE_WHY];
	struct mta_lines l;
	bool *seen;
	int err = mta_lines_open(a, path, &l, why);

	if (err == ERR_NOMEM)
		return err;
	if (err != 0) {
		if (needed)
			problems_error(p, (struct place){ path, 0 }, "%s", why);
		else if (err != ERR_NOTFOUND)
			problems_warn(p, (struct place){ path, 0 },
			    "%s: what the MTA changes behind the filter is not "
			    "known",
			    why);
		return 0;
	}
	seen = is_sendmail(l.rest) ? &c->has_sendmail : &c->has_postfix;
	if (*seen) {
		problems_error(p, (struct place){ path, 0 },
		    "MTAConfig names two files of one kind of MTA");
		return 0;
	}
	*seen = true;
	return seen == &c->has_sendmail ?
	    mta_sendmail_read(&l, mended, p, &c->sendmail) :
	    mta_postfix_read(&l, mended, p, &c->postfix);
}

struct mta_config *
mta_config_load(struct arena *a, const struct slice_vec *files, bool needed,
    bool mended, struct problems *p)
{
	struct mta_config *c = arena_zalloc(a, sizeof(*c));
	unsigned before = p->errors;
	int err = c != NULL ? 0 : ERR_NOMEM;

	for (size_t i = 0; i < files->n && err == 0; i++)
		err = read_one(a, files->at[i].p, needed, mended, p, c);
	if (err != 0 || arena_failed(a))
		problems_error(p, (struct place){ "MTAConfig", 0 }, "%s",
		    err_text(ERR_NOMEM));
	return p->errors == before ? c : NULL;
}

bool
mta_config_knows(const struct mta_config *c, enum mta_kind kind)
{
	if (c == NULL || kind == MTA_OTHER)
		return false;
	return kind == MTA_SENDMAIL ? c->has_sendmail : c->has_postfix;
}

bool
mta_config_encodes(const struct mta_config *c, enum mta_kind kind)
{
	return kind != MTA_POSTFIX || c == NULL || !c->postfix.keeps_8bit;
}

/* What no configuration says: a name of one label Sendmail completes by its
 * own rules, and the last of several may be the name of a network that it
 * knows ways to. */
static enum mta_fate
unread_sendmail(const struct mta_address *address)
{
	struct slice domain = address->domain;

	if (slice_starts(domain, SL("[")))
		return MTA_KEEPS;
	return slice_chr(domain, '.') != SLICE_NONE &&
		!slice_iends(domain, SL(".uucp")) ?
	    MTA_KEEPS :
	    MTA_UNKNOWN;
}

/* Whatever it becomes must stay what it is: the MTA sees it once more. */
static enum mta_fate
rewrite(const struct mta_config *c, struct arena *a,
    struct mta_address *address)
{
	if (address->kind == MTA_POSTFIX)
		return c != NULL && c->has_postfix ?
		    mta_postfix_rewrite(&c->postfix, a, address) :
		    MTA_KEEPS;
	if (address->kind == MTA_SENDMAIL && c != NULL && c->has_sendmail)
		return mta_sendmail_rewrite(&c->sendmail, a, address);
	return unread_sendmail(address);
}

enum mta_fate
mta_config_rewrite(const struct mta_config *c, struct arena *a,
    struct mta_address *address)
{
	enum mta_fate fate = rewrite(c, a, address);
	struct mta_address again = *address;

	if (fate != MTA_REWRITES)
		return fate;
	return rewrite(c, a, &again) == MTA_KEEPS ? MTA_REWRITES : MTA_UNKNOWN;
}
