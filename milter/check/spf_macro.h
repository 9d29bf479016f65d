/* SPDX-License-Identifier: BSD-2-Clause
 *
 * spf_macro: macro-strings of RFC 7208 section 7: their grammar and their
 * expansion. libspf2's own expansion is not used: it knows neither "," nor
 * "/" as delimiters, no upper-case "R", no number over 128, leaves "!'()*"
 * unescaped and cuts names wrongly, and its compiler overruns on long texts.
 * No memory is taken but the caller's; texts may hold any byte.
 */
#ifndef CM_CHECK_SPF_MACRO_H
#define CM_CHECK_SPF_MACRO_H

#include "base/ip.h"

/* A set of macro letters; also whether %%, %_ or %- occurs. */
#define SPF_LETTER(c) ((uint32_t)1 << ((c) - 'a'))
#define SPF_LETTER_ESCAPE ((uint32_t)1 << 26)
/* Allowed in explanation texts alone (section 7.2). */
#define SPF_LETTERS_EXP (SPF_LETTER('c') | SPF_LETTER('r') | SPF_LETTER('t'))

/* One macro-expand. */
struct spf_macro {
	char letter;     /* lower case; '%', '_' or '-' for the escapes */
	bool escape_url; /* the letter was upper case */
	bool reverse;
	unsigned parts;          /* right-hand parts to keep; 0 = all */
	struct slice delimiters; /* "" means "." */
};

/* Reads the macro-expand at s.p[at] == '%'. Returns the offset behind it, or
 * `at` for a syntax error. */
size_t spf_macro_scan(struct slice s, size_t at, struct spf_macro *out);

/* A whole macro-string (with SP: explain-string). false: syntax error. Else
 * *letters tells which macros occur. */
bool spf_macro_check(struct slice s, bool with_space,
    uint32_t *letters) A_MUST_USE;

/* A domain-spec (section 7.1): a macro-string that ends in a macro or in a
 * top-level label. NULL, or what is wrong with it. */
const char *spf_domain_spec_flaw(struct slice s, uint32_t *letters);

/* What the letters stand for. Empty where a letter is not used: the caller
 * fills `p` only for texts that need it, by asking the DNS. */
struct spf_values {
	struct slice local;         /* l; "postmaster" where there is none */
	struct slice sender_domain; /* o */
	struct slice domain;        /* d */
	struct slice helo;          /* h */
	struct slice receiver;      /* r */
	struct slice validated;     /* p */
	struct ip client;           /* i, c, v */
	int64_t epoch;              /* t */
};

/* Section 4.3: the local-part where the sender has none. */
#define SPF_POSTMASTER SL("postmaster")

/* Expands a string that was checked. At most `cap` bytes are kept in `out`;
 * returns how many. Of a longer result the beginning is kept, or with `tail`
 * the end. */
size_t spf_macro_expand(struct slice s, const struct spf_values *v, bool tail,
    char *out, size_t cap);

/* Expands a domain-spec to the name to ask for: final dot dropped, names over
 * 253 octets cut from the left by whole labels (section 7.3). Returns the
 * name in `out`; it may still be one that DNS cannot carry. */
#define SPF_NAME_ROOM 512
struct slice spf_macro_name(struct slice spec, const struct spf_values *v,
    char out[SPF_NAME_ROOM]);

#endif
