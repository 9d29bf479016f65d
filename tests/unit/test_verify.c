/* SPDX-License-Identifier: BSD-2-Clause
 *
 * verify: options that contradict each other.
 */
#include "unit/config_lib.h"

static const struct config_case cases[] = {
	{ "Socket x\n",
	    "chopmark.conf:1: error: Socket: 'x': the port is a number from 1 "
	    "to 65535, as in inet:8891@localhost\n" },
	{ "Socket \"\"\n",
	    "chopmark.conf:1: error: Socket must not be empty\n" },
	{ "Socket inet:1@h\nSocketGroup postfix\n",
	    "chopmark.conf:2: warning: SocketGroup has no effect: the socket "
	    "is not a local one\n" },
	{ "Socket unix:/x\nSocketGroup postfix\n", "" },
	{ "Mode s\n",
	    "chopmark.conf:1: warning: nothing is signed: no key is named by "
	    "Domain, Selector and KeyFile, or by SigningTable and KeyTable\n" },
	{ "Mode v\nDomain example.org\n",
	    "chopmark.conf:1: warning: Mode v does not sign: the keys have no "
	    "effect\n" },
	{ "Domain d.test\nSelector s\nKeyFile /k\nSocketMode 0666\n",
	    "chopmark.conf:4: warning: SocketMode 0666: every local user can "
	    "have mail signed\n" },
	{ "Domain d.test\nSelector s\nKeyFile /k\nSocketMode 0660\n", "" },
	{ "SocketMode 0666\n", "" },
	{ "Domain d.test\nSelector s\nKeyFile /k\nSocket inet:9@192.0.2.1\n",
	    "chopmark.conf:4: warning: Socket 'inet:9@192.0.2.1': who can "
	    "reach it can have mail signed; leave only the MTA through a "
	    "packet filter\n" },
	{ "Domain d.test\nSelector s\nKeyFile /k\nSocket inet6:9\n",
	    "chopmark.conf:4: warning: Socket 'inet6:9': who can "
	    "reach it can have mail signed; leave only the MTA through a "
	    "packet filter\n" },
	{ "Domain d.test\nSelector s\nKeyFile /k\nSocket inet6:9@::1\n", "" },
	{ "Domain d.test\nSelector s\nKeyFile /k\nSocket inet:9@localhost\n",
	    "" },
	{ "Socket inet:9@192.0.2.1\n", "" },
	{ "Mode sv\n", "" },
	{ "Mode v\n", "" },
	{ "Hostname -x.example\n",
	    "chopmark.conf:1: error: Hostname: '-x.example' is not a host "
	    "name\n" },
	{ "AuthservID \"a b\"\n",
	    "chopmark.conf:1: error: AuthservID: 'a b' is not one word of "
	    "printable ASCII\n" },
	{ "AuthservID a;b\n",
	    "chopmark.conf:1: error: AuthservID: 'a;b' is not one word of "
	    "printable ASCII\n" },
	{ "AuthservID mail.example.org\n", "" },
	{ "TrustedAuthservIDs a.example\n",
	    "chopmark.conf:1: warning: TrustedAuthservIDs has no effect: such "
	    "fields are believed from clients in RelayHosts only, and there "
	    "is none\n" },
	{ "TrustedAuthservIDs a.example\nRelayHosts 192.0.2.1\n", "" },
	{ "TrustedAuthservIDs .a.example\nRelayHosts 192.0.2.1\n",
	    "chopmark.conf:1: error: TrustedAuthservIDs: '.a.example' is not a "
	    "name: each stands there in full\n" },
	{ "InternalHosts 192.0.2.0/24, mail.example\n",
	    "chopmark.conf:1: error: InternalHosts: 'mail.example' is no "
	    "address and no network such as 192.0.2.0/24\n" },
	{ "RelayHosts a@mail.example\n",
	    "chopmark.conf:1: error: RelayHosts: 'a@mail.example' is no "
	    "address and no network such as 192.0.2.0/24\n" },
	{ "ReinjectHosts localhost\n",
	    "chopmark.conf:1: error: ReinjectHosts: 'localhost' is no "
	    "address and no network such as 192.0.2.0/24\n" },
	{ "PeerList .example\n",
	    "chopmark.conf:1: error: PeerList: '.example' is no "
	    "address and no network such as 192.0.2.0/24\n" },
	{ "PeerList 192.0.2.0/24, !192.0.2.7, 2001:db8::/32\n", "" },
	{ "DNSTimeout 30s\n",
	    "chopmark.conf:1: warning: DNSTimeout is longer than "
	    "MessageDNSBudget, which ends the lookup first\n" },
	{ "MessageDNSBudget 5s\nEnvelopeDNSWait 6s\n",
	    "chopmark.conf:2: warning: EnvelopeDNSWait is longer than "
	    "MessageDNSBudget\n" },
	{ "TestDNSData zone\nNameservers 192.0.2.1\n",
	    "chopmark.conf:2: warning: Nameservers has no effect beside "
	    "TestDNSData\n" },
	{ "MaximumHeaders 8M\nMaximumMessageMemory 16M\n",
	    "chopmark.conf:2: error: MaximumMessageMemory must be at least "
	    "four times MaximumHeaders\n" },
	{ "MaximumHeaders 8M\n",
	    "defaults: error: MaximumMessageMemory must be at least four times "
	    "MaximumHeaders\n" },
	{ "MaximumHeaders 4M\n", "" },
};

int
main(void)
{
	config_lib_begin();
	config_lib_cases(cases, ARRAY_LEN(cases));
	config_lib_end();
	return tap_done();
}
