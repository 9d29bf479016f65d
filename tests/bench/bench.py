#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""make bench: chopmarkd beside its peers, on one corpus, in one run.

    bench.py [-w SECONDS] [-p PEER,...] [-x PART,...]

Parts: quick (2 KB, 20 KB, 2 MB with one RSA signature; memory), cpu, sessions,
cold, memory, waiting, dead. Ratios come first, then what they were made of.
See tests/bench/README for what is measured and how.
"""
import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import time

from names import BUILD, CORPUS, Names, stop, write

SOURCE = os.path.dirname(os.path.abspath(__file__))
HERE = os.path.join(BUILD, "tests/bench")
SIZES = ["2k", "20k", "200k", "2m", "20m"]
GOAL_CHAIN = dict(zip(SIZES, [0.10, 0.12, 0.15, 0.22, 0.27]))


# ---- peers ----


def family(pid):
    """A process and its children."""
    found = [pid]
    for p in found:
        try:
            with open(f"/proc/{p}/task/{p}/children", encoding="ascii") as f:
                found += [int(c) for c in f.read().split()]
        except OSError:
            pass
    return found


def cpu(pid):
    """Seconds of CPU that the kernel has counted for all threads."""
    total = 0.0
    for p in family(pid):
        try:
            total += time.clock_gettime((~p << 3) | 2)
        except OSError:
            pass
    return total


def status(pid, key):
    """Megabytes of a line of /proc/PID/status, the family added up."""
    total = 0
    for p in family(pid):
        try:
            with open(f"/proc/{p}/status", encoding="ascii") as f:
                for line in f:
                    if line.startswith(key + ":"):
                        total += int(line.split()[1])
        except OSError:
            pass
    return total / 1024


class Peer:
    """One or two filters in a row."""

    def __init__(self, name, parts, checks):
        self.name, self.parts, self.checks = name, parts, checks
        self.running = []
        self.played = self.wrong = 0
        self.example = ""

    def start(self, work):
        for part in self.parts:
            path = f"{work}/{self.name}-{part.__name__}.sock"
            if os.path.exists(path):
                os.unlink(path)
            log = open(f"{work}/{self.name}-{part.__name__}.log", "w",
                       encoding="ascii")
            p = subprocess.Popen(part(work, path), stdout=log, stderr=log)
            self.running.append((p, path))
            for _ in range(400):
                if os.path.exists(path) or p.poll() is not None:
                    break
                time.sleep(0.05)
            time.sleep(0.3)
            if p.poll() is not None:
                sys.exit(f"bench: {self.name} does not start, see {log.name}")

    def stop(self):
        for p, _ in self.running:
            stop(p)
        self.running = []

    def cpu(self):
        return sum(cpu(p.pid) for p, _ in self.running)

    def memory(self, key="VmRSS"):
        return sum(status(p.pid, key) for p, _ in self.running)

    def paths(self):
        return [path for _, path in self.running]


def chopmarkd(work, path):
    more = os.environ.get("BENCH_OPTIONS", "")
    conf = write(f"{work}/chopmark.conf", f"""
Socket unix:{path}
SocketMode 0600
UserID root
Syslog no
Background no
Hostname mx.local.test
{"" if "TestDNSData" in more else "Nameservers 127.0.0.1@53"}
PolicyFile {SOURCE}/../../conf/policy.conf
RepliesFile {SOURCE}/../../conf/replies.conf
MaximumSignaturesToVerify 10
{more}
""")
    program = os.environ.get("BENCH_CHOPMARKD", f"{BUILD}/chopmarkd")
    return [program, "-f", "-c", conf]


def opendkim(work, path):
    conf = write(f"{work}/opendkim.conf", f"""
Socket local:{path}
Mode v
Syslog no
UserID root
UMask 007
AuthservID mx.local.test
AlwaysAddARHeader yes
MaximumSignaturesToVerify 10
Nameservers 127.0.0.1
""")
    return ["opendkim", "-f", "-x", conf]


def opendmarc(work, path):
    conf = write(f"{work}/opendmarc.conf", f"""
