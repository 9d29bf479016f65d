# SPDX-License-Identifier: BSD-2-Clause
"""Runs the scenarios behind a real MTA (test_postfix.py, test_sendmail.py).

A client with the scenario's address speaks SMTP to the MTA, which asks a
chopmarkd of this build. What is compared is what people see: the replies, the
message in the mailbox, the hold queue, and the line in the log."""
import base64
import glob
import json
import os
import re
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "lib")]
import host  # noqa: E402
import netns  # noqa: E402
import chopmark  # noqa: E402
import postfix  # noqa: E402
import sendmail  # noqa: E402
import smtp  # noqa: E402
import tap  # noqa: E402

TOP = os.environ.get("top_srcdir", ".")
BUILD = os.environ.get("top_builddir", ".")
DAEMON = b"UserID nobody\nSocketMode 0666\nSyslog no\n"
ADDRESS_PREFIX = re.compile(r"^<[^>]*>\.\.\. ")


def octets(text):
    return base64.b64decode(text)


def text(value):
    return octets(value).decode("latin-1")


def load(path):
    done = subprocess.run([os.path.join(BUILD, "tests/scenario/run_scenario"), "--export", path],
                          check=True, stdout=subprocess.PIPE)
    return json.loads(done.stdout)


def header_fields(message):
    """[(name, unfolded value)] of a delivered message."""
    head = re.split(rb"\r?\n\r?\n", message, maxsplit=1)[0].decode("latin-1")
    head = re.sub(r"\r?\n(?=[ \t])", "", head)
    head = re.sub(r"[ \t]+", " ", head)
    pairs = [l.split(":", 1) for l in re.split(r"\r?\n", head) if ":" in l]
    return [(n.strip().lower(), v.strip()) for n, v in pairs]


class Run:
    """One scenario: the connection, and what the last command came to."""

    def __init__(self, scenario, mta, daemon):
        self.s = scenario
        self.mta = mta
        self.daemon = daemon
        self.client = None
        self.reply = None
        self.mark = 0
        self.fields = None
        self.headers = None
        self.accepted = False
        self.held_before = 0

    def where(self, event):
        return "%s:%d" % (os.path.basename(self.s["file"]), event["line"])

    def begin(self):
        self.mark = self.daemon.mark()
        self.fields = self.headers = None
        self.accepted = False
        self.held_before = self.mta.held()

    def connect(self, event):
        if self.client:
            self.client.close()
        address = event["ip"]
        netns.need(address)
        server = netns.SERVER6 if ":" in address else netns.SERVER4
        self.client = smtp.Client((server, 25), address)
        self.reply = self.client.greeting

    def settle(self):
        """Takes a delivered message that nobody looked at out of the way."""
        if self.accepted and self.decision().get("action") in ("accept", "quarantine"):
            self.delivered()

    def command(self, event):
        kind = event["kind"]
        self.settle()
        self.begin()
        if kind == "connect":
            self.connect(event)
        elif kind == "helo":
            self.reply = self.client.say(b"EHLO " + octets(event["text"]))
        elif kind == "starttls":
            self.reply = self.client.starttls()
        elif kind in ("mail", "rcpt"):
            verb = b"MAIL FROM:" if kind == "mail" else b"RCPT TO:"
            words = [verb + octets(event["text"])] + [octets(a) for a in event["args"]]
            self.reply = self.client.say(b" ".join(words))
        elif kind == "message":
            self.reply = self.client.data(octets(event["text"]))
            self.accepted = self.reply.code == "250"
        elif kind == "rset":
            self.reply = self.client.say("RSET")
        elif kind == "reload":
            self.daemon.reload()
        else:
            raise RuntimeError("%s: '%s' cannot be done behind an MTA" % (self.where(event), kind))

    def decision(self):
        if self.fields is None:
            self.fields = self.daemon.line_after(self.mark)
        return self.fields

    def delivered(self):
        if self.headers is None:
            message = self.mta.delivered() if self.accepted else None
            self.headers = header_fields(message) if message else []
        return self.headers

    def reply_meets(self, event):
        got = self.reply
        said = ADDRESS_PREFIX.sub("", got.text)
        want = [text(a) for a in event["args"]]
        good = got.code == text(event["name"])
        if want and want[0] != got.enhanced:
            good = False
        if event["text"] and not re.search(text(event["text"]), said):
            good = False
        return good, repr(got)

    def header_meets(self, event):
        name = text(event["name"]).lower()
        values = [v for n, v in self.delivered() if n == name]
        if event["expect"] == "count":
            return len(values) == int(text(event["args"][0])), repr(values)
        hit = any(not event["text"] or re.search(text(event["text"]), v) for v in values)
        return hit == (event["expect"] == "header") and self.delivered() != [], repr(values)

    def action_meets(self, event):
        want = text(event["name"])
        got = self.decision().get("action", "")
        if got == want == "hold":
            return self.mta.held() == self.held_before + 1, "held by us, not by the MTA"
        return got == want, got

    def meets(self, event):
        kind = event["expect"]
        if kind == "reply":
            return self.reply_meets(event)
        if kind in ("header", "no header", "count"):
            return self.header_meets(event)
        if kind == "action":
            return self.action_meets(event)
        if kind == "rule":
            got = self.decision().get("rule", "none")
            return got == text(event["name"]), got
        if kind == "test":
            got = [t.split(":")[0] for t in self.decision().get("test", [])]
            return text(event["name"]) in got, repr(got)
        return None, ""  # findings are seen in-process alone

    def play(self):
        for event in self.s["events"]:
            if event["kind"] != "expect":
                self.command(event)
                continue
            good, why = self.meets(event)
            if good is not None:
                tap.ok(good, "%s expect %s %s" % (self.where(event), event["expect"],
                                                 text(event["name"])), why)
        self.settle()
        if self.client:
            self.client.close()


