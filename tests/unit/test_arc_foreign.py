# SPDX-License-Identifier: BSD-2-Clause
"""dkimpy, a foreign implementation of ARC, verifies what we sealed, we what it
sealed, and both what both sealed in turn. Skipped where dkimpy or a package it
needs for this is not installed."""
import logging
import os
import subprocess
import sys
import tempfile

import tap

try:
    import authres  # noqa: F401: dkimpy wants it for ARC
    import dkim
except ImportError:
    system = "/usr/bin/python3"
    if not os.environ.get("CM_PYTHON") and os.access(system, os.X_OK):
        os.environ["CM_PYTHON"] = system
        os.execv(system, [system] + sys.argv)
    sys.exit(tap.skip_all("dkimpy and authres are not installed"))

logging.getLogger("dkimpy").setLevel(logging.CRITICAL)

TOOL = os.path.join(os.environ.get("top_builddir", "."),
                    "tests/unit/arc_exchange")
THEIRS = b"theirs.example"
MAILS = [
    b"From: ann@example.org\r\nTo: b@example.net\r\nSubject: Hi\r\n\r\nHi.\r\n",
    b"DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=gone; h=from;\r\n"
    b"\tbh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=AAAA\r\n"
    b"From: Ann  <ann@example.org>\r\nSubject:  two\r\n\t lines \r\n"
    b"To: a@example.net,\r\n b@example.net\r\n\r\n a  b \t\r\n\r\n\r\n",
    b"From:ann@example.org\r\nSubject:\r\n\r\n",
]


class Stage:
    """A folder with keys, records and messages."""

    def __init__(self, folder):
        self.folder = folder
        self.run("keys", folder)
        self.records = {}
        for line in self.read("records").decode().splitlines():
            name, text = line.split("\t", 1)
            self.records[name] = text.encode()
        self.rsa = self.read("rsa.pem")

    def read(self, name):
        with open(os.path.join(self.folder, name), "rb") as f:
            return f.read()

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "wb") as f:
            f.write(text)
        return path

    @staticmethod
    def run(*args):
        return subprocess.run([TOOL] + list(args), check=True,
                              capture_output=True, text=True).stdout

    def ours(self, message):
        """The message with one more set of ours."""
        path = self.write("message", message)
        self.run("seal", self.folder, path)
        return self.read("message")

    def judged(self, message):
        """Our verdict: "pass 2"."""
        path = self.write("message", message)
        return self.run("judge", self.folder, path).strip()

    def theirs(self, message, cv):
        """The message with one more set of dkimpy's."""
        field = b"Authentication-Results: " + THEIRS
        message = b"".join(line for line in message.splitlines(True)
                           if not line.startswith(field))
        results = field + b"; spf=none"
        if cv != b"none":
            results += b"; arc=" + cv
        message = results + b"\r\n" + message
        lines = dkim.arc_sign(message, b"rsa", b"example.org", self.rsa,
                              THEIRS, include_headers=[b"from", b"subject",
                                                       b"to", b"subject"])
        return b"".join(lines) + message

    def verified(self, message):
        """dkimpy's verdict: b"pass" and so on."""
        def txt(name, timeout=5):
            return self.records.get(name.decode().rstrip("."))
        return dkim.arc_verify(message, dnsfunc=txt)[0]


def changed(message):
    return message + b"more\r\n"


def ours_alone(stage, mail):
    message = mail
    for n in range(1, 4):
        message = stage.ours(message)
        tap.ok(stage.verified(message) == b"pass",
               f"dkimpy verifies {n} sets of ours")
        tap.ok(stage.verified(changed(message)) == b"fail",
               "and refuses the message changed")


def theirs_alone(stage, mail):
    message = mail
    for n in range(1, 4):
        message = stage.theirs(message, b"none" if n == 1 else b"pass")
        got = stage.judged(message)
        tap.ok(got == f"pass {n}", f"we verify {n} sets of dkimpy's", got)
        got = stage.judged(changed(message))
        tap.ok(got.startswith(f"fail {n} "), "and refuse the message changed",
               got)


def in_turn(stage, mail):
    message = mail
    for n in range(1, 7):
        if n % 2:
            message = stage.ours(message)
        else:
            message = stage.theirs(message, b"pass")
        got = stage.judged(message)
        tap.ok(got == f"pass {n}", f"we verify {n} sets in turn", got)
        tap.ok(stage.verified(message) == b"pass", "and so does dkimpy")


def broken(stage, mail):
    """A chain that breaks at the second host, in either order."""
    message = stage.ours(changed(stage.theirs(mail, b"none")))
    tap.ok(b"cv=fail" in message, "we seal a chain of dkimpy's as broken")
    tap.ok(stage.verified(message) in (None, b"fail"),
           "dkimpy sees that it has ended")
    message = stage.theirs(changed(stage.ours(mail)), b"fail")
    got = stage.judged(message)
    tap.ok(got == "fail 2 an earlier host found the chain broken",
           "dkimpy seals one of ours as broken", got)


def long_chain(stage, mail):
    message = mail
    for _ in range(50):
        message = stage.theirs(message, b"pass" if b"ARC-Seal" in message
                               else b"none")
    got = stage.judged(message)
    tap.ok(got == "pass 50", "fifty sets of dkimpy's", got)
    tap.ok(stage.ours(message).count(b"ARC-Seal:") == 50,
           "to which we add none")
    message = mail
    for _ in range(50):
        message = stage.ours(message)
    tap.ok(stage.verified(message) == b"pass", "dkimpy verifies fifty of ours")


def main():
    with tempfile.TemporaryDirectory() as folder:
        stage = Stage(folder)
        for mail in MAILS:
            ours_alone(stage, mail)
            theirs_alone(stage, mail)
            in_turn(stage, mail)
            broken(stage, mail)
        long_chain(stage, MAILS[0])
    return tap.done()


sys.exit(main())
