# SPDX-License-Identifier: BSD-2-Clause
"""What an MTA makes of addresses when it delivers, behind the filter, and what
that does to signatures: nothing is signed that is delivered broken without a
warning, and NormalizeAddresses leaves the MTA nothing to change."""

import signing
import tap

FIELDS = ("To", "Cc", "Reply-To", "Sender")

# Ways of writing addresses. Sendmail leaves them as they are:
STAY = [
    b"Bob <bob@out.test>", b"bob@out.test (Bob B.)", b'"bob"@out.test', b"undisclosed-recipients:;",
    b"Bob<bob@out.test>", "Bøb <bob@out.test>".encode(), b"Bob (a.b) <bob@out.test> (x)",
    b'=?utf-8?q?B=C3=B8b?= "B." Cee <bob@out.test>', b'"Cee, Bob B." <bob@out.test>',
    b"Friends: Ann <a@out.test>, b@out.test;, c@out.test", b"(Bob) bob@[192.0.2.9]",
]
# It changes them, and so do we:
CHANGED = [
    b"a@out.test,b@out.test", b"Bob B. Cee <bob@out.test>", b"O'Neill <bob@out.test>",
    b"Bob < bob@out.test >", b"Bob <bob@out.test>,", b"bob@x.test <bob@out.test>",
    b'"Bob" B. Cee <bob@out.test>', b"Bob [Sales] <bob@out.test>", b"bob@out.test(Bob)",
    b"bob@x.test (x) <bob@out.test>", b"=?utf-8?q?B=C3=B8b_B.?= C. <bob@out.test>",
    b"My. Friends: Ann A. <a@out.test>,b@out.test ;", b"Bob <@one.test,@two.test:bob@out.test>",
    b"bob@out.test.", b"bob . x @out.test", b"a@out.test ,\r\n ,b@out.test",
    b"Bob B.\r\n Cee <bob@out.test>,\r\n\tAnn <ann@out.test>",
]
# It folds them anew, which matters to those who sign every octet:
FOLDED = [
    b"a@out.test,\r\n b@out.test", b"a@out.test,  b@out.test",
    b", ".join(b"User %d <user%d@out.test>" % (i, i) for i in range(30)),
    b",\r\n\t".join(b"User %d <user%d@out.test>" % (i, i) for i in range(30)),
]
# It changes them, in a way that is not for us to guess:
ODD = [
    b"Bob <bob>", b"bob", b"bob@localhost", b"a@out.test; b@out.test", b"Bob <bob@x.uucp>",
    b"Bob <a@out.test> <b@out.test>", b"Bob <bob@out.test", b"bob@(x)out.test",
    b"Bob; <bob@out.test>", b"x" * 300 + b" <bob@out.test>",
]
AUTHORS = [b"Ann A. Bee <%s>", b"Ann O'Bee <%s>", b"< %s >", b"%s(Ann)", b"Ann A.\r\n Bee <%s>"]


# Fields that come again, in odd spellings, and a very long one.
REPEATED = [
    b"To: A. B <a@out.test>\r\nTo: C. D <c@out.test>,e@out.test",
    b"to: A. B <a@out.test>\r\nX: y\r\nTO: ok@out.test\r\nTo: C. D <c@out.test>",
    b"TO : A. B <a@out.test>",
    b"CC: " + b",".join(b"U. %d <u%d@out.test>" % (i, i) for i in range(900)),
]


class Mails:
    """Messages of which each has an author of its own, as warnings are given once."""

    def __init__(self, world):
        self.w = world
        self.number = 0

    def send(self, field, value, source="192.0.2.7"):
        """(what was delivered, what was logged)."""
        self.number += 1
        author = b"a%d@example.org" % self.number
        fields = {b"From": b"Ann <%s>" % author, b"To": b"Bob <bob@out.test>"}
        fields[field.encode()] = value % author if field == "From" else value
        head = signing.USUAL.split(b"Subject")[1]
        mark = self.w.daemon.mark()
        self.w.by_smtp(b"".join(b"%s: %s\r\n" % f for f in fields.items()) + b"Subject" + head
                       + b"\r\nHi.\r\n", source)
        return self.w.sink.get(), self.w.daemon.lines[mark:]

    def try_one(self, field, value, good, warned, what):
        """`good`, `warned`: what is to be; None: it does not matter."""
        message, lines = self.send(field, value)
        seen = self.w.dkimpy(message or b"") == [True, True]
        told = any("has addresses in" in line for line in lines)
        what = "%s: %s: %s" % (what, field, value[:60].decode().replace("\r\n", "\\n"))
        if good and not self.w.judge(what, message):
            return
        tap.ok(good in (None, seen) and warned in (None, told) and (seen or told),
               what + (" (warned)" if told else ""), "verifies: %r, warned: %r" % (seen, told),
               message)


def test_left_alone(w):
    """Without the option: a warning exactly when the signature breaks."""
    mails = Mails(w)
    changes = w.mta.name == "sendmail"
    for pair in ("relaxed/relaxed", "simple/simple"):
        w.configure(pair)
        strict = changes and pair[0] == "s"
        for value in STAY:
            mails.try_one("To", value, True, False, pair)
        for value in CHANGED:
            mails.try_one("To", value, not changes, changes, pair)
        for value in FOLDED:
            mails.try_one("To", value, None if strict else True, None if strict else False, pair)
        for value in ODD:
            mails.try_one("To", value, not changes, changes, pair)
        for value in AUTHORS:
            mails.try_one("From", value, not changes, changes, pair)


def test_normalized(w):
    mails = Mails(w)
    changes = w.mta.name == "sendmail"
    for pair in ("relaxed/relaxed", "simple/simple"):
        w.configure(pair, "NormalizeAddresses yes\n")
        what = "normalized, " + pair
        for value in AUTHORS:
            mails.try_one("From", value, True, False, what)
        for number, value in enumerate(STAY + CHANGED + FOLDED):
            mails.try_one(FIELDS[number % len(FIELDS)], value, True, False, what)
        for value in ODD:
            mails.try_one("To", value, not changes, changes, what)


def test_repeated(w):
    """Each of several fields of a name is changed in its place."""
    for pair in ("relaxed/relaxed", "simple/simple"):
        w.configure(pair, "NormalizeAddresses yes\n")
        for fields in REPEATED:
            w.by_smtp(b"From: Ann A. Bee <ann@example.org>\r\n" + fields + b"\r\nSubject: x\r\n"
                      b"Date: Sat, 21 Nov 2026 23:00:19 +0000\r\nMessage-ID: <1@x>\r\n\r\nHi.\r\n")
            w.judge("%s: %r" % (pair, fields[:50]), w.sink.get())


def test_unsigned(w):
    """Mail of others is delivered as it came (Sendmail changes it by itself)."""
    if w.mta.name != "postfix":
        return
    w.configure("relaxed/relaxed", "NormalizeAddresses yes\n")
    for value in CHANGED:
        message, _ = Mails(w).send("To", value, "192.0.2.77")
        tap.ok(b"\r\nTo: " + value + b"\r\n" in (message or b""),
               "not signed, not changed: " + value[:60].decode().replace("\r\n", "\\n"), message)


def main(kind):
    return signing.run(kind, (test_left_alone, test_normalized, test_repeated, test_unsigned))
