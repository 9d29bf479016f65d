/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dkim_lib: libopendkim behind our own reader. What is known of the library
 * and decides how it is called: its assertions hit empty headers and an unset
 * key; key texts are copied into 1025 octets; TRYAGAIN and unknown queries end
 * or abort a message, so the key is there before it is asked for; a t= below
 * the drift looks to it like the future, so it may refuse what our reader took;
 * a good signature without a body shows as PASSED, body hash untested, error
 * -1.
 */
#include "check/dkim_lib.h"

#include <sys/types.h>

#include <opendkim/dkim.h>

#include "base/err.h"
#include "crypt/key_stand_in.h"
#include "crypt/sig.h"

#define KEY_TEXT_MAX 1024 /* octets that its key buffer holds, without NUL */

struct dkim_library {
	DKIM_LIB *lib;
};

/* What the key hook needs of one judgement. */
struct judgement {
	const char *key;
	size_t key_n;
};

static DKIM_CBSTAT
give_key(DKIM *dkim, DKIM_SIGINFO *sig, u_char *buf, size_t size)
{
	const struct judgement *j = dkim_get_user_context(dkim);

	(void)sig;
	if (j == NULL || j->key_n >= size)
		return DKIM_CBSTAT_NOTFOUND;
	memcpy(buf, j->key, j->key_n + 1);
	return DKIM_CBSTAT_CONTINUE;
}

/* A handle's memory is the message's, which ends it all at once. The library
 * itself has no closure. */
static void *
give_memory(void *arena, size_t n)
{
	return arena != NULL ? arena_zalloc(arena, n) : malloc(n);
}

static void
take_memory(void *arena, void *p)
{
	if (arena == NULL)
		free(p);
}

static bool
set_options(DKIM_LIB *lib, const struct dkim_options *o)
{
	u_int flags = DKIM_LIBFLAGS_DELAYSIGPROC;
	uint64_t drift = o->clock_drift_s > 0 ? (uint64_t)o->clock_drift_s : 0;

	return dkim_options(lib, DKIM_OP_SETOPT, DKIM_OPTS_FLAGS, &flags,
		   sizeof(flags)) == DKIM_STAT_OK &&
	    dkim_options(lib, DKIM_OP_SETOPT, DKIM_OPTS_CLOCKDRIFT, &drift,
		sizeof(drift)) == DKIM_STAT_OK &&
	    dkim_set_key_lookup(lib, give_key) == DKIM_STAT_OK;
}

struct dkim_library *
dkim_library_new(const struct dkim_options *o)
{
	struct dkim_library *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return NULL;
	key_stand_in();
	l->lib = dkim_init(give_memory, take_memory);
	if (l->lib == NULL || !set_options(l->lib, o)) {
		dkim_library_free(l);
		return NULL;
	}
	return l;
}

void
dkim_library_free(struct dkim_library *l)
{
	if (l == NULL)
		return;
	if (l->lib != NULL)
		dkim_close(l->lib);
	free(l);
}

/* Printable ASCII, SP, TAB and folds; 8-bit bytes where `high`. */
static bool
is_plain(struct slice s, bool high)
{
	for (size_t i = 0; i < s.n; i++) {
		uint8_t c = (uint8_t)s.p[i];

		if ((c >= 0x20 && c < 0x7f) || c == '\t' || (high && c >= 0x80))
			continue;
		if (c != '\r' || i + 2 >= s.n || s.p[i + 1] != '\n' ||
		    (s.p[i + 2] != ' ' && s.p[i + 2] != '\t'))
			return false;
		i++;
	}
	return s.n > 0;
}

bool
dkim_lib_can_carry(const struct dkim_field *f, const struct slice_vec *raws)
{
	/* White space between "b" and "=" makes it hash another text. */
	if (!is_plain(f->raw, false) || f->b_text.p[-2] != 'b')
		return false;
	for (size_t i = 0; i < raws->n; i++)
		/* A signature over others would have it judge those too, which
		 * our reader has perhaps refused. */
		if (!is_plain(raws->at[i], true) ||
		    slice_istarts(raws->at[i], SL("DKIM-Signature")))
			return false;
	return true;
}

