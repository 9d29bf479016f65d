/* SPDX-License-Identifier: BSD-2-Clause
 *
 * spf_memo: what libspf2 has said of networks, kept. Whether a client is in
 * one of some networks follows from their numbers alone, and the same clients
 * come with the same records all day: asking again would compile and interpret
 * the same directives. A lookup takes no memory and no system call.
 *
 * Any thread; one table for the process, of fixed size: a new word takes the
 * place of an older one.
 */
#ifndef CM_CHECK_SPF_MEMO_H
#define CM_CHECK_SPF_MEMO_H

#include "check/spf_lib.h"

/* The numbers of a question: a client, and networks of its family. */
struct spf_memo_key {
	size_t n;
	uint8_t octets[17 * (SPF_LIB_RUN + 1)];
};

/* As spf_lib_networks() would be asked; n up to SPF_LIB_RUN. */
void spf_memo_key(struct spf_memo_key *k, const struct ip *client,
    const struct spf_term *terms, size_t n);

/* false: not known. */
bool spf_memo_find(const struct spf_memo_key *k, enum spf_lib_match *out);
void spf_memo_keep(const struct spf_memo_key *k, enum spf_lib_match match);
/* Everything: for tests of the library under want of memory. */
void spf_memo_forget(void);

#endif