def drain(mta):
    """Mail of a scenario that nobody looked at must not confuse the next."""
    while mta.delivered(timeout=0) is not None:
        pass


def play(path, mta, directory, number):
    scenario = load(path)
    if scenario["only"] and mta.name not in [text(o) for o in scenario["only"]]:
        return
    home = os.path.join(directory, "chopmark%d" % number)
    config = octets(scenario["config"]) + b"\n" + DAEMON
    drain(mta)
    daemon = chopmark.Daemon(home, config, octets(scenario["zone"]), octets(scenario["policy"]),
                             octets(scenario["replies"]),
                             socket="unix:" + os.path.join(directory, "milter", "chopmark.sock"))
    try:
        Run(scenario, mta, daemon).play()
    finally:
        code = daemon.stop()
        tap.ok(code == 0, "%s: chopmarkd ended well" % os.path.basename(path),
               "exit %r\n%s" % (code, "\n".join(daemon.lines[-20:])))
    shutil.rmtree(home, ignore_errors=True)


def start(kind, directory):
    listen = [(netns.SERVER4, 25), (netns.SERVER6, 25)]
    milter = "unix:" + os.path.join(directory, "milter", "chopmark.sock")
    if kind == "postfix":
        return postfix.Postfix(os.path.join(directory, "postfix"), milter, listen)
    return sendmail.Sendmail(os.path.join(directory, "sendmail"), milter, listen)


def main(kind, files):
    module = postfix if kind == "postfix" else sendmail
    why = host.unable(module)
    if why:
        return tap.skip_all(why)
    netns.enter()
    files = files or sorted(glob.glob(os.path.join(TOP, "tests/scenario/*.scn")))
    directory = host.directory()
    mta = start(kind, directory)
    try:
        for number, path in enumerate(files):
            play(path, mta, directory, number)
    finally:
        mta.stop()
        shutil.rmtree(directory, ignore_errors=True)
    return tap.done()

