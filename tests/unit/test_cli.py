#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
#
# chopmark(1) from outside: exit codes, what it prints, and that the shipped
# sample and manual are what the program says of its options.

import json
import os
import pty
import re
import shutil
import subprocess
import tempfile

from tap import done, ok, skip

SOURCE = os.environ["top_srcdir"]
PROGRAM = os.path.join(os.environ["top_builddir"], "chopmark")


def run(*args, data=b"", **more):
    env = dict(os.environ, TERM="xterm")
    env.pop("NO_COLOR", None)
    return subprocess.run([PROGRAM, *args], input=data, capture_output=True,
                          env=env, check=False, **more)


def exits(want, name, *args, says=None, data=b""):
    """A run that ends with that code, and says that much on standard error."""
    got = run(*args, data=data)
    error = got.stderr.decode(errors="replace")
    ok(got.returncode == want and (says is None or says in error), name,
       f"exit {got.returncode}, want {want}", error)
    return got


ZONE = """
example.org        TXT "v=spf1 ip4:192.0.2.1 -all"
_dmarc.example.org TXT "v=DMARC1; p=reject"
"""
MESSAGE = (b"From: A <a@example.org>\nTo: b@local.test\nSubject: hello\n"
           b"Date: Sat, 21 Nov 2026 23:00:00 +0000\n\nhello\n")
GOOD = ("--ip", "192.0.2.1", "--helo", "mail.example.net",
        "--mail-from", "<a@example.org>")
BAD = ("--ip", "192.0.2.9") + GOOD[2:]


class Place:
    """A directory with a configuration, a zone and a message."""

    def __init__(self, path):
        self.path = path
        self.write("chopmark.conf", "Hostname mx.example.com\n"
                   "TestDNSData zone\n")
        self.write("zone", ZONE)
        self.write("message", MESSAGE)
        self.config = ("--config", self.file("chopmark.conf"))

    def file(self, name):
        return os.path.join(self.path, name)

    def write(self, name, text):
        with open(self.file(name), "wb") as f:
            f.write(text if isinstance(text, bytes) else text.encode())
        return self.file(name)

    def check(self, *args):
        return ("check", *self.config, *args, self.file("message"))


def commands():
    got = exits(0, "help lists the commands", "help")
    ok(all(f"  {name} " in got.stdout.decode() for name in
           ("check", "config", "help", "srs", "version")), "all of them", got.stdout)
    got = exits(0, "help explains a command", "help", "check")
    ok(b"--mail-from" in got.stdout, "with its options", got.stdout)
    same = exits(0, "a command explains itself", "check", "--help")
    ok(same.stdout == got.stdout, "in the words of help", same.stdout)
    got = exits(0, "version", "version")
    ok(re.fullmatch(rb"chopmark \d+\.\d+\.\d+\n", got.stdout) is not None,
       "is one line", got.stdout)
    exits(64, "no command is wrong usage", says="usage: chopmark")
    exits(64, "an unknown command", "chekc", says="did you mean 'check'?")
    exits(64, "help for an unknown command", "help", "x", says="'x'")


def usage(p):
    for missing in ("--ip", "--helo", "--mail-from"):
        at = GOOD.index(missing)
        exits(64, f"check needs {missing}", "check", *GOOD[:at], *GOOD[at + 2:],
              says=f"{missing} is needed")
    exits(64, "the address must be one", *p.check("--ip", "1.2.3", *GOOD[2:]),
          says="'1.2.3' is not an IP address")
    exits(64, "one message at a time", *p.check(*GOOD), "more",
          says="unexpected")
    exits(64, "an unknown option", *p.check(*GOOD, "--nope"), says="--nope")
    exits(64, "an option without value", "check", "--ip", says="--ip")
    exits(64, "-o takes a setting", *p.check(*GOOD, "-o", "TestMode"),
          says="-o takes NAME=VALUE")
    exits(66, "a missing message", "check", *p.config, *GOOD, "/nonexistent",
          says="No such file")
    exits(78, "a missing configuration", "check", "--config", "/nonexistent",
          *GOOD, says="/nonexistent: error: No such file")
    exits(78, "a wrong setting", *p.check(*GOOD, "-o", "Nonsense=1"),
          says="command line: error: unknown option 'Nonsense'")


