#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
#
# chopmark srs from outside: what it prints and how it ends.

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
