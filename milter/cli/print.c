/* SPDX-License-Identifier: BSD-2-Clause
 *
 * print: columns, colours and escapes.
 */
#include "cli/print.h"

#include <stdlib.h>
#include <unistd.h>

#include "mail/scan.h"

bool
print_wants_colour(void)
{
	const char *term = getenv("TERM"), *no = getenv("NO_COLOR");

	return isatty(STDOUT_FILENO) && (no == NULL || no[0] == '\0') &&
	    term != NULL && strcmp(term, "dumb") != 0;
}

void
print_heading(struct print *p, const char *title)
{
	if (p->out->n > 0)
		buf_addc(p->out, '\n');
	buf_printf(p->out, "%s%s%s\n", p->colour ? "\033[1m" : "", title,
	    p->colour ? "\033[0m" : "");
}

static void
pad(struct print *p, size_t used, size_t width)
{
	do
		buf_addc(p->out, ' ');
	while (++used < width);
}

void
print_label(struct print *p, const char *label, size_t width)
{
	buf_printf(p->out, "  %s", label);
	pad(p, strlen(label), width);
}

void
print_word(struct print *p, const char *word, size_t width, enum tint t)
{
	static const char *const codes[] = { "", "\033[32m", "\033[31m",
		"\033[33m" };
	bool colour = p->colour && t != TINT_NONE;

	buf_printf(p->out, "%s%s%s", colour ? codes[t] : "", word,
	    colour ? "\033[0m" : "");
	if (width > 0)
		pad(p, strlen(word), width);
}

/* Characters that end a line or turn text around (C1 controls, U+200E and
 * U+200F, U+2028 to U+202E, U+2066 to U+2069). */
static bool
steers(struct slice c)
{
	unsigned char a = (unsigned char)c.p[0], b, d;

	if (c.n == 2)
		return a == 0xc2 && (unsigned char)c.p[1] < 0xa0;
	if (c.n != 3 || a != 0xe2)
		return false;
	b = (unsigned char)c.p[1];
	d = (unsigned char)c.p[2];
	if (b == 0x80)
		return d == 0x8e || d == 0x8f || (d >= 0xa8 && d <= 0xae);
	return b == 0x81 && d >= 0xa6 && d <= 0xa9;
}

void
print_text(struct print *p, struct slice s)
{
	size_t at = 0;

	while (at < s.n) {
		unsigned char c = (unsigned char)s.p[at];
		size_t n = c >= 0x80 ? scan_utf8(s, at) : 0;
		struct slice whole = slice_sub(s, at, n > at ? n - at : 1);

		if (c >= 0x20 && c < 0x7f)
			buf_addc(p->out, (char)c);
		else if (c >= 0x80 && n > at && !steers(whole))
			buf_add(p->out, whole);
		else
			for (size_t i = 0; i < whole.n; i++)
				buf_printf(p->out, "\\x%02x",
				    (unsigned char)whole.p[i]);
		at += whole.n;
	}
}

void
print_end(struct print *p)
{
	buf_addc(p->out, '\n');
}
