/* SPDX-License-Identifier: BSD-2-Clause
 *
 * socketmap: see socketmap.h.
 */
#include "forward/socketmap.h"

#include "base/err.h"
#include "base/log.h"
#include "base/names.h"
#include "base/num.h"

#define LENGTH_DIGITS 5 /* of SOCKETMAP_REQUEST */

static const struct name_code tables[] = {
	{ "forward", SOCKETMAP_FORWARD },
	{ "reverse", SOCKETMAP_REVERSE },
};

enum socketmap_table
socketmap_table(struct slice name)
{
	return (enum socketmap_table)names_code(tables, ARRAY_LEN(tables), name,
	    SOCKETMAP_TABLES);
}

void
socketmap_counters_load(struct socketmap_counters *c)
{
	const size_t failed = ARRAY_LEN(c->count[0]) - 1;

	for (size_t t = 0; t < SOCKETMAP_TABLES; t++)
		for (size_t i = 0; i <= failed; i++)
			c->count[t][i] = stats_counter("srs_lookups_total",
			    "map", slice_c(tables[t].name), "result",
			    i == failed ?
				SL("failed") :
				slice_c(srs_outcome_word((enum srs_outcome)i)));
	srs_long_counters_load(&c->long_senders, "table");
}

/* ---- netstrings: LENGTH ':' TEXT ',' ---- */

/* The text of a netstring at the front; *used is what it took. */
static enum socketmap_read
read_netstring(struct slice in, struct slice *text, size_t *used)
{
	struct slice head = slice_sub(in, 0, LENGTH_DIGITS + 1);
	size_t colon = slice_chr(head, ':');
	uint64_t n;

	if (colon == SLICE_NONE) {
		/* Only more digits can still make it one. */
		for (size_t i = 0; i < head.n; i++)
			if (head.p[i] < '0' || head.p[i] > '9')
				return SOCKETMAP_BROKEN;
		return in.n > LENGTH_DIGITS ? SOCKETMAP_BROKEN : SOCKETMAP_MORE;
	}
	if (num_parse(slice_sub(head, 0, colon), SOCKETMAP_REQUEST, &n) != 0)
		return SOCKETMAP_BROKEN;
	if (in.n - colon - 1 < n + 1)
		return SOCKETMAP_MORE;
	*text = slice_sub(in, colon + 1, n);
	*used = colon + 1 + n + 1;
	return in.p[*used - 1] == ',' ? SOCKETMAP_TAKEN : SOCKETMAP_BROKEN;
}

enum socketmap_read
socketmap_read(struct slice in, struct socketmap_request *out)
{
	struct slice text;
	enum socketmap_read got = read_netstring(in, &text, &out->used);
	size_t space;

	if (got != SOCKETMAP_TAKEN)
		return got;
	space = slice_chr(text, ' ');
	out->name = slice_sub(text, 0, space);
	out->key = slice_from(text, space == SLICE_NONE ? text.n : space + 1);
	return SOCKETMAP_TAKEN;
}

void
socketmap_reply(struct buf *out, const char *word, struct slice data)
{
	size_t n = strlen(word);

	data = slice_sub(data, 0, SOCKETMAP_REPLY);
	buf_printf(out, "%zu:%s ", n + 1 + data.n, word);
	buf_add(out, data);
	buf_addc(out, ',');
}

/* ---- lookups ---- */

/* The null sender comes as two quote characters (Postfix) or as nothing, other
 * addresses in the form they have in SMTP. */
static int
read_key(struct arena *a, struct slice key, struct mailbox *out)
{
	if (slice_eq(key, SL("\"\"")))
		key = SL("");
	return address_parse_path(a, key, out);
}

bool
socketmap_waits(const struct srs_map *m, struct arena *a,
    const struct socketmap_request *r)
{
	struct mailbox key;

	return m != NULL && socketmap_table(r->name) == SOCKETMAP_FORWARD &&
	    read_key(a, r->key, &key) == 0 && srs_map_asks(m, &key);
}

/* What an operator would look for: addresses that were refused, and those that
 * are too long one way or another. */
static void
log_answer(struct arena *a, const struct socketmap_request *r,
    const struct srs_answer *answer)
{
	struct log_line l;

	if (!log_enabled(LOG_LEVEL_INFO) ||
	    !(srs_outcome_refuses(answer->outcome) || answer->is_long))
		return;
	log_line_begin(&l, a);
	log_line_add(&l, "srs", r->name);
	log_line_add(&l, "address", slice_sub(r->key, 0, 1024));
	log_line_add(&l, "result", slice_c(srs_outcome_word(answer->outcome)));
	if (answer->is_long)
		log_line_add(&l, "long", SL("yes"));
	log_line_write(&l, LOG_LEVEL_INFO);
}

static int
look_up(const struct srs_map *m, struct arena *a, enum socketmap_table table,
    struct slice key, struct dns_message *dns, struct srs_answer *answer)
{
	struct mailbox address;
	int err = read_key(a, key, &address);

	if (err != 0)
		return err;
	if (table == SOCKETMAP_FORWARD)
		return srs_map_sender(m, a, &address, dns, answer);
	return srs_map_rcpt(m, a, &address, answer);
}

void
socketmap_answer(const struct srs_map *m, struct arena *a,
    const struct socketmap_request *r, struct dns_message *dns,
    const struct socketmap_counters *c, struct buf *out)
{
	enum socketmap_table table = socketmap_table(r->name);
	struct srs_answer answer = { 0 };
	int err;

	if (table == SOCKETMAP_TABLES) {
		socketmap_reply(out, "PERM",
		    SL("no such map; there are forward and reverse"));
		return;
	}
	if (m == NULL) {
		socketmap_reply(out, "NOTFOUND", SL(""));
		return;
	}
	err = look_up(m, a, table, r->key, dns, &answer);
	if (err != 0) {
		stats_add(c->count[table][ARRAY_LEN(c->count[0]) - 1], 1);
		log_text(LOG_LEVEL_ERROR, "socketmap: lookup failed: %s",
		    err_text(err));
		socketmap_reply(out, "TEMP", SL("internal error"));
		return;
	}
	stats_add(c->count[table][answer.outcome], 1);
	srs_count_long(&c->long_senders, answer.is_long,
	    answer.outcome == SRS_MAP_REWRITTEN);
	log_answer(a, r, &answer);
	if (answer.outcome == SRS_MAP_REWRITTEN)
		socketmap_reply(out, "OK", answer.address);
	else
		socketmap_reply(out, "NOTFOUND", SL(""));
}
