# SPDX-License-Identifier: BSD-2-Clause
"""The demonstration: a chopmarkd of this build behind a private Postfix on
loopback, four messages, and what everyone sees of them."""
import os
import re
import shutil
import subprocess
import sys

TOP = os.environ["top_srcdir"]
sys.path.insert(0, os.path.join(TOP, "tests", "mta"))
import host  # noqa: E402
import netns  # noqa: E402
import chopmark  # noqa: E402
import postfix  # noqa: E402
import run  # noqa: E402
import smtp  # noqa: E402

TITLES = ("1. A genuine message: server allowed by SPF, DKIM signature good",
          "2. A forged sender: SPF fails",
          "3. A forged author: SPF passes for the crook's own domain, DMARC says reject",
          "4. An outgoing message of our own user: signed with DKIM")
OWN_HOST = "192.0.2.100"


def show(who, data):
    for line in data.splitlines():
        print("  %s %s" % (who, line))


def say(client, line):
    show("C:", line)
    reply = client.say(line)
    show("S:", "\n".join(reply.raw[-1:] if line.startswith("EHLO") else reply.raw))
    return reply


def header_of(message):
    head = re.split(rb"\r?\n\r?\n", message, maxsplit=1)[0].decode("latin-1")
    return re.sub(r"(?m)^DKIM-Signature:(.*\n[ \t])*.*\n", "DKIM-Signature: ...\n", head)


def send(client, event, mta):
    message = run.octets(event["text"])
    show("C:", "DATA  (%d octets)" % len(message))
    reply = client.data(message)
    show("S:", "\n".join(reply.raw))
    if reply.code != "250":
        print("\n  Refused: the sender's own server now knows why, and can tell its user.")
        return None
    delivered = mta.delivered()
    print("\n  As delivered:")
    show("|", header_of(delivered) if delivered else "nothing: see the log of Postfix")
    return delivered


def make_key(directory):
    """A key pair as an operator makes it: configuration lines, and the record."""
    os.makedirs(directory, mode=0o700)
    command = [os.path.join(os.environ["top_builddir"], "chopmark"), "key", "new", "demo",
               "local.test", "--directory", directory]
    show("$", "chopmark key new demo local.test --directory KEYS")
    made = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True,
                          stderr=subprocess.DEVNULL).stdout
    key = os.path.join(directory, os.listdir(directory)[0])
    for path in (directory, key):
        shutil.chown(path, "nobody")
    record = "".join(re.findall(r'"([^"]*)"', made))
    show("|", "demo._domainkey.local.test. TXT \"%s...\"" % record[:60])
    lines = "Mode sv\nInternalHosts 127.0.0.0/8, ::1, %s\nDomain local.test\nSelector demo\n" \
        "KeyFile %s\n" % (OWN_HOST, key)
    return lines.encode(), record


def verify(message, record):
    """What an independent verifier, dkimpy, says of the delivered message."""
    import dkim

    def txt(name, timeout=5):
        return record.encode() if name == b"demo._domainkey.local.test." else None

    message = message.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    print("  An independent verifier (dkimpy) says: %s" % (
        "the signature is good" if dkim.verify(message, dnsfunc=txt) else "NOT GOOD"))


def play(scenario, mta, daemon, record):
    client, titles = None, list(TITLES)
    for event in scenario["events"]:
        kind, text = event["kind"], run.text(event["text"])
        if kind == "connect":
            client = smtp.Client((netns.SERVER4, 25), event["ip"])
            origin = event["ip"]
        elif kind == "helo":
            hello = "EHLO " + text
        elif kind == "mail":
            print("\n%s\n  (from %s)" % (titles.pop(0), origin))
            mark = daemon.mark()
            if hello:
                say(client, hello)
                hello = None
            say(client, "MAIL FROM:" + text)
        elif kind == "rcpt":
            say(client, "RCPT TO:" + text)
        elif kind == "message":
            delivered = send(client, event, mta)
            if delivered and origin == OWN_HOST:
                verify(delivered, record)
            daemon.line_after(mark)
            print("\n  In the log of chopmarkd:")
            for line in daemon.lines[mark:]:
                show("#", line)
    client.close()


def main():
    netns.enter()
    directory = host.directory("chopmark-demo-")
    socket = "unix:" + directory + "/milter/chopmark.sock"
    scenario = run.load(os.path.join(TOP, "contrib", "demo.scn"))
    own, record = make_key(directory + "/keys")
    config = run.octets(scenario["config"]) + own + run.DAEMON
    daemon = chopmark.Daemon(directory + "/chopmark", config,
                             run.octets(scenario["zone"]), socket=socket)
    mta = postfix.Postfix(directory + "/postfix", socket,
                          [(netns.SERVER4, 25), (netns.SERVER6, 25)], networks=OWN_HOST,
                          domains="local.test, far.example")
    try:
        print("Postfix (private) listens on %s, smtpd_milters = %s" % (netns.SERVER4, socket))
        play(scenario, mta, daemon, record)
    finally:
        mta.stop()
        daemon.stop()
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    main()
