/* SPDX-License-Identifier: BSD-2-Clause
 *
 * mac: HMAC-SHA1 by facts of RFC 2202 section 3.
 */
#include "crypt/mac.h"

#include "lib/tap.h"

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
	return tap_done();
}
