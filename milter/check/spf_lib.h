/* SPDX-License-Identifier: BSD-2-Clause
 *
 * spf_lib: the door to libspf2, the only file that includes it. The library
 * judges single mechanisms by its public compiler and interpreter: whether an
 * address lies in ip4/ip6 networks, and what a, mx, ptr and exists make of the
 * DNS. No text of a stranger reaches its compiler: it is handed directives
 * that are made here from numbers, under a fixed size, and the domain to ask
 * for goes in as the request's current domain. It does no DNS of its own, sees
 * no identity, follows no include and explains nothing.
 *
 * One spf_lib belongs to one evaluation and one thread; many may exist.
 */
#ifndef CM_CHECK_SPF_LIB_H
#define CM_CHECK_SPF_LIB_H

#include "check/spf_record.h"

struct spf_lib;

/* What the library is told of a DNS question. DNS_TEMPFAIL makes the mechanism
 * fail with SPF_LIB_DNS_ERROR. Records are borrowed until the call returns. */
struct spf_lib_reply {
	enum dns_status status;
	const struct dns_record *rr;
	size_t n;
};
/* Answers a question of the library: MX and PTR, and A or AAAA of the domain
 * itself or of a name that an MX or PTR reply brought. */
typedef struct spf_lib_reply (
    *spf_lib_ask_fn)(void *ctx, enum dns_type type, struct slice name);

enum spf_lib_match { SPF_LIB_NO, SPF_LIB_YES, SPF_LIB_DNS_ERROR };

/* NULL when out of memory. */
struct spf_lib *spf_lib_new(const struct ip *client, spf_lib_ask_fn ask,
    void *ctx) A_MUST_USE;
void spf_lib_free(struct spf_lib *l); /* NULL is harmless */

/* Does one of these ip4 and ip6 mechanisms match? At most SPF_LIB_RUN; those
 * with a prefix length of 0 are left out.
 * 0, ERR_NOMEM or ERR_LIBRARY (it refused what it must accept). */
#define SPF_LIB_RUN 20
int spf_lib_networks(struct spf_lib *l, const struct spf_term *terms, size_t n,
    enum spf_lib_match *out) A_MUST_USE;

/* Does this a, mx, ptr or exists match? `target` is the expanded name: 1..253
 * octets without NUL. 0, ERR_NOMEM or ERR_LIBRARY. */
int spf_lib_names(struct spf_lib *l, const struct spf_term *t,
    struct slice target, enum spf_lib_match *out) A_MUST_USE;

#endif
