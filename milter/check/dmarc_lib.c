/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dmarc_lib: one context per question, filled in the library's order. Nothing
 * here makes it look anything up.
 */
#include "check/dmarc_lib.h"

#include <pthread.h>

#include <opendmarc/dmarc.h>

#include "base/err.h"

/* The library keeps a pointer to its options: the one global here, written
 * once. */
static pthread_once_t library_once = PTHREAD_ONCE_INIT;
static OPENDMARC_LIB_T library;

static void
library_init(void)
{
	library.tld_type = OPENDMARC_TLD_TYPE_NONE;
	(void)opendmarc_policy_library_init(&library);
}

static void
context_free(void *ctx)
{
	(void)opendmarc_policy_connect_shutdown(ctx);
}

static int
fill(DMARC_POLICY_T *ctx, u_char *author, u_char *record,
    const struct dmarc_lib_facts *facts)
{
	u_char selector[] = "s";
	int status = opendmarc_policy_store_from_domain(ctx, author);

	/* No organisational domain: with one the library applies sp=. */
	if (status == DMARC_PARSE_OKAY)
		status =
		    opendmarc_policy_store_dmarc(ctx, record, author, NULL);
	if (status == DMARC_PARSE_OKAY && facts->dkim_aligned)
		status = opendmarc_policy_store_dkim(ctx, author, selector,
		    DMARC_POLICY_DKIM_OUTCOME_PASS, NULL);
	if (status == DMARC_PARSE_OKAY && facts->spf_aligned)
		status = opendmarc_policy_store_spf(ctx, author,
		    DMARC_POLICY_SPF_OUTCOME_PASS,
		    DMARC_POLICY_SPF_ORIGIN_MAILFROM, NULL);
	return status;
}

static const char *
answer_text(int status)
{
	switch (status) {
	case DMARC_POLICY_PASS:
		return "pass";
	case DMARC_POLICY_NONE:
		return "none";
	case DMARC_POLICY_QUARANTINE:
		return "quarantine";
	case DMARC_POLICY_REJECT:
		return "reject";
	default:
		return opendmarc_policy_status_to_str(status);
	}
}

int
dmarc_lib_ask(struct arena *a, const struct dmarc_lib_facts *facts,
    const char **out)
{
	u_char address[] = "192.0.2.1"; /* wanted, but used for nothing */
	char *author = arena_cstr(a, facts->author);
	struct slice record = arena_printf(a, "v=DMARC1; p=%s", facts->policy);
	DMARC_POLICY_T *ctx;
	int status;

	if (author == NULL || record.p == NULL)
		return ERR_NOMEM;
	(void)pthread_once(&library_once, library_init);
	ctx = opendmarc_policy_connect_init(address, DMARC_POLICY_IP_TYPE_IPV4);
	if (ctx == NULL)
		return ERR_NOMEM;
	if (arena_hook(a, context_free, ctx) != 0) {
		context_free(ctx);
		return ERR_NOMEM;
	}
	status = fill(ctx, (u_char *)author, unconst(record.p), facts);
	if (status == DMARC_PARSE_ERROR_NO_ALLOC)
		return ERR_NOMEM;
	if (status == DMARC_PARSE_OKAY)
		status = opendmarc_get_policy_to_enforce(ctx);
	*out = answer_text(status);
	return 0;
}
