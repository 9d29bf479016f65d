/* SPDX-License-Identifier: BSD-2-Clause
 *
 * fold: see fold.h. A TAB at the start of a line counts as eight columns.
 */
#include "mail/fold.h"

#define TAB_COLUMNS ((size_t)8)

void
fold_init(struct fold *f, struct buf *out, size_t column, size_t width)
{
	*f = (struct fold){ .out = out,
		.column = column,
		.width = width,
		.first = true };
}

static void
new_line(struct fold *f)
{
	buf_adds(f->out, "\n\t");
	f->column = TAB_COLUMNS;
}

void
fold_word(struct fold *f, struct slice word)
{
	/* Never a fold before the first word: a line of nothing but the name
	 * and white space is obsolete syntax. */
	if (!f->first && f->column + 1 + word.n > f->width) {
		new_line(f);
	} else {
		buf_addc(f->out, ' ');
		f->column++;
	}
	f->first = false;
	fold_glue(f, word);
}

void
fold_glue(struct fold *f, struct slice text)
{
	buf_add(f->out, text);
	f->column += text.n;
}

void
fold_join(struct fold *f, struct slice word)
{
	if (f->column + word.n > f->width && f->column > TAB_COLUMNS)
		new_line(f);
	fold_glue(f, word);
}

void
fold_break(struct fold *f, struct slice text)
{
	while (text.n > 0) {
		size_t room = f->width > f->column ? f->width - f->column : 0;

		if (room == 0 && f->column != TAB_COLUMNS) {
			new_line(f);
			continue;
		}
		if (room == 0)
			room = 1;
		fold_glue(f, slice_sub(text, 0, room));
		text = slice_from(text, room);
	}
}
