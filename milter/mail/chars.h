/* SPDX-License-Identifier: BSD-2-Clause
 *
 * chars: character classes of the mail grammars (RFC 5234, 5321, 5322, 2045,
 * 6376), in one table and in no locale. Bytes over 0x7f are in no class but
 * CHAR_HIGH: whether UTF-8 is welcome is the reader's decision. Pure.
 */
#ifndef CM_MAIL_CHARS_H
#define CM_MAIL_CHARS_H

#include "base/slice.h"

enum char_class {
	CHAR_ALPHA = 1 << 0,
	CHAR_DIGIT = 1 << 1,
	CHAR_HEX = 1 << 2,     /* either case */
	CHAR_WSP = 1 << 3,     /* SP and TAB */
	CHAR_EOL = 1 << 4,     /* CR and LF */
	CHAR_CTL = 1 << 5,     /* 0-31 and 127, white space included */
	CHAR_ATEXT = 1 << 6,   /* RFC 5322 section 3.2.3 */
	CHAR_QTEXT = 1 << 7,   /* RFC 5322 section 3.2.4, without obs-qtext */
	CHAR_CTEXT = 1 << 8,   /* RFC 5322 section 3.2.2, without obs-ctext */
	CHAR_DTEXT = 1 << 9,   /* RFC 5322 section 3.4.1, without obs-dtext */
	CHAR_TOKEN = 1 << 10,  /* RFC 2045 section 5.1 */
	CHAR_BASE64 = 1 << 11, /* without '=' */
	CHAR_LDH = 1 << 12,    /* letter, digit, hyphen */
	CHAR_VCHAR = 1 << 13,  /* printable, without SP */
	CHAR_HIGH = 1 << 14    /* 0x80-0xff */
};

extern const uint16_t char_classes[256];

/* True if c is in any of the classes. */
static inline bool
char_is(char c, unsigned classes)
{
	return (char_classes[(unsigned char)c] & classes) != 0;
}

/* Value of a hexadecimal digit, or -1. */
static inline int
char_hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = slice_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

#endif
