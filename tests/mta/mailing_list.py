# SPDX-License-Identifier: BSD-2-Clause
"""A mailing list behind a real MTA: what strangers send to it is judged as it
comes in, changed by the list manager, and sealed as it leaves: with one set of
ours that holds at the next hop, and with what was found on arrival."""
import re

import arc
import netns
import postfix
import returner
import sendmail
import signing
import tap

MANAGER = "127.0.0.4"
BACK = ("127.0.0.1", 10027)
LIST = "list@list.test"
LATER = "ReinjectHosts %s\nARCSealLater %s\n" % (MANAGER, LIST)


def list_manager(message):
    head, body = message.split(b"\r\n\r\n", 1)
    head = re.sub(rb"(?mi)^Subject: *", b"Subject: [list] ", head)
    return (head + b"\r\nList-Id: A list <list.list.test>\r\nPrecedence: list\r\n\r\n" + body
            + b"-- \r\nA footer.\r\n")


class World(arc.World):
    def postfix(self, socket):
        extra = ("transport_maps = inline:{{out.test=smtp:[%s]:25},{list.test=smtp:[%s]:25}}\n"
                 % (signing.NEXT_HOP, MANAGER))
        services = "%s:%d inet n - n - - smtpd\n" % BACK
        return postfix.Postfix(self.dir + "/postfix", socket, [(netns.SERVER4, 25)], extra=extra,
                               services=services, networks="192.0.2.0/24")

    def sendmail(self, socket):
        rules = "".join("R$+ < @ %s . >\t$#esmtp $@ [%s] $: $1 < @ %s . >\n" % (d, h, d)
                        for d, h in (("out.test", signing.NEXT_HOP), ("list.test", MANAGER)))
        return sendmail.Sendmail(self.dir + "/sendmail", socket, [(netns.SERVER4, 25), BACK],
                                 rules=rules, extra="FEATURE(`promiscuous_relay')dnl\n")

    def through_list(self, message):
        self.by_smtp(message, arc.STRANGER, to=LIST.encode())
        return self.sink.get()


def field(message, name):
    """The topmost of a name, without its folds."""
    found = re.search(rb"(?mi)^%s:((?:.*\r\n)(?:[ \t].*\r\n)*)" % name, message or b"")
    return re.sub(rb"\s+", b" ", found.group(1)).strip() if found else b""


def play(w):
    message = signing.USUAL + b"\r\nHi.\r\n"
    forged = b"Authentication-Results: mx.local.test; dkim=pass header.d=bank.example\r\n"
    w.configure(signing.PAIRS[0], LATER)
    got = w.through_list(message)
    tap.ok(got is not None and b"[list] " in got and b"A footer." in got, "the list changes it", got)
    w.passes("it leaves with one set, which holds", got, 1)
    kept, sealed = (field(got, n) for n in (b"Authentication-Results",
                                            b"ARC-Authentication-Results"))
    tap.ok(b"spf=" in kept and sealed == b"i=1; " + kept, "the set has the results of its arrival",
           kept, sealed)
    got = w.through_list(forged + message)
    w.passes("a stranger's who writes results under our name leaves so, too", got, 1)
    tap.ok(b"bank.example" not in (got or b"bank.example"), "but without them", got)
    w.by_smtp(message, arc.STRANGER)
    sealed = w.sink.get()
    w.passes("mail for others is sealed as it comes in", sealed, 1)
    w.passes("and goes on by a list with that seal", w.through_list(sealed), 2)
    w.configure(signing.PAIRS[0], "ReinjectHosts %s\n" % MANAGER)
    w.passes("sealed both times it holds as well", w.through_list(message), 2)
    w.configure(signing.PAIRS[0])
    got = w.through_list(message)
    tap.ok(got is not None and w.theirs(got) == "fail",
           "from a host that nobody named nothing is sealed anew", got)


def main(kind):
    why = arc.unable(kind)
    if why:
        return tap.skip_all(why)
    netns.enter()
    w = World(kind)
    manager = returner.Returner(MANAGER, BACK, "list-bounces@list.test", "bob@out.test",
                                list_manager)
    try:
        play(w)
    finally:
        manager.close()
        w.close()
    return tap.done()
