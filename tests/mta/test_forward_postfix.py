# SPDX-License-Identifier: BSD-2-Clause
"""Forwarding by a real Postfix with the lines of contrib/postfix: virtual
aliases, aliases and .forward, in a chroot and out of it."""
import os
import re
import shutil
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "lib")]
import forward  # noqa: E402
import netns  # noqa: E402
import postfix  # noqa: E402
import tap  # noqa: E402

TOP = os.environ.get("top_srcdir", ".")
EXTRA = """
myorigin = fwd.test
mydestination = fwd.test, srs.fwd.test
alias_maps = texthash:{dir}/aliases
local_recipient_maps = unix:passwd.byname $alias_maps
forward_path = {dir}/forward/$user
virtual_alias_domains = virt.test
virtual_alias_maps = texthash:{dir}/virtual
relayhost = [198.51.100.25]
smtp_bind_address = 192.0.2.25
non_smtpd_milters =
"""
ALIASES = """alias bob@bob.example
list carl@carl.example, dora@dora.example
owner-list admin@fwd.test
admin admin@admin.example
"""
VIRTUAL = """virtual@virt.test eve@eve.example
both@virt.test here@local.test, eve@eve.example
"""
FORWARDS = {"games": "fred@fred.example\n", "news": "\\news@local.test, gina@gina.example\n"}


def snippet(name):
    """The shipped lines, without the line that is an example of ours alone."""
    with open(os.path.join(TOP, "contrib/postfix", name)) as f:
        lines = f.read().splitlines()
    return "\n".join(l for l in lines if not l.startswith(("#", "mydestination"))) + "\n"


def build(place, name, main, services="", chroot=False, more=""):
    directory = os.path.join(place, name)
    for d in ("", "/queue", "/queue/chopmark", "/forward"):
        os.makedirs(directory + d, exist_ok=True)
        os.chmod(directory + d, 0o755)
    for file, text in (("aliases", ALIASES), ("virtual", VIRTUAL)):
        with open(os.path.join(directory, file), "w") as f:
            f.write(text)
    for user, text in FORWARDS.items():
        path = os.path.join(directory, "forward", user)
        with open(path, "w") as f:
            f.write(text)
        shutil.chown(path, user)
    chop = forward.daemon(os.path.join(place, name + ".chopmark"),
                          directory + "/queue/chopmark/srs.sock",
                          directory + "/queue/chopmark/chopmark.sock", more)
    mta = postfix.Postfix(directory, "unix:chopmark/chopmark.sock", [forward.FORWARDER, ("127.0.0.1", 25)],
                          extra=EXTRA.format(dir=directory) + main, services=services)
    if chroot:
        into_chroot(mta)
    return mta, chop


def into_chroot(mta):
    """As Debian has it; local(8) cannot be."""
    path = mta.conf + "/master.cf"
    with open(path) as f:
        text = f.read()
    text = re.sub(r"(?m)^((?:cleanup|\S+:25) +(?:unix|inet) +\S+ +\S+ +)n", r"\1y", text)
    with open(path, "w") as f:
        f.write(text)
    etc = mta.queue() + "/etc"
    os.makedirs(etc, exist_ok=True)
    for name in ("resolv.conf", "services", "hosts", "nsswitch.conf", "passwd"):
        if os.path.exists("/etc/" + name):
            shutil.copy("/etc/" + name, etc)
    mta.run("reload")


def every_kind(f):
    f.forwards("virtual alias", "virtual@virt.test", "eve@eve.example")
    f.forwards("alias", "alias@fwd.test", "bob@bob.example")
    f.forwards(".forward", "games@fwd.test", "fred@fred.example")
    f.forwards("quoted sender", "virtual@virt.test", "eve@eve.example",
               '"an n"@quoted.example')
    f.forwards("odd sender", "alias@fwd.test", "bob@bob.example",
               "a=b+c-d/e@author.example")


def by_main(place):
    """Everything that comes in is looked up."""
    mta, chop = build(place, "main", snippet("main.cf.srs"))
    next_hop = forward.next_hop()
    f = forward.Forwarding(mta, chop, next_hop)
    try:
        every_kind(f)
        f.hops("alias@fwd.test", "bob@bob.example")
        f.null_sender("virtual@virt.test", "eve@eve.example")
        f.own_mail("someone@far.example")
        f.list_owner("list@fwd.test", "carl@carl.example", "owner-list@fwd.test")
        f.forged()
        f.refused_there("alias@fwd.test", "bob@bob.example")
        f.local("here@local.test", forward.AUTHOR, lambda p: p.startswith("SRS0="))
        f.local("here@local.test", "me@fwd.test", lambda p: p == "me@fwd.test", "127.0.0.1")
        f.when_needed("virtual@virt.test", "eve@eve.example")
        waits(f)
    finally:
        next_hop.close()
        mta.stop()
        chop.stop()


