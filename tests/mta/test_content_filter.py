# SPDX-License-Identifier: BSD-2-Clause
"""A content filter loop of a real Postfix: out to a filter on loopback, and
back into the same milter. A message is judged once and signed once; our own
results are kept, forged ones are removed, and nothing of a stranger's is signed
because a host of ours brings it."""
import socket
import sys

import host
import returner
import signing
from signing import netns, postfix, tap

FILTER = "127.0.0.3"
BACK = 10026


class World(signing.World):
    def postfix(self, milter):
        extra = ("transport_maps = inline:{{out.test=smtp:[%s]:25}}\ncontent_filter = smtp:[%s]:25\n"
                 % (signing.NEXT_HOP, FILTER))
        services = "127.0.0.1:%d inet n - n - - smtpd\n  -o content_filter=\n" % BACK
        return postfix.Postfix(self.dir + "/postfix", milter,
                               [(netns.SERVER4, 25), ("127.0.0.1", 10099)], extra=extra,
                               services=services, networks="192.0.2.0/24")


def results(message):
    head = message.split(b"\r\n\r\n")[0].replace(b"\r\n\t", b" ").replace(b"\r\n ", b" ")
    return [l for l in head.split(b"\r\n") if l.lower().startswith(b"authentication-results:")]


def play(w, how):
    ours = signing.USUAL + b"\r\nHi.\r\n"
    w.by_smtp(ours)
    w.judge(how + ": our own user's mail is signed once by each key", w.sink.get())
    # 192.0.2.77 may relay, but is no internal host of ours
    w.by_smtp(b"Authentication-Results: mx.local.test; dkim=pass header.d=forged.example\r\n" + ours,
              "192.0.2.77")
    got = w.sink.get() or b""
    w.judge(how + ": a stranger's is not, though it names our domain", got, 0)
    return results(got)


def main():
    try:
        import dkim  # noqa: F401
        import nacl  # noqa: F401
    except ImportError:
        return tap.skip_all("dkimpy and PyNaCl are not installed")
    why = host.unable(postfix)
    if why:
        return tap.skip_all(why)
    netns.enter()
    w = World("postfix")
    filtering = returner.Returner(FILTER, ("127.0.0.1", BACK), "ann@example.org", "bob@out.test")
    try:
        w.configure(signing.PAIRS[0], "ReinjectHosts %s\n" % FILTER)
        found = play(w, "named in ReinjectHosts")
        tap.ok(len(found) == 1 and b"forged" not in found[0] and b"spf=" in found[0],
               "our results stay, the forged ones are gone", found)
        w.configure(signing.PAIRS[0])
        mark = w.daemon.mark()
        ours = signing.USUAL + b"\r\nHi.\r\n"
        w.by_smtp(ours, "192.0.2.77")
        w.judge("not named: a stranger's mail is not signed either", w.sink.get(), 0)
        tap.ok(any("ReinjectHosts" in l for l in w.daemon.lines[mark:]), "and a warning tells why",
               w.daemon.lines[mark:])
    finally:
        filtering.close()
        w.close()
    return tap.done()


if __name__ == "__main__":
    socket.setdefaulttimeout(60)
    sys.exit(main())
