# SPDX-License-Identifier: BSD-2-Clause
"""A proxy in front of Postfix tells the real client by XCLIENT: Postfix then
begins a new milter session, and that client is judged, not the proxy."""
import os
import shutil
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "lib")]
import chopmark  # noqa: E402
import host  # noqa: E402
import netns  # noqa: E402
import postfix  # noqa: E402
import run  # noqa: E402
import smtp  # noqa: E402
import tap  # noqa: E402

ZONE = b"""example.org TXT "v=spf1 ip4:192.0.2.1 ip6:2001:db8::1 -all"
"""
PROXY = "127.0.0.1"
MESSAGE = b"From: a@example.org\r\nSubject: x\r\n\r\nHello.\r\n"


class Proxy:
    """One connection of the proxy, over which many clients come."""

    def __init__(self, mta, daemon):
        self.mta = mta
        self.daemon = daemon
        self.client = smtp.Client((netns.SERVER4, 25), PROXY)
        self.client.say("EHLO proxy.local.test")

    def send(self, attributes):
        """The reply to a message of that client, its results, its log line."""
        mark = self.daemon.mark()
        if attributes:
            told = self.client.say("XCLIENT " + attributes)
            if told.code != "220":
                raise RuntimeError(repr(told))
            self.client.say("EHLO mail.example.org")
        self.client.say("MAIL FROM:<a@example.org>")
        self.client.say("RCPT TO:<b@local.test>")
        reply = self.client.data(MESSAGE)
        message = self.mta.delivered() if reply.code == "250" else None
        fields = dict(run.header_fields(message or b""))
        return reply, fields.get("authentication-results", ""), self.daemon.line_after(mark)


def play(mta, daemon):
    proxy = Proxy(mta, daemon)
    reply, results, line = proxy.send(None)
    tap.ok(reply.code == "250" and line.get("dir") == "originating" and not results,
           "the proxy by itself is one of ours", reply, line)
    reply, results, line = proxy.send("ADDR=192.0.2.1 NAME=mail.example.org")
    tap.ok(reply.code == "250" and "spf=pass" in results, "its client's address is judged", reply,
           results)
    tap.ok(line.get("client") == "192.0.2.1" and line.get("name") == "mail.example.org",
           "and logged", line)
    reply, results, line = proxy.send("ADDR=192.0.2.66 NAME=[UNAVAILABLE]")
    tap.ok(reply.code == "550" and "MI:SPF" in reply.text and "192.0.2.66" in reply.text,
           "the next one on the same connection is judged by its own", reply)
    reply, results, line = proxy.send("ADDR=IPv6:2001:db8::1 NAME=mail.example.org")
    tap.ok(reply.code == "250" and "spf=pass" in results and line.get("client") == "2001:db8::1",
           "an IPv6 client, too", reply, results, line)
    reply, results, line = proxy.send("ADDR=192.0.2.66 LOGIN=ann NAME=pc.example.net")
    tap.ok(reply.code == "250" and line.get("dir") == "originating" and line.get("auth") == "ann",
           "a client that authenticated itself to the proxy is one of ours", reply, line)
    reply, results, line = proxy.send("ADDR=192.0.2.66 LOGIN=[UNAVAILABLE] NAME=pc.example.net")
    tap.ok(reply.code == "550" and line.get("dir") == "inbound",
           "and none of it sticks to the next", reply, line)
    proxy.client.close()


def main():
    why = host.unable(postfix)
    if why:
        return tap.skip_all(why)
    netns.enter()
    directory = host.directory()
    socket = "unix:" + os.path.join(directory, "milter", "chopmark.sock")
    daemon = chopmark.Daemon(os.path.join(directory, "chopmark"), run.DAEMON, ZONE, socket=socket)
    # Postfix asks again for each, and then of the client that was told last.
    mta = postfix.Postfix(os.path.join(directory, "postfix"), socket, [(netns.SERVER4, 25)],
                          extra="smtpd_authorized_xclient_hosts = 127.0.0.1 192.0.2.0/24 "
                                "[2001:db8::]/32\n")
    try:
        play(mta, daemon)
    finally:
        mta.stop()
        tap.ok(daemon.stop() == 0, "chopmarkd ended well", "\n".join(daemon.lines[-10:]))
        shutil.rmtree(directory, ignore_errors=True)
    return tap.done()


sys.exit(main())
