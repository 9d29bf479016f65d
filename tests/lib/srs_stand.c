/* SPDX-License-Identifier: BSD-2-Clause
 *
 * srs_stand: see srs_stand.h.
 */
#include "lib/srs_stand.h"

#include <fcntl.h>
#include <unistd.h>

#include "lib/tap.h"
#include "mail/sets.h"

struct problems srs_stand_problems;

static char dir[] = "/tmp/chopmark-srs-XXXXXX";
static char secret_path[64], zone_path[64];
static const struct spf_options spf = { .max_lookups = 10,
	.max_voids = 2,
	.time_limit_ms = 20000 };

static void
write_file(char path[64], const char *name, const char *text)
{
	int fd;

	(void)snprintf(path, 64, "%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		abort();
	(void)close(fd);
}

void
srs_stand_begin(const char *zone)
{
	if (mkdtemp(dir) == NULL)
		abort();
	write_file(secret_path, "secret", "first secret of ours\n");
	if (zone != NULL)
		write_file(zone_path, "zone", zone);
	problems_init(&srs_stand_problems, t_arena());
}

void
srs_stand_end(void)
{
	(void)unlink(secret_path);
	if (zone_path[0] != '\0')
		(void)unlink(zone_path);
	(void)rmdir(dir);
}

const struct set *
srs_stand_set(const char *source)
{
	struct set *s = NULL;

	if (set_load(t_arena(), slice_c(source), (struct place){ "test", 1 },
		&srs_stand_problems, &s) != 0)
		note("bad set %s", source);
	return s;
}

struct forward_options
srs_stand_options(void)
{
	return (
	    struct forward_options){ .srs = { .domain = SL("fwd.example.net"),
					 .hash_length = 4,
					 .hash_min = 4 },
		.secret_file = secret_path,
		.secret_uid = (unsigned)-1,
		.separator = '=',
		.max_age_s = 21 * 86400 };
}

struct outbound *
srs_stand_outbound(const struct forward_options *o)
{
	return outbound_load(t_arena(), o->outbound, &spf, SL("mx.local.test"),
	    &srs_stand_problems);
}

struct srs_map *
srs_stand_map(const struct forward_options *o)
{
	struct outbound *out;

	problems_init(&srs_stand_problems, t_arena());
	out = srs_stand_outbound(o);
	return out != NULL ?
	    srs_map_load(t_arena(), o, out, &srs_stand_problems) :
	    NULL;
}

struct resolver *
srs_stand_resolver(void)
{
	const struct resolver_options o = { .zone_file = zone_path,
		.timeout_ms = 200,
		.cache_entries = 100 };
	char why[RESOLVER_WHY] = "";
	struct resolver *r = resolver_new(&o, why);

	if (r == NULL)
		note("%s", why);
	return r;
}
