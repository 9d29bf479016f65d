# SPDX-License-Identifier: BSD-2-Clause
"""chopmarkd is ended, killed and started again behind a real Postfix whose
milter_default_action is tempfail, while clients send. A client that keeps to
its 4xx and tries again gets every message through: each that was accepted is in
the mailbox and bears our Authentication-Results."""
import os
import shutil
import signal
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "lib")]
import host  # noqa: E402
import netns  # noqa: E402
import chopmark  # noqa: E402
import postfix  # noqa: E402
import senders  # noqa: E402
import tap  # noqa: E402

CLIENTS = 4
MESSAGES = 12  # of each client, at least; they go on until all restarts are done
CONFIG = b"UserID nobody\nSocketMode 0666\nSyslog no\nAuthservID mx.local.test\n"
ZONE = b'example.org TXT "v=spf1 ip4:192.0.2.9 -all"\n'
LABEL = rb"(?m)^Authentication-Results: mx\.local\.test;"
HOW = (signal.SIGTERM, signal.SIGKILL, signal.SIGTERM, signal.SIGKILL)


def start(directory, number):
    return chopmark.Daemon(os.path.join(directory, "chopmark%d" % number), CONFIG, ZONE,
                           socket="unix:" + os.path.join(directory, "milter", "chopmark.sock"))


def restart(daemon, directory):
    """Every way to end it, with a pause in which nobody listens."""
    for number, how in enumerate(HOW, 1):
        mark = daemon.mark()
        daemon.line_after(mark)  # it works for them
        daemon.process.send_signal(how)
        daemon.process.wait(60)
        time.sleep(0.3)
        daemon = start(directory, number)
    daemon.line_after(daemon.mark())
    return daemon


def play(mta, directory):
    done = threading.Event()
    daemon = start(directory, 0)
    clients = [senders.Sender("c%d" % n, done, netns.SERVER4, MESSAGES)
               for n in range(CLIENTS)]
    for s in clients:
        s.start()
    daemon = restart(daemon, directory)
    done.set()
    for s in clients:
        s.join(120)
    accepted = {key for s in clients for key in s.accepted}
    found, unlabelled = senders.mailbox(mta, accepted, LABEL)
    tap.ok(not any(s.is_alive() for s in clients), "every client got all its mail through")
    tap.ok(sum(s.put_off for s in clients) > 0, "some of it at a second attempt")
    tap.ok(not any(s.refused for s in clients), "none was refused",
           repr([s.refused for s in clients]))
    tap.ok(len(accepted) >= CLIENTS * MESSAGES and accepted <= set(found),
           "%d accepted messages are in the mailbox" % len(accepted),
           "missing: %r" % sorted(accepted - set(found)))
    tap.ok(unlabelled == 0, "each bears our label", "%d do not" % unlabelled)
    tap.ok(daemon.stop() == 0, "chopmarkd ended well", "\n".join(daemon.lines[-20:]))


def main():
    why = host.unable(postfix)
    if why:
        return tap.skip_all(why)
    netns.enter()
    directory = host.directory()
    milter = "unix:" + os.path.join(directory, "milter", "chopmark.sock")
    mta = postfix.Postfix(os.path.join(directory, "postfix"), milter, [(netns.SERVER4, 25)])
    try:
        play(mta, directory)
    finally:
        mta.stop()
        shutil.rmtree(directory, ignore_errors=True)
    return tap.done()


sys.exit(main())
