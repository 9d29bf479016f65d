/* SPDX-License-Identifier: BSD-2-Clause
 *
 * export: a scenario as JSON, every text in base64 because it may hold any
 * byte, for the runs that are not written in C.
 */
#include "scenario/export.h"

#include <jansson.h>

#include "crypt/sig.h"

static json_t *
text(struct arena *a, struct slice s)
{
	struct slice b = sig_base64(a, s);

	return json_stringn(b.p != NULL ? b.p : "", b.n);
}

static json_t *
texts(struct arena *a, const struct slice_vec *v)
{
	json_t *all = json_array();

	for (size_t i = 0; i < v->n; i++)
		json_array_append_new(all, text(a, v->at[i]));
	return all;
}

static const char *
kind_word(enum scn_kind k)
{
	static const char *const words[] = {
		[SCN_CONNECT] = "connect",
		[SCN_MACRO] = "macro",
		[SCN_HELO] = "helo",
		[SCN_STARTTLS] = "starttls",
		[SCN_MAIL] = "mail",
		[SCN_RCPT] = "rcpt",
		[SCN_MESSAGE] = "message",
		[SCN_RSET] = "rset",
		[SCN_RELOAD] = "reload",
		[SCN_EXPECT] = "expect",
	};

	return words[k];
}

static const char *
expect_word(const struct scn_event *e)
{
	static const char *const words[] = {
		[EXPECT_REPLY] = "reply",
		[EXPECT_FINDING] = "finding",
		[EXPECT_NO_FINDING] = "no finding",
		[EXPECT_RULE] = "rule",
		[EXPECT_ACTION] = "action",
		[EXPECT_TEST] = "test",
		[EXPECT_HEADER] = "header",
		[EXPECT_NO_HEADER] = "no header",
		[EXPECT_COUNT] = "count",
	};

	return e->kind == SCN_EXPECT ? words[e->expect] : "";
}

int
scenario_export(struct arena *a, const struct scenario *s)
{
	json_t *events = json_array(), *all = json_object();
	char ip[IP_TEXT];
	int status;

	for (size_t i = 0; i < s->events.n; i++) {
		const struct scn_event *e = &s->events.at[i];
		json_t *o = json_object();

		json_object_set_new(o, "kind", json_string(kind_word(e->kind)));
		json_object_set_new(o, "expect", json_string(expect_word(e)));
		json_object_set_new(o, "line", json_integer(e->place.line));
		json_object_set_new(o, "ip", json_string(ip_print(&e->ip, ip)));
		json_object_set_new(o, "name", text(a, e->name));
		json_object_set_new(o, "text", text(a, e->text));
		json_object_set_new(o, "args", texts(a, &e->args));
		json_array_append_new(events, o);
	}
	json_object_set_new(all, "file", json_string(s->file));
	json_object_set_new(all, "only", texts(a, &s->only));
	json_object_set_new(all, "config", text(a, buf_slice(&s->config)));
	json_object_set_new(all, "zone", text(a, buf_slice(&s->zone)));
	json_object_set_new(all, "policy", text(a, buf_slice(&s->policy)));
	json_object_set_new(all, "replies", text(a, buf_slice(&s->replies)));
	json_object_set_new(all, "events", events);
	status = json_dumpf(all, stdout, JSON_COMPACT);
	json_decref(all);
	return status;
}