def verdicts(p):
    got = exits(0, "mail that passes is accepted", *p.check(*GOOD))
    text = got.stdout.decode()
    ok("  action      accept\n" in text, "and shown so", text)
    ok("insert      Authentication-Results: mx.example.com;" in text,
       "with the header that would be written", text)
    got = exits(1, "mail that fails is rejected", *p.check(*BAD))
    text = got.stdout.decode()
    ok("rule        dmarc-reject" in text and "reply       550 5.7.1 " in text,
       "rule and reply are shown", text)
    ok('"v=spf1 ip4:192.0.2.1 -all"' in text, "and the DNS answers", text)
    ok("\033" not in text, "no colour into a pipe", text)
    ok(not re.search(r"[ \t]$", text, re.M), "no line ends in white space",
       text)
    for action, code in (("accept", 0), ("reject with spf", 1), ("discard", 2),
                         ("tempfail with dns", 75)):
        policy = p.write("one.conf", f"all: {action}\n")
        exits(code, f"exit code of {action}",
              *p.check(*GOOD, "-o", f"PolicyFile={policy}"))
    early = p.write("early.conf", "early: reject with spf at mail if spf is fail\n")
    exits(1, "a rule may decide before the message",
          *p.check(*BAD, "-o", f"PolicyFile={early}"))
    rcpt = p.write("rcpt.conf", 'no: reject with spf at rcpt if rcpt is "x@local.test"\n')
    rule = ("-o", f"PolicyFile={rcpt}", "--rcpt", "x@local.test")
    exits(1, "the only recipient is refused", *p.check(*GOOD, *rule))
    exits(0, "one of two is", *p.check(*GOOD, *rule, "--rcpt", "y@local.test"))
    got = exits(0, "mail of authenticated users is not judged",
                *p.check(*BAD, "--auth", "anna"))
    ok(b"originating mail is not judged" in got.stdout, "and that is said",
       got.stdout)
    exits(0, "so is mail of a service named by MTA",
          *p.check(*BAD, "-o", "MTA=SUBMIT", "--daemon", "SUBMIT"))
    exits(1, "a peer is told of, and judged all the same",
          *p.check(*BAD, "-o", "PeerList=192.0.2.9"), says="PeerList")
    other = p.write("other", "example.org TXT \"v=spf1 +all\"\n")
    exits(0, "--zone takes the place of the network",
          *p.check(*BAD, "--zone", other))


def inputs(p):
    plain = run(*p.check(*BAD, "--json")).stdout
    stdin = run("check", *p.config, *BAD, "--json", data=MESSAGE)
    ok(stdin.returncode == 1, "the message may come by standard input")
    crlf = run("check", *p.config, *BAD, "--json", "-",
               data=MESSAGE.replace(b"\n", b"\r\n"))
    timeless = lambda text: re.sub(rb"mx\.example\.com,\S+ \d+", b"", text)
    ok(timeless(stdin.stdout) == timeless(plain) == timeless(crlf.stdout),
       "LF and CRLF come to the same", crlf.stdout.decode())
    hostile = (b"From: \"\x1b]0;x\x07\xff\xc2\x9b\" <a\x1b[31m@example.org>\n"
               b"List-Id: <\xe2\x80\xae\x01list>\n\nx\n")
    got = run("check", *p.config, *BAD, data=hostile)
    ok(not re.search(rb"[\x00-\x09\x0b-\x1f\x7f]|\xc2\x9b|\xe2\x80\xae|\xff",
                     got.stdout),
       "nothing of a message reaches a terminal as a control", got.stdout)
    got = run("check", *p.config, *BAD, "--json", data=hostile)
    json.loads(got.stdout)
    ok(got.returncode in (0, 1), "and JSON stays JSON")
    for cut in range(0, len(MESSAGE), 7):
        got = run("check", *p.config, *GOOD, data=MESSAGE[:cut])
        if got.returncode not in (0, 1):
            break
    ok(got.returncode in (0, 1), "a message may end anywhere", got.stderr)


