/* SPDX-License-Identifier: BSD-2-Clause
 *
 * parse: defaults, values of every type, lists, includes, settings of the
 * command line, and what is said about mistakes.
 */
#include "config/parse.h"

#include <syslog.h>

#include "base/err.h"
#include "mail/sets.h"
#include "unit/config_lib.h"

static bool
set_has_text(const struct set *s, const char *text)
{
	return set_has(s, t_slice(text));
}

static void
test_defaults(void)
{
	struct reading *r = config_lib_read("", NULL);
	const struct engine_options *e = &r->config.engine;

	is_int(r->err, 0, "an empty file is a configuration");
	is_text(r->said, "", "without a word");
	is_text(slice_c(r->config.daemon.socket),
	    "unix:" CM_RUNDIR "/chopmark.sock", "default socket");
	is_int(r->config.daemon.socket_mode, 0660, "default SocketMode");
	ok(r->config.daemon.background && r->config.daemon.syslog,
	    "in the background, to syslog");
	is_int(r->config.daemon.syslog_facility, LOG_MAIL, "facility mail");
	is_text(slice_c(r->config.daemon.user), CM_USER, "default UserID");
	ok(r->config.daemon.peers != NULL &&
		set_count(r->config.daemon.peers) == 0,
	    "no peers");
	ok(e->add_auth_results && !e->add_received_spf && !e->log_why,
	    "which headers are written");
	is_int((int64_t)e->check.dkim.max_signatures, 5, "5 signatures");
	is_int((int64_t)e->check.dkim.minimum_key_bits, 1024, "1024 bits");
	is_int(e->check.dkim.clock_drift_s, 300, "300 seconds");
	is_int(e->check.spf.max_voids, 2, "2 void lookups");
	is_int(e->check.spf.max_lookups, 10, "10 lookups");
	is_int(e->resolver.timeout_ms, 5000, "5 s a lookup");
	is_int(e->check.message_budget_ms, 20000, "20 s a message");
	is_int(e->check.spf.time_limit_ms, 20000, "which bounds SPF too");
	is_int(e->check.envelope_wait_ms, 5000, "5 s before the end");
	ok(e->check.direction.verify && !e->check.direction.sign &&
		e->check.dkim.verify,
	    "mail is verified");
	ok(set_has_text(e->check.direction.internal_hosts, "127.1.2.3") &&
		set_has_text(e->check.direction.internal_hosts, "::1") &&
		!set_has_text(e->check.direction.internal_hosts, "192.0.2.1"),
	    "loopback is internal");
	ok(e->rules.file == NULL && e->replies.file == NULL,
	    "without files beside it the policy is the built-in one");
	is_text(e->rules.quarantine_header,
	    "X-Chopmark-Quarantine: {reason}; id={id}", "QuarantineHeader");
	ok(e->on_internal_error == INTERNAL_TEMPFAIL &&
		e->check.dmarc.discovery == DMARC_TREE_WALK,
	    "words have their defaults");
	is_int((int64_t)e->max_header_bytes, 512 << 10, "512 KB of header");
}

static void
test_values(void)
{
	struct reading *r =
	    config_lib_read("# a comment\n"
			    "socket inet:8891@localhost # why\r\n"
			    "BACKGROUND No\n"
			    "  Syslog false\n"
			    "SyslogFacility LOCAL3\n"
			    "LogFormat json\n"
			    "UMask 022\n"
			    "Hostname mx.example.org\n"
			    "AuthservID HOSTNAME\n"
			    "QuarantineHeader X-Spam: #1 is {reason}\n"
			    "HelpURL \"https://help.example/{tag}?a=\\\"#\"\n"
			    "DNSTimeout 2500ms\n"
			    "MessageDNSBudget 1m\n"
			    "ClockDrift 90\n"
			    "MaximumHeaders 64K\n"
			    "DMARCDiscovery psl\n"
			    "MaximumSignaturesToVerify 100\n"
			    "TestMode yes\n",
		NULL);
	const struct engine_options *e = &r->config.engine;

	is_text(r->said, "", "no complaint");
	is_text(slice_c(r->config.daemon.socket), "inet:8891@localhost",
	    "names have no case, a comment may follow");
	ok(!r->config.daemon.background && !r->config.daemon.syslog,
	    "yes and no in their spellings");
	is_int(r->config.daemon.syslog_facility, LOG_LOCAL3, "a word");
	is_int((int)r->config.daemon.log_format, LOG_FORMAT_JSON, "another");
	is_int(r->config.daemon.umask, 022, "an octal mode");
	is_text(e->hostname, "mx.example.org", "a text");
	is_text(e->authserv_id, "", "HOSTNAME means the host's own name");
	is_text(e->rules.quarantine_header,
	    "X-Spam:", "a '#' behind white space begins a comment");
	is_text(e->replies.help_url, "https://help.example/{tag}?a=\"#",
	    "but not in quotes");
	is_int(e->resolver.timeout_ms, 2500, "milliseconds");
	is_int(e->check.message_budget_ms, 60000, "minutes");
	is_int(e->check.dkim.clock_drift_s, 90, "a bare number is seconds");
	is_int((int64_t)e->max_header_bytes, 65536, "kilobytes");
	ok(e->check.dmarc.discovery == DMARC_PSL && e->rules.test_mode,
	    "and the rest");
	r = config_lib_read("QuarantineHeader X-Mark: {reason}; id={id}\n",
	    NULL);
	is_text(r->config.engine.rules.quarantine_header,
	    "X-Mark: {reason}; id={id}", "free text may hold spaces unquoted");
}

