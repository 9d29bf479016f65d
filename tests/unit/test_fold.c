/* SPDX-License-Identifier: BSD-2-Clause
 *
 * fold: lines stay short, words stay whole.
 */
#include "mail/fold.h"

#include "lib/tap.h"

int
main(void)
{
	struct buf b;
	struct fold f;

	buf_init(&b, t_arena(), 4096);
	fold_init(&f, &b, 10, 20);
	fold_word(&f, SL("12345"));
	fold_word(&f, SL("123"));
	is_text(buf_slice(&b), " 12345 123", "words that fit stay on the line");
	fold_word(&f, SL("x"));
	is_text(buf_slice(&b), " 12345 123\n\tx",
	    "the next one goes to a new line");
	fold_glue(&f, SL("=long-text-that-does-not-fit"));
	is_text(buf_slice(&b), " 12345 123\n\tx=long-text-that-does-not-fit",
	    "glue is never broken off");
	fold_word(&f, SL("y"));
	ok(slice_ends(buf_slice(&b), SL("\n\ty")),
	    "and the line ends behind it");

	buf_clear(&b);
	fold_init(&f, &b, 18, 20);
	fold_word(&f, SL("a-word-longer-than-a-line"));
	is_text(buf_slice(&b), " a-word-longer-than-a-line",
	    "no fold before the first word");

	buf_clear(&b);
	fold_init(&f, &b, 0, 12);
	fold_word(&f, SL("b="));
	fold_break(&f, SL("abcdefghijklmnopq"));
	is_text(buf_slice(&b), " b=abcdefghi\n\tjklm\n\tnopq",
	    "base64 breaks at the width");

	buf_clear(&b);
	fold_init(&f, &b, 0, 4);
	fold_break(&f, SL("abcdef"));
	is_text(buf_slice(&b), "abcd\n\te\n\tf",
	    "a width under a tab still makes progress");
	return tap_done();
}
