/* SPDX-License-Identifier: BSD-2-Clause
 *
 * verify_forward: options of forwarding that contradict each other or miss
 * one another.
 */
#include "unit/config_lib.h"

#define SRS "SRSDomain fwd.example\nSRSSecretFile s\nLocalDomains a.example\n"

static const struct config_case cases[] = {
	{ SRS, "" },
	{ "LocalDomains a.example\n", "" },
	{ "SRSDomain fwd.example\nLocalDomains a.example\n",
	    "chopmark.conf:1: error: SRSDomain: addresses cannot be made "
	    "without SRSSecretFile; chopmark srs secret makes a secret\n" },
	{ "SRSDomain fwd.example\nSRSSecretFile s\n",
	    "chopmark.conf:1: warning: SRSDomain: with LocalDomains unset "
	    "mail of our own users is rewritten too\n" },
	{ "SRSSecretFile s\n",
	    "chopmark.conf:1: error: SRSSecretFile has no effect without "
	    "SRSDomain\n" },
	{ "SRSSocket unix:/x\nSRSMaxAge 30d\n",
	    "chopmark.conf:1: error: SRSSocket has no effect without "
	    "SRSDomain\n" },
	{ "SRSDomain -x\nSRSSecretFile s\nLocalDomains a.example\n",
	    "chopmark.conf:1: error: SRSDomain: '-x' is not a domain name\n" },
	{ SRS "SRSSocket unix:/run/srs\n", "" },
	{ SRS "SRSSocket unix:/run/srs\nSocketMode 0666\n",
	    "chopmark.conf:5: warning: SocketMode 0666: every local user can "
	    "make addresses that we take back\n" },
	{ SRS "SRSSocket inet:9@192.0.2.1\n",
	    "chopmark.conf:4: warning: SRSSocket 'inet:9@192.0.2.1': who can "
	    "reach it can make addresses that we take back; leave only the "
	    "MTA through a packet filter\n" },
	{ SRS "SRSSocket inet:9@127.0.0.2\n", "" },
	{ SRS "SRSSocket x\n",
	    "chopmark.conf:4: error: SRSSocket: 'x': the port is a number "
	    "from 1 to 65535, as in inet:8891@localhost\n" },
	{ SRS "SRSWhen needed\n",
	    "chopmark.conf:4: error: SRSWhen: 'needed' wants to know our "
	    "addresses: set OutboundAddresses\n" },
	{ SRS "SRSWhen needed\nOutboundAddresses 192.0.2.1, 2001:db8::1\n",
	    "" },
	{ SRS "SRSWhen always\nOutboundAddresses 192.0.2.1\n", "" },
	{ "SRSDomain fwd.example\nSRSSecretFile s\nSRSRewrite yes\n",
	    "chopmark.conf:1: warning: SRSDomain: with LocalDomains unset "
	    "mail of our own users is rewritten too\n"
	    "chopmark.conf:3: error: SRSRewrite: without LocalDomains nobody "
	    "knows which mail leaves this host\n" },
	{ SRS "SRSRewrite yes\nSRSReverse yes\n", "" },
	{ "SRSRewrite yes\n",
	    "chopmark.conf:1: error: SRSRewrite has no effect without "
	    "SRSDomain\n" },
	{ SRS "SRSHashMinimum 5\n",
	    "chopmark.conf:4: error: SRSHashMinimum is more than "
	    "SRSHashLength: addresses that we make would not be taken back\n" },
	{ SRS "SRSHashLength 6\nSRSHashMinimum 5\n", "" },
	{ SRS "SRSHashLength 3\n",
	    "chopmark.conf:4: error: SRSHashLength: '3' is out of range, 4 to "
	    "27 are allowed\n" },
	{ SRS "SRSSeparator /\n",
	    "chopmark.conf:4: error: SRSSeparator: '/' is none of: = | + | "
	    "-; did you mean '='?\n" },
	{ SRS "SRSSeparator +\nSRSLongSenders keep\n", "" },
	{ SRS "SRSMaxAge 12h\n",
	    "chopmark.conf:4: error: SRSMaxAge: '12h' is out of range, 1d to "
	    "1000d are allowed\n" },
};

int
main(void)
{
	config_lib_begin();
	config_lib_cases(cases, ARRAY_LEN(cases));
	config_lib_end();
	return tap_done();
}
