/* SPDX-License-Identifier: BSD-2-Clause
 *
 * work: see work.h. What is counted here is listed in hostile.mk, too.
 */
#include "hostile/work.h"

#include "check/dkim_lib.h"
#include "crypt/sig.h"
#include "mail/canon.h"
#include "mail/domain.h"
#include "mail/scan.h"

struct work work;

bool __real_sig_verify(const struct key *k, const uint8_t *digest,
    struct slice sig);
bool __wrap_sig_verify(const struct key *k, const uint8_t *digest,
    struct slice sig);
int __real_sig_judge(const struct key *k, const uint8_t *digest,
    struct slice sig, bool *good);
int __wrap_sig_judge(const struct key *k, const uint8_t *digest,
    struct slice sig, bool *good);
int __real_dkim_lib_judge(const struct dkim_library *l, struct arena *a,
    const struct dkim_field *f, const struct slice_vec *raws,
    const struct dkim_record *key, enum dkim_lib_answer *out);
int __wrap_dkim_lib_judge(const struct dkim_library *l, struct arena *a,
    const struct dkim_field *f, const struct slice_vec *raws,
    const struct dkim_record *key, enum dkim_lib_answer *out);
void __real_sha256_add(struct sha256 *h, const char *p, size_t n);
void __wrap_sha256_add(struct sha256 *h, const char *p, size_t n);
void __real_canon_header(struct buf *out, enum canon how, struct slice raw,
    bool crlf);
void __wrap_canon_header(struct buf *out, enum canon how, struct slice raw,
    bool crlf);
size_t __real_scan_lenient_cfws(struct slice s, size_t at);
size_t __wrap_scan_lenient_cfws(struct slice s, size_t at);
size_t __real_scan_lenient_comment(struct slice s, size_t at);
size_t __wrap_scan_lenient_comment(struct slice s, size_t at);
size_t __real_scan_lenient_quoted(struct slice s, size_t at);
size_t __wrap_scan_lenient_quoted(struct slice s, size_t at);
struct slice __real_domain_to_ascii(struct arena *a, struct slice d);
struct slice __wrap_domain_to_ascii(struct arena *a, struct slice d);

bool
__wrap_sig_verify(const struct key *k, const uint8_t *digest, struct slice sig)
{
	work.verified++;
	return __real_sig_verify(k, digest, sig);
}

int
__wrap_sig_judge(const struct key *k, const uint8_t *digest, struct slice sig,
    bool *good)
{
	work.verified++;
	return __real_sig_judge(k, digest, sig, good);
}

int
__wrap_dkim_lib_judge(const struct dkim_library *l, struct arena *a,
    const struct dkim_field *f, const struct slice_vec *raws,
    const struct dkim_record *key, enum dkim_lib_answer *out)
{
	work.verified++;
	for (size_t i = 0; i < raws->n; i++)
		work.canonical += raws->at[i].n;
	return __real_dkim_lib_judge(l, a, f, raws, key, out);
}

void
__wrap_sha256_add(struct sha256 *h, const char *p, size_t n)
{
	work.hashed += n;
	__real_sha256_add(h, p, n);
}

void
__wrap_canon_header(struct buf *out, enum canon how, struct slice raw,
    bool crlf)
{
	work.canonical += raw.n;
	__real_canon_header(out, how, raw, crlf);
}

/* One that opens and does not close was walked through to the end. */
static size_t
walk(struct slice s, size_t at, size_t end, char open)
{
	work.walked += end - at;
	if (end < s.n && s.p[end] == open)
		work.walked += s.n - end;
	return end;
}

size_t
__wrap_scan_lenient_cfws(struct slice s, size_t at)
{
	return walk(s, at, __real_scan_lenient_cfws(s, at), '(');
}

size_t
__wrap_scan_lenient_comment(struct slice s, size_t at)
{
	return walk(s, at, __real_scan_lenient_comment(s, at), '(');
}

size_t
__wrap_scan_lenient_quoted(struct slice s, size_t at)
{
	return walk(s, at, __real_scan_lenient_quoted(s, at), '"');
}

struct slice
__wrap_domain_to_ascii(struct arena *a, struct slice d)
{
	work.idn += !scan_is_ascii(d);
	return __real_domain_to_ascii(a, d);
}
