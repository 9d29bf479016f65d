#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The socketmap server of a real chopmarkd: right answers to many clients at
once, to clients that send byte by byte or ahead, and life under garbage, under
clients that read nothing and under reloads."""
import os
import random
import resource
import select
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time

BUILD = os.environ["top_builddir"]
DAEMON = os.path.join(BUILD, "chopmarkd")
FWD = "fwd.example.net"
CLIENTS = 200
MOST = 2000  # connections that there may be
ROUNDS = 50
ZONE = """$DELAY 100
ours.example TXT "v=spf1 ip4:192.0.2.1 -all"
late.example TXT "v=spf1 ip4:192.0.2.1 -all"
other.example TXT "v=spf1 ip4:198.51.100.1 -all"
"""
count = failed = 0


def ok(good, name, *details):
    global count, failed
    count += 1
    failed += not good
    print(f"{'' if good else 'not '}ok {count} - {name}", flush=True)
    for detail in () if good else details:
        print(f"# {detail}")
    return good


def netstring(text):
    return b"%d:%s," % (len(text), text)


class Client:
    def __init__(self, path):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(60)
        self.sock.connect(path)
        self.data = b""

    def send(self, table, key):
        self.sock.sendall(netstring(f"{table} {key}".encode()))

    def reply(self):
        while True:
            head, colon, rest = self.data.partition(b":")
            if colon and len(rest) > int(head):
                text, self.data = rest[:int(head)], rest[int(head) + 1:]
                assert rest[int(head):int(head) + 1] == b","
                return text.decode()
            piece = self.sock.recv(65536)
            if not piece:
                return None
            self.data += piece

    def ask(self, table, key):
        self.send(table, key)
        return self.reply()

    def closed(self):
        """True once the other side has closed."""
        try:
            while self.sock.recv(65536):
                pass
        except ConnectionResetError:
            pass
        return True

    def close(self):
        self.sock.close()


class Daemon:
    def __init__(self, place):
        self.place = place
        self.map = os.path.join(place, "srs.sock")
        self.write("zone", ZONE)
        self.write("secret", "first secret of ours\n")
        self.configure("SRSWhen always\n")
        self.log = open(os.path.join(place, "log"), "w+b")
        self.process = subprocess.Popen(
            [DAEMON, "-f", "-c", os.path.join(place, "conf")], stdin=subprocess.DEVNULL,
            stdout=self.log, stderr=self.log)
        end = time.monotonic() + 60
        while not os.path.exists(self.map):
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(self.log_text())
            time.sleep(0.02)

    def write(self, name, text):
        path = os.path.join(self.place, name)
        with open(path, "w") as f:
            f.write(text)
        os.chmod(path, 0o600)

    def configure(self, more, domain=FWD):
        user = "UserID root\n" if os.geteuid() == 0 else ""
        self.write("conf", user + f"Socket unix:{self.place}/milter.sock\nSRSSocket "
                   f"unix:{self.map}\nSocketMode 0640\nSRSDomain {domain}\n"
                   "SRSSecretFile secret\nLocalDomains local.test\nSyslog no\n"
                   'TestDNSData zone\nPolicyFile ""\nRepliesFile ""\n' + more)

    def reload(self, more, domain=FWD):
        before = self.log_text().count("configuration")
        self.configure(more, domain)
        self.process.send_signal(signal.SIGHUP)
        end = time.monotonic() + 60
        while self.log_text().count("configuration") == before:
            if time.monotonic() > end:
                raise RuntimeError("no reload:\n" + self.log_text())
            time.sleep(0.02)

    def log_text(self):
        with open(self.log.name, errors="replace") as f:
            return f.read()

    def alive(self):
        return self.process.poll() is None

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def memory(self):
        with open(f"/proc/{self.process.pid}/statm") as f:
            return int(f.read().split()[1]) * os.sysconf("SC_PAGESIZE")

    def settled(self, descriptors):
        """Waits until no more than that many are open."""
        end = time.monotonic() + 60
        while self.descriptors() > descriptors and time.monotonic() < end:
            time.sleep(0.05)
        return self.descriptors() <= descriptors

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(90)


def basics(d):
    c = Client(d.map)
    ok(stat.S_IMODE(os.stat(d.map).st_mode) == 0o640, "the socket has its mode")
    srs = c.ask("forward", "user@example.org")
    ok(srs.startswith("OK SRS0=") and srs.endswith("=example.org=user@" + FWD),
       "a sender is rewritten", srs)
    srs = srs[3:]
    ok(c.ask("forward", srs) == "NOTFOUND ", "the rewritten one is not")
    ok(c.ask("reverse", srs) == "OK user@example.org", "and taken back")
    ok(c.ask("reverse", srs.lower()) == "OK user@example.org", "in lower case")
    ok(c.ask("reverse", srs.replace("SRS0=", "SRS0=x")) == "NOTFOUND ", "a forged one is not")
    ok(c.ask("forward", '""') == "NOTFOUND ", "the null sender")
    ok(c.ask("nothing", "x").startswith("PERM "), "an unknown table")
    ok(c.ask("forward", "x" * 60000 + "@example.org") == "NOTFOUND ", "a very long key")
    c.close()
    return srs


def manners(d, srs):
    c = Client(d.map)
    for byte in netstring(b"reverse " + srs.encode()):
        c.sock.sendall(bytes([byte]))
    ok(c.reply() == "OK user@example.org", "a request byte by byte")
    c.sock.sendall(netstring(b"forward a@example.org") * 300)
    replies = {c.reply() for _ in range(300)}
    ok(len(replies) == 1 and replies.pop().startswith("OK SRS0="), "300 requests sent ahead")
    c.send("forward", "a@example.org")
    c.sock.shutdown(socket.SHUT_WR)
    ok(c.reply().startswith("OK ") and c.reply() is None,
       "who ends after a request gets the reply, then the end")
    c.close()


def parallel(d, srs, each, name, more=lambda: None):
    """`each` client checks its own answers and returns what was wrong."""
    wrong = []

    def run(i):
        c = Client(d.map)
        try:
            for n in range(ROUNDS):
                got = each(c, i, n)
                if got:
                    wrong.append(got)
                    return
        except OSError as error:
            wrong.append(repr(error))
        finally:
            c.close()
    threads = [threading.Thread(target=run, args=(i,)) for i in range(CLIENTS)]
    for t in threads:
        t.start()
    more()
    for t in threads:
        t.join()
    ok(not wrong, name, *wrong[:5])


def own_answers(c, i, n):
    user = f"user{i}.{n}@example.org"
    there = c.ask("forward", user) or ""
    back = c.ask("reverse", there[3:])
    stays = c.ask("forward", f"user{i}@local.test")
    if not there.startswith("OK SRS0=") or back != "OK " + user or stays != "NOTFOUND ":
        return f"{user}: {there}, {back}, {stays}"
    return None


def garbage(d, idle):
    seed = random.Random(7)
    for i in range(300):
        c = Client(d.map)
        kind = i % 4
        if kind == 0:
            data = bytes(seed.randrange(256) for _ in range(seed.randrange(1, 300)))
        elif kind == 1:
            data = b"%d:" % seed.randrange(70000) + b"forward x" * seed.randrange(30)
        elif kind == 2:
            data = bytearray(netstring(b"forward user@example.org") * 3)
            data[seed.randrange(len(data))] = seed.randrange(256)
        else:
            data = netstring(b"reverse SRS0=" + bytes(seed.randrange(256) for _ in range(60)))
        try:
            c.sock.sendall(bytes(data))
            if i % 3 == 0:
                c.sock.shutdown(socket.SHUT_WR)
                c.closed()
        except OSError:
            pass
        c.close()
    ok(d.alive(), "it lives through 300 kinds of garbage")
    c = Client(d.map)
    c.sock.sendall(b"GET / HTTP/1.0\r\n\r\n")
    ok(c.closed(), "what is no request ends the connection")
    c.close()
    c = Client(d.map)
    c.sock.sendall(b"65537:x")
    ok(c.closed(), "so does one that is too long")
    c.close()
    ok("limit socketmap-request: " in d.log_text(), "the log tells")
    ok(d.settled(idle), "no connection is left behind", d.descriptors())


def takes_nothing(d):
    """Who sends and never reads fills no memory, and stops nobody."""
    before = d.memory()
    bad = Client(d.map)
    bad.sock.setblocking(False)
    sent = 0
    data = netstring(b"forward a@example.org") * 1000
    while select.select([], [bad.sock], [], 1)[1] and sent < 64 << 20:
        try:
            sent += bad.sock.send(data)
        except BlockingIOError:
            break
    ok(sent < 8 << 20, "a client that reads nothing is not read any more", sent)
    c = Client(d.map)
    ok(c.ask("forward", "a@example.org").startswith("OK "), "others are served")
    ok(d.memory() - before < 32 << 20, "and memory stays", before, d.memory())
    c.close()
    bad.close()


def crowd(d, idle):
    """One client more than there may be: the one silent longest makes room."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < 2 * MOST:
        print(f"# only {hard} descriptors: no crowd")
        return
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    all_of_them = []
    for _ in range(MOST):
        all_of_them.append(Client(d.map))
        all_of_them[-1].ask("forward", "user@local.test")
    last = Client(d.map)
    ok(last.ask("forward", "a@example.org").startswith("OK "), "one more than there may be is served")
    ok(all_of_them[0].closed(), "in place of who has been silent longest")
    ok("limit socketmap-clients: " in d.log_text(), "the log tells")
    for c in all_of_them + [last]:
        c.close()
    ok(d.settled(idle), "all of them are gone", d.descriptors())
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def too_many_wait(d):
    """More lookups that wait for the DNS than are kept waiting."""
    many = [Client(d.map) for _ in range(400)]
    for i, c in enumerate(many):
        c.send("forward", f"user@jam{i}.example")
    ok(all((c.reply() or "").startswith("OK SRS0=") for c in many),
       "400 lookups that wait: all get an answer")
    ok("limit socketmap-jobs: " in d.log_text(), "some without the DNS, and the log tells")
    for c in many:
        c.close()


