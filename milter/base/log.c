/* SPDX-License-Identifier: BSD-2-Clause
 *
 * log: all escaping of what is logged, and the three places a line can go.
 * Level and format are atomics, read without a lock by every thread; the
 * place and the identity are behind the lock that writing takes anyway.
 */
#include "base/log.h"

#include <pthread.h>
#include <syslog.h>
#include <unistd.h>

#define MAX_TEXT ((size_t)2048) /* bytes of a free text line */
#define MAX_LINE ((size_t)8192) /* bytes of a line of fields */
#define TAIL ((size_t)16)       /* kept free for the end of a line */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static bool to_syslog;
static char ident[64] = "chopmark";
static log_sink_fn sink;
static void *sink_ctx;
static _Atomic int level_max = LOG_LEVEL_INFO;
static _Atomic int format_now = LOG_FORMAT_TEXT;

static const struct {
	const char *word;   /* in JSON */
	const char *prefix; /* in text */
	int priority;
} levels[] = {
	[LOG_LEVEL_ERROR] = { "error", "error: ", LOG_ERR },
	[LOG_LEVEL_WARN] = { "warning", "warning: ", LOG_WARNING },
	[LOG_LEVEL_INFO] = { "info", "", LOG_INFO },
	[LOG_LEVEL_DEBUG] = { "debug", "debug: ", LOG_DEBUG },
};

void
log_open(const struct log_options *o)
{
	(void)pthread_mutex_lock(&lock);
	if (to_syslog)
		closelog();
	(void)snprintf(ident, sizeof(ident), "%s",
	    o->ident != NULL && o->ident[0] != '\0' ? o->ident : "chopmark");
	to_syslog = o->syslog;
	if (to_syslog)
		openlog(ident, LOG_PID | LOG_NDELAY, o->facility);
	(void)pthread_mutex_unlock(&lock);
	atomic_store(&level_max, (int)o->level);
	atomic_store(&format_now, (int)o->format);
}

void
log_set_sink(log_sink_fn fn, void *ctx)
{
	(void)pthread_mutex_lock(&lock);
	sink = fn;
	sink_ctx = ctx;
	(void)pthread_mutex_unlock(&lock);
}

bool
log_enabled(enum log_level level)
{
	return (int)level <=
	    atomic_load_explicit(&level_max, memory_order_relaxed);
}

enum log_format
log_format(void)
{
	return (enum log_format)atomic_load_explicit(&format_now,
	    memory_order_relaxed);
}

/* One write a line, so that lines of several threads do not mix. */
static void
write_stderr(enum log_level level, struct slice line, bool json)
{
	char out[MAX_LINE + TAIL + 128];
	size_t n = 0, done = 0;
	int head = 0;

	if (!json)
		head = snprintf(out, sizeof(out), "%s: %s", ident,
		    levels[level].prefix);
	n = head > 0 ? (size_t)head : 0;
	if (line.n > sizeof(out) - n - 1)
		line.n = sizeof(out) - n - 1;
	if (line.n > 0)
		memcpy(out + n, line.p, line.n);
	n += line.n;
	out[n++] = '\n';
	while (done < n) {
		ssize_t put = write(STDERR_FILENO, out + done, n - done);

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return;
		done += (size_t)put;
	}
}

static void
emit(enum log_level level, struct slice line)
{
	bool json = log_format() == LOG_FORMAT_JSON;

	(void)pthread_mutex_lock(&lock);
	if (sink != NULL)
		sink(sink_ctx, level, line);
	else if (to_syslog)
		syslog(levels[level].priority, "%s%.*s",
		    json ? "" : levels[level].prefix, SL_ARG(line));
	else
		write_stderr(level, line, json);
	(void)pthread_mutex_unlock(&lock);
}

/* Length of the UTF-8 character at s.p[0], 0 if it is none or one that can
 * steer a terminal or end a line (C1 controls, U+2028, U+2029, bidi). */
static size_t
utf8_length(struct slice s)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned char c = (unsigned char)s.p[0];
	size_t n = c >= 0xf0 && c < 0xf5 ? 4 : c >= 0xe0 ? 3 : 2;
	uint32_t u;

	if (c < 0xc2 || c >= 0xf5 || s.n < n)
		return 0;
	u = c & (0xffU >> (n + 1));
	for (size_t i = 1; i < n; i++) {
		unsigned char d = (unsigned char)s.p[i];

		if ((d & 0xc0U) != 0x80U)
			return 0;
		u = u << 6 | (d & 0x3fU);
	}
	if (u < least[n] || u > 0x10ffff || (u >= 0xd800 && u <= 0xdfff))
		return 0;
	if (u < 0xa0 || (u >= 0x200e && u <= 0x200f) ||
	    (u >= 0x2028 && u <= 0x202e) || (u >= 0x2066 && u <= 0x2069))
		return 0;
	return n;
}

/* The escapes of the three forms. */
enum form { FORM_PLAIN, FORM_QUOTED, FORM_JSON };

