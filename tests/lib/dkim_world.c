/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dkim_world: what the engine does for the check, in little.
 */
#include "lib/dkim_world.h"

#include <unistd.h>

#include "base/err.h"
#include "lib/tap.h"
#include "lib/test_keys.h"

static A_NORETURN void
die(const char *what)
{
	fprintf(stderr, "dkim_world: %s\n", what);
	exit(99);
}

void
dkim_world_init(struct dkim_world *w)
{
	struct arena *a = t_arena();

	*w = (struct dkim_world){
		.options.dkim = { .verify = true,
		    .max_signatures = 5,
		    .minimum_key_bits = 1024,
		    .clock_drift_s = 300 },
	};
	buf_init(&w->zone, a, (size_t)1 << 20);
	w->rsa = key_private(test_rsa_pem(a, 2048, PEM_PKCS8));
	w->ed = key_private(test_ed25519_pem(a));
	if (w->rsa == NULL || w->ed == NULL)
		die("no keys");
	dkim_world_key(w, "sel", "example.org", dkim_signer_record(a, w->rsa));
	dkim_world_key(w, "ed", "example.org", dkim_signer_record(a, w->ed));
}

void
dkim_world_key(struct dkim_world *w, const char *selector, const char *domain,
    struct slice record)
{
	buf_printf(&w->zone, "%s._domainkey.%s TXT", selector, domain);
	do {
		struct slice part = slice_sub(record, 0, 200);

		buf_adds(&w->zone, " \"");
		for (size_t i = 0; i < part.n; i++) {
			if (part.p[i] == '"' || part.p[i] == '\\')
				buf_addc(&w->zone, '\\');
			buf_addc(&w->zone, part.p[i]);
		}
		buf_adds(&w->zone, "\"");
		record = slice_from(record, 200);
	} while (record.n > 0);
	buf_adds(&w->zone, "\n");
}

void
dkim_world_open(struct dkim_world *w)
{
	struct resolver_options o = { .timeout_ms = 200,
		.cache_entries = 1000 };
	char why[RESOLVER_WHY] = "";
	int fd;

	(void)snprintf(w->path, sizeof(w->path), "chopmark-dkim-XXXXXX");
	fd = mkstemp(w->path);
	if (fd < 0 || write(fd, w->zone.p, w->zone.n) != (ssize_t)w->zone.n ||
	    close(fd) != 0)
		die("cannot write the zone");
	o.zone_file = w->path;
	w->env.options = &w->options;
	w->env.resolver = resolver_new(&o, why);
	w->env.psl = psl_load(NULL);
	w->env.dkim = dkim_library_new(&w->options.dkim);
	if (w->env.resolver == NULL || w->env.psl == NULL ||
	    w->env.dkim == NULL)
		die(why);
	(void)unlink(w->path);
}

void
dkim_world_close(struct dkim_world *w)
{
	resolver_free(w->env.resolver);
	psl_unload(unconst(w->env.psl));
	dkim_library_free(w->env.dkim);
	key_free(w->rsa);
	key_free(w->ed);
}

static struct evaluation *
new_evaluation(struct dkim_world *w, struct arena *a)
{
	struct evaluation *ev = arena_zalloc(a, sizeof(*ev));
	struct message *m = arena_zalloc(a, sizeof(*m));

	if (ev == NULL || m == NULL)
		return NULL;
	m->arena = a;
	m->epoch = clock_epoch();
	header_list_init(&m->headers, a);
	ev->env = &w->env;
	ev->message = m;
	ev->arena = a;
	ev->findings.arena = a;
	ev->at_end = true;
	ev->dns = dns_message_new(w->env.resolver, a, 2000, NULL);
	ev->bodies = body_hashes_new(a);
	return ev->dns != NULL && ev->bodies != NULL ? ev : NULL;
}

static int
lead(struct evaluation *ev, const struct test_mail *m, size_t chunk)
{
	struct slice rest = m->body;
	int err = 0;

	for (size_t i = 0; i < m->headers.fields.n && err == 0; i++) {
		const struct header_field *f = &m->headers.fields.at[i];
		struct slice raw = f->raw;
		size_t colon = slice_chr(raw, ':');

		err = header_list_add(&ev->message->headers,
		    slice_sub(raw, 0, colon), slice_from(raw, colon + 1), &f);
		if (err == 0)
			err = dkim_verify_header(ev, f);
		if (err == 0)
			err = arc_header(ev, f);
	}
	if (err == 0)
		err = from_parse(ev->arena, &ev->message->headers, &ev->from);
	if (err == 0)
		err = dkim_verify_eoh(ev);
	if (err == 0)
		err = arc_eoh(ev);
	while (err == 0 && rest.n > 0) {
		body_hashes_add(ev->bodies,
		    slice_sub(rest, 0, chunk > 0 ? chunk : rest.n));
		rest = slice_from(rest, chunk > 0 ? chunk : rest.n);
	}
	if (err == 0)
		err = dkim_verify_end(ev);
	return err == 0 ? arc_end(ev) : err;
}

struct evaluation *
dkim_world_run(struct dkim_world *w, const struct test_mail *m, size_t chunk)
{
	struct arena *a =
	    arena_new(w->memory > 0 ? w->memory : (size_t)64 << 20);
	struct evaluation *ev;
	int err = ERR_NOMEM;

	if (a == NULL)
		die("memory");
	ev = new_evaluation(w, a);
	if (ev != NULL)
		err = lead(ev, m, chunk);
	if (err == 0)
		return ev;
	if (w->memory == 0)
		note("a step failed: %s", err_text(err));
	arena_free(a);
	return NULL;
}

void
dkim_world_done(struct evaluation *ev)
{
	if (ev != NULL)
		arena_free(ev->arena);
}
