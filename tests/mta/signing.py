# SPDX-License-Identifier: BSD-2-Clause
"""What we sign verifies after a real MTA has delivered it by SMTP: by dkimpy,
which shares nothing with us, and by our own verifier, which is libopendkim's.

Our own users' mail comes in every way it can: from an internal host, with
authentication or at a submission service, and by sendmail(1)."""
import base64
import json
import os
import pwd
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "lib")]
import chopmark  # noqa: E402
import host  # noqa: E402
import login  # noqa: E402
import netns  # noqa: E402
import postfix  # noqa: E402
import sendmail  # noqa: E402
import sink  # noqa: E402
import smtp  # noqa: E402
import tap  # noqa: E402

NEXT_HOP = "192.0.2.99"   # takes 8BITMIME
OLD_HOP = "192.0.2.98"    # does not
PAIRS = ("relaxed/relaxed", "relaxed/simple", "simple/relaxed", "simple/simple")
USUAL = (b"From: Ann <ann@example.org>\r\nTo: Bob <bob@out.test>\r\nSubject: Hello\r\n"
         b"Date: Sat, 21 Nov 2026 23:00:19 +0000\r\nMessage-ID: <1@example.org>\r\n")

# name, header, body
MESSAGES = [
    ("plain", USUAL, b"Hi.\r\n"),
    ("folded fields", USUAL.replace(b"Hello", b"one\r\n two\r\n\t  three")
     + b"References: <a@b>\r\n <c@d>\r\n\t<e@f>\r\n", b"Hi.\r\n"),
    ("odd space", USUAL.replace(b"Hello", b"  a   b  ") + b"Reply-To:  ann@example.org\r\n",
     b"Hi.  \r\n \t \r\nx\t\t y\r\n"),
    ("empty fields", USUAL.replace(b"Hello", b"") + b"Comments:\r\nKeywords: \r\n", b"Hi.\r\n"),
    ("8-bit body", USUAL + b"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
     b"Content-Transfer-Encoding: 8bit\r\n", "Grüße, 你好\r\n".encode()),
    ("8-bit header", USUAL.replace(b"Hello", "Grüße 你好".encode()), b"Hi.\r\n"),
    ("long fields", USUAL.replace(b"Hello", b"word " * 180)
     + b"References:" + b"".join(b"\r\n <%d@a-rather-long-name.example.org>" % i
                                 for i in range(60)) + b"\r\n", b"Hi.\r\n"),
    ("list fields", USUAL + b"List-Id: L <l.example.org>\r\nList-Unsubscribe: <https://example.org/u>"
     b"\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n", b"Hi.\r\n"),
    ("trailing empty lines", USUAL, b"Hi.\r\n\r\n\r\n\r\n"),
    ("only empty lines", USUAL, b"\r\n\r\n"),
    ("no body", USUAL, b""),
    ("no final line end", USUAL, b"Hi.\r\nthere"),
    ("dots", USUAL, b".\r\n..\r\n.x\r\n...\r\n"),
    ("no Date and no Message-ID", b"From: ann@example.org\r\nTo: bob@out.test\r\n", b"Hi.\r\n"),
    ("many recipients", USUAL.replace(b"Bob <bob@out.test>", b",\r\n\t".join(
        b"User %d <user%d@out.test>" % (i, i) for i in range(30))), b"Hi.\r\n"),
]
# Of whom nothing may be signed, whatever is claimed; the envelope is ours.
CLAIMS = [
    ("another domain", b"From: x@example.net"),
    ("a domain that ends the same", b"From: x@notexample.org"),
    ("a subdomain", b"From: x@sub.example.org"),
    ("two From fields", b"From: x@example.net\r\nFrom: Ann <ann@example.org>"),
    ("two authors", b"From: ann@example.org, x@example.net"),
    ("a group", b"From: us: ann@example.org;"),
    ("ours in the display name", b'From: "ann@example.org" <x@example.net>'),
    ("ours in a comment", b"From: x@example.net (ann@example.org)"),
    ("ours as Sender, Reply-To and List-Id",
     b"From: x@example.net\r\nSender: ann@example.org\r\nReply-To: ann@example.org\r\n"
     b"List-Id: <example.org>"),
    ("ours in a signature", b"From: x@example.net\r\nDKIM-Note: d=example.org; s=rsa"),
    ("an unquoted comma", b"From: Ann, Bob <ann@example.org>"),
]
SIZES = (1000, 100 * 1000, 2 * 1000 * 1000, 20 * 1000 * 1000)


