/* SPDX-License-Identifier: BSD-2-Clause
 *
 * setup: see setup.h.
 */
#include "wire/setup.h"

#include "lib/tap.h"

#define ZONE                                              \
	"example.org TXT \"v=spf1 ip4:192.0.2.9 -all\"\n" \
	"good.test TXT \"v=spf1 ip4:192.0.2.9 -all\"\n"
#define EARLY                                                      \
	"early:  reject with probe at mail if mailfrom.domain is " \
	"\"early.test\"\n"                                         \
	"nobody: reject with probe at rcpt if rcpt is \"nobody@local.test\"\n"
#define AT_END                                                               \
	"see:    tag \"X-Seen: {client}\"\n"                                 \
	"bad:    reject with probe if mailfrom.domain is \"bad.test\"\n"     \
	"wait:   tempfail with later if mailfrom.domain is \"later.test\"\n" \
	"keep:   hold if header(\"Subject\") is \"hold me\"\n"               \
	"drop:   discard if header(\"Subject\") is \"drop me\"\n"
#define REPLIES                          \
	"reply probe 550 5.7.1 MI:SPF\n" \
	"  {tag} I am 100% sure\n"       \
	"  and this is line two\n"       \
	"reply later 451 4.7.1 MI:DNS\n" \
	"  {tag} come back\n"

const struct filter_texts setup_texts = { .zone = ZONE,
	.policy = EARLY AT_END,
	.replies = REPLIES };
const struct filter_texts setup_quiet_texts = { .zone = ZONE,
	.policy = AT_END,
	.replies = REPLIES };

struct mta *
setup_session(const struct filter *f, enum mta_kind kind,
    struct mta_offer offer)
{
	struct mta *m = mta_open(f->socket, kind);

	if (m == NULL) {
		printf("Bail out! cannot connect to %s\n", f->socket);
		exit(1);
	}
	mta_macro(m, "j", "mx.local.test");
	mta_macro(m, "{daemon_name}", "smtpd");
	mta_macro(m, "i", "4Qid");
	if (!mta_negotiate(m, offer)) {
		printf("Bail out! %s\n", m->error);
		exit(1);
	}
	mta_connect(m, "mail.example.net", "192.0.2.9", 25001);
	mta_helo(m, "mail.example.net");
	return m;
}

struct mta_answer
setup_message(struct mta *m, const char *from, const char *subject)
{
	static const char *const rcpts[] = { "<b@local.test>" };
	char path[256], text[1024];

	(void)snprintf(path, sizeof(path), "<%s>", from);
	(void)snprintf(text, sizeof(text),
	    "From: %s\nSubject: %s\nTo: b@local.test\n\nHello.\n", from,
	    subject);
	return mta_message(m, path, rcpts, 1,
	    arena_copy(m->arena, slice_c(text)));
}

bool
setup_passes(struct mta_answer a, const char *what)
{
	return ok(a.verdict == MTA_CONTINUE || a.verdict == MTA_ACCEPT, "%s",
	    what);
}