static void
test_lists(void)
{
	const struct direction_options *d;
	struct reading *r;

	config_lib_write("hosts", "198.51.100.0/24\n# none\n192.0.2.20\n");
	r = config_lib_read(
	    "InternalHosts 192.0.2.0/24, 2001:db8::/32\n"
	    "InternalHosts {10.0.0.0/8}\n"
	    "RelayHosts csl:192.0.2.1,192.0.2.2\n"
	    "RelayHosts file:hosts\n"
	    "ReinjectHosts \"\"\n"
	    "MTA ORIGINATING  MSA\n"
	    "PeerList \"192.0.2.7, 192.0.2.8\"\n"
	    "Nameservers 192.0.2.53 192.0.2.54@5353, [2001:db8::53]@53\n",
	    NULL);
	d = &r->config.engine.check.direction;
	is_text(r->said, "", "no complaint");
	ok(set_has_text(d->internal_hosts, "192.0.2.77") &&
		set_has_text(d->internal_hosts, "2001:db8::1") &&
		set_has_text(d->internal_hosts, "10.1.1.1"),
	    "a repeated list grows");
	ok(!set_has_text(d->internal_hosts, "127.0.0.1"),
	    "a list that is set loses its default");
	ok(set_has_text(d->relay_hosts, "192.0.2.2") &&
		set_has_text(d->relay_hosts, "198.51.100.9") &&
		set_has_text(d->relay_hosts, "192.0.2.20"),
	    "entries and a file beside the configuration join");
	ok(d->reinject_hosts != NULL && set_count(d->reinject_hosts) == 0,
	    "an empty list is empty");
	ok(set_has_text(d->mta_names, "originating") &&
		set_has_text(d->mta_names, "MSA"),
	    "white space parts entries too");
	ok(set_has_text(r->config.daemon.peers, "192.0.2.8"),
	    "a list may be quoted as a whole");
	is_text(config_lib_given(r, OPT_RelayHosts),
	    "192.0.2.1|192.0.2.2|file:hosts", "a relative file was found");
	is_int((int64_t)r->config.engine.resolver.n_nameservers, 3,
	    "three name servers");
	is_text(r->config.engine.resolver.nameservers[2], "[2001:db8::53]@53",
	    "in order");
	r = config_lib_read("InternalHosts \"\"\n", NULL);
	ok(!set_has_text(r->config.engine.check.direction.internal_hosts,
	       "::1"),
	    "an empty list replaces a default");
}

struct mistake {
	const char *text, *said;
};

