/* SPDX-License-Identifier: BSD-2-Clause
 *
 * mac: HMAC-SHA1 by facts of RFC 2202 section 3, and that a comparison does not
 * tell by its length how much was right.
 */
#include "crypt/mac.h"

#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/tap.h"

#define STEPS_MOST 1000000

static void
is_mac(struct slice secret, struct slice text, const char *want,
    const char *name)
{
	uint8_t mac[MAC_SHA1_BYTES];
	char hex[2 * MAC_SHA1_BYTES + 1] = "";

	is_int(mac_sha1(secret, text, mac), 0, "%s: can be made", name);
	for (size_t i = 0; i < sizeof(mac); i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", mac[i]);
	is_text(slice_c(hex), want, "%s", name);
}

/* Compares between two stops, for its parent to count. */
static A_NORETURN void
compare(const char *a, const char *b, size_t n)
{
	bool equal;

	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
		_exit(1);
	(void)raise(SIGSTOP);
	equal = mac_equal(a, b, n);
	(void)raise(SIGSTOP);
	_exit(equal);
}

/* Instructions of a comparison, with what it takes to stop; -1: they cannot be
 * counted here. */
static long
steps_of(const char *a, const char *b, size_t n)
{
	pid_t child = fork();
	long steps = -1;
	int status;

	if (child == 0)
		compare(a, b, n);
	if (child < 0 || waitpid(child, &status, 0) != child)
		return -1;
	if (WIFSTOPPED(status))
		for (steps = 0; steps < STEPS_MOST; steps++)
			if (ptrace(PTRACE_SINGLESTEP, child, NULL, NULL) != 0 ||
			    waitpid(child, &status, 0) != child ||
			    !WIFSTOPPED(status) || WSTOPSIG(status) == SIGSTOP)
				break;
	if (!WIFSTOPPED(status))
		return -1;
	(void)kill(child, SIGKILL);
	(void)waitpid(child, &status, 0);
	return steps;
}

/* Who forges an address and learns how much of its hash was right needs few
 * tries. */
static void
test_tells_nothing(void)
{
	static const char right[] = "zNjU57JMFAita/ZNnjlMWZDWFLE";
	size_t n = sizeof(right) - 1, odd = 0;
	long all = steps_of(right, right, n);

	if (all < 0) {
		skip("no tracing here", "instructions of a comparison");
		return;
	}
	for (size_t i = 0; i < n; i++) {
		char wrong[sizeof(right)];

		memcpy(wrong, right, sizeof(right));
		wrong[i] = '?';
		odd += steps_of(right, wrong, n) != all;
	}
	ok(all > (long)n, "a comparison takes some instructions");
	is_int((int64_t)odd, 0, "as many wherever the texts differ");
}

int
main(void)
{
	char key[80];

	memset(key, 0x0b, 20);
	is_mac(t_bytes(key, 20), t_slice("Hi There"),
	    "b617318655057264e28bc0b6fb378c8ef146be00", "a binary secret");
	is_mac(t_slice("Jefe"), t_slice("what do ya want for nothing?"),
	    "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79", "a short secret");
	memset(key, (char)0xaa, sizeof(key));
	is_mac(t_bytes(key, sizeof(key)),
	    t_slice("Test Using Larger Than Block-Size Key - Hash Key First"),
	    "aa4ae5e15272d00e95705637ce8a3b55ed402112",
	    "a secret longer than a block");
	is_mac(t_slice("x"), t_slice(""),
	    "b57ad18e45f71ac069d15618f6ca547ed75bb2e9", "no text");
	ok(mac_equal("abcd", "abcx", 3), "texts are equal up to a length");
	ok(!mac_equal("abcd", "abcx", 4), "and differ behind it");
	test_tells_nothing();
	return tap_done();
}
