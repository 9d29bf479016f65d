# SPDX-License-Identifier: BSD-2-Clause
"""What forwarding must be like, whichever MTA does it: a forwarder with a real
MTA and a real chopmarkd, an author's host in front of it and a next hop behind
it that judges SPF. Run by test_forward_postfix.py and test_forward_sendmail.py."""
import base64
import contextlib
import json
import os
import pwd
import re
import shutil
import subprocess
import time

import chopmark
import netns
import next_hop as hop
import smtp
import tap

AUTHOR_HOST = "203.0.113.9"
NEXT_HOP = ("198.51.100.25", 25)
FORWARDER = (netns.SERVER4, 25)
FWD = "srs.fwd.test"
AUTHOR = "Ann.Author+tag@author.example"
ZONE = b"""author.example TXT "v=spf1 ip4:203.0.113.9 -all"
quoted.example TXT "v=spf1 ip4:203.0.113.9 -all"
other.example TXT "v=spf1 ip4:203.0.113.77 -all"
open.example TXT "v=spf1 ip4:192.0.2.25 ip4:203.0.113.9 -all"
reject.example TXT "v=spf1 ip4:203.0.113.9 -all"
_dmarc.reject.example TXT "v=DMARC1; p=reject"
fwd.test TXT "v=spf1 ip4:192.0.2.25 -all"
srs.fwd.test TXT "v=spf1 ip4:192.0.2.25 -all"
"""
CONFIG = """UserID nobody
SocketMode 0666
Syslog no
Hostname mx.fwd.test
SRSDomain srs.fwd.test
SRSSecretFile %s
SRSSocket unix:%s
LocalDomains {fwd.test, virt.test, local.test}
OutboundAddresses 192.0.2.25
Domain signed.example
Selector s
KeyFile %s
"""
HEAD = b"From: Ann <ann@author.example>\r\nTo: them@far.example\r\nSubject: hello\r\n"
BODY = b"\r\nA line.\r\n"


def daemon(directory, socket, milter=None, more=""):
    """A chopmarkd with SRS; `socket` is the path of its SRSSocket, `milter` that
    of the other."""
    nobody = pwd.getpwnam("nobody")
    os.makedirs(directory, exist_ok=True)
    os.chmod(directory, 0o755)
    secret, key = (os.path.join(directory, name) for name in ("secret", "key.pem"))
    with open(secret, "w") as f:
        f.write("the secret of this forwarder\n")
    public = new_key(key)
    for path in (secret, key):
        os.chmod(path, 0o600)
        os.chown(path, nobody.pw_uid, nobody.pw_gid)
    zone = ZONE + b's._domainkey.signed.example TXT "v=DKIM1; p=%s"\n' % public
    return chopmark.Daemon(directory, (CONFIG % (secret, socket, key) + more).encode(), zone,
                           socket=milter and "unix:" + milter)


def new_key(path):
    """Makes a key pair; the public half as DNS has it."""
    def openssl(*args):
        return subprocess.run(("openssl",) + args, check=True, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL).stdout
    openssl("genrsa", "-out", path, "2048")
    return base64.b64encode(openssl("pkey", "-in", path, "-pubout", "-outform", "DER"))


def forward_files(directory, forwards):
    """The .forward files of some of the machine's users, for a path of ours."""
    os.makedirs(directory, exist_ok=True)
    for user, text in forwards.items():
        path = os.path.join(directory, user)
        with open(path, "w") as f:
            f.write(text)
        os.chmod(path, 0o644)
        shutil.chown(path, user)


@contextlib.contextmanager
def running(mta, filter_):
    """The whole scene, for as long as it is looked at."""
    next_hop = hop.NextHop(NEXT_HOP)
    try:
        yield Forwarding(mta, filter_, next_hop)
    finally:
        next_hop.close()
        mta.stop()
        filter_.stop()