def openssl(*args):
    return subprocess.run(("openssl",) + args, check=True, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL).stdout


class World:
    """Keys, zone, configuration, MTA, next hops."""

    def __init__(self, kind, extra=""):
        """`extra`: lines for main.cf, or for sendmail.mc."""
        self.extra = extra
        self.logins = None  # who can log in: something true
        self.dir = host.directory()
        self.home = self.dir + "/chopmark"
        os.makedirs(self.home)
        openssl("genrsa", "-out", self.home + "/rsa.pem", "2048")
        openssl("genpkey", "-algorithm", "ed25519", "-out", self.home + "/ed.pem")
        self.records = {}
        for name in ("rsa", "ed"):
            path = "%s/%s.pem" % (self.home, name)
            der = openssl("pkey", "-in", path, "-pubout", "-outform", "DER")
            os.chmod(path, 0o600)
            shutil.chown(path, "nobody")
            record = b"v=DKIM1; k=%s; p=%s" % (
                (b"ed25519", base64.b64encode(der[-32:])) if name == "ed"
                else (b"rsa", base64.b64encode(der)))
            self.records["%s._domainkey.example.org" % name] = record
        self.zone = b"".join(b'%s TXT "%s"\n' % (n.encode(), r) for n, r in self.records.items())
        socket = "unix:" + self.dir + "/milter/chopmark.sock"
        self.daemon = chopmark.Daemon(self.home, self.config(PAIRS[0]), self.zone, socket=socket)
        self.sink = sink.Sink(NEXT_HOP)
        self.old = sink.Sink(OLD_HOP, (b"SIZE 60000000",))
        self.mta = (self.postfix if kind == "postfix" else self.sendmail)(socket)

    def postfix(self, socket):
        # The next hop of a recipient is in its domain.
        extra = ("transport_maps = inline:{{out.test=smtp:[%s]:25},{old.test=smtp:[%s]:25}}\n"
                 % (NEXT_HOP, OLD_HOP)) + self.sasl_of_postfix() + self.extra
        return postfix.Postfix(self.dir + "/postfix", socket, [(netns.SERVER4, 25)], extra=extra,
                               networks="192.0.2.0/24")

    def sendmail(self, socket):
        rules = "".join("R$+ < @ %s . >\t$#esmtp $@ [%s] $: $1 < @ %s . >\n" % (d, h, d)
                        for d, h in (("out.test", NEXT_HOP), ("old.test", OLD_HOP)))
        rules += "R$+ < @ out.test >\t$#esmtp $@ [%s] $: $1 < @ out.test >\n" % NEXT_HOP
        return sendmail.Sendmail(self.dir + "/sendmail", socket, [(netns.SERVER4, 25)],
                                 rules=rules, extra="FEATURE(`promiscuous_relay')dnl\n"
                                 "define(`confQUEUE_LA', `1000')dnl\n" + self.sasl_of_sendmail() + self.extra)

    def sasl_of_postfix(self):
        """Logins by AUTH, of which Postfix asks a server."""
        self.logins = login.Server(self.dir + "/auth", b"ann", b"secret")
        return ("smtpd_sasl_auth_enable = yes\nsmtpd_sasl_type = dovecot\nsmtpd_sasl_path = %s/auth\n"
                % self.dir)

    def sasl_of_sendmail(self):
        """Logins in a data base of our own; "" if SASL lacks its parts."""
        place = self.dir + "/sasl"
        os.makedirs(place, mode=0o755)
        with open(place + "/Sendmail.conf", "w") as f:
            f.write("pwcheck_method: auxprop\nauxprop_plugin: sasldb\nmech_list: PLAIN LOGIN\n"
                    "sasldb_path: %s/sasldb2\n" % place)
        self.logins = shutil.which("saslpasswd2") is not None
        if not self.logins:
            return ""
        subprocess.run(["saslpasswd2", "-p", "-c", "-f", place + "/sasldb2", "-u", "mx.local.test",
                        "ann"], input=b"secret", check=True)
        os.chmod(place + "/sasldb2", 0o600)
        # Sendmail empties its environment; E puts something into it.
        return ("define(`confAUTH_MECHANISMS', `PLAIN LOGIN')dnl\nTRUST_AUTH_MECH(`PLAIN LOGIN')dnl\n"
                "LOCAL_CONFIG\nESASL_CONF_PATH=%s\ndivert(0)dnl\n" % place)

    @staticmethod
    def config(pair, more="", mta='""'):
        return ("Domain example.org\nSelector rsa, ed\nKeyFile rsa.pem, ed.pem\n"
                "Canonicalization %s\nInternalHosts 127.0.0.0/8, ::1, 192.0.2.25, 192.0.2.7\n"
                "UserID nobody\nSocketMode 0666\nSyslog no\nMTAConfig %s\n%s"
                % (pair, mta, more)).encode()

    def configure(self, pair, more="", mta='""'):
        """`mta`: value of MTAConfig."""
        self.daemon.write("chopmark.conf", self.config(pair, more, mta) + (
            "TestDNSData %s/zone\nPolicyFile %s/conf/policy.conf\nRepliesFile %s/conf/replies.conf\n"
            % ((self.home,) + (os.environ["top_srcdir"],) * 2)).encode())
        self.daemon.reload()

    def close(self):
        code = self.daemon.stop()
        tap.ok(code == 0, "chopmarkd ended well", "exit %r\n%s" % (code, self.daemon.lines[-20:]))
        self.mta.stop()
        if self.mta.name == "postfix" and self.logins:
            self.logins.close()
        self.sink.close()
        self.old.close()
        shutil.rmtree(self.dir, ignore_errors=True)

    # -- ways in

    def by_smtp(self, message, source="192.0.2.7", user=None, to=b"bob@out.test", params=b"",
                sender=b"ann@example.org"):
        """From a host, or from anywhere with a login."""
        client = smtp.Client((netns.SERVER4, 25), source)
        client.say("EHLO client.example.net")
        if user:
            token = base64.b64encode(b"\0%s\0secret" % user.encode()).decode()
            reply = client.say("AUTH PLAIN " + token)
            tap.ok(reply.code == "235", "the MTA takes the login", reply)
        replies = [client.say(b"MAIL FROM:<" + sender + b">" + params),
                   client.say(b"RCPT TO:<" + to + b">"), client.data(message)]
        client.close()
        return replies

    def by_command(self, message):
        """sendmail(1) of the MTA."""
        if self.mta.name == "postfix":
            command = ["/usr/sbin/sendmail", "-C", self.mta.conf]
        else:
            command = [sendmail.root() + "/usr/libexec/sendmail/sendmail", "-Ac",
                       "-C" + self.submit_cf()]
        subprocess.run(command + ["-f", "ann@example.org", "-i", "bob@out.test"], check=True,
                       input=message.replace(b"\r\n", b"\n"))

    def submit_cf(self):
        """The configuration of Sendmail's submission program: it relays by SMTP."""
        path = self.dir + "/submit"
        os.makedirs(path, exist_ok=True)
        shutil.chown(path, "nobody", "nogroup")
        os.chmod(path, 0o770)
        with open(self.dir + "/submit.switch", "w") as f:
            f.write("hosts files\n")
        options = {"MSP_QUEUE_DIR": path, "confPID_FILE": path + "/pid",
                   "STATUS_FILE": path + "/statistics", "confRUN_AS_USER": "nobody:nogroup",
                   "confTRUSTED_USER": "nobody", "confDOMAIN_NAME": "mx.local.test",
                   "confDELIVERY_MODE": "interactive",
                   "confSERVICE_SWITCH_FILE": self.dir + "/submit.switch"}
        with open(path + ".mc", "w") as f:
            f.write("divert(-1)\ninclude(`%s/usr/share/sendmail/cf/m4/cf.m4')\ndivert(0)dnl\n"
                    "OSTYPE(`linux')dnl\nundefine(`confHOST_STATUS_DIRECTORY')dnl\n"
                    % sendmail.root())
            f.write("".join("define(`%s', `%s')dnl\n" % o for o in options.items()))
            f.write("FEATURE(`msp', `[%s]')dnl\n" % netns.SERVER4)
        with open(path + ".cf", "wb") as f:
            subprocess.run(["m4", path + ".mc"], check=True, stdout=f,
                           cwd=sendmail.root() + "/usr/share/sendmail/cf/cf")
        return path + ".cf"

    # -- verifiers

    def dkimpy(self, message):
        import dkim

        def txt(name, timeout=5):
            return self.records.get(name.decode().rstrip("."))
        d = dkim.DKIM(message)
        n = sum(1 for name, _ in d.headers if name.lower() == b"dkim-signature")
        good = []
        for i in range(n):
            try:
                good.append(bool(d.verify(idx=i, dnsfunc=txt)))
            except dkim.DKIMException as e:
                good.append(str(e))
        return good

    def ourselves(self, message):
        done = subprocess.run(
            [os.path.join(os.environ["top_builddir"], "chopmark"), "check", "--ip", "203.0.113.9",
             "--helo", "x.example", "--mail-from", "ann@example.org", "--zone",
             self.home + "/zone", "--json", "-o", "Mode=v",
             "-o", "PolicyFile=%s/conf/policy.conf" % os.environ["top_srcdir"]],
            input=message, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        found = json.loads(done.stdout).get("findings", [])
        return [f.get("result") == "pass" or f.get("verdict") == "pass"
                for f in found if f.get("method") == "dkim" and "none" not in f.values()]

    def judge(self, what, message, want=2):
        """A delivered message has `want` signatures and all of them are good."""
        if message is None:
            return tap.ok(False, what, "nothing was delivered", self.daemon.lines[-5:])
        ours, theirs = self.ourselves(message), self.dkimpy(message)
        return tap.ok(ours == [True] * want and theirs == [True] * want, what,
                      "dkimpy %r, our own %r" % (theirs, ours), message[:3000])


def test_matrix(w):
    for pair in PAIRS:
        w.configure(pair)
        for name, head, body in MESSAGES:
            params = b" BODY=8BITMIME" if "8-bit body" == name else b""
            w.by_smtp(head + b"\r\n" + body, params=params)
            message = w.sink.get()
            if w.mta.name == "sendmail" and (pair[0], name) == ("s", "many recipients"):
                # Sendmail folds lists anew: it cannot be signed so strictly.
                tap.ok(any("addresses in To" in l for l in w.daemon.lines), pair + ": a warning")
                continue
            w.judge("%s: %s" % (pair, name), message)


def test_sizes(w):
    w.configure(PAIRS[0])
    line = b"All work and no play makes Jack a dull boy. \t And so on, and on.\r\n"
    for size in SIZES:
        w.by_smtp(USUAL + b"\r\n" + line * (size // len(line)))
        w.judge("%d octets" % size, w.sink.get(120))


def test_ways(w):
    message = USUAL + b"\r\nHi.\r\n"
    w.by_smtp(message)
    w.judge("from an internal host", w.sink.get())
    w.by_command(message)
    w.judge("by sendmail(1)", w.sink.get())
    if w.logins:
        w.by_smtp(message, "192.0.2.77", user="ann")
        w.judge("with authentication", w.sink.get())
    else:
        tap.skip("with authentication", "sasl2-bin is not installed")
    if w.mta.name == "postfix":
        w.by_smtp(USUAL.replace(b"Hello", "Grüße".encode()) + "\r\nHi 你好\r\n".encode(),
                  params=b" SMTPUTF8 BODY=8BITMIME")
        w.judge("SMTPUTF8", w.sink.get())
    w.by_smtp(message, "192.0.2.77")
    w.judge("from a stranger: none", w.sink.get(), 0)
    for name, author in CLAIMS:
        w.by_smtp(message.replace(b"From: Ann <ann@example.org>", author))
        w.judge(name + ": none", w.sink.get(), 0)
    w.configure(PAIRS[0], "MTA MTA0, smtpd\nAddMissingHeaders yes\n")
    w.by_smtp(b"From: ann@example.org\r\nTo: bob@out.test\r\n\r\nHi.\r\n")
    got = w.sink.get()
    w.judge("with Date and Message-ID of ours", got)
    head = got.split(b"\r\n\r\n")[0].lower()
    tap.ok(head.count(b"\r\ndate:") == 1 and head.count(b"\r\nmessage-id:") == 1,
           "each of them once", head)
    w.configure(PAIRS[0])


def test_published(w):
    message = USUAL + b"\r\nHi.\r\n"
    w.configure(PAIRS[0], "KeyRequirePublished yes\n")
    w.by_smtp(message)
    w.judge("KeyRequirePublished: both keys are in the DNS", w.sink.get())
    w.daemon.write("zone", b"".join(l + b"\n" for l in w.zone.splitlines()
                                    if not l.startswith(b"ed.")))
    w.configure(PAIRS[0], "KeyRequirePublished yes\n")
    w.by_smtp(message)
    w.judge("one has gone: the other signs", w.sink.get(), 1)
    w.daemon.write("zone", b"rsa._domainkey.example.org SERVFAIL\n")
    w.configure(PAIRS[0], "KeyRequirePublished yes\n")
    w.by_smtp(message)
    got = w.sink.get() or b""
    w.daemon.write("zone", w.zone)
    w.judge("the DNS fails: what was there is taken to be there", got, 1)
    w.configure(PAIRS[0])


# What breaks behind the filter, and the warning that tells so.
TROUBLE = [
    ("8-bit text, a next hop without 8BITMIME", b"Gr\xc3\xbc\xc3\x9fe\r\n", b"bob@old.test",
     "8-bit text"),
    ("a line of 3000 octets", b"x" * 3000 + b"\r\n", b"bob@out.test", "more than 990"),
]


def test_trouble(w):
    for name, body, to, words in TROUBLE:
        mark = w.daemon.mark()
        head = USUAL.replace(b"ann@", b"%d@" % TROUBLE.index((name, body, to, words)))
        w.by_smtp(head + b"\r\n" + body, to=to)
        (w.old if b"old" in to else w.sink).get()
        tap.ok(any(words in line for line in w.daemon.lines[mark:]), name + ": a warning",
               w.daemon.lines[mark:])


def run(kind, tests, extra=("",)):
    """All tests in a world for each of `extra`."""
    module = postfix if kind == "postfix" else sendmail
    try:
        import dkim  # noqa: F401
        import nacl  # noqa: F401
    except ImportError:
        return tap.skip_all("dkimpy and PyNaCl are not installed")
    why = host.unable(module)
    if why:
        return tap.skip_all(why)
    pwd.getpwnam("nobody")
    netns.enter()
    for lines in extra:
        w = World(kind, lines)
        try:
            for test in tests:
                test(w)
        finally:
            w.close()
    return tap.done()


def main(kind):
    return run(kind, (test_ways, test_matrix, test_sizes, test_trouble, test_published))
