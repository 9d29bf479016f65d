# SPDX-License-Identifier: BSD-2-Clause
"""Forwarding by a real Sendmail with the fragment of contrib/sendmail: aliases,
virtusertable, .forward and owner- lists."""
import os
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "lib")]
import forward  # noqa: E402
import netns  # noqa: E402
import sendmail  # noqa: E402
import tap  # noqa: E402

TOP = os.environ.get("top_srcdir", ".")
EXTRA = """LOCAL_DOMAIN(`fwd.test')dnl
define(`SMART_HOST', `[198.51.100.25]')dnl
define(`confFORWARD_PATH', `{dir}/forward/$u')dnl
define(`confTRUSTED_USERS', `root')dnl
CLIENT_OPTIONS(`Family=inet, Addr=192.0.2.25')dnl
FEATURE(`virtusertable', `text -k0 -v1 {dir}/virtusers')dnl
VIRTUSER_DOMAIN(`virt.test')dnl
RELAY_DOMAIN(`127.0.0.1')dnl
"""
RULES = """LOCAL_DOMAIN(`srs.fwd.test')dnl
define(`CHOPMARK_SRS_SOCKET', `local:{socket}')dnl
include(`{top}/contrib/sendmail/chopmark-srs.m4')dnl
"""
ALIASES = """alias: bob@bob.example
list: carl@carl.example, dora@dora.example
owner-list: admin@fwd.test
admin: admin@admin.example
here: here@local.test
"""
VIRTUSERS = "virtual@virt.test\teve@eve.example\n"
FORWARDS = {"games": "fred@fred.example\n"}


def build(place, name="mta", rules=RULES, extra="", more=""):
    directory = os.path.join(place, name)
    os.makedirs(directory)
    os.chmod(directory, 0o755)
    with open(directory + "/virtusers", "w") as f:
        f.write(VIRTUSERS)
    forward.forward_files(directory + "/forward", FORWARDS)
    home = os.path.join(place, name + ".chopmark")
    chop = forward.daemon(home, home + "/srs.sock", more=more)
    mta = sendmail.Sendmail(directory, chop.socket, [forward.FORWARDER, ("127.0.0.1", 25)],
                            extra=EXTRA.format(dir=directory) + extra, aliases=ALIASES,
                            rules=rules.format(socket=home + "/srs.sock", top=TOP))
    return mta, chop


def waits(f):
    """With chopmarkd gone mail is deferred or waits in the queue."""
    f.filter.stop()
    reply, _ = f.send(forward.AUTHOR, ["alias@fwd.test"])
    tap.ok(reply.code[0] == "4", "without chopmarkd mail is deferred", reply)
    tap.ok(f.next.next("bob@bob.example", 1) is None, "and does not go out as it is")


def by_milter(place):
    """A relay: the filter itself rewrites and takes back; no table is looked up."""
    mta, chop = build(place, "milter", rules="", extra="RELAY_DOMAIN(`srs.fwd.test')dnl\n"
                      "RELAY_DOMAIN(`relayed.test')dnl\n",
                      more="SRSRewrite yes\nSRSReverse yes\n"
                      "ForwardedRecipients alias@fwd.test\n")
    with forward.running(mta, chop) as f:
        f.relayed()
        f.forged(True, False)  # the relayed domain has any user
        f.local("here@fwd.test", forward.AUTHOR, lambda p: p == forward.AUTHOR)
        f.both(["here@fwd.test", "zoe@relayed.test"], "zoe@relayed.test", False)
        f.doomed("zoe@relayed.test", None)


def by_table(place):
    """The fragment of contrib/sendmail."""
    with forward.running(*build(place)) as f:
        f.every_kind("virtusertable")
        # of an owner- alias that is one address Sendmail takes that
        f.others_stay("admin@fwd.test")
        f.refused_there("alias@fwd.test", "bob@bob.example")
        f.local("here@fwd.test", forward.AUTHOR, lambda p: p == forward.AUTHOR)
        f.both(["here@fwd.test", "alias@fwd.test"], "bob@bob.example", True)
        f.signed("virtual@virt.test", "eve@eve.example")
        f.when_needed("virtual@virt.test", "eve@eve.example")
        waits(f)


def main():
    if not sendmail.available() or os.geteuid() != 0:
        return tap.skip_all("needs root and an unpacked Sendmail (CHOPMARK_SENDMAIL)")
    netns.enter()
    # Sendmail reads no alias file below a directory that everybody may write.
    with tempfile.TemporaryDirectory(prefix="chopmark-", dir="/run") as place:
        os.chmod(place, 0o755)
        for part in (by_table, by_milter):
            part(place)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
