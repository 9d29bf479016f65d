/* SPDX-License-Identifier: BSD-2-Clause
 *
 * snapshot: values, engine and the resolver that it shares with the snapshots
 * before and after it, each with its own count of references.
 */
#include "config/snapshot.h"

#include "base/err.h"
#include "base/refs.h"
#include "config/locate.h"

#define SNAPSHOT_MEMORY ((size_t)1 << 30)

struct shared_resolver {
	struct refs refs;
	struct resolver *resolver;
};

struct snapshot {
	struct refs refs;
	struct arena *arena;
	struct config config;
	struct engine *engine;
	struct shared_resolver *shared;
};

/* Of the GNU C library; NULL elsewhere. */
int malloc_trim(size_t pad) __attribute__((weak));

/* The old resolver dies while the new one works, so that its megabytes lie
 * between what is in use and would stay with the process for good. */
static void
shared_put(struct shared_resolver *s)
{
	if (s == NULL || !refs_put(&s->refs))
		return;
	resolver_free(s->resolver);
	free(s);
	if (malloc_trim != NULL)
		(void)malloc_trim(0);
}

static void
snapshot_free(struct snapshot *s)
{
	/* Sets and texts of the arena are in use until the engine is gone. */
	engine_free(s->engine);
	shared_put(s->shared);
	arena_free(s->arena);
	free(s);
}

static bool
same_values(const struct config *a, const struct config *b, enum option_id id)
{
	const struct given_vec *x = &a->given[id], *y = &b->given[id];

	if (x->n != y->n)
		return false;
	for (size_t i = 0; i < x->n; i++)
		if (!slice_eq(x->at[i].text, y->at[i].text))
			return false;
	return true;
}

/* True if any option with this flag differs. Those that need a restart are
 * warned of. */
static bool
differs(const struct config *before, const struct config *now, unsigned flag,
    struct problems *p)
{
	bool any = false;

	for (size_t i = 0; i < OPTION_COUNT; i++) {
		enum option_id id = (enum option_id)i;
		struct place at = { "defaults", 0 };

		if (!(options[i].flags & flag) || same_values(before, now, id))
			continue;
		any = true;
		if (now->is_set[i] && now->given[i].n > 0)
			at = now->given[i].at[0].place;
		if (flag == OPTION_RESTART)
			problems_warn(p, at,
			    "%s was changed: that takes a restart, until then "
			    "the old value stays",
			    options[i].name);
	}
	return any;
}

/* The resolver of the snapshot before, if it suits; else NULL. */
static struct shared_resolver *
take_over(const struct snapshot *before, const struct config *now,
    struct problems *p)
{
	if (before == NULL || differs(&before->config, now, OPTION_RESOLVER, p))
		return NULL;
	/* A zone file is read once: a reload is there to read it again. */
	if (now->engine.resolver.zone_file != NULL)
		return NULL;
	refs_get(&before->shared->refs);
	return before->shared;
}

static bool
build(struct snapshot *s, const struct snapshot *before, struct problems *p)
{
	struct shared_resolver *shared = take_over(before, &s->config, p);

	s->shared = shared != NULL ? shared : calloc(1, sizeof(*shared));
	if (s->shared == NULL) {
		problems_error(p, (struct place){ NULL, 0 }, "out of memory");
		return false;
	}
	if (shared == NULL)
		refs_init(&s->shared->refs);
	s->engine = engine_new(&s->config.engine,
	    shared != NULL ? shared->resolver : NULL, p);
	if (s->engine == NULL)
		return false;
	s->shared->resolver = engine_resolver(s->engine);
	return true;
}

struct snapshot *
snapshot_load(const struct config_source *src, const struct snapshot *before,
    struct problems *p)
{
	struct snapshot *s = calloc(1, sizeof(*s));
	int err;

	if (s != NULL)
		s->arena = arena_new(SNAPSHOT_MEMORY);
	if (s == NULL || s->arena == NULL) {
		free(s);
		problems_error(p, (struct place){ src->path, 0 },
		    "out of memory");
		return NULL;
	}
	refs_init(&s->refs);
	err = config_read(s->arena, src, &s->config, p);
	/* A configuration with a hole in it is none, and never without a word. */
	if (arena_failed(s->arena) || (err != 0 && p->errors == 0))
		problems_error(p, (struct place){ src->path, 0 }, "%s",
		    err_text(ERR_NOMEM));
	if (err != 0 || arena_failed(s->arena)) {
		snapshot_free(s);
		return NULL;
	}
	if (before != NULL)
		(void)differs(&before->config, &s->config, OPTION_RESTART, p);
	if (!build(s, before, p)) {
		locate_problems(&s->config, p);
		snapshot_free(s);
		return NULL;
	}
	locate_problems(&s->config, p);
	return s;
}

struct snapshot *
snapshot_get(struct snapshot *s)
{
	refs_get(&s->refs);
	return s;
}

void
snapshot_put(struct snapshot *s)
{
	if (s != NULL && refs_put(&s->refs))
		snapshot_free(s);
}

const struct config *
snapshot_config(const struct snapshot *s)
{
	return &s->config;
}

const struct daemon_options *
snapshot_daemon(const struct snapshot *s)
{
	return &s->config.daemon;
}

const struct engine *
snapshot_engine(const struct snapshot *s)
{
	return s->engine;
}
