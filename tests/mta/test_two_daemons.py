# SPDX-License-Identifier: BSD-2-Clause
"""Two chopmarkd behind one Postfix (and one Sendmail), as contrib/doc/sizing.md says: a name with the
addresses of both, in one order for one listener of Postfix and in the other for
the other. While clients send, each daemon is ended and killed and started
again: what it would have judged goes to the other one, and every message that
was accepted is in the mailbox, once, with one set of results."""
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "lib")]
import host  # noqa: E402
import netns  # noqa: E402
import chopmark  # noqa: E402
import postfix  # noqa: E402
import sendmail  # noqa: E402
import senders  # noqa: E402
import smtp  # noqa: E402
import tap  # noqa: E402

CLIENTS = 6  # half of them at each listener
MESSAGES = 10
SECOND = "192.0.2.26"  # the other listener of Postfix
HOSTS = {"a": "192.0.2.31", "b": "192.0.2.32"}
PORT = 8893
CONFIG = b"UserID nobody\nSyslog no\nAuthservID mx.local.test\n"
ZONE = b'example.org TXT "v=spf1 ip4:192.0.2.9 -all"\n'
LABEL = rb"(?m)^Authentication-Results: mx\.local\.test;"
NAMES = """127.0.0.1 localhost
192.0.2.31 milters-ab
192.0.2.32 milters-ab
192.0.2.32 milters-ba
192.0.2.31 milters-ba
"""


def name_the_milters(directory):
    """An /etc/hosts of our own: this process has a mount namespace to itself."""
    path = os.path.join(directory, "hosts")
    with open(path, "w") as f:
        f.write(NAMES)
    subprocess.run(["mount", "--bind", path, "/etc/hosts"], check=True)


class Pair:
    """The daemons, and how often each was started."""

    def __init__(self, directory):
        self.dir = directory
        self.starts = 0
        self.daemon = {which: self.start(which) for which in HOSTS}

    def start(self, which):
        self.starts += 1
        return chopmark.Daemon(os.path.join(self.dir, "chopmark%d" % self.starts), CONFIG, ZONE,
                               socket="inet:%d@%s" % (PORT, HOSTS[which]))

    def judges(self, which):
        """True once it has judged another message."""
        daemon = self.daemon[which]
        return daemon.line_after(daemon.mark()) != {}

    def replace(self, which, how):
        """Ends one and starts it again. True if the other one went on alone."""
        other = "b" if which == "a" else "a"
        self.judges(which)
        self.daemon[which].process.send_signal(how)
        self.daemon[which].process.wait(60)
        alone = self.judges(other) and self.judges(other)
        self.daemon[which] = self.start(which)
        return alone


def arrived(clients):
    return [len(c.accepted) for c in clients]


def play(mta, directory):
    done = threading.Event()
    pair = Pair(directory)
    clients = [senders.Sender("c%d" % n, done, SECOND if n % 2 else netns.SERVER4, MESSAGES)
               for n in range(CLIENTS)]
    for c in clients:
        c.start()
    tap.ok(pair.judges("a") and pair.judges("b"), "both judge messages")
    for how in (signal.SIGTERM, signal.SIGKILL):
        for which in HOSTS:
            before = arrived(clients)
            tap.ok(pair.replace(which, how), "%s: %s gone, the other one judges" % (how.name, which))
            tap.ok(pair.judges(which), "%s: %s is back and judges again" % (how.name, which))
            print("# " + "%s: accepted meanwhile: %r" % (
                which, [b - a for a, b in zip(before, arrived(clients))]))
    done.set()
    for c in clients:
        c.join(120)
    accepted = {key for c in clients for key in c.accepted}
    found, unlabelled = senders.mailbox(mta, accepted, LABEL)
    print("# " + "put off and sent again: %d" % sum(c.put_off for c in clients))
    tap.ok(not any(c.is_alive() for c in clients), "every client got all its mail through")
    tap.ok(not any(c.refused for c in clients), "none was refused",
           repr([c.refused for c in clients]))
    tap.ok(accepted == set(found), "%d accepted messages are in the mailbox" % len(accepted),
           "%r" % sorted(accepted ^ set(found)))
    tap.ok(all(n == 1 for n in found.values()), "each of them once",
           "%r" % {k: n for k, n in found.items() if n > 1})
    tap.ok(unlabelled == 0, "with one set of our results", "%d have not" % unlabelled)
    for which, daemon in pair.daemon.items():
        tap.ok(daemon.stop() == 0, "%s ended well" % which, "\n".join(daemon.lines[-20:]))


def send(mta_address):
    """The replies to one message."""
    client = smtp.Client((mta_address, 25), senders.CLIENT)
    codes = [client.say(line).code for line in (
        "EHLO mail.example.org", "MAIL FROM:<a@example.org>", "RCPT TO:<b@local.test>")]
    codes.append(client.data(b"From: a@example.org\r\nSubject: x\r\n\r\nHello.\r\n").code)
    client.close()
    return codes


def play_sendmail(directory):
    """It takes the next address, too."""
    pair = Pair(directory)
    mta = sendmail.Sendmail(os.path.join(directory, "sendmail"), "inet:%d@milters-ab" % PORT,
                            [(netns.SERVER4, 25)])
    try:
        for which, gone in (("a", None), ("b", "a")):
            if gone:
                pair.daemon[gone].process.send_signal(signal.SIGKILL)
                pair.daemon[gone].process.wait(60)
            mark = pair.daemon[which].mark()
            codes = send(netns.SERVER4)
            tap.ok(codes == ["250"] * 4, "Sendmail: a message is accepted", repr(codes))
            tap.ok(pair.daemon[which].line_after(mark) != {}, "Sendmail: %s has judged it" % which)
    finally:
        mta.stop()
        for daemon in pair.daemon.values():
            daemon.stop()


def main():
    why = host.unable(postfix)
    if why:
        return tap.skip_all(why)
    # Not so in a chroot, whose root is no mount of its own.
    if subprocess.run(["unshare", "--mount", "true"], stderr=subprocess.DEVNULL,
                      check=False).returncode != 0:
        return tap.skip_all("needs a mount namespace, for an /etc/hosts of its own")
    netns.enter("--mount")
    netns.ip("addr", "add", SECOND + "/32", "dev", "lo")
    directory = tempfile.mkdtemp(prefix="chopmark-", dir="/run")
    os.chmod(directory, 0o755)
    name_the_milters(directory)
    mta = postfix.Postfix(
        os.path.join(directory, "postfix"), "inet:milters-ab:%d" % PORT, [(netns.SERVER4, 25)],
        extra="inet_interfaces = %s, %s" % (netns.SERVER4, SECOND),
        services="%s:25 inet n - n - - smtpd\n  -o smtpd_milters=inet:milters-ba:%d" % (SECOND, PORT))
    try:
        play(mta, directory)
    finally:
        mta.stop()
    if sendmail.available():
        play_sendmail(os.path.join(directory, "beside"))
    else:
        tap.skip("Sendmail: the next address", "sendmail is not installed")
    shutil.rmtree(directory, ignore_errors=True)
    return tap.done()


sys.exit(main())
