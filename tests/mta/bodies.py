# SPDX-License-Identifier: BSD-2-Clause
"""Bodies and headers that break the rules, sent octet by octet: what each MTA
makes of them, and that what it then delivers verifies, or was warned of.

The MTAs differ, and have settings of their own for line ends: as shipped
Postfix makes a line end of a lone LF and a space of a lone CR, Sendmail
refuses both. Each also runs as loose as it can be told to."""
import signing
import tap

AS_IT_IS = {
    "postfix": "disable_mime_output_conversion = yes\n",
    "sendmail": "MODIFY_MAILER_FLAGS(`ESMTP', `+8')dnl\n",
}
LOOSE = {
    "postfix": ("", "cleanup_replace_stray_cr_lf = no\nsmtpd_forbid_bare_newline = no\n"),
    "sendmail": ("", "LOCAL_SRV_FEATURES\nR$*\t$# g2 u2\ndivert(0)dnl\n",
                 "LOCAL_SRV_FEATURES\nR$*\t$# G U O\ndivert(0)dnl\n"),
}

BROKEN_LINES = [
    b"a\rb\r\n", b"a\nb\r\n", b"a\n.\nb\r\n", b"a\n..b\r\n", b"a\n.b\r\n", b"\na\r\n", b"\ra\r\n",
    b"a\r\n\nb\r\n", b"a\n\r\nb\r\n", b"a\n", b"a\r\n.\rb\r\n", b"a\r.\rb\r\n", b"\r\n\n\n", b"a\r\r\r\n",
    b"a \n\t\n b\r\n", b"a\r\n\r.\r\n",
    b"\xff\xfe" + b"\0\x0a" * 9,
]
# Sendmail that takes a lone CR shows a filter one CR of two at the end of a
# line, and delivers both. No filter can know.
HIDDEN = [b"a\r\r\nb\r\n", b"a\r"]
ODD = [
    b"", b"\r\n", b"\r\n\r\n\r\n", b"a\r\n\r\n\r\n", b" \r\n\t\r\n", b"no line end", b"\t",
    b".\r\n..\r\n...\r\n.x\r\n", b".", b"a\0b\r\n", b"\0", b"\0\r\n\0\0\r\n\r\n",
    b"a\x80\xff\r\n", b"\x1b$B%F\x1b(B\r\n", b"\x01\x08\x0b\x0c\x1a\x7f\r\n", b"From me\r\n",
    b">From me\r\n", b"x" * 990 + b"\r\n", (b"x" * 500 + b"\r\n") * 2,
]
LONG = [b"x" * n + b"\r\n" for n in (991, 998, 999, 1000, 2048, 4096, 70000)] + [
    b"x" * 4096 + b" " + b"y" * 4096, b" " * 3000 + b"\r\n"]


# In place of the Subject. Sendmail refuses the last three.
SUBJECTS = [
    b"Subject:\r\n Hello", b"Subject:Hello", b"sUBJECT: Hello", b"Subject:\tHello\t ",
    b"Subject : Hello", b"Subject: a\x01b", b"Subject: a\0b", b"Subject: a\r\n \r\n b",
    b"Subject: a\r\n\t", b"Subject: " + b"x" * 900, b"Subject: " + b"x" * 3000,
    b"Subject: one\r\nSubject: two", b"Subject: \xff\xfe\x80", b"Subject:", b"Subject: ",
    b"Subject: =?utf-8?q?a?=\r\n =?utf-8?q?b?=", b"Subject: one\r\n\t \t two\r\n  three",
    b"To: Carl <carl@out.test>", b"Cc:", b"Cc: ", b"Sender: ", b"Status: RO", b"Full-Name: Ann",
    b"Return-Path: <x@y.test>", b"Bcc: x@out.test", b"Content-Length: 5", b"Date: x",
    b"Errors-To: x@out.test", b"Apparently-To: x@out.test", b"Message-Id: <2@example.org>",
    b"MIME-Version: 1.0\r\nContent-Type: text/plain;\r\n\tcharset=utf-8", b"X-Empty:\r\nX-Long: "
    + b"word " * 3000, b"Resent-From: r@out.test\r\nResent-To: s@out.test\r\nResent-Date: "
    b"Sat, 21 Nov 2026 23:00:19 +0000", b"List-Id: X\r\n <x.example.org>", b"Received: x\r\n" * 9
    + b"Received: y", b"References: " + b"\r\n ".join(b"<%d@x.example>" % i for i in range(300)),
    b"Subject: a\rb", b"Subject: a\nX: b", b"Subject: " + b"x y " * 20000,
]


