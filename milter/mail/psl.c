/* SPDX-License-Identifier: BSD-2-Clause
 *
 * psl: the door to libpsl, which wants C strings: names are copied to the
 * stack, where DOMAIN_MAX bounds them.
 */
#include "mail/psl.h"

#include <libpsl.h>

#include "mail/domain.h"

struct psl {
	psl_ctx_t *ctx;
};

struct psl *
psl_load(const char *path)
{
	struct psl *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return NULL;
	if (path != NULL && path[0] != '\0')
		p->ctx = psl_load_file(path);
	else
		p->ctx = psl_latest(NULL);
	/* Any text file loads; one that knows no suffix of two labels would
	 * take all of them for organisations. */
	if (p->ctx == NULL || !psl_is_public_suffix(p->ctx, "co.uk")) {
		psl_free(p->ctx);
		free(p);
		return NULL;
	}
	return p;
}

void
psl_unload(struct psl *p)
{
	if (p == NULL)
		return;
	psl_free(p->ctx);
	free(p);
}

static bool
as_cstr(struct slice d, char out[DOMAIN_MAX + 1])
{
	if (!domain_is_carryable(d) || slice_chr(d, '\0') != SLICE_NONE)
		return false;
	memcpy(out, d.p, d.n);
	out[d.n] = '\0';
	return true;
}

struct slice
psl_org_domain(const struct psl *p, struct slice d)
{
	char name[DOMAIN_MAX + 1];
	const char *org;

	if (!as_cstr(d, name))
		return slice_of("", 0);
	org = psl_registrable_domain(p->ctx, name);
	return org == NULL ? slice_of("", 0) :
			     slice_from(d, (size_t)(org - name));
}

bool
psl_is_suffix(const struct psl *p, struct slice d)
{
	char name[DOMAIN_MAX + 1];

	return as_cstr(d, name) && psl_is_public_suffix(p->ctx, name);
}
