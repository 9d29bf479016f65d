/* SPDX-License-Identifier: BSD-2-Clause
 *
 * options: every option there is, from the one list options.def: the struct
 * that holds their values, and a table for the parser, the dump, the sample
 * file and the manual. To add an option: one entry in options.def, and the
 * field that it fills.
 */
#ifndef CM_CONFIG_OPTIONS_H
#define CM_CONFIG_OPTIONS_H

#include "base/lines.h"
#include "base/log.h"
#include "base/names.h"
#include "engine/engine.h"

/* What the kernel can fence us in with: nothing, what it has, or all of it
 * or no start. */
enum sandbox_mode { SANDBOX_NO, SANDBOX_YES, SANDBOX_REQUIRE };

/* What concerns the process that serves the MTA, not the messages. */
struct daemon_options {
	const char *socket;       /* see config/socket.h */
	unsigned socket_mode;     /* permission bits of a local socket */
	const char *socket_group; /* its group, or NULL */
	const char *srs_socket;   /* SRSSocket or NULL */
	const struct set *peers; /* PeerList: clients whose mail is passed on */
	size_t max_sessions;     /* MaximumSessions */
	size_t max_client_sessions; /* MaximumSessionsPerClient; 0: any */
	const char *user; /* "user" or "user:group", or NULL: as started */
	unsigned umask;
	enum sandbox_mode sandbox;
	const char *pid_file; /* or NULL */
	bool background;
	int64_t drain_ms;
	bool syslog;
	int syslog_facility;
	const char *syslog_ident;
	enum log_format log_format;
};

enum config_mode { MODE_VERIFY, MODE_SIGN, MODE_BOTH };

enum option_id {
#define GROUP(title)
#define OPTION(name, ...) OPT_##name,
#define OPTION_WORD(name, ...) OPT_##name,
#include "config/options.def"
#undef GROUP
#undef OPTION
#undef OPTION_WORD
	OPTION_COUNT
};

/* The texts of an option as read: quotes gone, paths made absolute, a list in
 * its entries. */
struct given_value {
	struct place place; /* file NULL: the default */
	struct slice text;
};
VEC_DEFINE(given_vec, struct given_value);

/* All values. Texts and sets live in the arena they were read into. */
struct config {
	struct daemon_options daemon;
	struct engine_options engine;
	/* read first, then put into the above by config_read() */
	enum config_mode mode;
	struct slice_vec nameservers;
	const char *include; /* stays NULL: the parser goes on there */
	struct given_vec given[OPTION_COUNT];
	bool is_set[OPTION_COUNT]; /* false: the default */
};

enum option_type {
	TYPE_BOOL,     /* bool */
	TYPE_STRING,   /* const char *, NULL when empty */
	TYPE_TEXT,     /* struct slice */
	TYPE_PATH,     /* const char *, absolute, NULL when empty */
	TYPE_UNSIGNED, /* unsigned */
	TYPE_COUNT,    /* size_t */
	TYPE_BYTES,    /* size_t, with a unit */
	TYPE_MS,       /* int64_t, a duration in milliseconds */
	TYPE_SECONDS,  /* int64_t, a duration in seconds */
	TYPE_MODE,     /* unsigned, octal */
	TYPE_WORD,     /* an enum or int, one of `words` */
	TYPE_SET,      /* const struct set *; a list */
	TYPE_SERVERS,  /* struct slice_vec of name server addresses; a list */
	TYPE_WORDS,    /* struct slice_vec in the order given; a list */
	TYPE_PATHS     /* the same, of absolute paths */
};

enum option_flags {
	OPTION_RESTART = 1,  /* a reload cannot change it */
	OPTION_RESOLVER = 2, /* a change needs a new resolver */
	OPTION_BESIDE = 4,   /* the default is a file beside the configuration
				file, and counts only if it is there */
	OPTION_INCLUDE = 8   /* no value: the parser goes on in that file */
};

struct config_option {
	const char *name;
	enum option_type type;
	size_t offset;        /* of the field in struct config */
	const char *fallback; /* the default as text, NULL: unset. @rundir@ and
				 @user@ stand for what configure was told */
	uint64_t min, max;    /* of numbers; durations in milliseconds */
	unsigned flags;
	const struct name_code *words;
	size_t n_words;
	const char *help; /* one line */
	const char *more; /* mdoc text for the manual, or NULL */
};

extern const struct config_option options[OPTION_COUNT];

/* The list in its order with its headings, for the sample and the manual. */
struct option_item {
	const char *group; /* a heading, or NULL */
	enum option_id id; /* if it is none */
};
extern const struct option_item option_items[];
extern const size_t option_items_count;

/* By name without case; NULL if there is none. */
const struct config_option *option_find(struct slice name);
bool option_is_list(const struct config_option *o);
/* What a value looks like: "yes | no", "duration" ... for help texts. In the arena. */
struct slice option_value_form(struct arena *a, const struct config_option *o);

/* Paths that configure decided. */
struct config_paths {
	const char *confdir, *rundir, *user;
};
extern const struct config_paths config_paths_built;
/* Those of the files that are shipped; installing puts in the built ones. */
extern const struct config_paths config_paths_shipped;
/* The default of an option with the paths filled in; p NULL if it is unset. */
struct slice option_fallback(struct arena *a, const struct config_option *o,
    const struct config_paths *paths);

#endif
