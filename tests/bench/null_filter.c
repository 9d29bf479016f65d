/* SPDX-License-Identifier: BSD-2-Clause
 *
 * null_filter SOCKET: the floor of everything that uses libmilter: asks for no
 * macros, answers nothing it need not answer, accepts.
 */
#include "base/base.h"

#include <libmilter/mfapi.h>

static sfsistat
on_negotiate(SMFICTX *ctx, unsigned long f0, unsigned long f1, unsigned long f2,
    unsigned long f3, unsigned long *pf0, unsigned long *pf1,
    unsigned long *pf2, unsigned long *pf3)
{
	(void)f2;
	(void)f3;
	if ((f0 & SMFIF_SETSYMLIST) != 0)
		for (int stage = SMFIM_FIRST; stage <= SMFIM_LAST; stage++)
			(void)smfi_setsymlist(ctx, stage, unconst("{none}"));
	*pf0 = SMFIF_ADDHDRS;
	*pf1 = f1 &
	    (SMFIP_NR_CONN | SMFIP_NR_HELO | SMFIP_NR_MAIL | SMFIP_NR_RCPT |
		SMFIP_NR_DATA | SMFIP_NR_HDR | SMFIP_NR_EOH | SMFIP_NR_BODY);
	*pf2 = *pf3 = 0;
	return SMFIS_CONTINUE;
}

static sfsistat
on_header(SMFICTX *ctx, char *name, char *value)
{
	(void)ctx;
	(void)name;
	(void)value;
	return SMFIS_NOREPLY;
}

static sfsistat
on_body(SMFICTX *ctx, unsigned char *p, size_t n)
{
	(void)ctx;
	(void)p;
	(void)n;
	return SMFIS_NOREPLY;
}

static sfsistat
on_end(SMFICTX *ctx)
{
	(void)smfi_insheader(ctx, 0, unconst("X-Null"), unconst(" yes"));
	return SMFIS_CONTINUE;
}

int
main(int argc, char **argv)
{
	struct smfiDesc d = { .xxfi_name = unconst("null"),
		.xxfi_version = SMFI_VERSION,
		.xxfi_flags = SMFIF_ADDHDRS | SMFIF_SETSYMLIST,
		.xxfi_header = on_header,
		.xxfi_body = on_body,
		.xxfi_eom = on_end,
		.xxfi_negotiate = on_negotiate };

	if (argc != 2 || smfi_setconn(argv[1]) != MI_SUCCESS ||
	    smfi_register(d) != MI_SUCCESS)
		return 64;
	return smfi_main() == MI_SUCCESS ? 0 : 1;
}
