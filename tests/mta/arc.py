# SPDX-License-Identifier: BSD-2-Clause
"""What we seal verifies after a real MTA has delivered it by SMTP, by dkimpy
and by ourselves; and after a second pass through the same host."""
import json
import os
import subprocess
import sys

import host
import netns
import postfix
import sendmail
import signing
import tap

STRANGER = "192.0.2.77"
# Sendmail writes these anew; nobody's signature over them holds.
REWRITTEN = {"sendmail": ("many recipients",)}


class World(signing.World):
    """A host that seals all that strangers bring."""

    @staticmethod
    def config(pair, more="", mta='""'):
        return ("ARC seal\nARCDomain example.org\nARCSelector rsa\nARCKeyFile rsa.pem\n"
                "InternalHosts 127.0.0.0/8, ::1\nAuthservID mx.local.test\n"
                "UserID nobody\nSocketMode 0666\nSyslog no\nMTAConfig %s\n%s" % (mta, more)).encode()

    def theirs(self, message):
        """dkimpy's verdict on the chain."""
        import dkim

        def txt(name, timeout=5):
            return self.records.get(name.decode().rstrip("."))
        return dkim.arc_verify(message, dnsfunc=txt)[0].decode()

    def ours(self, message):
        done = subprocess.run(
            [os.path.join(os.environ["top_builddir"], "chopmark"), "check", "--ip", "203.0.113.9",
             "--helo", "x.example", "--mail-from", "ann@example.org", "--zone",
             self.home + "/zone", "--json", "-o", "ARC=verify",
             "-o", "PolicyFile=%s/conf/policy.conf" % os.environ["top_srcdir"]],
            input=message, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        found = json.loads(done.stdout).get("findings", [])
        return [f.get("result") or f.get("verdict") for f in found if f.get("method") == "arc"]

    def passes(self, what, message, sets):
        if message is None:
            return tap.ok(False, what, "nothing was delivered", self.daemon.lines[-5:])
        n = message.count(b"\r\nARC-Seal:") + message.startswith(b"ARC-Seal:")
        ours, theirs = self.ours(message), self.theirs(message)
        return tap.ok(n == sets and ours == ["pass"] and theirs == "pass", what,
                      "%d sets, dkimpy %r, our own %r" % (n, theirs, ours), message[:4000])


def unable(kind):
    """Why tests of ARC behind this MTA cannot run here; None: they can."""
    module = postfix if kind == "postfix" else sendmail
    try:
        import authres  # noqa: F401
        import dkim  # noqa: F401
    except ImportError:
        system = "/usr/bin/python3"
        if not os.environ.get("CM_PYTHON") and os.access(system, os.X_OK):
            os.environ["CM_PYTHON"] = system
            os.execv(system, [system] + sys.argv)
        return "dkimpy and authres are not installed"
    return host.unable(module)


def main(kind):
    why = unable(kind)
    if why:
        return tap.skip_all(why)
    netns.enter()
    w = World(kind)
    try:
        for name, head, body in signing.MESSAGES:
            if name in REWRITTEN.get(kind, ()):
                continue
            params = b" BODY=8BITMIME" if name == "8-bit body" else b""
            message = head + b"\r\n" + body
            for sets in (1, 2):
                w.by_smtp(message, STRANGER, params=params)
                message = w.sink.get()
                if not w.passes("%s, %d. pass" % (name, sets), message, sets):
                    break
    finally:
        w.close()
    return tap.done()