/* The record as the library shall see it: only what decides, RSA as SPKI. Empty
 * with p == NULL if that is not possible. */
static struct slice
key_text(struct arena *a, const struct dkim_record *key)
{
	struct slice p = key->key, k = SL("ed25519");

	if (key->kind == KEY_RSA) {
		k = SL("rsa");
		p = key_spki(a, key->key);
		if (p.n == 0)
			return slice_of(NULL, 0);
	}
	p = sig_base64(a, p);
	if (p.p == NULL)
		return p;
	return arena_printf(a, "v=DKIM1; k=%.*s; p=%.*s", SL_ARG(k), SL_ARG(p));
}

/* h= takes the lowest field of a name first, so the selection goes in
 * backwards: among equal names the higher ones come first, as in the
 * message. */
static bool
feed(DKIM *dkim, const struct dkim_field *f, const struct slice_vec *raws)
{
	for (size_t i = raws->n; i > 0; i--) {
		struct slice raw = raws->at[i - 1];

		if (dkim_header(dkim, unconst(raw.p), raw.n) != DKIM_STAT_OK)
			return false;
	}
	return dkim_header(dkim, unconst(f->raw.p), f->raw.n) == DKIM_STAT_OK &&
	    dkim_eoh(dkim) == DKIM_STAT_OK;
}

static enum dkim_lib_answer
process(DKIM *dkim)
{
	DKIM_SIGINFO **sigs = NULL;
	int n = 0;
	unsigned flags;

	if (dkim_getsiglist(dkim, &sigs, &n) != DKIM_STAT_OK || n != 1 ||
	    sigs[0] == NULL)
		return DKIM_LIB_REFUSED;
	(void)dkim_sig_process(dkim, sigs[0]);
	flags = dkim_sig_getflags(sigs[0]);
	if ((flags & DKIM_SIGFLAG_IGNORE) != 0)
		return DKIM_LIB_REFUSED;
	if ((flags & DKIM_SIGFLAG_PASSED) != 0 &&
	    dkim_sig_getbh(sigs[0]) == DKIM_SIGBH_UNTESTED &&
	    dkim_sig_geterror(sigs[0]) == DKIM_SIGERROR_UNKNOWN)
		return DKIM_LIB_GOOD;
	if ((flags & DKIM_SIGFLAG_PASSED) == 0 &&
	    dkim_sig_geterror(sigs[0]) == DKIM_SIGERROR_BADSIG)
		return DKIM_LIB_BAD;
	return DKIM_LIB_REFUSED;
}

/* With a list of signatures that got no memory dkim_free() would fall over it;
 * such a handle is left to the arena. */
static void
close_handle(DKIM *dkim, const struct arena *a)
{
	DKIM_SIGINFO **sigs = NULL;
	int n = 0;

	if (arena_failed(a) &&
	    (dkim_getsiglist(dkim, &sigs, &n) != DKIM_STAT_OK || n > 0) &&
	    (sigs == NULL || sigs[0] == NULL))
		return;
	(void)dkim_free(dkim);
}

int
dkim_lib_judge(const struct dkim_library *l, struct arena *a,
    const struct dkim_field *f, const struct slice_vec *raws,
    const struct dkim_record *key, enum dkim_lib_answer *out)
{
	struct slice text = key_text(a, key);
	struct judgement j = { .key = text.p, .key_n = text.n };
	DKIM_STAT status = DKIM_STAT_OK;
	DKIM *dkim;

	*out = DKIM_LIB_REFUSED;
	if (arena_failed(a))
		return ERR_NOMEM;
	if (text.n == 0 || text.n > KEY_TEXT_MAX)
		return 0;
	dkim = dkim_verify(l->lib, (const unsigned char *)"", a, &status);
	if (dkim == NULL)
		return status == DKIM_STAT_NORESOURCE ? ERR_NOMEM : 0;
	if (dkim_set_user_context(dkim, &j) == DKIM_STAT_OK &&
	    feed(dkim, f, raws))
		*out = process(dkim);
	close_handle(dkim, a);
	return arena_failed(a) ? ERR_NOMEM : 0;
}
