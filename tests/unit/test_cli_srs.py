#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
#
# chopmark srs from outside: what it prints and how it ends.

import json
import os
import subprocess
import sys
import tempfile

from tap import done, ok

PROGRAM = os.path.join(os.environ["top_builddir"], "chopmark")


def run(*args):
    return subprocess.run([PROGRAM, "srs", *args], capture_output=True, text=True, check=False)


def is_run(args, status, out, error, name):
    got = run(*args)
    ok(got.returncode == status and (out is None or got.stdout == out) and error in got.stderr,
       name, got)
    return got


def secrets():
    made = [is_run(["secret"], 0, None, "", "a secret is made").stdout for _ in range(2)]
    ok(made[0] != made[1], "another one each time")
    ok(all(len(s) == 44 and s.endswith("\n") for s in made), "one line", made)
    is_run(["secret", "x"], 64, "", "takes no address", "secret takes no address")


def usage():
    is_run([], 64, "", "forward, reverse or secret?", "a way is wanted")
    is_run(["backward", "a@b"], 64, "", "forward, reverse or secret?", "an unknown way")
    is_run(["forward"], 64, "", "which address?", "an address is wanted")
    is_run(["forward", "--time", "yesterday", "a@b"], 64, "", "--time takes", "no time")
    is_run(["forward", "--nonsense", "a@b"], 64, "", "unknown option", "an unknown option")


def by_filter(path, write, ours):
    """What the filter itself would do: edits, refusals and what it logs of forwards."""
    write("mail", "From: A <user@example.org>\nSubject: x\n\nx\n")
    write("zone", '_dmarc.example.org TXT "v=DMARC1; p=reject"\n'
          'example.org TXT "v=spf1 ip4:192.0.2.1 -all"\n')

    def check(*args):
        return json.loads(subprocess.run(
            [PROGRAM, "check", "--json", "--config", path("conf"), "--ip", "192.0.2.1", "--helo",
             "mx.example.org", "-o", "SRSRewrite=yes", "-o", "SRSReverse=yes", *args,
             path("mail")], capture_output=True, check=False).stdout)

    def edits(got):
        return [(e["kind"], e["value"]) for e in got["edits"] if e["kind"] not in
                ("insert", "delete", "add")]
    mail = ("--mail-from", "<user@example.org>")
    got = check(*mail, "--rcpt", "<a@far.example>")
    kinds = edits(got)
    ok(len(kinds) == 1 and kinds[0][0] == "sender" and kinds[0][1].startswith("<SRS0=") and
       kinds[0][1].endswith("=example.org=user@fwd.example.net>"), "the sender is rewritten", got)
    ok(got["facts"]["forward"] is True and got["facts"]["forward.doomed"] is True and
       "DMARC policy of example.org is reject" in got["facts"]["forward.reason"],
       "and the forward is doomed", got["facts"])
    got = check(*mail, "--rcpt", "<a@far.example>", "--rcpt", "<b@local.test>")
    ok(edits(got) == [] and got["facts"]["forward"] is True, "not if some of it stays here", got)
    got = check(*mail, "--rcpt", "<b@local.test>")
    ok(edits(got) == [] and not got["facts"].get("forward"), "nor if all of it does", got)
    got = check(*mail, "--rcpt", "<b@local.test>", "-o", "ForwardedRecipients=b@local.test")
    ok([k for k, _ in edits(got)] == ["sender"], "but if that one goes on", got)
    got = check("--mail-from", "<me@local.test>", "--rcpt", "<a@far.example>", "--auth", "me")
    ok(edits(got) == [], "our own stays", got)
    bounce = ("--mail-from", "<>", "--rcpt", run("--config", path("conf"), "forward",
                                                 "user@example.org").stdout.strip())
    got = check(*bounce)
    ok(edits(got) == [("delete-rcpt", "<" + bounce[-1] + ">"), ("add-rcpt", "<user@example.org>")],
       "a bounce is sent back", got)
    got = check(*bounce[:-1], "<" + ours.replace("zNjU", "zNjX") + ">")
    ok(got["action"] == "reject" and got["reply"]["code"] == "550" and
       got["reply"]["enhanced"] == "5.1.1" and got["reply"]["tag"] == "RP:SRS",
       "a forged one is refused at RCPT", got)
    got = check(*bounce[:-1], "<" + ours.replace("zNjU", "zNjX") + ">", "-o", "TestMode=yes")
    ok(got["action"] == "accept", "not in test mode", got)
    write("doomed", "no: reject with forward if forward.doomed\n")
    got = check(*mail, "--rcpt", "<a@far.example>", "-o", "PolicyFile=" + path("doomed"))
    ok(got["reply"]["tag"] == "RP:FWD" and "sign with DKIM as example.org" in
       "".join(got["reply"]["lines"]), "a rule refuses what is doomed, and says what to fix", got)
    write("zone", 'ours.example TXT "v=spf1 ip4:192.0.2.1 -all"\n')


def addresses(place):
    def path(name):
        return os.path.join(place, name)

    def write(name, text, mode=0o600):
        with open(path(name), "w") as f:
            f.write(text)
        os.chmod(path(name), mode)

    write("zone", 'ours.example TXT "v=spf1 ip4:192.0.2.1 -all"\n')
    write("secret", "first secret of ours\n")
    write("conf", "SRSDomain fwd.example.net\nSRSSecretFile secret\nTestDNSData zone\n"
          "LocalDomains local.test\nPolicyFile \"\"\nRepliesFile \"\"\n")
    common = ["--config", path("conf"), "--time", "2024-10-04"]
    ours = "SRS0=zNjU=RA=example.org=user@fwd.example.net"
    is_run([*common, "forward", "user@example.org"], 0, ours + "\n", "", "forward")
    is_run([*common, "reverse", ours], 0, "user@example.org\n", "", "reverse")
    is_run([*common, "reverse", ours, ours.lower()], 0, "user@example.org\n" * 2, "", "several")
    is_run([*common, "forward", "<>"], 1, "", "<>: null-sender", "the null sender stays")
    is_run([*common, "forward", "x@local.test"], 1, "", "own-domain", "our own stay")
    is_run([*common, "reverse", "user@fwd.example.net"], 1, "", "foreign", "no SRS address")
    is_run([*common, "reverse", ours.replace("zNjU", "zNjX"), ours], 1, "user@example.org\n",
           "forged", "one of two is forged")
    is_run(["--config", path("conf"), "--time", "2024-10-25", "reverse", ours], 0, None, "",
           "21 days later")
    is_run(["--config", path("conf"), "--time", "2024-10-26", "reverse", ours], 1, "", "expired",
           "22 days later")
    needed = ["-o", "SRSWhen=needed", "-o", "OutboundAddresses=192.0.2.1"]
    is_run([*common, *needed, "forward", "user@ours.example"], 1, "", "not-needed",
           "SPF passes as it is")
    is_run([*common, *needed, "forward", "user@example.org"], 0, ours + "\n", "",
           "SPF does not")
    by_filter(path, write, ours)
    os.chmod(path("secret"), 0o644)
    is_run([*common, "forward", "user@example.org"], 78, "", "others may read it",
           "an unsafe secret is not used")
    write("bare", "TestDNSData zone\nPolicyFile \"\"\nRepliesFile \"\"\n")
    is_run(["--config", path("bare"), "forward", "user@example.org"], 78, "",
           "SRSDomain is not set", "without SRSDomain")


if __name__ == "__main__":
    secrets()
    usage()
    with tempfile.TemporaryDirectory() as where:
        addresses(where)
    sys.exit(done())
