# SPDX-License-Identifier: BSD-2-Clause
"""Addresses that an MTA replaces by others when it delivers: masquerading and
the genericstable of Sendmail, smtp_generic_maps of Postfix.

The MTA itself says what becomes of an address: what is delivered is compared
with what was signed. We have keys of example.org alone."""
import os
import re
import shutil
import subprocess
import tempfile

import sendmail
import signing
import tap

TABLE = """# a table of addresses
ann@gen.test ann.bee@example.org
ann@corp.test\tann.bee@example.org
tag+*@gen.test tagged@example.org
bare other
loop@gen.test ann@gen.test
@all.test %1@example.org
"""
GENERIC = """# generic(5)
ann@corp.test ann.bee@example.org
@gen.test @example.org
sally sally@example.org
loop@corp.test x@gen.test
"""
AUTHORS = [
    b"ann@example.org", b"Ann B. <ann@example.org>", b"ann@corp.test", b"Ann A. <Ann@Corp.Test>",
    b"ann@sub.corp.test", b"ann@out.corp.test", b"ann@local.test", b"ann@mx.local.test",
    b"root@corp.test", b"root@local.test", b"ann@gen.test", b"ann+x@gen.test", b"tag+x@gen.test",
    b"bare@gen.test", b"loop@gen.test", b"loop@corp.test", b"x@all.test", b"ann@sub.gen.test",
    b"sally@corp.test", b"ann@[192.0.2.25]",
]
OTHERS = [
    b"bob@out.test", b"bob", b"Bob <bob>", b"root", b"bob@localhost", b"bob@corp.test",
    b"Bob B. <bob@corp.test>, ann@gen.test", b"ann@corp.test,root@corp.test", b"bob@mx.local.test",
    b"Friends: ann@sub.corp.test, bob;", b"sally@mx.local.test", b"loop@gen.test",
    b"ann@sub.gen.test", b"x@all.test, ann@out.corp.test",
]
FIELDS = ("To", "Reply-To", "Cc", "Sender")


class Tables:
    """Files that the configuration of an MTA names."""

    def __init__(self, kind):
        self.dir = tempfile.mkdtemp(prefix="chopmark-tables-", dir="/run")
        os.chmod(self.dir, 0o755)
        self.write("classes", "corp.test\nsub.corp.test # one more\n")
        self.write("generic", GENERIC)
        self.write("genericstable", TABLE)
        if kind == "sendmail":
            self.makemap()

    def write(self, name, text):
        with open(os.path.join(self.dir, name), "w") as f:
            f.write(text)

    def makemap(self):
        for program in ("/usr/sbin/makemap", "/usr/libexec/sendmail/makemap"):
            if os.path.exists(sendmail.root() + program):
                with open(self.dir + "/genericstable") as f:
                    subprocess.run([sendmail.root() + program, "-C/dev/null", "hash",
                                    self.dir + "/genericstable"], check=True, stdin=f)
                return
        raise RuntimeError("there is no makemap")

    def settings(self, kind):
        """Lines for the configuration of the MTA, one world each."""
        if kind == "postfix":
            generic = "texthash:%s/generic\n" % self.dir
            return ("# generic\nsmtp_generic_maps = " + generic + "recipient_delimiter = +\n",
                    "# regexp\nsmtp_generic_maps = regexp:{{/corp/ ann@example.org}}\n",
                    "# before the filter\nmasquerade_domains = example.org\n"
                    "sender_canonical_maps = " + generic)
        masq = "MASQUERADE_AS(`example.org')dnl\nEXPOSED_USER(`root')dnl\n"
        table = "FEATURE(`genericstable', `hash -o %s/genericstable')dnl\n" % self.dir
        gen = table + "GENERICS_DOMAIN(`gen.test')dnl\nGENERICS_DOMAIN(`all.test')dnl\n"
        return ("dnl own names\n" + masq,
                "dnl file\n" + masq + "MASQUERADE_DOMAIN_FILE(`%s/classes')dnl\n" % self.dir,
                "dnl entire, limited\n" + masq + "MASQUERADE_DOMAIN(`corp.test')dnl\n"
                "FEATURE(`masquerade_entire_domain')dnl\nFEATURE(`limited_masquerade')dnl\n"
                "MASQUERADE_EXCEPTION(`out.corp.test')dnl\n",
                "dnl all, table\n" + masq + "MASQUERADE_DOMAIN(`corp.test')dnl\n"
                "FEATURE(`allmasquerade')dnl\n" + gen,
                "dnl table\n" + gen,
                "dnl entire table\n" + gen + "FEATURE(`generics_entire_domain')dnl\n" + masq)

    def close(self):
        shutil.rmtree(self.dir, ignore_errors=True)


