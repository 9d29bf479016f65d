#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Addresses of SRS exchanged with living counterparts, in both directions:
Mail::SRS (libmail-srs-perl) on any day of the calendar, postsrsd today.
What is not installed is skipped."""
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time

from tap import done, ok, skip

PROGRAM = os.path.join(os.environ["top_builddir"], "chopmark")
OLD, NEW = "the older secret of ours", "the newer secret, on top"
DAY = 86400
NOON = 20778 * DAY + 43200
FWD = "fwd.example.net"
SENDERS = ["user@example.org", "User.Name+tag@Example.ORG", "a=b==c@example.org",
           "x-y_z/=@sub.example.org", "=@example.org", "SRS@example.org", "srs0@example.org",
           "user%host!path@example.org", "0123456789" * 6 + "@example.org"]
PERL = r"""
use strict;
BEGIN { *CORE::GLOBAL::time = sub { return $main::now; } }
use Mail::SRS;
$SIG{__WARN__} = sub {};
$| = 1;
while (my $line = <STDIN>) {
  chomp $line;
  my ($way, $at, $sep, $address, @secrets) = split /\t/, $line;
  $main::now = $at;
  my $srs = new Mail::SRS(Secret => [@secrets], Separator => $sep);
  my $out = eval { $way eq "forward" ? $srs->forward($address, "fwd.example.net")
                                     : $srs->reverse($address) };
  print defined $out ? "$out\n" : "-\n";
}
"""


class Ours:
    def __init__(self, place):
        self.secret = os.path.join(place, "secret")
        self.zone = os.path.join(place, "zone")
        self.config = os.path.join(place, "chopmark.conf")
        with open(self.zone, "w"), open(self.config, "w"):
            pass

    def ask(self, way, address, at=NOON, secrets=(OLD,), sep="="):
        descriptor = os.open(self.secret, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as f:
            f.write("".join(s + "\n" for s in secrets))
        got = subprocess.run(
            [PROGRAM, "srs", "-o", "SRSDomain=" + FWD, "-o", "SRSSecretFile=" + self.secret,
             "-o", "SRSSeparator=" + sep, "-o", "LocalDomains=local.test",
             "-o", "TestDNSData=" + self.zone, "--time", str(int(at)),
             "--config", self.config, way, "--", address],
            capture_output=True, text=True, check=False)
        return got.stdout.strip() if got.returncode == 0 else "-"


class MailSRS:
    name = "Mail::SRS"
    leaves = ()  # what it does not rewrite, and we do

    def __init__(self, _place):
        self.process = subprocess.Popen(["perl", "-e", PERL], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True, bufsize=1)

    def ask(self, way, address, at=NOON, secrets=(OLD,), sep="="):
        self.process.stdin.write("\t".join((way, str(int(at)), sep, address) + tuple(secrets))
                                 + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def stop(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


class PostSRSd:
    """One daemon for each set of secrets and separator, on free ports. It takes
    every address that begins with SRS0 for one of SRS, makes no second hop of
    those, but takes back the second hops of others."""
    name = "postsrsd"
    leaves = ("srs0@example.org", "SRS0=", "SRS1=", "SRS0+", "SRS1+", "SRS0-", "SRS1-")

    def __init__(self, place):
        self.place = place
        self.running = {}

    @staticmethod
    def free_port():
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            return s.getsockname()[1]

    def start(self, secrets, sep):
        path = os.path.join(self.place, f"postsrsd{len(self.running)}")
        with open(path, "w") as f:
            f.write("".join(s + "\n" for s in secrets))
        ports = {"forward": self.free_port(), "reverse": self.free_port()}
        process = subprocess.Popen(
            [shutil.which("postsrsd") or "/usr/sbin/postsrsd", "-4", "-s" + path, "-d" + FWD,
             "-a" + sep, f"-f{ports['forward']}", f"-r{ports['reverse']}"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return process, ports

    def connect(self, port):
        for _ in range(200):
            try:
                return socket.create_connection(("127.0.0.1", port), timeout=30)
            except ConnectionRefusedError:
                time.sleep(0.05)
        raise RuntimeError("postsrsd does not listen")

    def ask(self, way, address, at=None, secrets=(OLD,), sep="="):
        del at
        key = (tuple(secrets), sep)
        if key not in self.running:
            self.running[key] = self.start(*key)
        quoted = "".join(c if c.isalnum() or c in "@.=-_" else "%%%02x" % ord(c)
                         for c in address)
        with self.connect(self.running[key][1][way]) as s:
            s.sendall(f"get {quoted}\n".encode())
            code, _, text = s.makefile().readline().strip().partition(" ")
        if code != "200":
            return "-"
        out = ""
        while text:
            if text[0] == "%":
                out, text = out + chr(int(text[1:3], 16)), text[3:]
            else:
                out, text = out + text[0], text[1:]
        return out

    def stop(self):
        for process, _ in self.running.values():
            process.terminate()
            process.wait()


def same_day(run):
    """Runs again if midnight came in between."""
    while True:
        today = int(time.time() / DAY)
        result = run(time.time())
        if int(time.time() / DAY) == today:
            return result


def addresses(us, them, at):
    for sender in SENDERS:
        if sender.startswith(them.leaves or "?"):
            continue
        ours = us.ask("forward", sender, at)
        theirs = them.ask("forward", sender, at)
        ok(ours == theirs != "-", f"{them.name} makes the same of {sender}", ours, theirs)
        ok(us.ask("reverse", theirs, at) == sender, "what they made we take back", theirs)
        ok(them.ask("reverse", ours, at) == sender, "and they what we made", ours)
        ok(us.ask("reverse", theirs.lower(), at) == sender.lower(), "in lower case too")
        forged = ours.replace("=", "=x", 1)
        ok(us.ask("reverse", forged, at) == them.ask("reverse", forged, at) == "-",
           "forged, neither takes it")


def hops(us, them, at):
    for sep in "=+-":
        first = us.ask("forward", "user@example.org", at, sep=sep).replace(FWD, "one.example")
        for name, maker in (("us", us), (them.name, them)):
            if maker is them and first.startswith(maker.leaves or "?"):
                continue
            second = maker.ask("forward", first, at, sep=sep)
            ok(second.startswith("SRS1" + sep), f"second hop by {name} with {sep}", second)
            ok(us.ask("reverse", second, at) == first, "goes back to the first by us", second)
            ok(them.ask("reverse", second, at) == first, f"and by {them.name}", second)
            third = us.ask("forward", second.replace(FWD, "two.example"), at)
            ok(them.ask("reverse", third, at) == first, "so does a third hop", third)
            if second.startswith(them.leaves or "?"):
                continue
            ok(third == them.ask("forward", second.replace(FWD, "two.example"), at),
               "both make the same third hop", third)


def rotation(us, them, at):
    old = them.ask("forward", "user@example.org", at, secrets=(OLD,))
    both = them.ask("forward", "user@example.org", at, secrets=(NEW, OLD))
    ok(us.ask("reverse", old, at, secrets=(NEW, OLD)) == "user@example.org",
       f"an address that {them.name} made with the old secret")
    ok(us.ask("reverse", old, at, secrets=(NEW,)) == "-", "not when that is gone")
    ok(us.ask("forward", "user@example.org", at, secrets=(NEW, OLD)) == both,
       "the first secret signs, as theirs does")
    ours = us.ask("forward", "user@example.org", at, secrets=(OLD,))
    ok(them.ask("reverse", ours, at, secrets=(NEW, OLD)) == "user@example.org",
       "they take our old ones")
    ok(them.ask("reverse", ours, at, secrets=(NEW,)) == "-", "while they have the secret")


def ages_anywhen(us, them):
    """Both say the same at every border of days, in both directions."""
    wrap = 20480 * DAY  # 1024 * 20: the stamp is AA
    for made in (NOON, wrap - 1, wrap, wrap + 20 * DAY):
        ours = us.ask("forward", "user@example.org", made)
        theirs = them.ask("forward", "user@example.org", made)
        begin = made // DAY * DAY
        for days, name in ((-1, "the second before its day"), (0, "the first of its day"),
                           (1, "a day later"), (21, "21 days later"), (22, "22 days later")):
            for at in (begin + days * DAY + (-1 if days < 0 else 0),
                       begin + days * DAY + DAY - 1):
                if days < 0 and at != begin - DAY - 1:
                    continue
                good = "user@example.org" if 0 <= days <= 21 else "-"
                ok(us.ask("reverse", theirs, at) == good == them.ask("reverse", ours, at),
                   f"made at {made}: {name}, at {at}", ours, theirs)


def ages_today(us, them):
    def run(now):
        out = []
        for days in (-1, 0, 1, 20, 21, 22, 500):
            ours = us.ask("forward", "user@example.org", now - days * DAY)
            good = "user@example.org" if 0 <= days <= 21 else "-"
            out.append((days, them.ask("reverse", ours), us.ask("reverse", ours, now), good))
        return out
    for days, theirs, ours, good in same_day(run):
        ok(theirs == ours == good, f"{them.name} on an address of ours of {days} days ago",
           theirs, ours)


def against(kind, us, place, when, ages):
    them = kind(place)
    try:
        for part in (addresses, hops, rotation):
            part(us, them, when())
        ages(us, them)
    finally:
        them.stop()


def has_mail_srs():
    return shutil.which("perl") and subprocess.run(
        ["perl", "-MMail::SRS", "-e", "1"], capture_output=True, check=False).returncode == 0


def main():
    with tempfile.TemporaryDirectory() as place:
        us = Ours(place)
        if has_mail_srs():
            against(MailSRS, us, place, lambda: NOON, ages_anywhen)
        else:
            skip("Mail::SRS", "libmail-srs-perl is not installed")
        if shutil.which("postsrsd") or os.path.exists("/usr/sbin/postsrsd"):
            # the stamp is the real day's
            against(PostSRSd, us, place, time.time, ages_today)
        else:
            skip("postsrsd", "it is not installed")
    return done()


if __name__ == "__main__":
    sys.exit(main())