def as_json(p):
    got = json.loads(run(*p.check(*BAD, "--json", "--rcpt", "b@local.test"))
                     .stdout)
    ok(got["action"] == "reject" and got["rule"] == "dmarc-reject" and
       got["judged"] is True, "JSON: the decision", got)
    ok(got["reply"]["code"] == "550" and got["reply"]["tag"] == "DT:DMARC" and
       got["reply"]["lines"][0].startswith("DT:DMARC mx.example.com,"),
       "JSON: the reply", got["reply"])
    spf = [f for f in got["findings"] if f["method"] == "spf"
           and f["properties"].get("smtp.mailfrom")]
    ok(len(spf) == 1 and spf[0]["result"] == "fail" and
       spf[0]["properties"]["mechanism"] == "-all", "JSON: findings", spf)
    ok(got["facts"]["rcpt.any"] == ["b@local.test"] and
       got["facts"]["direction"] == "inbound" and
       got["facts"]["dmarc.disposition"] == "reject", "JSON: facts",
       got["facts"])
    ok(any({"name": "example.org", "type": "TXT", "status": "ok",
            "records": ["v=spf1 ip4:192.0.2.1 -all"]}.items() <= d.items()
           for d in got["dns"]), "JSON: DNS answers", got["dns"])
    got = json.loads(run(*p.check(*GOOD, "--json")).stdout)
    ok(got["reply"] is None and got["edits"][0]["kind"] == "insert" and
       got["edits"][0]["name"] == "Authentication-Results",
       "JSON: edits of accepted mail", got)


STEPS = ["connect", "helo", "mail", "rcpt", "header", "eoh", "body", "end"]
SLOW = """
$DELAY 5
example.org        TXT "v=spf1 include:example.net -all"
example.net        TXT "v=spf1 a:mail.example.net -all"
_dmarc.example.org TXT "v=DMARC1; p=reject"
"""


def holds_together(timing):
    """Each lookup began behind the one that it is said to be after."""
    all_of_them = timing["lookups"]
    for one in all_of_them:
        before = (all_of_them[one["after"]] if one["after"] is not None
                  else {"chain": 0, "answered": one["asked"]})
        if (one["chain"] != before["chain"] + 1 or
                not before["answered"] <= one["asked"] <= one["answered"]):
            return False
    return timing["chain"] == max(one["chain"] for one in all_of_them)


def timing(p):
    p.write("zone", SLOW)
    wish = p.check(*BAD, "--rcpt", "b@local.test")
    ok("timing" not in json.loads(run(*wish, "--json").stdout) and
       b"Timeline" not in run(*wish).stdout, "no times without --timing")
    got = json.loads(run(*wish, "--json", "--timing").stdout)["timing"]
    names = [step["name"] for step in got["steps"]]
    ok(names == STEPS, "JSON: every step, in order", names)
    begins = [step["at"] for step in got["steps"]]
    ok(begins == sorted(begins), "JSON: which begin one after the other",
       begins)
    end = got["steps"][-1]
    parts = [part["name"] for part in end["parts"]]
    ok([name for name in parts if name in ("spf", "dkim", "dmarc", "policy")] ==
       ["spf", "dkim", "dmarc", "policy"], "JSON: who works in the last", parts)
    ok(sum(part["waited"] for part in end["parts"]) <= end["waited"] <=
       end["took"], "JSON: waiting is part of it", end)
    ok(got["chain"] == 3 and holds_together(got),
       "JSON: the longest chain is a record, one that it includes, an address",
       got["lookups"])
    waits = [wait for one in got["lookups"] for wait in one["waits"]]
    ok(len(waits) > 0 and all(wait["step"] == "end" and wait["part"] in parts
                              for wait in waits), "JSON: who waited", waits)
    text = run(*wish, "--timing").stdout.decode()
    ok(re.search(r"^Timeline \(ms\)\n +at +took +cpu +waited\n"
                 r"(  .*\n)*\nLookups \(ms\)\n +asked +answered chain\n"
                 r"(  .*\n)*  longest chain: 3, TXT example.org > "
                 r"TXT example.net > A mail.example.net\n$", text, re.M),
       "the same as text", text)
    first = [line.split()[0] for line in
             text.split("Timeline")[1].split("Lookups")[0].splitlines()[2:]
             if line.startswith("  ") and line[2] != " "]
    ok(first == STEPS, "with every step", first)


