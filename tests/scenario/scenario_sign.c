/* SPDX-License-Identifier: BSD-2-Clause
 *
 * scenario_sign: one fresh key for each selector and domain of a scenario.
 */
#include "scenario/scenario_sign.h"

#include <unistd.h>

#include "lib/arc_signer.h"
#include "lib/dkim_signer.h"
#include "lib/test_keys.h"

struct named_key {
	struct named_key *next;
	const struct arena *arena; /* of the scenario it belongs to */
	struct slice selector, domain, pem;
	struct key *key;
};

static struct named_key *keys;

static void
free_key(void *p)
{
	struct named_key **at = &keys, *gone = p;

	while (*at != gone)
		at = &(*at)->next;
	*at = gone->next;
	key_free(gone->key);
	free(gone);
}

/* The key of this selector, made and published if it is new. */
static const struct named_key *
key_of(struct arena *a, struct scenario *s, const struct scn_sign *how)
{
	bool ed = slice_starts(how->algorithm, SL("ed25519"));
	struct named_key *k;
	struct slice record;

	for (k = keys; k != NULL; k = k->next)
		if (k->arena == a && slice_eq(k->selector, how->selector) &&
		    slice_eq(k->domain, how->domain))
			return k;
	k = calloc(1, sizeof(*k));
	if (k == NULL)
		abort();
	k->arena = a;
	k->selector = how->selector;
	k->domain = how->domain;
	k->pem = ed ? test_ed25519_pem(a) : test_rsa_pem(a, 2048, PEM_PKCS8);
	k->key = key_private(k->pem);
	k->next = keys;
	keys = k;
	if (k->key == NULL || arena_hook(a, free_key, k) != 0)
		abort();
	record = dkim_signer_record(a, k->key);
	if (!how->no_key)
		buf_printf(&s->zone, "%.*s._domainkey.%.*s TXT \"%.*s\"\n",
		    SL_ARG(how->selector), SL_ARG(how->domain), SL_ARG(record));
	return k;
}

/* The value of a tag that the signer wants by itself ("h", "l"), or NULL; the
 * others are left in *rest. */
static const char *
take_tag(struct arena *a, struct slice *tags, const char *name)
{
	struct buf rest;
	struct slice part;
	const char *found = NULL;

	buf_init(&rest, a, 4096);
	while (slice_cut(tags, ';', &part)) {
		part = slice_trim(part);
		if (part.n > 1 && part.p[0] == name[0] && part.p[1] == '=')
			found = arena_cstr(a, slice_from(part, 2));
		else
			buf_printf(&rest, "%s%.*s", rest.n > 0 ? "; " : "",
			    SL_ARG(part));
	}
	*tags = buf_slice(&rest);
	return found;
}

static void
seal(struct arena *a, struct scenario *s, const struct scn_sign *how,
    struct test_mail *m)
{
	struct arc_signer sealer = {
		.key = key_of(a, s, how)->key,
		.c = arena_cstr(a, how->canon),
		.d = arena_cstr(a, how->domain),
		.s = arena_cstr(a, how->selector),
		.cv = how->cv.n > 0 ? arena_cstr(a, how->cv) : NULL,
		.results =
		    how->results.n > 0 ? arena_cstr(a, how->results) : NULL,
	};

	arc_signer_seal(a, &sealer, m);
	if (how->broken)
		m->body = arena_printf(a, "%.*s-- \r\nA footer.\r\n",
		    SL_ARG(m->body));
}

static void
remove_file(void *path)
{
	(void)unlink(path);
}

/* The key in a file that goes with the arena. */
static const char *
key_file(struct arena *a, struct scenario *s, const struct scn_sign *how)
{
	struct slice pem = key_of(a, s, how)->pem;
	char *path = arena_cstr(a, SL("/tmp/chopmark-key-XXXXXX"));
	int fd = path != NULL ? mkstemp(path) : -1;

	if (fd < 0 || write(fd, pem.p, pem.n) != (ssize_t)pem.n ||
	    close(fd) != 0 || arena_hook(a, remove_file, path) != 0)
		abort();
	return path;
}

void
scenario_seal_key(struct arena *a, struct scenario *s,
    const struct scn_sign *how)
{
	buf_printf(&s->config,
	    "ARCDomain %.*s\nARCSelector %.*s\nARCKeyFile %s\n",
	    SL_ARG(how->domain), SL_ARG(how->selector), key_file(a, s, how));
}

void
scenario_dkim_key(struct arena *a, struct scenario *s,
    const struct scn_sign *how)
{
	buf_printf(&s->config, "Domain %.*s\nSelector %.*s\nKeyFile %s\n",
	    SL_ARG(how->domain), SL_ARG(how->selector), key_file(a, s, how));
}

int
scenario_sign(struct arena *a, struct scenario *s, const struct scn_sign *how,
    struct slice *message)
{
	struct test_mail m = test_mail_parse(a, *message);
	struct slice tags = how->tags;
	struct dkim_signer signer;

	if (how->arc) {
		seal(a, s, how, &m);
		*message = test_mail_text(a, &m);
		return 0;
	}
	signer = (struct dkim_signer){
		.key = key_of(a, s, how)->key,
		.a = arena_cstr(a, how->algorithm),
		.c = arena_cstr(a, how->canon),
		.d = arena_cstr(a, how->domain),
		.s = arena_cstr(a, how->selector),
	};

	signer.h = take_tag(a, &tags, "h");
	signer.limit = take_tag(a, &tags, "l");
	if (signer.limit != NULL)
		signer.hash_limit = strtoull(signer.limit, NULL, 10);
	if (tags.n > 0)
		signer.extra = arena_printf(a, "; %.*s", SL_ARG(tags)).p;
	dkim_signer_sign(a, &signer, &m);
	*message = test_mail_text(a, &m);
	return 0;
}