def mta_config(w):
    """The file that the MTA runs with."""
    return w.mta.conf + "/main.cf" if w.mta.name == "postfix" else w.mta.dir + "/sendmail.cf"


def send(w, number, field, value):
    """(what was delivered, what was logged, the mail's own marker)."""
    subject = b"%s %d" % (field.encode(), number)
    fields = {b"From": b"Ann <a%d@example.org>" % number, b"To": b"Bob <bob@out.test>"}
    fields[field.encode()] = value
    mark = w.daemon.mark()
    w.by_smtp(b"".join(b"%s: %s\r\n" % f for f in fields.items()) + b"Subject: " + subject
              + b"\r\nDate: Sat, 21 Nov 2026 23:00:19 +0000\r\nMessage-ID: <1@example.org>\r\n"
              b"\r\nHi.\r\n")
    return w.sink.get() or b"", w.daemon.lines[mark:]


def setting(w):
    """The comment that its lines begin with."""
    return w.extra.split("\n")[0].split(" ", 1)[1]


def author_domain(message):
    found = re.search(rb"(?im)^From:[^\r]*@([^\s>@]+)>?\r", message)
    return found.group(1) if found else b""


def mails():
    number = 0
    for value in AUTHORS:
        number += 1
        yield number, "From", value
    for value in OTHERS:
        for field in FIELDS:
            number += 1
            yield number, field, value


def test_warned(w):
    """What is delivered broken was warned of, and nothing else."""
    w.configure("relaxed/relaxed", mta=mta_config(w))
    for number, field, value in mails():
        message, lines = send(w, number, field, value)
        seen = w.dkimpy(message)
        told = any("has addresses in" in line for line in lines)
        unsure = any("may replace" in line for line in lines)
        tap.ok(message and (all(seen) != told or (unsure and told)),
               "%s: %s: %s%s" % (setting(w), field, value.decode(), " (warned)" if told else ""), seen, lines, message)


def test_mended(w):
    """With NormalizeAddresses every mail delivered as of our domain verifies."""
    w.configure("relaxed/relaxed", "NormalizeAddresses yes\n", mta=mta_config(w))
    for number, field, value in mails():
        message, lines = send(w, number, field, value)
        ours = author_domain(message).lower() == b"example.org"
        seen, also = w.dkimpy(message), w.ourselves(message)
        unsure = any("may replace" in line or "may write" in line for line in lines)
        # a regular expression may make it ours without our knowing
        unsigned = not seen and setting(w) == "regexp"
        tap.ok(message and (seen == also == [True] * (2 if ours else 0) or unsure or unsigned),
               "mended: %s: %s: %s%s" % (setting(w), field, value.decode(),
                                         " (warned)" if unsure else ""),
               ours, seen, also, lines, message)


def test_unread(w):
    """Sendmail whose configuration nobody named: that is told, once."""
    if w.mta.name != "sendmail":
        return
    w.configure("relaxed/relaxed")
    for number in (1, 2):
        _, lines = send(w, number, "To", b"bob@out.test")
        told = [l for l in lines if "name its sendmail.cf in MTAConfig" in l]
        tap.ok(len(told) == (1 if number == 1 else 0),
               "its configuration was not read: told %s" % ("once" if number == 1 else "no more"),
               lines)


def main(kind):
    if os.geteuid() != 0 or kind == "sendmail" and not sendmail.available():
        return signing.run(kind, ())
    if os.environ.get("CHOPMARK_NETNS") != "1":
        return signing.run(kind, ())  # begins once more in a network of its own
    tables = Tables(kind)
    try:
        return signing.run(kind, (test_warned, test_mended, test_unread), tables.settings(kind))
    finally:
        tables.close()