static const struct mistake mistakes[] = {
	{ "Sokcet /run/x\n",
	    "chopmark.conf:1: error: unknown option 'Sokcet'; did you mean "
	    "'Socket'?\n" },
	{ "\n\nXyzzy yes\n",
	    "chopmark.conf:3: error: unknown option 'Xyzzy'\n" },
	{ "Socket=/run/x\n",
	    "chopmark.conf:1: error: only white space stands between Socket and "
	    "its value\n" },
	{ "Socket: /run/x\n",
	    "chopmark.conf:1: error: only white space stands between Socket and "
	    "its value\n" },
	{ "TestMode\n", "chopmark.conf:1: error: TestMode needs a value\n" },
	{ "TestMode perhaps\n",
	    "chopmark.conf:1: error: TestMode: 'perhaps' is not yes or no\n" },
	{ "TestMode yes\nTestMode no\n",
	    "chopmark.conf:2: error: TestMode is set a second time; the first "
	    "is in chopmark.conf, line 1\n" },
	{ "TestMode yes please\n",
	    "chopmark.conf:1: error: TestMode takes one value; 'please' is too "
	    "much\n" },
	{ "DNSTimeout 5x\n",
	    "chopmark.conf:1: error: DNSTimeout: '5x' is not a duration such as "
	    "500ms, 5s, 2m or 1h30m\n" },
	{ "DNSTimeout 2m\n",
	    "chopmark.conf:1: error: DNSTimeout: '2m' is out of range, 100ms to "
	    "1m are allowed\n" },
	{ "MinimumKeyBits 512\n",
	    "chopmark.conf:1: error: MinimumKeyBits: '512' is out of range, "
	    "1024 to 16384 are allowed\n" },
	{ "MaximumHeaders 1G\n",
	    "chopmark.conf:1: error: MaximumHeaders: '1G' is out of range, 1K "
	    "to 64M are allowed\n" },
	{ "MaximumHeaders lots\n",
	    "chopmark.conf:1: error: MaximumHeaders: 'lots' is not a size such "
	    "as 4096, 64K or 2M\n" },
	{ "SocketMode 668\n",
	    "chopmark.conf:1: error: SocketMode: '668' is not a mode in octal "
	    "such as 0660\n" },
	{ "SocketMode 7777\n",
	    "chopmark.conf:1: error: SocketMode: '7777' is out of range, 0000 "
	    "to 0777 are allowed\n" },
	{ "LogFormat jsn\n",
	    "chopmark.conf:1: error: LogFormat: 'jsn' is none of: text | json; "
	    "did you mean 'json'?\n" },
	{ "InternalHosts 192.0.2.0/33\n",
	    "chopmark.conf:1: error: \"192.0.2.0/33\": neither an IP address "
	    "nor a network\n" },
	{ "RelayHosts 192.0.2.1\nRelayHosts ldap:x\n",
	    "chopmark.conf:2: error: ldap: sources are not supported; use "
	    "file:, refile: or csl:\n" },
	{ "MTA one refile:two\n",
	    "chopmark.conf:1: error: MTA: a refile: source stands alone; use "
	    "file:, or put the other entries into the file\n" },
	{ "PeerList \"a\" b\n",
	    "chopmark.conf:1: error: PeerList: quotes go around the whole list, "
	    "or around none of it\n" },
	{ "Nameservers 192.0.2.1:53\nNameservers ns.example\n",
	    "chopmark.conf:1: error: Nameservers: '192.0.2.1:53' is not ip, "
	    "ip@port or [ip6]@port\n"
	    "chopmark.conf:2: error: Nameservers: 'ns.example' is not ip, "
	    "ip@port or [ip6]@port\n" },
	{ "Hostname \"x\n",
	    "chopmark.conf:1: error: a double quote is not closed\n" },
	{ "SyslogName x\n",
	    "chopmark.conf:1: error: SyslogName is an option of OpenDKIM: use "
	    "SyslogIdent\n" },
	{ "rejectfailures yes\n",
	    "chopmark.conf:1: error: RejectFailures is an option of OpenDMARC: "
	    "see the rules dmarc-reject and dmarc-mark of the policy file; "
	    "TestMode yes rejects nothing\n" },
	{ "OmitHeaders X\nOn-BadSignature reject\n",
	    "chopmark.conf:1: error: OmitHeaders is an option of OpenDKIM: "
	    "write 'SignHeaders -Name'\n"
	    "chopmark.conf:2: error: On-BadSignature is an option of OpenDKIM: "
	    "write a rule 'reject with dkim if dkim is fail' in the policy "
	    "file, but know that RFC 6376 forbids it\n" },
	{ "Include nowhere.conf\n",
	    "chopmark.conf:1: error: nowhere.conf: No such file or directory\n" },
	{ "Include chopmark.conf\n",
	    "chopmark.conf:1: error: Include goes deeper than 8 files: a "
	    "loop?\n" },
};