def needed(d, idle):
    d.reload("SRSWhen needed\nOutboundAddresses 192.0.2.1\n")
    c = Client(d.map)
    ok(c.ask("forward", "user@ours.example") == "NOTFOUND ", "needed: SPF passes from here")
    ok(c.ask("forward", "user@other.example").startswith("OK SRS0="), "needed: it does not")
    ok(c.ask("forward", "user@nowhere.example").startswith("OK SRS0="), "needed: no record")
    waiting = [Client(d.map) for _ in range(50)]
    for i, w in enumerate(waiting):
        w.send("forward", f"user@slow{i}.example")
    ok(c.ask("forward", "user@local.test") == "NOTFOUND ", "nobody waits for the DNS of others")
    ok(all(w.reply().startswith("OK SRS0=") for w in waiting), "who has to wait gets an answer")
    for i, w in enumerate(waiting):
        w.send("forward", f"user@gone{i}.example")
        w.close()
    ok(c.ask("forward", "user@ours.example") == "NOTFOUND ", "some leave while they wait")
    c.close()
    ok(d.settled(idle), "and nothing of them is left", d.descriptors())

    too_many_wait(d)

    def slow_answers(client, i, n):
        if n > 5:
            return None
        got = client.ask("forward", f"u@{'ours' if (i + n) % 2 else f'n{i % 20}'}.example")
        good = got == "NOTFOUND " if (i + n) % 2 else got.startswith("OK SRS0=")
        return None if good else got
    parallel(d, None, slow_answers, f"{CLIENTS} clients that may have to wait")
    d.reload("SRSWhen needed\nOutboundAddresses 192.0.2.1\nEnvelopeDNSWait 0\n")
    c = Client(d.map)
    ok(c.ask("forward", "user@late.example").startswith("OK SRS0="),
       "needed: whom the DNS lets wait too long is rewritten")
    c.close()
    d.reload("SRSWhen always\n")