def show(body):
    return repr(body[:40])[2:-1] + ("..." if len(body) > 40 else "")


def send(w, number, body, subject=b"Subject: Hello"):
    """(reply, what was delivered, what was warned of)."""
    head = signing.USUAL.replace(b"<ann@", b"<a%d@" % number).replace(b"Subject: Hello", subject)
    mark = w.daemon.mark()
    reply = w.by_smtp(head + b"\r\n" + body)[-1]
    message = w.sink.get() if reply.code == "250" else None
    return reply, message, [l for l in w.daemon.lines[mark:] if "breaks its signature" in l]


def good(w, message):
    return w.dkimpy(message) == [True, True] and w.ourselves(message) == [True, True]


def test_bodies(w):
    if w.extra == AS_IT_IS[w.mta.name]:
        return
    for pair in ("relaxed/relaxed", "simple/simple"):
        w.configure(pair)
        for number, body in enumerate(BROKEN_LINES + HIDDEN + ODD + LONG):
            reply, message, warned = send(w, number, body)
            what = "%s: %s" % (pair, show(body))
            hidden = body in HIDDEN and "G U O" in w.extra
            if message is None:
                tap.ok(reply.code[0] in "45" and body in BROKEN_LINES + HIDDEN
                       and w.mta.name == "sendmail" and not w.extra,
                       what + ": refused", reply)
            elif hidden:
                tap.ok(not good(w, message) and not warned,
                       what + ": nobody can tell that it breaks", warned, message)
            else:
                verifies = good(w, message)
                tap.ok(verifies or (body in LONG + BROKEN_LINES and warned),
                       what + (": verifies" if verifies else ": a warning"), warned, message[-200:])


def test_headers(w):
    if w.extra:
        return
    for pair in ("relaxed/relaxed", "simple/simple"):
        w.configure(pair)
        for number, subject in enumerate(SUBJECTS):
            reply, message, warned = send(w, number, b"Hi.\r\n", subject)
            what = "%s: %s" % (pair, show(subject))
            if message is None:
                tap.ok(reply.code[0] in "45" and w.mta.name == "sendmail"
                       and subject in SUBJECTS[-3:], what + ": refused", reply)
                continue
            verifies = good(w, message)
            tap.ok(verifies or warned, what + (": verifies" if verifies else ": a warning"),
                   warned, message[-400:])


def test_encoded(w):
    """A next hop without 8BITMIME: an MTA that encodes 8-bit text is warned of,
    and one that sends it as it is breaks nothing."""
    as_it_is = w.extra == AS_IT_IS[w.mta.name]
    if as_it_is and w.mta.name == "postfix":
        w.configure("relaxed/relaxed", mta=w.mta.conf + "/main.cf")
    mime = (b"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
            b"Content-Transfer-Encoding: 8bit\r\n")
    subject = "Subject: Grüße\r\n".encode()
    text = b"Content-Type: text/plain; charset=utf-8\r\n"
    number = 0
    for what, head in (("no MIME", b""), ("MIME", mime), ("in the header", subject),
                       ("in the header, MIME", subject + mime), ("in the header, text", subject + text), ("part", b"")):
        for params in (b"", b" BODY=8BITMIME"):
            number += 1
            usual = signing.USUAL.replace(b"<ann@", b"<e%d@" % number)
            if subject in head:
                usual = usual.replace(b"Subject: Hello\r\n", b"")
            body = b"Hi.\r\n" if subject in head else "Grüße\r\n".encode()
            if what == "part":
                usual += b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n"
                body = b"--b\r\nContent-Transfer-Encoding: 8bit\r\n\r\nHi.\r\n--b--\r\n"
            mark = w.daemon.mark()
            w.by_smtp(usual + head + b"\r\n" + body, to=b"bob@old.test", params=params)
            message = w.old.get()
            warned = [l for l in w.daemon.lines[mark:] if "8-bit text" in l]
            verifies = message is not None and good(w, message)
            silent = not warned or w.mta.name == "sendmail"
            tap.ok(verifies and silent if as_it_is else message and (verifies or warned),
                   "8-bit text for an old host, %s, %s" % (what, params.decode().strip()
                                                           or "no BODY"), warned, message)


def main(kind):
    return signing.run(kind, (test_bodies, test_headers, test_encoded), LOOSE[kind] + (AS_IT_IS[kind],))
