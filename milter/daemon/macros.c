/* SPDX-License-Identifier: BSD-2-Clause
 *
 * macros: see macros.h.
 */
#include "daemon/macros.h"

#include "base/log.h"

/* A macro that no MTA defines. Postfix takes an empty list for "your default",
 * and it sends the list of EOH before every header field. */
#define NO_MACROS "{chopmark_none}"

static const struct {
	int stage;
	const char *names;
} lists[] = {
	{ SMFIM_CONNECT, "j {daemon_name} v" },
	{ SMFIM_HELO, "{tls_version} {cipher} {verify}" },
	{ SMFIM_ENVFROM, "i {auth_type} {auth_authen} {auth_author}" },
	{ SMFIM_ENVRCPT, NO_MACROS },
	{ SMFIM_DATA, NO_MACROS },
	{ SMFIM_EOH, NO_MACROS },
	{ SMFIM_EOM, "i" },
};

struct macro {
	const char *name;
	enum engine_macro what;
};

void
macros_ask(SMFICTX *ctx)
{
	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		if (smfi_setsymlist(ctx, lists[i].stage,
			unconst(lists[i].names)) != MI_SUCCESS)
			log_text(LOG_LEVEL_DEBUG, "cannot ask for macros %s",
			    lists[i].names);
	}
}

/* An absent macro is told as empty: a session may become another one (a
 * second HELO after STARTTLS, a message without AUTH after one with). */
static void
tell(SMFICTX *ctx, struct engine_session *s, const struct macro *m, size_t n)
{
	for (size_t i = 0; i < n; i++)
		engine_macro(s, m[i].what,
		    slice_c(smfi_getsymval(ctx, unconst(m[i].name))));
}

void
macros_connect(SMFICTX *ctx, struct engine_session *s)
{
	static const struct macro m[] = {
		{ "j", ENGINE_HOSTNAME },
		{ "{daemon_name}", ENGINE_DAEMON_NAME },
		{ "v", ENGINE_MTA },
	};

	tell(ctx, s, m, ARRAY_LEN(m));
}

void
macros_helo(SMFICTX *ctx, struct engine_session *s)
{
	static const struct macro m[] = {
		{ "{tls_version}", ENGINE_TLS_VERSION },
		{ "{cipher}", ENGINE_TLS_CIPHER },
		{ "{verify}", ENGINE_TLS_VERIFY },
	};

	tell(ctx, s, m, ARRAY_LEN(m));
}

void
macros_mail(SMFICTX *ctx, struct engine_session *s)
{
	static const struct macro m[] = {
		{ "{auth_type}", ENGINE_AUTH_TYPE },
		{ "{auth_authen}", ENGINE_AUTH_AUTHEN },
		{ "{auth_author}", ENGINE_AUTH_AUTHOR },
	};

	tell(ctx, s, m, ARRAY_LEN(m));
	macros_queue_id(ctx, s);
}

void
macros_queue_id(SMFICTX *ctx, struct engine_session *s)
{
	struct slice id = slice_c(smfi_getsymval(ctx, unconst("i")));

	if (id.n > 0)
		engine_macro(s, ENGINE_QUEUE_ID, id);
}