def reloads(d, srs):
    c = Client(d.map)
    ok(c.ask("reverse", srs) == "OK user@example.org", "before the reload")
    d.write("secret", "a new secret, on top\nfirst secret of ours\n")
    d.reload("")
    new = c.ask("forward", "user@example.org")[3:]
    ok(new != srs, "the new secret makes addresses, on the same connection")
    ok(c.ask("reverse", srs) == "OK user@example.org", "the old one still verifies")
    d.write("secret", "a new secret, on top\n")
    d.reload("")
    ok(c.ask("reverse", srs) == "NOTFOUND ", "until it is taken away")
    ok(c.ask("reverse", new) == "OK user@example.org", "the new one stays")
    os.chmod(os.path.join(d.place, "secret"), 0o644)
    d.reload("")
    ok("others may read it" in d.log_text() and
       c.ask("reverse", new) == "OK user@example.org", "a bad file changes nothing")
    os.chmod(os.path.join(d.place, "secret"), 0o600)
    d.write("secret", "first secret of ours\n")
    d.reload("")

    def many():
        for _ in range(10):
            d.reload("")
    parallel(d, srs, own_answers, f"{CLIENTS} clients through ten reloads", many)
    c.close()


def main():
    with tempfile.TemporaryDirectory() as place:
        d = Daemon(place)
        try:
            srs = basics(d)
            manners(d, srs)
            idle = d.descriptors() + 2  # some are opened when first needed
            parallel(d, srs, own_answers,
                     f"{CLIENTS} clients at once, {ROUNDS} times three lookups each")
            ok(d.settled(idle), "all of them are gone", d.descriptors())
            garbage(d, idle)
            takes_nothing(d)
            crowd(d, idle)
            half = Client(d.map)
            half.sock.sendall(b"30:forward half")
            idle += 1
            needed(d, idle)
            reloads(d, srs)
            ok(half.closed(), "half a request is not waited for for ever")
            half.close()
            ok(d.alive(), "it is still there")
            c = Client(d.map)
            c.ask("forward", "a@example.org")
            code = d.stop()
            ok(code == 0, "it ends with a connection open", code, d.log_text()[-2000:])
            ok(c.reply() is None and not os.path.exists(d.map), "which it closes, and the socket")
            ok("Sanitizer" not in d.log_text(), "nothing to complain about",
               d.log_text()[-4000:])
        finally:
            if d.alive():
                d.process.kill()
                d.process.wait()
    print(f"1..{count}")
    return 1 if failed or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