def output(p):
    with open("/dev/full", "wb") as full:
        got = subprocess.run([PROGRAM, *p.check(*GOOD)], stdout=full,
                             stderr=subprocess.PIPE, check=False)
    ok(got.returncode == 74, "a full disk is told", got)
    for env, colour in (({}, True), ({"NO_COLOR": "1"}, False),
                        ({"TERM": "dumb"}, False)):
        try:
            master, slave = pty.openpty()
        except OSError as why:
            skip("a terminal's colours", "no terminals here: %s" % why)
            continue
        subprocess.run([PROGRAM, *p.check(*BAD)], stdout=slave,
                       env={"TERM": "xterm", **env}, check=False)
        os.close(slave)
        text = b""
        try:
            while piece := os.read(master, 65536):
                text += piece
        except OSError:  # the end of a terminal
            pass
        os.close(master)
        ok((b"\033[31mreject\033[0m" in text) == colour,
           f"a terminal, {env or 'plain'}: {'' if colour else 'no '}colour",
           text)


def config(p):
    got = exits(0, "config checks", "config", *p.config)
    ok(got.stdout.decode() == p.config[1] + ": no errors\n", "and says so",
       got.stdout)
    policy = p.write("broken.conf", "x: accept\n\ny: regect if spf is fail\n")
    exits(78, "what the configuration names is checked too", "config",
          *p.config, "-o", f"PolicyFile={policy}", says="broken.conf:3: error:")
    exits(64, "config takes no file", "config", "x", says="unexpected 'x'")
    first = run("config", *p.config, "--dump", "-o", "RelayHosts=192.0.2.0/24")
    again = run("config", "--config", p.write("again.conf", first.stdout),
                "--dump")
    ok(first.returncode == 0 and first.stdout == again.stdout,
       "a dump reads back to the same", again.stderr)
    ok(b"Hostname mx.example.com\n" in first.stdout and
       f"TestDNSData {p.file('zone')}\n".encode() in first.stdout,
       "with the values in effect", first.stdout)
    exits(78, "nothing is dumped of a broken one", "config", "--config",
          p.write("bad.conf", "DNSTimeout x\n"), "--dump",
          says="bad.conf:1: error: DNSTimeout")


def read(name):
    with open(os.path.join(SOURCE, "conf", name), encoding="utf-8") as f:
        return f.read()


def shipped(p):
    sample = run("config", "--sample", "--shipped").stdout.decode()
    ok(read("chopmark.conf") == sample,
       "the shipped sample is what the program says",
       "make update-options writes it anew")
    table = run("config", "--manual", "--shipped").stdout.decode()
    page = re.search(r'^\.\\" The list is made.*?\n(.*?)^\.\\" End of the list',
                     read("chopmark.conf.5"), re.M | re.S)
    ok(page is not None and page.group(1) == table,
       "so is the list of options in the manual",
       "make update-options writes it anew")
    folder = p.file("conf")
    os.mkdir(folder)
    for name in ("chopmark.conf", "policy.conf", "replies.conf"):
        shutil.copy(os.path.join(SOURCE, "conf", name), folder)
    got = exits(0, "what is shipped has no errors", "config", "--config",
                os.path.join(folder, "chopmark.conf"))
    ok(got.stderr == b"", "and no warnings", got.stderr)
    for name in ("policy-cautious.conf", "policy-strict.conf"):
        exits(0, f"{name} has none", "config", *p.config, "-o",
              f"PolicyFile={os.path.join(SOURCE, 'conf', name)}")
    for name in ("replies-google.conf", "replies-plain.conf"):
        exits(0, f"{name} has none", "config", *p.config, "-o",
              f"RepliesFile={os.path.join(SOURCE, 'conf', name)}")


with tempfile.TemporaryDirectory() as directory:
    commands()
    for part in (usage, verdicts, inputs, as_json, timing, output, config, shipped):
        part(Place(directory))
raise SystemExit(done())
