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
relay_domains = relayed.test
relayhost = [198.51.100.25]
message_size_limit = {size}
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
FORWARDS = {"games": "fred@fred.example\n", "news": "here@local.test, gina@gina.example\n"}
SIZE = 1000000


def snippet(name):
    """The shipped lines, without the line that is an example of ours alone."""
    with open(os.path.join(TOP, "contrib/postfix", name)) as f:
        lines = f.read().splitlines()
    return "\n".join(l for l in lines if not l.startswith(("#", "mydestination"))) + "\n"


def build(place, name, main, services="", chroot=False, more=""):
    directory = os.path.join(place, name)
    for d in ("", "/queue", "/queue/chopmark"):
        os.makedirs(directory + d, exist_ok=True)
        os.chmod(directory + d, 0o755)
    for file, text in (("aliases", ALIASES), ("virtual", VIRTUAL)):
        with open(os.path.join(directory, file), "w") as f:
            f.write(text)
    forward.forward_files(directory + "/forward", FORWARDS)
    chop = forward.daemon(os.path.join(place, name + ".chopmark"),
                          directory + "/queue/chopmark/srs.sock",
                          directory + "/queue/chopmark/chopmark.sock", more)
    mta = postfix.Postfix(directory, "unix:chopmark/chopmark.sock", [forward.FORWARDER, ("127.0.0.1", 25)],
                          extra=EXTRA.format(dir=directory, size=SIZE) + main, services=services)
    if chroot:
        into_chroot(mta)
    return mta, chop


def into_chroot(mta):
    """As Debian has it; local(8) cannot be."""
    path = mta.conf + "/master.cf"
    with open(path) as f:
        text = f.read()
    text = re.sub(r"(?m)^((?:cleanup|rewrite|\S*srs\S*|\S+:(?:25|10027)) +(?:unix|inet) +\S+ +\S+ +)n",
                  r"\1y", text)
    with open(path, "w") as f:
        f.write(text)
    etc = mta.queue() + "/etc"
    os.makedirs(etc, exist_ok=True)
    for name in ("resolv.conf", "services", "hosts", "nsswitch.conf", "passwd"):
        if os.path.exists("/etc/" + name):
            shutil.copy("/etc/" + name, etc)
    mta.run("reload")


def of_hop(place, name, chroot=False, more=""):
    services = snippet("master.cf.srs").replace("-       y       -", "-       n       -")
    return build(place, name, snippet("main.cf.srs") + more, services, chroot)


def by_hop(place):
    """What is recommended: mail that leaves, and is not ours, takes a second queue."""
    with forward.running(*of_hop(place, "hop")) as f:
        f.every_kind("virtual alias")
        f.others_stay("owner-list@fwd.test")
        f.refused_there("alias@fwd.test", "bob@bob.example")
        f.as_it_is("relayed domain", "zoe@relayed.test")
        f.local("here@local.test", forward.AUTHOR, lambda p: p == forward.AUTHOR)
        f.local("here@local.test", "me@fwd.test", lambda p: p == "me@fwd.test", "127.0.0.1")
        f.both(["here@local.test", "alias@fwd.test"], "bob@bob.example", True)
        f.both(["both@virt.test"], "eve@eve.example", True)
        f.both(["news@fwd.test"], "gina@gina.example", True)
        f.signed("virtual@virt.test", "eve@eve.example")
        f.signed("games@fwd.test", "fred@fred.example")
        f.untouched("virtual@virt.test", "eve@eve.example")
        f.untouched("games@fwd.test", "fred@fred.example")
        f.carries("eve@eve.example")
        f.carries_utf8("virtual@virt.test", "eve@eve.example")
        f.chained("virtual@virt.test", "eve@eve.example")
        f.when_needed("virtual@virt.test", "eve@eve.example")
        waits(f)


