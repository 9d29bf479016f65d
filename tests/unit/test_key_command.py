#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
#
# chopmark key: what it makes is safe, works, and is never written over; what
# it finds in the DNS decides the exit code.

import os
import re
import shutil
import subprocess
import tempfile

from tap import done, ok

PROGRAM = os.path.join(os.environ["top_builddir"], "chopmark")


def run(*args):
    return subprocess.run([PROGRAM, "key", *args], capture_output=True, text=True, check=False)


def record(output):
    """The one string that the zone line holds."""
    return "".join(re.findall(r'"([^"]*)"', output))


def make(place, selector, *args):
    got = run("new", selector, "example.org", "--directory", place, *args)
    path = os.path.join(place, "example.org-%s.private" % selector)
    ok(got.returncode == 0 and os.path.exists(path), selector + ": made", got.stderr)
    ok(os.stat(path).st_mode & 0o037 == 0, selector + ": nobody else may read or write it")
    ok(got.stdout.startswith(selector + "._domainkey.example.org. IN TXT ("),
       selector + ": a line of a zone", got.stdout)
    ok(all(len(s) <= 255 for s in re.findall(r'"([^"]*)"', got.stdout)),
       selector + ": no string is too long")
    finds(place, selector + ": what is printed is taken as a zone", got.stdout,
          "Domain example.org\nSelector %s\nKeyFile %s\n" % (selector, path), 0, "good")
    return record(got.stdout), path


def check(place, zone, config, *args):
    with open(place + "/zone", "w") as f:
        f.write(zone)
    with open(place + "/chopmark.conf", "w") as f:
        f.write(config)
    return run("check", "--config", place + "/chopmark.conf", "--zone", place + "/zone", *args)


def finds(place, what, zone, config, code, *words):
    got = check(place, zone, config)
    ok(got.returncode == code and all(w in got.stdout for w in words), what,
       got.returncode, got.stdout, got.stderr)


def main():
    place = tempfile.mkdtemp()
    try:
        rsa, rsa_path = make(place, "rsa", "--bits", "1024")
        ed, ed_path = make(place, "ed", "--ed25519")
        before = open(rsa_path).read()
        got = run("new", "rsa", "example.org", "--directory", place)
        ok(got.returncode == 74 and open(rsa_path).read() == before,
           "a key that is there is not written over", got.stderr)
        name = "%s._domainkey.example.org TXT \"%s\"\n"
        both = ("Domain example.org\nSelector rsa, ed\nKeyFile %s, %s\n" % (rsa_path, ed_path))
        one = "Domain example.org\nSelector ed\nKeyFile %s\n" % ed_path
        finds(place, "both are good", name % ("rsa", rsa) + name % ("ed", ed), both, 0,
              "rsa._domainkey.example.org  good       rsa 1024\n",
              "ed._domainkey.example.org   good       ed25519 256\n")
        finds(place, "one is missing", name % ("rsa", rsa), both, 1, "good", "missing")
        finds(place, "another key", name % ("ed", rsa), one, 1, "different")
        finds(place, "revoked", name % ("ed", "v=DKIM1; k=ed25519; p="), one, 1, "revoked")
        finds(place, "broken", name % ("ed", "v=DKIM1; k=new; p=AAAA"), one, 1, "broken")
        finds(place, "in test mode", name % ("ed", ed + "; t=y"), one, 1, "good", "t=y")
        finds(place, "several records", name % ("ed", ed) + name % ("ed", rsa), one, 1,
              "more than one")
        finds(place, "no answer", "ed._domainkey.example.org SERVFAIL\n", one, 75, "unknown")
        finds(place, "no answer and a missing one",
              "ed._domainkey.example.org SERVFAIL\n", both, 1, "unknown", "missing")
        os.chmod(ed_path, 0o644)
        got = check(place, name % ("ed", ed), one)
        ok(got.returncode == 78 and "others may read it" in got.stderr, "an unsafe file",
           got.stderr)
        finds(place, "no key at all", "", "", 78)
        for args in ((), ("old",), ("new", "x"), ("new", "a b", "example.org"),
                     ("new", "x", "org"), ("new", "x", "example.org", "--bits", "512"),
                     ("check", "x")):
            got = run(*args)
            ok(got.returncode == 64 and got.stderr, "usage: key " + " ".join(args), got.stderr)
    finally:
        shutil.rmtree(place)
    return done()


if __name__ == "__main__":
    raise SystemExit(main())
