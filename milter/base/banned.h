/* SPDX-License-Identifier: BSD-2-Clause
 *
 * banned.h: calls nobody here may make. Included last by base.h, after the
 * system headers that declare them. Use base/buf and base/slice for text,
 * base/num for numbers, mail/chars for character classes, base/clock for time.
 */
#ifndef CM_BASE_BANNED_H
#define CM_BASE_BANNED_H

#include <ctype.h>

#undef strcpy
#undef strcat
#undef strncpy
#undef strncat
#undef sprintf
#undef vsprintf
#undef isalpha
#undef isdigit
#undef isalnum
#undef isspace
#undef isupper
#undef islower
#undef ispunct
#undef isprint
#undef isxdigit
#undef iscntrl
#undef toupper
#undef tolower

#pragma GCC poison strcpy strcat strncat strncpy sprintf vsprintf strtok atoi \
    atol atoll
#pragma GCC poison gmtime localtime ctime asctime
#pragma GCC poison isalpha isdigit isalnum isspace isupper islower
#pragma GCC poison ispunct isprint isxdigit iscntrl toupper tolower

#endif