Socket local:{path}
Syslog false
UserID root
UMask 007
AuthservID mx.local.test
TrustedAuthservIDs mx.local.test
SPFSelfValidate true
SPFIgnoreResults true
RejectFailures false
PublicSuffixList /usr/share/publicsuffix/public_suffix_list.dat
""")
    return ["opendmarc", "-f", "-c", conf]


def null(_, path):
    return [f"{HERE}/null_filter", path]


PEERS = [
    Peer("chopmarkd", [chopmarkd], "dsm"),
    Peer("chain", [opendkim, opendmarc], "dsm"),
    Peer("opendkim", [opendkim], "d"),
    Peer("null", [null], ""),
]


# ---- measuring ----


class Wrong(Exception):
    """A verdict that was not the right one."""


def load_command(peer, args):
    return ([f"{HERE}/load", "-i", CORPUS, "-e", peer.checks] +
            [str(a) for a in args] + peer.paths())


def play(peer, *args):
    """Plays messages; what load says, and CPU ms per message."""
    before = peer.cpu()
    done = subprocess.run(load_command(peer, args), stdout=subprocess.PIPE,
                          check=False)
    after = peer.cpu()
    try:
        said = json.loads(done.stdout.decode("ascii", "replace"))
    except ValueError:
        raise Wrong(f"{peer.name}: load failed") from None
    if said["bad"] + said["errors"] > 0:
        peer.wrong += said["bad"] + said["errors"]
        peer.example = said.get("example", "")
        if said["messages"] == 0 or peer.name == "chopmarkd" or (
                peer.wrong * 20 > peer.played + said["messages"]):
            raise Wrong(f"{peer.name} {args}: {said}")
    peer.played += said["messages"]
    said["cpu"] = (after - before) * 1000 / said["messages"]
    return said


def held(peer, key, *args):
    """Megabytes while all sessions are held; and the high water after."""
    p = subprocess.Popen(load_command(peer, args), stdin=subprocess.PIPE,
                         stdout=subprocess.PIPE)
    p.stdout.readline()
    time.sleep(0.2)
    at = peer.memory(key)
    p.communicate(b"go\n")
    return at, peer.memory("VmHWM")


def show(title, columns, rows):
    print(f"\n{title}\n")
    width = max([len(r[0]) for r in rows] + [10])
    print(" " * width + "".join(f"{c:>14}" for c in columns))
    for name, *cells in rows:
        print(f"{name:{width}}" + "".join(f"{c:>14}" for c in cells))
    sys.stdout.flush()


def count_for(size, seconds):
    each = {"2k": 4e-3, "20k": 4e-3, "200k": 6e-3, "2m": 0.02, "20m": 0.16}
    return max(8, int(seconds / each[size]))


def median(values):
    return statistics.median(values) if values else float("nan")


def attempt(failures, peer, *args):
    try:
        return play(peer, *args)
    except Wrong as e:
        failures.append(str(e))
        return None


def part_quick(names, peers, o):
    """The figures of one RSA signature, and memory."""
    rows = []
    for peer in peers:
        peer.start(o.work)
        empty = peer.memory()
        with200, _ = held(peer, "VmRSS", "-s", "2k", "-k", "p1", "-n", 200,
                          "-c", 200, "-H", "helo")
        cells = []
        for size in ["2k", "20k", "2m"]:
            args = ("-s", size, "-k", "p1", "-n", count_for(size, o.seconds))
            play(peer, "-s", size, "-k", "p1", "-n", 100)
            said = [play(peer, *args)["cpu"] for _ in range(3)]
            cells.append(f"{median(said):.3f}")
        rows.append([peer.name, *cells, f"{empty:.1f}", f"{with200:.1f}"])
        peer.stop()
    show("One RSA-2048 signature, relaxed/relaxed, one message a session, 16 "
         "sessions:\nCPU ms per message at three sizes; resident MB with 0 and "
         "200 sessions", ["2 KB", "20 KB", "2 MB", "MB at 0", "MB at 200"],
         rows)


def ratios(title, table, columns, goals):
    rows = []
    ours = table.get("chopmarkd", {})
    for name, figures in table.items():
        if name in ("chopmarkd", "null"):
            continue
        cells = []
        for c in columns:
            if c in figures and c in ours and figures[c] > 0:
                cells.append(f"{ours[c] / figures[c]:.3f}")
            else:
                cells.append("-")
        rows.append(["to " + name, *cells])
        if name in goals:
            rows.append(["  goal", *[f"{goals[name].get(c, 0):.2f}"
                                     for c in columns]])
    if rows:
        show(title, columns, rows)


def part_cpu(names, peers, o):
    """CPU per message by size, warm."""
    table = {p.name: {} for p in peers}
    failures = []
    for p in peers:
        p.start(o.work)
    for size in o.sizes:
        got = {p.name: [] for p in peers}
        for p in peers:
            attempt(failures, p, "-s", size, "-n", min(400, max(
                20, count_for(size, o.seconds))))
        for _ in range(o.rounds):
            for p in peers:
                said = attempt(failures, p, "-s", size, "-n",
                               count_for(size, o.seconds), "-m",
                               o.per_session)
                if said:
                    got[p.name].append(said["cpu"])
        for p in peers:
            if got[p.name]:
                table[p.name][size] = median(got[p.name])
    for p in peers:
        p.stop()
    ratios("CPU per message, ratios", table, o.sizes,
           {"chain": GOAL_CHAIN})
    show("CPU ms per message (warm caches, 16 sessions, median of "
         f"{o.rounds})", o.sizes,
         [[n, *[f"{f.get(s, float('nan')):.3f}" for s in o.sizes]]
          for n, f in table.items()])
    for f in failures:
        print("FAILED", f)


def part_sessions(names, peers, o):
    """CPU and throughput by number of sessions."""
    counts = ["1", "16", "128", "1000"]
    table = {p.name: {} for p in peers}
    speed = {p.name: {} for p in peers}
    late = {p.name: {} for p in peers}
    failures = []
    for p in peers:
        p.start(o.work)
        attempt(failures, p, "-s", "20k", "-n", 400)
    for c in counts:
        got = {p.name: [] for p in peers}
        for _ in range(2):
            for p in peers:
                said = attempt(failures, p, "-s", "20k", "-c", c, "-n",
                               max(count_for("20k", o.seconds), 2 * int(c)))
                if said:
                    got[p.name].append(said)
        for p in peers:
            g = got[p.name]
            table[p.name][c] = median([s["cpu"] for s in g])
            speed[p.name][c] = median(
                [s["messages"] / s["seconds"] for s in g])
            late[p.name][c] = g[-1]["whole"] if g else [0, 0, 0, 0]
    for p in peers:
        p.stop()
    show("CPU per message at 1000 sessions against 16", ["ratio"],
         [[n, f"{f['1000'] / f['16']:.2f}"] for n, f in table.items()])
    show("20 KB, CPU ms per message by sessions at once", counts,
         [[n, *[f"{f[c]:.3f}" for c in counts]] for n, f in table.items()])
    show("messages/s", counts,
         [[n, *[f"{f[c]:.0f}" for c in counts]] for n, f in speed.items()])
    show("p50/p90/p99 ms of a session of one message", counts,
         [[n, *["{0:.0f}/{1:.0f}/{2:.0f}".format(*f[c]) for c in counts]]
          for n, f in late.items()])
    for f in failures:
        print("FAILED", f)


def part_cold(names, peers, o):
    """Latency when nobody knows any answer yet."""
    rows = []
    failures = []
    for peer in peers:
        if peer.name == "null":
            continue
        cells = []
        for ms in (0, 20, 50):
            names.delay.seconds = 0
            names.fresh()
            names.delay.seconds = ms / 1000
            peer.start(o.work)
            before = names.delay.asked
            said = attempt(failures, peer, "-s", "20k", "-n", 160, "-c", 4)
            peer.stop()
            if said:
                cells.append("{0:.0f}/{1:.0f}/{2:.0f}".format(*said["whole"]))
                cells.append(str(names.delay.asked - before))
            else:
                cells += ["-", "-"]
        rows.append([peer.name, *cells])
    names.delay.seconds = 0
    show("Cold DNS: p50/p90/p99 ms of a session, and questions upstream, with "
         "0, 20, 50 ms per\nupstream answer (160 messages of distinct domains, "
         "4 sessions; goal at 50: p99 under 115)",
         ["0 ms", "asked", "20 ms", "asked", "50 ms", "asked"], rows)
    for f in failures:
        print("FAILED", f)


def part_memory(names, peers, o):
    """Resident memory at rest and in need."""
    rows = []
    for peer in peers:
        peer.start(o.work)
        idle = peer.memory()
        play(peer, "-s", "20k", "-n", 400)
        warm = peer.memory()
        many, _ = held(peer, "VmRSS", "-s", "2k", "-n", 1000, "-c", 1000,
                       "-H", "helo")
        peer.stop()
        peer.start(o.work)
        play(peer, "-s", "20k", "-n", 200)
        at, high = held(peer, "VmRSS", "-s", "20m", "-n", 64, "-c", 64,
                        "-H", "eom")
        peer.stop()
        rows.append([peer.name, *[f"{v:.1f}" for v in
                                  (idle, warm, many, at, high)]])
    show("Resident MB (goals for chopmarkd: idle 16, 1000 idle sessions 24, "
         "64 x 20 MB high water 32)",
         ["idle", "after 400", "1000 idle", "64 x 20 MB", "high water"], rows)


def delayed_zone(work, ms):
    """The zone of the corpus as a TestDNSData file, every answer late."""
    lines = [f"$DELAY {ms}"]
    with open(f"{CORPUS}/org.zone", encoding="ascii") as f:
        for line in f:
            name, _, rest = line.strip().partition(" IN ")
            if rest[:4] in ("TXT ", "A 19"):
                name = name[:-1] if name.endswith(".") else name + ".org"
                lines.append(f"{name} {rest}")
    return write(f"{work}/late.zone", "\n".join(lines) + "\n")


def part_waiting(names, peers, o):
    """Sessions that wait for slow DNS must not hinder one another."""
    counts = ("4", "16", "64", "256", "1000")
    cells = []
    failures = []
    peer = next((p for p in peers if p.name == "chopmarkd"), None)
    if not peer:
        return
    os.environ["BENCH_OPTIONS"] = "TestDNSData " + delayed_zone(o.work, 1000)
    for n in counts:
        peer.start(o.work)
        said = attempt(failures, peer, "-s", "2k", "-n", n, "-c", n)
        peer.stop()
        cells.append(f"{said['seconds']:.2f}" if said else "-")
    del os.environ["BENCH_OPTIONS"]
    show("Seconds until N sessions are done whose every DNS answer takes 1 s; "
         "two rounds for\nmost records, so 2.0 would be perfect", counts,
         [[peer.name, *cells]])
    for f in failures:
        print("FAILED", f)


def part_dead(names, peers, o):
    """No answer from anywhere."""
    rows = []
    names.delay.silent = True
    for peer in peers:
        if peer.name == "null":
            continue
        names.delay.silent = False
        names.fresh()
        names.delay.silent = True
        peer.start(o.work)
        done = subprocess.run(
            load_command(peer, ["-e", "", "-s", "2k", "-n", 8, "-c", 8]),
            stdout=subprocess.PIPE, check=False)
        peer.stop()
        said = json.loads(done.stdout.decode("ascii", "replace"))
        whole = said.get("whole", [0, 0, 0, 0])
        rows.append([peer.name, f"{whole[0] / 1000:.1f}",
                     f"{whole[3] / 1000:.1f}", str(said["messages"])])
    names.delay.silent = False
    show("Dead DNS: seconds to the answer (8 messages, 8 sessions)",
         ["p50", "max", "answered"], rows)


PARTS = {"quick": part_quick, "cpu": part_cpu, "sessions": part_sessions,
         "cold": part_cold, "memory": part_memory, "waiting": part_waiting,
         "dead": part_dead}


def arguments():
    p = argparse.ArgumentParser()
    p.add_argument("-w", dest="seconds", type=float, default=1.5,
                   help="seconds the chain may take for one round")
    p.add_argument("-p", dest="peers", default="")
    p.add_argument("-x", dest="parts", default="cpu,sessions,cold,memory")
    p.add_argument("-s", dest="sizes", default=",".join(SIZES))
    p.add_argument("-r", dest="rounds", type=int, default=3)
    p.add_argument("-m", dest="per_session", type=int, default=1)
    p.add_argument("-d", dest="work", default="")
    return p.parse_args()


def enter():
    """A network, and a resolv.conf, of our own."""
    if os.environ.get("BENCH_INSIDE") != "yes":
        os.environ["BENCH_INSIDE"] = "yes"
        os.environ["top_builddir"] = BUILD
        os.execvp("unshare", ["unshare", "-n", "-m", "--propagation",
                              "private", sys.executable,
                              os.path.abspath(__file__), *sys.argv[1:]])
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    resource.setrlimit(resource.RLIMIT_NOFILE, (8192, 8192))


def main():
    enter()
    o = arguments()
    o.sizes = o.sizes.split(",")
    if not os.path.exists(f"{CORPUS}/index"):
        print("making the corpus, once (about a minute)")
        subprocess.run([f"{HERE}/corpus", CORPUS], check=True)
    o.work = o.work or os.path.join(BUILD, "bench-work")
    os.makedirs(o.work, exist_ok=True)
    resolv = write(f"{o.work}/resolv.conf", "nameserver 127.0.0.1\n")
    subprocess.run(["mount", "--bind", resolv, "/etc/resolv.conf"], check=True)
    wanted = o.peers.split(",") if o.peers else [p.name for p in PEERS]
    peers = [p for p in PEERS if p.name in wanted and
             all(part in (null, chopmarkd) or shutil.which(part.__name__)
                 for part in p.parts)]
    names = Names(o.work)
    try:
        for part in o.parts.split(","):
            PARTS[part](names, peers, o)
        for p in peers:
            if p.wrong:
                print(f"\n{p.name} was wrong on {p.wrong} of {p.played} "
                      f"messages, e.g. {p.example}")
    finally:
        for p in peers:
            p.stop()
        names.stop()


if __name__ == "__main__":
    main()
