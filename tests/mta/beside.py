# SPDX-License-Identifier: BSD-2-Clause
"""Beside a second milter (test_beside_postfix.py, test_beside_sendmail.py).

Two chopmarkd with names of their own stand before one MTA, in both orders. A
second filter may look at the message before or after ours and may add results
itself: whatever its place, forged results go, those of both filters stay, the
later one's on top, and a refusal of either is the client's reply."""
import os
import shutil

import chopmark
import host
import netns
import postfix
import run
import sendmail
import smtp
import tap

ZONE = b'''good.test TXT "v=spf1 ip4:192.0.2.9 -all"
bad.test TXT "v=spf1 -all"
'''
FORGED = b'''Authentication-Results: ours.test; dkim=pass header.d=forged1.test
Authentication-Results: stranger.test; dkim=pass header.d=stays.test
Authentication-Results: second.test; dkim=pass header.d=forged2.test
Authentication-Results: OURS.test; dkim=pass header.d=forged3.test
Authentication-Results: second.test; dkim=pass header.d=forged4.test
From: a@good.test
Authentication-Results: ours.test; dkim=pass header.d=forged5.test
Subject: forged

Hello.
'''


def config(name):
    return b"AuthservID %s\nHostname %s\n" % (name, name) + run.DAEMON


class Pair:
    """The two filters and the MTA before them, in an order of their names."""

    def __init__(self, kind, directory, order):
        self.daemons = {}
        sockets = []
        for name in order:
            socket = "unix:%s/milter/%s.sock" % (directory, name)
            self.daemons[name] = chopmark.Daemon(
                os.path.join(directory, name), config(name.encode() + b".test"), ZONE,
                socket=socket)
            sockets.append(socket)
        listen = [(netns.SERVER4, 25)]
        home = os.path.join(directory, kind)
        if kind == "postfix":
            self.mta = postfix.Postfix(home, ", ".join(sockets), listen)
        else:
            more = "INPUT_MAIL_FILTER(`second', `S=%s, F=T, T=C:1m;S:30s;R:2m;E:5m')dnl" % (
                sockets[1].replace("unix:", "local:"))
            self.mta = sendmail.Sendmail(home, sockets[0], listen, extra=more)

    def send(self, sender, message):
        client = smtp.Client((netns.SERVER4, 25), "192.0.2.9")
        client.say("EHLO mail.good.test")
        client.say("MAIL FROM:<%s>" % sender)
        client.say("RCPT TO:<b@local.test>")
        reply = client.data(message.replace(b"\n", b"\r\n"))
        client.close()
        return reply

    def stop(self):
        self.mta.stop()
        for name, daemon in self.daemons.items():
            tap.ok(daemon.stop() == 0, "%s ended well" % name, "\n".join(daemon.lines[-5:]))


def results(message):
    return [v for n, v in run.header_fields(message or b"") if n == "authentication-results"]


def play(kind, directory, order):
    pair = Pair(kind, directory, order)
    try:
        what = "%s, %s first" % (kind, order[0])
        reply = pair.send("a@good.test", FORGED)
        tap.ok(reply.code == "250", what + ": a message passes both", reply)
        fields = results(pair.mta.delivered())
        shown = "\n".join(fields)
        tap.ok("forged" not in shown, what + ": nothing forged is left", shown)
        want = [order[1] + ".test;", order[0] + ".test;", "stranger.test;"]
        tap.ok([f.split(" ")[0] for f in fields] == want,
               what + ": the later one's results stand on top, a stranger's stay", shown)
        tap.ok(all("spf=pass" in f for f in fields[:2]), what + ": both are whole", shown)
        reply = pair.send("a@bad.test", FORGED.replace(b"good.test", b"bad.test"))
        tap.ok(reply.code == "550" and "MI:SPF %s.test," % order[0] in reply.text,
               what + ": the first one's refusal is the reply", reply)
    finally:
        pair.stop()


def main(kind):
    module = postfix if kind == "postfix" else sendmail
    why = host.unable(module)
    if why:
        return tap.skip_all(why)
    netns.enter()
    for order in (("ours", "second"), ("second", "ours")):
        directory = host.directory()
        try:
            play(kind, directory, order)
        finally:
            shutil.rmtree(directory, ignore_errors=True)
    return tap.done()
