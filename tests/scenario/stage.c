/* SPDX-License-Identifier: BSD-2-Clause
 *
 * stage: see stage.h.
 */
#include "scenario/stage.h"

#include <unistd.h>

#include "base/names.h"
#include "lib/tap.h"

static const char *const file_names[] = { "chopmark.conf", "zone",
	"policy.conf", "replies.conf" };

static void
write_file(const char *dir, const char *name, struct slice text)
{
	char path[256];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	if (f == NULL || fwrite(text.p, 1, text.n, f) != text.n ||
	    fclose(f) != 0)
		abort();
}

void
stage_set(struct scn_stage *st, struct arena *a, const struct scenario *s)
{
	struct buf b;

	(void)snprintf(st->dir, sizeof(st->dir), "/tmp/chopmark-scn-XXXXXX");
	if (mkdtemp(st->dir) == NULL)
		abort();
	buf_init(&b, a, (size_t)1 << 20);
	buf_add(&b, buf_slice(&s->config));
	buf_printf(&b, "TestDNSData %s/zone\n", st->dir);
	if (s->policy.n > 0)
		buf_printf(&b, "PolicyFile %s/policy.conf\n", st->dir);
	else
		buf_adds(&b, "PolicyFile " CM_SRCDIR "/conf/policy.conf\n");
	if (s->replies.n > 0)
		buf_printf(&b, "RepliesFile %s/replies.conf\n", st->dir);
	else
		buf_adds(&b, "RepliesFile " CM_SRCDIR "/conf/replies.conf\n");
	write_file(st->dir, file_names[0], buf_slice(&b));
	write_file(st->dir, file_names[1], buf_slice(&s->zone));
	write_file(st->dir, file_names[2], buf_slice(&s->policy));
	write_file(st->dir, file_names[3], buf_slice(&s->replies));
	st->source = (struct config_source){
		.path = arena_printf(a, "%s/%s", st->dir, file_names[0]).p
	};
}

void
stage_strike(const struct scn_stage *st)
{
	for (size_t i = 0; i < ARRAY_LEN(file_names); i++) {
		char path[256];

		(void)snprintf(path, sizeof(path), "%s/%s", st->dir,
		    file_names[i]);
		(void)unlink(path);
	}
	(void)rmdir(st->dir);
}

struct snapshot *
stage_load(const struct scn_stage *st, struct arena *a,
    const struct snapshot *before)
{
	struct snapshot *fresh;
	struct problems p;

	problems_init(&p, a);
	fresh = snapshot_load(&st->source, before, &p);
	for (size_t i = 0; i < p.all.n; i++)
		note("%s:%u: %.*s", p.all.at[i].place.file,
		    p.all.at[i].place.line, SL_ARG(p.all.at[i].text));
	return fresh;
}

bool
stage_macro(struct engine_session *s, struct slice name, struct slice value)
{
	static const struct name_code macros[] = {
		{ "j", ENGINE_HOSTNAME },
		{ "daemon_name", ENGINE_DAEMON_NAME },
		{ "tls_version", ENGINE_TLS_VERSION },
		{ "cipher", ENGINE_TLS_CIPHER },
		{ "verify", ENGINE_TLS_VERIFY },
		{ "i", ENGINE_QUEUE_ID },
		{ "auth_type", ENGINE_AUTH_TYPE },
		{ "auth_authen", ENGINE_AUTH_AUTHEN },
		{ "auth_author", ENGINE_AUTH_AUTHOR },
	};
	int code = names_code(macros, ARRAY_LEN(macros), name, -1);

	if (code >= 0)
		engine_macro(s, (enum engine_macro)code, value);
	return code >= 0;
}

/* One field with its folds off the front. */
static void
cut_field(struct arena *a, struct slice *rest, struct scn_message *out)
{
	struct slice name;
	struct buf field;
	size_t end, colon;

	buf_init(&field, a, (size_t)1 << 26);
	do {
		end = slice_search(*rest, SL("\r\n"));
		buf_adds(&field, field.n > 0 ? "\n" : "");
		buf_add(&field, slice_sub(*rest, 0, end));
		*rest =
		    slice_from(*rest, end == SLICE_NONE ? rest->n : end + 2);
	} while (rest->n > 0 && (rest->p[0] == ' ' || rest->p[0] == '\t'));
	colon = slice_chr(buf_slice(&field), ':');
	name = slice_sub(buf_slice(&field), 0, colon);
	if (slice_vec_add(&out->names, a, name) != 0 ||
	    slice_vec_add(&out->values, a,
		slice_from(buf_slice(&field),
		    colon == SLICE_NONE ? field.n : colon + 1)) != 0)
		abort();
}

void
stage_cut(struct arena *a, struct slice text, struct scn_message *out)
{
	*out = (struct scn_message){ 0 };
	while (text.n > 0 && !slice_starts(text, SL("\r\n")))
		cut_field(a, &text, out);
	out->body = slice_starts(text, SL("\r\n")) ? slice_from(text, 2) : text;
}

void
stage_feed(struct engine_session *s, const struct scn_message *m)
{
	struct slice rest = m->body;

	for (size_t i = 0; i < m->names.n; i++)
		engine_header(s, m->names.at[i], m->values.at[i]);
	engine_eoh(s);
	while (rest.n > 0) { /* odd chunks: cuts fall anywhere */
		struct slice chunk = slice_sub(rest, 0, 4093);

		rest = slice_from(rest, chunk.n);
		if (!engine_body(s, chunk))
			break;
	}
}