class Forwarding:
    def __init__(self, mta, filter_, next_hop):
        self.mta = mta
        self.filter = filter_
        self.next = next_hop
        self.serial = 0

    # ---- who does what ----

    def send(self, sender, rcpts, client=AUTHOR_HOST, author="ann@author.example", more=b"",
             body=BODY, params="", rcpt_params=""):
        """Says it to the forwarder; the last reply, and what marks the message."""
        self.serial += 1
        mark = f"message-{self.serial}"
        c = smtp.Client(FORWARDER, client)
        c.say("EHLO mail.author.example")
        reply = c.say(f"MAIL FROM:<{sender}>{params}".encode())
        for rcpt in rcpts if reply.code == "250" else ():
            reply = c.say(f"RCPT TO:<{rcpt}>{rcpt_params}")
            if reply.code != "250":
                break
        else:
            if reply.code == "250":
                head = HEAD.replace(b"ann@author.example", author.encode())
                reply = c.data(head + more + f"X-Mark: {mark}\r\n".encode() + body)
        c.close()
        return reply, mark

    def at_next_hop(self, mail, method="spf"):
        """The result of a check of the message at the next hop."""
        done = subprocess.run(
            [os.path.join(os.environ["top_builddir"], "chopmark"), "check", "--json", "--config",
             self.filter.config, "-o", "Mode=v", "-o", "InternalHosts={}", "--ip", mail.client,
             "--helo", "mx.fwd.test", "--mail-from", f"<{mail.sender}>", "-"],
            input=mail.data, capture_output=True, check=False)
        try:
            return json.loads(done.stdout)["facts"][method]
        except (ValueError, KeyError):
            return done.stderr.decode()

    def arrives(self, rcpt, mark):
        mail = self.next.next(rcpt)
        if mail is None or mark.encode() not in mail.data:
            tap.ok(False, f"it arrives at {rcpt}", f"{mail}\n{self.mta.log_text()[-3000:]}")
            return None
        return mail

    def bounce(self, to):
        c = smtp.Client(FORWARDER, NEXT_HOP[0])
        c.say("EHLO next.hop")
        c.say("MAIL FROM:<>")
        reply = c.say(f"RCPT TO:<{to}>")
        self.serial += 1
        if reply.code == "250":
            reply = c.data(b"From: postmaster@next.hop\r\nSubject: Undelivered\r\n"
                           + f"X-Mark: message-{self.serial}\r\n".encode() + BODY)
        c.close()
        return reply, f"message-{self.serial}"

    # ---- what must hold ----

    def forwards(self, kind, rcpt, to, author=AUTHOR):
        """Mail to `rcpt` leaves for `to` under an SRS sender that passes, and its
        bounce comes back to the author."""
        reply, mark = self.send(author, [rcpt])
        tap.ok(reply.code == "250", f"{kind}: mail of {author} is taken", reply)
        mail = self.arrives(to, mark)
        if mail is None:
            return None
        inner = mail.sender.strip('"').replace("\\", "")
        tap.ok(inner.replace('"', "").startswith("SRS0=") and mail.sender.endswith("@" + FWD),
               f"{kind}: it leaves with an SRS0 sender", mail)
        spf = self.at_next_hop(mail)
        tap.ok(spf == "pass", f"{kind}: SPF passes at the next hop", spf)
        tap.ok(HEAD in mail.data and mail.data.endswith(BODY), f"{kind}: header and body are as "
               "they were", mail.data.decode("latin-1"))
        reply, mark = self.bounce(mail.sender)
        tap.ok(reply.code == "250", f"{kind}: its bounce is taken", reply)
        back = self.arrives(author, mark)
        tap.ok(back is not None and back.sender == "", f"{kind}: and returns to the author", back)
        return mail

    def every_kind(self, virtual):
        """`virtual`: what this MTA calls its table of virtual users."""
        self.forwards(virtual, "virtual@virt.test", "eve@eve.example")
        self.forwards("alias", "alias@fwd.test", "bob@bob.example")
        self.forwards(".forward", "games@fwd.test", "fred@fred.example")
        self.forwards("quoted sender", "virtual@virt.test", "eve@eve.example",
                      '"an n"@quoted.example')
        self.forwards("odd sender", "alias@fwd.test", "bob@bob.example",
                      "a=b+c-d/e@author.example")
        self.hops("alias@fwd.test", "bob@bob.example")

    def others_stay(self, owner):
        """Senders that are nobody's, ours or a list's; and nobody gets in by a forged one."""
        self.null_sender("virtual@virt.test", "eve@eve.example")
        self.own_mail("someone@far.example")
        self.list_owner("list@fwd.test", "carl@carl.example", owner)
        self.forged()

    def relayed(self):
        """Through a relay that rewrites by the filter alone."""
        self.forwards("filter, relayed domain", "zoe@relayed.test", "zoe@relayed.test")
        self.forwards("filter, listed alias", "alias@fwd.test", "bob@bob.example")
        self.hops("zoe@relayed.test", "zoe@relayed.test")
        self.null_sender("zoe@relayed.test", "zoe@relayed.test")
        self.own_mail("someone@far.example")
        self.signed("zoe@relayed.test", "zoe@relayed.test")

    def hops(self, rcpt, to):
        first = "SRS0=ab+/=AA=author.example=ann@first.example"
        reply, mark = self.send(first, [rcpt])
        mail = self.arrives(to, mark)
        tap.ok(mail is not None and mail.sender.startswith("SRS1=") and
               "=first.example==ab+/=AA=author.example=ann@" in mail.sender,
               "an SRS0 sender of another host leaves as SRS1", f"{reply} {mail}")
        if mail is None:
            return
        reply, mark = self.bounce(mail.sender)
        back = self.arrives(first, mark)
        tap.ok(back is not None, "whose bounce goes back to that host", reply)

    def null_sender(self, rcpt, to):
        _, mark = self.send("", [rcpt])
        mail = self.arrives(to, mark)
        tap.ok(mail is not None and mail.sender == "", "the null sender stays", mail)

    def own_mail(self, rcpt):
        """Mail of our own users is not rewritten, whomever they write to."""
        for sender in ("me@fwd.test", "me@local.test", "me@virt.test"):
            reply, mark = self.send(sender, [rcpt], "127.0.0.1")
            mail = self.arrives(rcpt, mark)
            tap.ok(mail is not None and mail.sender == sender, f"mail of {sender} keeps its "
                   "sender", f"{reply} {mail}")

    def list_owner(self, rcpt, to, owner):
        _, mark = self.send(AUTHOR, [rcpt])
        mail = self.arrives(to, mark)
        tap.ok(mail is not None and mail.sender == owner, "a list keeps its owner as sender", mail)

    def forged(self, by_filter=False, others=True):
        """Forged and expired addresses are refused, and nothing is relayed."""
        forged = (f"SRS0=AAAA=JK=author.example=victim@{FWD}",
                  f"srs0=aaaa=jk=author.example=victim@{FWD}",
                  f"SRS0+AAAA=JK=author.example=victim@{FWD}",
                  f"SRS1=AAAA=first.example==AAAA=JK=author.example=victim@{FWD}",
                  f"SRS0=AAAA=author.example=victim@{FWD}",
                  f"SRS0=@{FWD}") + (others * (f"nobody-there@{FWD}",))
        for rcpt in forged + (self.address_of("old", -30), self.address_of("early", 1)):
            reply, _ = self.bounce(rcpt)
            good = reply.code == "550" and "5.1.1" in repr(reply)
            if by_filter and rcpt.lower().startswith("srs"):
                good = good and "RP:SRS mx.fwd.test," in repr(reply)
            tap.ok(good, f"refused: {rcpt}", reply)
        tap.ok(self.next.next("victim@author.example", 1) is None, "nothing of it is relayed")

    def address_of(self, user, days):
        """An address of ours that was made some days ago."""
        done = subprocess.run(
            [os.path.join(os.environ["top_builddir"], "chopmark"), "srs", "--config",
             self.filter.config, "--time", str(int(time.time()) + days * 86400), "forward",
             f"{user}@author.example"], capture_output=True, text=True, check=False)
        return done.stdout.strip()

    def refused_there(self, rcpt, to):
        """The next hop refuses: the MTA's own bounce reaches the author."""
        self.next.refused.add(to)
        _, mark = self.send(AUTHOR, [rcpt])
        mail = self.arrives(AUTHOR, mark)
        self.next.refused.discard(to)
        tap.ok(mail is not None and mail.sender == "" and b"I do not want that" in mail.data,
               "a refusal at the next hop is told to the author", mail)

    def local(self, rcpt, sender, shown, client=AUTHOR_HOST):
        """Delivered here: nothing but perhaps the return path tells of SRS."""
        reply, mark = self.send(sender, [rcpt], client)
        data = self.mta.delivered() or b""
        kept = (mark.encode(), b"From: Ann <ann@author.example>\n", b"Subject: hello\n",
                b"\n\nA line.\n")
        tap.ok(all(k in data.replace(b"\r\n", b"\n") for k in kept), f"mail to {rcpt} is delivered as it was",
               f"{reply} {data.decode('latin-1')}")
        first = [l for l in data.decode("latin-1").splitlines() if l.startswith("Return-Path:")]
        path = first[0].split(":", 1)[1].strip(" <>") if first else "none"
        tap.ok(shown(path), f"and its return path is {path}", data.decode("latin-1"))

    def both(self, rcpts, to, rewritten):
        """One message, of which some stays here, under the sender it came with."""
        _, mark = self.send(AUTHOR, rcpts)
        what = " and ".join(rcpts)
        mail = self.arrives(to, mark)
        tap.ok(mail is not None and mail.sender.startswith("SRS0=") == rewritten and
               (rewritten or mail.sender == AUTHOR),
               f"{what}: it leaves {'rewritten' if rewritten else 'as it is'}", mail)
        data = (self.mta.delivered() or b"").decode("latin-1")
        tap.ok(mark in data and f"Return-Path: <{AUTHOR}>" in data,
               f"{what}: what stays here keeps its return path", data)

    def as_it_is(self, kind, rcpt, sender=AUTHOR):
        """Mail to `rcpt` goes on to him, and nobody touches its sender."""
        _, mark = self.send(sender, [rcpt])
        mail = self.arrives(rcpt, mark)
        tap.ok(mail is not None and mail.sender == sender, f"{kind}: the sender stays", mail)

    def signed(self, rcpt, to):
        """A signature is made once, and holds at the next hop."""
        _, mark = self.send("ann@signed.example", [rcpt], "127.0.0.1", "ann@signed.example",
                            b"Date: Sat, 21 Nov 2026 23:00:19 +0000\r\nMessage-ID: <1@x>\r\n")
        mail = self.arrives(to, mark)
        if mail is None:
            return
        results = [self.at_next_hop(mail, m) for m in ("spf", "dkim")]
        tap.ok(results == ["pass"] * 2 and mail.data.count(b"DKIM-Signature:") == 1 and
               mail.sender.startswith("SRS0="),
               "signed mail that goes on has one signature, which holds, and SPF passes", results,
               mail.data.decode("latin-1"))

    def untouched(self, rcpt, to):
        """What a host adds to mail of its own users it does not add to mail that goes on: header
        addresses without a domain, no Date, no Message-ID."""
        _, mark = self.send(AUTHOR, [rcpt], more=b"Cc: someone, Some One <other>\r\n")
        mail = self.arrives(to, mark)
        head = mail.data.lower() if mail else b""
        tap.ok(b"\r\ncc: someone, some one <other>\r\n" in head and b"\r\ndate:" not in head and
               b"\r\nmessage-id:" not in head, "nothing is added to the header of mail that goes "
               "on", head.decode("latin-1"))

    def carries(self, rcpt):
        """What a client may ask for by parameters goes on as well."""
        body = "\r\nGr\u00fc\u00dfe, \u4f60\u597d\r\n".encode()
        more = (b"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
                b"Content-Transfer-Encoding: 8bit\r\n")
        _, mark = self.send(AUTHOR, [rcpt], "127.0.0.1", more=more, body=body,
                            params=" BODY=8BITMIME RET=HDRS ENVID=an+2Bid",
                            rcpt_params=f" NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;{rcpt}")
        mail = self.arrives(rcpt, mark)
        if mail is not None:
            tap.ok(mail.sender.startswith("SRS0=") and mail.data.endswith(body),
                   "an 8-bit body goes on as it is", mail, mail.data)
            for param in ("BODY=8BITMIME", "RET=HDRS", "ENVID=an+2Bid", f"ORCPT=rfc822;{rcpt}"):
                tap.ok(param in mail.params, f"{param} goes on", mail.params)
            notify = [p for p in mail.params if p.startswith("NOTIFY=")]
            tap.ok(len(notify) == 1 and set(notify[0][7:].split(",")) == {"SUCCESS", "FAILURE"},
                   "NOTIFY goes on", mail.params)

    def carries_utf8(self, rcpt, to):
        _, mark = self.send("\u00e4nn@author.example", [rcpt], params=" SMTPUTF8",
                            more="X-Name: \u00c4nn\r\n".encode())
        mail = self.arrives(to, mark)
        sender = mail.sender.encode("latin-1").decode() if mail else ""
        tap.ok(mail is not None and "SMTPUTF8" in mail.params and sender.startswith("SRS0=") and
               "=author.example=\u00e4nn@" in sender, "SMTPUTF8 goes on, and so does the author's "
               "name", mail and (sender, mail.params))

    def carries_size(self, rcpt, to, limit):
        """The largest message that is taken goes on, though it grows on its way."""
        line = b"x" * 70 + b"\r\n"
        for lines in range(limit // len(line), 0, -1):
            body = b"\r\n" + line * lines
            reply, mark = self.send(AUTHOR, [rcpt], body=body)
            if reply.code != "552":
                break
        mail = self.arrives(to, mark)
        tap.ok(mail is not None and mail.data.endswith(body),
               f"a message of {len(body)} octets goes on, larger ones are not taken", reply)

    def chained(self, rcpt, to):
        """The log ties the second queue id to the first."""
        reply, mark = self.send(AUTHOR, [rcpt])
        first = re.search(r"queued as (\w+)", repr(reply))
        self.arrives(to, mark)
        tap.ok(first and re.search(r"/srs/smtpd.* orig_queue_id=%s" % first.group(1),
                                   self.mta.log_text()),
               "the log ties both queue ids of a message", reply, self.mta.log_text()[-3000:])

    def doomed(self, rcpt, reply_tag):
        """p=reject, and nothing that proves the author will hold."""
        mark = self.filter.mark()
        reply, _ = self.send("ann@reject.example", [rcpt], author="ann@reject.example")
        line = self.filter.line_after(mark)
        tap.ok(line.get("forward") == "doomed-dmarc", "a doomed forward is logged", line)
        tap.ok((reply_tag or "2.0.0") in repr(reply), f"and answered by {reply}")

    def when_needed(self, rcpt, to):
        """SRSWhen needed: only those whose SPF would not pass from here."""
        with open(self.filter.config) as f:
            before = f.read()
        with open(self.filter.config, "a") as f:
            f.write("SRSWhen needed\n")
        self.filter.reload()
        for sender, srs in (("ann@open.example", False), ("ann@author.example", True),
                            ("ann@none.example", True)):
            _, mark = self.send(sender, [rcpt])
            mail = self.arrives(to, mark)
            tap.ok(mail is not None and mail.sender.startswith("SRS0=") == srs,
                   f"SRSWhen needed: {sender} is {'' if srs else 'not '}rewritten", mail)
        with open(self.filter.config, "w") as f:
            f.write(before)
        self.filter.reload()