def waits(f):
    """With chopmarkd gone mail is deferred, not let through as it is."""
    f.filter.stop()
    reply, _ = f.send(forward.AUTHOR, ["alias@fwd.test"])
    tap.ok(reply.code[0] == "4", "without chopmarkd mail is deferred", reply)


def by_chroot(place):
    mta, chop = build(place, "chroot", snippet("main.cf.srs"), chroot=True)
    next_hop = forward.next_hop()
    f = forward.Forwarding(mta, chop, next_hop)
    try:
        f.forwards("chroot, virtual alias", "virtual@virt.test", "eve@eve.example")
        f.forwards("chroot, alias", "alias@fwd.test", "bob@bob.example")
        f.forged()
    finally:
        next_hop.close()
        mta.stop()
        chop.stop()


def by_master(place):
    """Only what local(8) sends on is looked up."""
    main = "\n".join(l for l in snippet("main.cf.srs").splitlines()
                     if not l.startswith("sender_canonical")) + "\n"
    services = snippet("master.cf.srs").replace("-       y       -", "-       n       -")
    mta, chop = build(place, "master", main, services)
    next_hop = forward.next_hop()
    f = forward.Forwarding(mta, chop, next_hop)
    try:
        f.forwards("local(8) alone, alias", "alias@fwd.test", "bob@bob.example")
        f.forwards("local(8) alone, .forward", "games@fwd.test", "fred@fred.example")
        f.list_owner("list@fwd.test", "dora@dora.example", "owner-list@fwd.test")
        f.null_sender("alias@fwd.test", "bob@bob.example")
        f.own_mail("someone@far.example")
        f.local("here@local.test", forward.AUTHOR, lambda p: p == forward.AUTHOR)
        f.forged()
    finally:
        next_hop.close()
        mta.stop()
        chop.stop()


def by_milter(place):
    """A relay: the filter itself rewrites and takes back; no table is looked up."""
    tables = """virtual_alias_domains =
virtual_alias_maps =
relay_domains = relayed.test
local_recipient_maps = unix:passwd.byname $alias_maps regexp:{dir}/srs
"""
    directory = os.path.join(place, "milter")
    os.makedirs(directory)
    with open(directory + "/srs", "w") as f:
        f.write(r'/^"?SRS[01][-+=].*@srs\.fwd\.test$/ accept' "\n")
    policy = os.path.join(place, "doomed.conf")
    with open(policy, "w") as f:
        f.write("no: reject with forward if forward.doomed\n")
    mta, chop = build(place, "milter", tables.format(dir=directory), more="SRSRewrite yes\n"
                      "SRSReverse yes\nForwardedRecipients alias@fwd.test\n")
    next_hop = forward.next_hop()
    f = forward.Forwarding(mta, chop, next_hop)
    try:
        f.forwards("filter, relayed domain", "zoe@relayed.test", "zoe@relayed.test")
        f.forwards("filter, listed alias", "alias@fwd.test", "bob@bob.example")
        f.forwards("filter, quoted sender", "zoe@relayed.test", "zoe@relayed.test",
                   '"an n"@quoted.example')
        f.hops("zoe@relayed.test", "zoe@relayed.test")
        f.null_sender("zoe@relayed.test", "zoe@relayed.test")
        f.own_mail("someone@far.example")
        f.forged(True)
        f.local("here@local.test", forward.AUTHOR, lambda p: p == forward.AUTHOR)
        f.mixed("here@local.test", "zoe@relayed.test", "zoe@relayed.test")
        f.doomed("zoe@relayed.test", None)
        text = open(chop.config).read()
        chop.write("chopmark.conf", re.sub(r"(?m)^PolicyFile .*$", "PolicyFile " + policy,
                                           text).encode())
        chop.reload()
        f.doomed("zoe@relayed.test", "RP:FWD")
    finally:
        next_hop.close()
        mta.stop()
        chop.stop()


def main():
    if not postfix.available() or os.geteuid() != 0:
        return tap.skip_all("needs root and an installed Postfix")
    netns.enter()
    with tempfile.TemporaryDirectory() as place:
        os.chmod(place, 0o755)
        for part in (by_main, by_chroot, by_master, by_milter):
            part(place)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
