/* SPDX-License-Identifier: BSD-2-Clause
 *
 * undecided: link-time stand-ins for the checks that a rule can ask for
 * before end-of-message: what is not done yet never gets done, as when the DNS
 * does not answer within the time of a stage.
 */
#include "base/err.h"
#include "check/check.h"

int
spf_judge_mailfrom(struct evaluation *ev)
{
	return ev->spf.done ? 0 : ERR_TIMEOUT;
}

int
spf_judge_helo(struct evaluation *ev)
{
	return ev->spf_helo.done ? 0 : ERR_TIMEOUT;
}

int
iprev_judge(struct evaluation *ev)
{
	return ev->iprev.done ? 0 : ERR_TIMEOUT;
}
