/* SPDX-License-Identifier: BSD-2-Clause
 *
 * secrets: see secrets.h.
 */
#include "srs/secrets.h"

#include "base/err.h"
#include "base/file.h"
#include "crypt/sig.h"

#define FILE_MAX ((size_t)65536)
#define RANDOM_BYTES 32

/* Short ones are warned of, not refused: taking over the file of another
 * program must not stop mail. */
static void
warn_short(struct slice secret, struct place at, struct problems *p)
{
	if (secret.n < SECRETS_SHORT)
		problems_warn(p, at,
		    "a secret of %zu characters can be guessed; chopmark srs "
		    "secret makes a good one",
		    secret.n);
}

int
secrets_load(struct arena *a, const char *path, unsigned uid, struct place at,
    struct problems *p, struct slice_vec *out)
{
	char why[FILE_WHY];
	struct slice text, line;
	struct place here = { path, 0 };
	int err = file_read_secret(a, path, FILE_MAX, uid, true, &text, why);

	*out = (struct slice_vec){ 0 };
	if (err == ERR_NOMEM)
		return err;
	if (err != 0) {
		problems_error(p, at, "SRSSecretFile: %s", why);
		return ERR_CONFIG;
	}
	while (slice_cut(&text, '\n', &line)) {
		here.line++;
		while (line.n > 0 && line.p[line.n - 1] == '\r')
			line.n--;
		if (line.n == 0 || line.p[0] == '#')
			continue;
		if (out->n == SECRETS_MAX) {
			problems_error(p, here, "more than %d secrets",
			    SECRETS_MAX);
			return ERR_CONFIG;
		}
		warn_short(line, here, p);
		if (slice_vec_add(out, a, line) != 0)
			return ERR_NOMEM;
	}
	if (out->n > 0)
		return 0;
	problems_error(p, at, "SRSSecretFile: %s holds no secret", path);
	return ERR_CONFIG;
}

struct slice
secrets_make(struct arena *a)
{
	uint8_t raw[RANDOM_BYTES];
	struct slice text;
	char *p;

	if (sig_random(raw, sizeof(raw)) != 0)
		return slice_of(NULL, 0);
	text = sig_base64(a, slice_of((const char *)raw, sizeof(raw)));
	p = arena_cstr(a, slice_sub(text, 0, SECRETS_MADE));
	if (text.p == NULL || p == NULL)
		return slice_of(NULL, 0);
	for (size_t i = 0; i < SECRETS_MADE; i++) {
		if (p[i] == '+')
			p[i] = '-';
		else if (p[i] == '/')
			p[i] = '_';
	}
	return slice_of(p, SECRETS_MADE);
}
