/* SPDX-License-Identifier: BSD-2-Clause
 *
 * log: one line, `key=value` in fixed order or one JSON object, to syslog, to standard
 * error or to a sink of a test. Escaping happens here and nowhere else, so no
 * input can forge a line or a key. Thread-safe; log_open before threads start.
 */
#ifndef CM_BASE_LOG_H
#define CM_BASE_LOG_H

#include "base/buf.h"

enum log_level {
	LOG_LEVEL_ERROR, /* an operator must act */
	LOG_LEVEL_WARN,  /* an operator should look */
	LOG_LEVEL_INFO,  /* one line a message, start, stop, reload */
	LOG_LEVEL_DEBUG, /* how a verdict came about (LogWhy) */
};

enum log_format { LOG_FORMAT_TEXT, LOG_FORMAT_JSON };

typedef void (*log_sink_fn)(void *ctx, enum log_level level, struct slice line);

struct log_options {
	bool syslog;          /* else standard error */
	int facility;         /* LOG_MAIL ... of <syslog.h> */
	const char *ident;    /* copied */
	enum log_level level; /* highest that is written */
	enum log_format format;
};

/* May be called again (reload); takes effect from the next line on. */
void log_open(const struct log_options *o);
/* Test door: every line goes to fn instead. NULL: back. */
void log_set_sink(log_sink_fn fn, void *ctx);
bool log_enabled(enum log_level level);
enum log_format log_format(void);

/* A free text line: printed escaped, control and 8-bit bytes as \xHH (valid UTF-8
 * that cannot steer a terminal stays). At most 2048 bytes are written, a longer one ends in
 * "...". JSON: {"level":"warning","text":"..."}. */
void log_text(enum log_level level, const char *fmt, ...) A_PRINTF(2, 3);

/* A line of fields, built on the stack of the caller:
 *     struct log_line l;
 *     log_line_begin(&l, arena);
 *     log_line_add(&l, "qid", qid); ...
 *     log_line_write(&l, LOG_LEVEL_INFO);
 * Text: key=value, the value in double quotes when it holds anything but
 * printable ASCII other than SP " = \ (inside, " and \ are escaped by \ and
 * the rest as \xHH). JSON: one object, all values strings, in the same order.
 * An empty value is left out. Over 8 KB the rest of the fields is dropped and
 * `cut=1` added. */
struct log_line {
	struct buf buf;
	bool json;
	bool cut;
};
void log_line_begin(struct log_line *l, struct arena *a);
void log_line_add(struct log_line *l, const char *key, struct slice value);
/* A value of at most 1023 bytes; longer ones are cut. */
void log_line_addf(struct log_line *l, const char *key, const char *fmt, ...)
    A_PRINTF(3, 4);
/* The text so far (JSON: closed), borrowed from the buffer. */
struct slice log_line_text(struct log_line *l);
void log_line_write(struct log_line *l, enum log_level level);

#endif