def by_chroot(place):
    """And without the filter itself."""
    with forward.running(*of_hop(place, "chroot", True, "smtpd_milters =\n")) as f:
        f.forwards("chroot, virtual alias", "virtual@virt.test", "eve@eve.example")
        f.forwards("chroot, alias", "alias@fwd.test", "bob@bob.example")
        f.carries_size("virtual@virt.test", "eve@eve.example", SIZE)
        f.forged()


def by_main(place):
    """Everything that comes in is looked up."""
    with forward.running(*build(place, "main", snippet("main.cf.srs-simple"))) as f:
        f.every_kind("virtual alias")
        f.others_stay("owner-list@fwd.test")
        f.local("here@local.test", forward.AUTHOR, lambda p: p.startswith("SRS0="))
        f.local("here@local.test", "me@fwd.test", lambda p: p == "me@fwd.test", "127.0.0.1")


def waits(f):
    """With chopmarkd gone mail is deferred, not let through as it is."""
    f.filter.stop()
    reply, _ = f.send(forward.AUTHOR, ["alias@fwd.test"])
    tap.ok(reply.code[0] == "4", "without chopmarkd mail is deferred", reply)


def by_master(place):
    """Only what local(8) sends on is looked up."""
    main = "\n".join(l for l in snippet("main.cf.srs-simple").splitlines()
                     if not l.startswith("sender_canonical")) + "\n"
    services = snippet("master.cf.srs-local").replace("-       y       -", "-       n       -")
    with forward.running(*build(place, "master", main, services)) as f:
        f.forwards("local(8) alone, alias", "alias@fwd.test", "bob@bob.example")
        f.forwards("local(8) alone, .forward", "games@fwd.test", "fred@fred.example")
        f.list_owner("list@fwd.test", "dora@dora.example", "owner-list@fwd.test")
        f.null_sender("alias@fwd.test", "bob@bob.example")
        f.own_mail("someone@far.example")
        f.local("here@local.test", forward.AUTHOR, lambda p: p == forward.AUTHOR)
        f.as_it_is("local(8) alone, relayed domain", "zoe@relayed.test")


def by_milter(place):
    """A relay: the filter itself rewrites and takes back; no table is looked up."""
    directory = os.path.join(place, "milter")
    tables = f"""virtual_alias_domains =
virtual_alias_maps =
local_recipient_maps = unix:passwd.byname $alias_maps regexp:{directory}/srs
"""
    os.makedirs(directory)
    with open(directory + "/srs", "w") as f:
        f.write(r'/^"?SRS[01][-+=].*@srs\.fwd\.test$/ accept' "\n")
    policy = os.path.join(place, "doomed.conf")
    with open(policy, "w") as f:
        f.write("no: reject with forward if forward.doomed\n")
    mta, chop = build(place, "milter", tables, more="SRSRewrite yes\n"
                      "SRSReverse yes\nForwardedRecipients alias@fwd.test\n")
    with forward.running(mta, chop) as f:
        f.relayed()
        f.forwards("filter, quoted sender", "zoe@relayed.test", "zoe@relayed.test",
                   '"an n"@quoted.example')
        f.forged(True)
        f.local("here@local.test", forward.AUTHOR, lambda p: p == forward.AUTHOR)
        f.both(["here@local.test", "zoe@relayed.test"], "zoe@relayed.test", False)
        f.doomed("zoe@relayed.test", None)
        text = open(chop.config).read()
        chop.write("chopmark.conf", re.sub(r"(?m)^PolicyFile .*$", "PolicyFile " + policy,
                                           text).encode())
        chop.reload()
        f.doomed("zoe@relayed.test", "RP:FWD")


def main():
    if not postfix.available() or os.geteuid() != 0:
        return tap.skip_all("needs root and an installed Postfix")
    netns.enter()
    with tempfile.TemporaryDirectory() as place:
        os.chmod(place, 0o755)
        for part in (by_hop, by_chroot, by_main, by_master, by_milter):
            part(place)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