static void
test_mistakes(void)
{
	for (size_t i = 0; i < ARRAY_LEN(mistakes); i++) {
		struct reading *r = config_lib_read(mistakes[i].text, NULL);

		ok(r->err == ERR_CONFIG, "mistake %zu is refused", i + 1);
		is_text(r->said, mistakes[i].said, "mistake %zu is told",
		    i + 1);
	}
}

static void
test_all_at_once(void)
{
	struct reading *r = config_lib_read("Nonsense 1\n"
					    "TestMode x\n"
					    "Mode vv\n"
					    "Socket tcp:1\n"
					    "Hostname a_b..c\n",
	    NULL);

	is_int(r->problems.errors, 5,
	    "every mistake of a file is told at once");
	is_int((int64_t)config_lib_given(r, OPT_Mode).n, 2, "values are kept");
}

static void
test_include(void)
{
	struct reading *r;

	config_lib_write("a.inc", "TestMode yes\nInclude b.other\n");
	config_lib_write("b.inc", "LogWhy yes\n");
	config_lib_write("b.other", "RelayHosts 192.0.2.3\n");
	config_lib_write("policy.conf", "");
	r = config_lib_read("Include *.inc\nInclude none*.at.all\n"
			    "Include b.other\nLogFormat json\n",
	    NULL);
	is_text(r->said, "", "a pattern may match nothing");
	ok(r->config.engine.rules.test_mode && r->config.engine.log_why &&
		r->config.daemon.log_format == LOG_FORMAT_JSON,
	    "every file that matches is read, and the rest of this one");
	is_text(config_lib_given(r, OPT_RelayHosts), "192.0.2.3|192.0.2.3",
	    "a file may be included from several places");
	is_text(config_lib_given(r, OPT_PolicyFile), "policy.conf",
	    "a policy file beside the configuration is used");
	ok(r->config.engine.rules.file != NULL &&
		r->config.engine.rules.file[0] == '/',
	    "by its absolute path");
	r = config_lib_read("PolicyFile \"\"\n", NULL);
	ok(r->err == 0 && r->config.engine.rules.file == NULL,
	    "unless an empty PolicyFile asks for the built-in one");
	r = config_lib_read("PolicyFile sub/p.conf\n", NULL);
	is_text(config_lib_given(r, OPT_PolicyFile), "sub/p.conf",
	    "relative paths begin at the file that names them");
}

static void
test_command_line(void)
{
	static const char *const settings[] = { "TestMode=yes",
		"RelayHosts 192.0.2.9", "hostname = mx.example.net", NULL };
	static const char *const wrong[] = { "Include=x", "Nope=1", NULL };
	struct reading *r =
	    config_lib_read("TestMode no\nRelayHosts 192.0.2.1\nLogWhy yes\n",
		settings);
	struct config_override o;

	is_int(r->err, 0, "settings of the command line are taken");
	ok(r->config.engine.rules.test_mode && r->config.engine.log_why,
	    "they go before the file");
	is_text(config_lib_given(r, OPT_RelayHosts), "192.0.2.9",
	    "lists of the file are replaced");
	r = config_lib_read("", wrong);
	is_text(r->said,
	    "command line: error: Include stands in files only\n"
	    "command line: error: unknown option 'Nope'\n",
	    "mistakes say where they came from");
	ok(!config_override_parse(t_slice("TestMode"), &o) &&
		!config_override_parse(t_slice("=x"), &o) &&
		config_override_parse(t_slice("HelpURL=a=b c"), &o),
	    "a setting needs a name and a value");
	is_text(o.value, "a=b c", "the value is the rest");
}

static void
test_no_file(void)
{
	struct arena *a = t_arena();
	struct config_source src = { .path = NULL };
	struct problems p;
	struct config c;

	problems_init(&p, a);
	is_int(config_read(a, &src, &c, &p), 0, "no file: defaults alone");
	src.path = "/nonexistent/chopmark.conf";
	is_int(config_read(a, &src, &c, &p), ERR_CONFIG,
	    "a missing file is not");
	is_text(slice_c(p.all.at[0].place.file), src.path, "and is named");
}

int
main(void)
{
	config_lib_begin();
	test_defaults();
	test_values();
	test_lists();
	test_mistakes();
	test_all_at_once();
	test_include();
	test_command_line();
	test_no_file();
	config_lib_end();
	return tap_done();
}
