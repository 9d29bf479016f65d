/* SPDX-License-Identifier: BSD-2-Clause
 *
 * finding: making, reading and printing the statements of checks.
 */
#include "check/finding.h"

#include "base/err.h"

#define FINDING_MAX ((size_t)8192) /* bytes of one value in print */

static const char *const methods[] = {
	[METHOD_IPREV] = "iprev",
	[METHOD_AUTH] = "auth",
	[METHOD_SPF] = "spf",
	[METHOD_DKIM] = "dkim",
	[METHOD_DMARC] = "dmarc",
	[METHOD_ARC] = "arc",
	[METHOD_LIMIT] = "limit",
};

_Static_assert(ARRAY_LEN(methods) == METHOD_COUNT, "one word a method");

const char *
method_word(enum method m)
{
	return (unsigned)m < METHOD_COUNT ? methods[m] : "unknown";
}

struct finding *
findings_add(struct findings *f, enum method m, enum verdict v,
    struct slice reason)
{
	struct finding *one = arena_zalloc(f->arena, sizeof(*one));
	struct finding **slot;

	if (one == NULL)
		return NULL;
	slot = finding_vec_push(&f->all, f->arena);
	if (slot == NULL)
		return NULL;
	one->method = m;
	one->verdict = v;
	one->reason = reason;
	*slot = one;
	return one;
}

int
finding_prop(struct findings *f, struct finding *one, const char *ptype,
    const char *name, struct slice value)
{
	struct finding_prop *p = finding_prop_vec_push(&one->props, f->arena);

	if (p == NULL)
		return ERR_NOMEM;
	p->ptype = ptype;
	p->name = name;
	p->value = value;
	return 0;
}

static bool
names_prop(const struct finding_prop *p, struct slice name)
{
	struct slice ptype = slice_c(p->ptype);

	if (ptype.n == 0)
		return slice_eq(name, slice_c(p->name));
	return slice_starts(name, ptype) && name.n > ptype.n &&
	    name.p[ptype.n] == '.' &&
	    slice_eq(slice_from(name, ptype.n + 1), slice_c(p->name));
}

struct slice
finding_get(const struct finding *one, struct slice name)
{
	for (size_t i = 0; i < one->props.n; i++)
		if (names_prop(&one->props.at[i], name))
			return one->props.at[i].value;
	return slice_of(NULL, 0);
}

static bool
is_plain(struct slice v)
{
	for (size_t i = 0; i < v.n; i++)
		if (v.p[i] <= ' ' || v.p[i] >= 0x7f || v.p[i] == '"' ||
		    v.p[i] == '\\')
			return false;
	return v.n > 0;
}

static void
print_value(struct buf *out, struct slice v)
{
	v = slice_sub(v, 0, FINDING_MAX);
	if (is_plain(v)) {
		buf_add(out, v);
		return;
	}
	buf_addc(out, '"');
	for (size_t i = 0; i < v.n; i++) {
		unsigned char c = (unsigned char)v.p[i];

		if (c == '"' || c == '\\')
			buf_addc(out, '\\');
		if (c < 0x20 || c >= 0x7f)
			buf_printf(out, "\\x%02x", c);
		else
			buf_addc(out, (char)c);
	}
	buf_addc(out, '"');
}

void
finding_print(const struct finding *one, struct buf *out)
{
	buf_printf(out, "%s %s", method_word(one->method),
	    verdict_word(one->verdict));
	if (one->reason.n > 0) {
		buf_adds(out, " reason=");
		print_value(out, one->reason);
	}
	for (size_t i = 0; i < one->props.n; i++) {
		const struct finding_prop *p = &one->props.at[i];

		if (p->value.n == 0)
			continue;
		buf_addc(out, ' ');
		if (p->ptype != NULL)
			buf_printf(out, "%s.", p->ptype);
		buf_printf(out, "%s=", p->name);
		print_value(out, p->value);
	}
}