/* Escapes one character off *s into at most 8 bytes at out; their number. */
static size_t
escape_one(struct slice *s, enum form form, char out[8])
{
	static const char hex[] = "0123456789abcdef";
	unsigned char c = (unsigned char)s->p[0];
	size_t n = c >= 0x80 && form != FORM_QUOTED ? utf8_length(*s) : 0;

	if (n > 0) {
		memcpy(out, s->p, n);
		*s = slice_from(*s, n);
		return n;
	}
	*s = slice_from(*s, 1);
	if (c >= 0x20 && c < 0x7f) {
		if (form != FORM_PLAIN && (c == '"' || c == '\\')) {
			out[n++] = '\\';
		}
		out[n++] = (char)c;
		return n;
	}
	/* A stray byte becomes the character of that number in JSON. */
	memcpy(out, form == FORM_JSON ? "\\u00" : "\\x",
	    form == FORM_JSON ? 4 : 2);
	n = form == FORM_JSON ? 4 : 2;
	out[n++] = hex[c >> 4];
	out[n++] = hex[c & 15];
	return n;
}

static void
escape(struct buf *out, struct slice s, enum form form)
{
	char piece[8];

	while (s.n > 0) {
		size_t n = escape_one(&s, form, piece);

		buf_add(out, slice_of(piece, n));
	}
}

void
log_text(enum log_level level, const char *fmt, ...)
{
	bool json = log_format() == LOG_FORMAT_JSON;
	char raw[MAX_TEXT + 1], line[MAX_TEXT], piece[8];
	size_t room = MAX_TEXT - TAIL, n = 0;
	struct slice s;
	va_list ap;
	int head = 0;

	if (!log_enabled(level))
		return;
	va_start(ap, fmt);
	(void)vsnprintf(raw, sizeof(raw), fmt, ap);
	va_end(ap);
	s = slice_c(raw);
	if (json)
		head = snprintf(line, sizeof(line),
		    "{\"level\":\"%s\",\"text\":\"", levels[level].word);
	n = head > 0 ? (size_t)head : 0;
	while (s.n > 0) {
		size_t k = escape_one(&s, json ? FORM_JSON : FORM_PLAIN, piece);

		if (n + k > room) {
			memcpy(line + n, "...", 3);
			n += 3;
			break;
		}
		memcpy(line + n, piece, k);
		n += k;
	}
	if (json) {
		memcpy(line + n, "\"}", 2);
		n += 2;
	}
	emit(level, slice_of(line, n));
}

/* Makes sure that the end of the line will find memory; false = it will not,
 * and the buffer is again what it was. */
static bool
keep_tail(struct log_line *l, size_t before)
{
	size_t n = l->buf.n;

	for (size_t i = 0; i < TAIL; i++)
		buf_addc(&l->buf, ' ');
	if (buf_ok(&l->buf)) {
		buf_cut(&l->buf, n);
		return true;
	}
	buf_cut(&l->buf, before);
	l->buf.bad = false;
	l->cut = true;
	return false;
}

void
log_line_begin(struct log_line *l, struct arena *a)
{
	buf_init(&l->buf, a, MAX_LINE);
	l->json = log_format() == LOG_FORMAT_JSON;
	l->cut = false;
	(void)keep_tail(l, 0);
}

/* True if a value can stand without quotes. */
static bool
is_plain(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] >= 0x7f || s.p[i] == '"' ||
		    s.p[i] == '=' || s.p[i] == '\\')
			return false;
	return true;
}

void
log_line_add(struct log_line *l, const char *key, struct slice value)
{
	size_t before = l->buf.n;

	if (l->cut || value.n == 0)
		return;
	if (l->json) {
		buf_addc(&l->buf, before == 0 ? '{' : ',');
		buf_printf(&l->buf, "\"%s\":\"", key);
		escape(&l->buf, value, FORM_JSON);
		buf_addc(&l->buf, '"');
	} else {
		if (before > 0)
			buf_addc(&l->buf, ' ');
		buf_adds(&l->buf, key);
		if (is_plain(value)) {
			buf_addc(&l->buf, '=');
			buf_add(&l->buf, value);
		} else {
			buf_adds(&l->buf, "=\"");
			escape(&l->buf, value, FORM_QUOTED);
			buf_addc(&l->buf, '"');
		}
	}
	(void)keep_tail(l, before);
}

void
log_line_addf(struct log_line *l, const char *key, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	log_line_add(l, key, slice_c(text));
}

struct slice
log_line_text(struct log_line *l)
{
	size_t n = l->buf.n;
	struct slice text;

	if (l->buf.p == NULL) /* not even the tail found memory */
		return l->json ? SL("{\"cut\":\"1\"}") : SL("cut=1");
	if (l->json) {
		if (n == 0)
			buf_addc(&l->buf, '{');
		if (l->cut)
			buf_adds(&l->buf,
			    n == 0 ? "\"cut\":\"1\"" : ",\"cut\":\"1\"");
		buf_addc(&l->buf, '}');
	} else if (l->cut) {
		buf_adds(&l->buf, n == 0 ? "cut=1" : " cut=1");
	}
	/* The end is only lent: more fields may follow. */
	text = buf_slice(&l->buf);
	buf_cut(&l->buf, n);
	return text;
}

void
log_line_write(struct log_line *l, enum log_level level)
{
	if (log_enabled(level))
		emit(level, log_line_text(l));
}
