/* SPDX-License-Identifier: BSD-2-Clause
 *
 * encoded: encoded words in any place, broken ones too.
 */
#include "mail/encoded.h"

#include "lib/tap.h"

int
main(void)
{
	struct arena *a = t_arena();
	static char big[60000];

	is_text(encoded_decode(a, t_slice("x =?utf-8?Q?a=40b_c?= y")),
	    "x a@b c y", "Q: hex and underscore");
	is_text(encoded_decode(a, t_slice("=?UTF-8?b?YUBiLm9yZw==?=")),
	    "a@b.org", "B: base64");
	is_text(encoded_decode(a, t_slice("=?utf-8?b?YUBiLm9yZw?=")), "a@b.org",
	    "B: padding may be missing");
	is_text(encoded_decode(a, t_slice("=?utf-16be?b?AGEAQABi?=")), "a@b",
	    "UTF-16 of ASCII reads as ASCII");
	is_text(encoded_decode(a, t_slice("=?utf-8?q?a=?==?utf-8?q?40b?=")),
	    "a=40b", "an escape does not reach over words");
	is_text(encoded_decode(a, t_slice("=?utf-8?q?a")), "=?utf-8?q?a",
	    "an open word stays");
	is_text(encoded_decode(a, t_slice("=?x?y?z?=")),
	    "=?x?y?z?=", "an unknown encoding stays");
	is_text(encoded_decode(a, t_slice("=?")), "=?",
	    "the shortest beginning");
	is_text(encoded_decode(a, t_slice("=?utf-8?q?=4?=")), "=4",
	    "half an escape stays");
	ok(encoded_has(t_slice("a =?")) && !encoded_has(t_slice("a = ?")),
	    "has");
	for (size_t i = 0; i < sizeof(big); i++)
		big[i] = "=?a?q?x"[i % 7];
	is_int((int64_t)encoded_decode(a, slice_of(big, sizeof(big))).n,
	    sizeof(big), "many open words are copied");
	return tap_done();
}
