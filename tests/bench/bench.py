#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""make bench: chopmarkd beside its peers, on one corpus, in one run.

    bench.py [-w SECONDS] [-p PEER,...] [-x PART,...]

Parts: cpu, signing, canon, sessions, cold, memory, waiting, dead; and quick
(2 KB, 20 KB, 2 MB with one RSA signature; memory). Ratios come first, then what
they were made of. See tests/bench/README for what is measured and how.
"""
import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time

from names import BUILD, CORPUS, Names, write
from peers import HERE, PEERS, SIGNERS

SIZES = ["2k", "20k", "200k", "2m", "20m"]
GOALS = {
    "chain": dict(zip(SIZES, [0.10, 0.12, 0.15, 0.22, 0.27])),
    "rspamd": dict(zip(SIZES, [0.45, 0.33, 0.27, 0.30, 0.25])),
}
ALL = "cpu,signing,canon,sessions,cold,memory,waiting,dead"
failures = []  # what any peer did wrong


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
        raise Wrong(f"{peer.name} {' '.join(map(str, args))}: {said['bad']} "
                    f"wrong and {said['errors']} lost of {said['messages']}, "
                    f"e.g. {said.get('example', '')}")
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
    cell = max([len(c) for row in [columns] + [r[1:] for r in rows]
                for c in row] + [8]) + 2
    print(" " * width + "".join(f"{c:>{cell}}" for c in columns))
    for name, *cells in rows:
        print((f"{name:{width}}" +
               "".join(f"{c:>{cell}}" for c in cells)).rstrip())
    sys.stdout.flush()


def count_for(size, seconds):
    each = {"2k": 4e-3, "20k": 4e-3, "200k": 6e-3, "2m": 0.02, "20m": 0.16}
    return max(8, int(seconds / each[size]))


def median(values):
    return statistics.median(values) if values else float("nan")


def attempt(peer, *args):
    """play(); None, and told at the end, if a verdict was wrong."""
    try:
        return play(peer, *args)
    except Wrong as e:
        failures.append(str(e))
        print("\nFAILED", e)
        return None


def figure(value, form=".3f"):
    return "-" if value is None or value != value else format(value, form)


def ratio(ours, theirs):
    return ours / theirs if ours and theirs else None


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
            attempt(peer, "-s", size, "-k", "p1", "-n", 100)
            said = [attempt(peer, *args) for _ in range(3)]
            cells.append(figure(median([s["cpu"] for s in said if s])))
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
        rows.append(["to " + name, *[
            figure(ratio(ours.get(c), figures.get(c))) for c in columns]])
        if name in goals:
            rows.append(["  goal", *[figure(goals[name].get(c), ".2f")
                                     for c in columns]])
    if rows:
        show(title, columns, rows)


def by_size(peers, o, sizes, more=()):
    """CPU per message and size, rounds interleaved, a median each."""
    table = {p.name: {} for p in peers}
    for p in peers:
        p.start(o.work)
    for size in sizes:
        got = {p.name: [] for p in peers}
        for p in peers:
            attempt(p, "-s", size, *more, "-n", min(400, max(
                20, count_for(size, o.seconds))))
        for _ in range(o.rounds):
            for p in peers:
                said = attempt(p, "-s", size, *more, "-n",
                               count_for(size, o.seconds), "-m",
                               o.per_session)
                if said:
                    got[p.name].append(said["cpu"])
        for p in peers:
            table[p.name][size] = median(got[p.name])
    for p in peers:
        p.stop()
    return table


def show_cpu(title, table, columns):
    show(title, columns, [[n, *[figure(f.get(c)) for c in columns]]
                          for n, f in table.items()])


def part_cpu(names, peers, o):
    """CPU per message by size, warm."""
    table = by_size(peers, o, o.sizes, ("-k", o.kind) if o.kind else ())
    ratios("CPU per message, ratios", table, o.sizes, GOALS)
    show_cpu("CPU ms per message (warm caches, 16 sessions, median of "
             f"{o.rounds})", table, o.sizes)


def part_signing(names, peers, o):
    """CPU per message that is signed: unsigned mail of 20 domains."""
    sizes = [s for s in ("2k", "20k", "2m") if s in o.sizes]
    wanted = [p for p in SIGNERS if p.installed() and
              p.name in [q.name for q in peers]]
    table = by_size(wanted, o, sizes, ("-k", "ns"))
    ratios("Signing (RSA-2048, relaxed/relaxed), ratios", table, sizes,
           {"opendkim": {"20k": 0.35}})
    show_cpu("Signing, CPU ms per message", table, sizes)


def part_canon(names, peers, o):
    """Canonicalisation and hash against the hash alone."""
    done = subprocess.run([f"{HERE}/canon_cost"], stdout=subprocess.PIPE,
                          check=True, text=True)
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    show("Body canonicalisation and SHA-256, against SHA-256 of the same "
         "octets (goal 2.0), one core",
         ["ratio", "ms/MB", "SHA-256 ms/MB"], rows)


def part_sessions(names, peers, o):
    """CPU and throughput by number of sessions."""
    counts = ["1", "16", "128", "1000"]
    table = {p.name: {} for p in peers}
    speed = {p.name: {} for p in peers}
    late = {p.name: {} for p in peers}
    for p in peers:
        p.start(o.work)
        attempt(p, "-s", "20k", "-n", 400)
    for c in counts:
        got = {p.name: [] for p in peers}
        for _ in range(o.rounds):
            for p in peers:
                said = attempt(p, "-s", "20k", "-c", c, "-n",
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
    show("CPU per message at 1000 sessions against 16", ["ratio", "goal"],
         [[n, figure(ratio(f["1000"], f["16"]), ".2f"),
           "1.30" if n == "chopmarkd" else ""] for n, f in table.items()])
    show_cpu("20 KB, CPU ms per message by sessions at once", table, counts)
    show("messages/s", counts,
         [[n, *[figure(f[c], ".0f") for c in counts]]
          for n, f in speed.items()])
    show("p50/p90/p99 ms of a session of one message", counts,
         [[n, *["{0:.0f}/{1:.0f}/{2:.0f}".format(*f[c]) for c in counts]]
          for n, f in late.items()])


def part_cold(names, peers, o):
    """Latency when nobody knows any answer yet."""
    rows = []
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
            said = attempt(peer, "-s", "20k", "-n", 160, "-c", 4)
            peer.stop()
            if said:
                cells.append("{0:.0f}/{1:.0f}/{2:.0f}".format(*said["whole"]))
                cells.append(str(names.delay.asked - before))
            else:
                cells += ["-", "-"]
        rows.append([peer.name, *cells])
    names.delay.seconds = 0
    rows.append(["goal", "", "", "", "", "115/-/115", ""])
    show("Cold DNS: p50/p90/p99 ms of a session, and questions upstream, with "
         "0, 20, 50 ms per\nupstream answer (160 messages of distinct domains, "
         "4 sessions)",
         ["0 ms", "asked", "20 ms", "asked", "50 ms", "asked"], rows)


def part_memory(names, peers, o):
    """Resident memory at rest and in need."""
    rows = []
    for peer in peers:
        peer.start(o.work)
        idle = peer.memory()
        attempt(peer, "-s", "20k", "-n", 400)
        warm = peer.memory()
        many, _ = held(peer, "VmRSS", "-s", "2k", "-n", 1000, "-c", 1000,
                       "-H", "helo")
        peer.stop()
        peer.start(o.work)
        attempt(peer, "-s", "20k", "-n", 200)
        at, high = held(peer, "VmRSS", "-s", "20m", "-n", 64, "-c", 64,
                        "-H", "eom")
        peer.stop()
        rows.append([peer.name, *[f"{v:.1f}" for v in
                                  (idle, warm, many, at, high)]])
    rows.append(["goal", "16", "", "24", "", "32"])
    show("Resident MB",
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
    peer = next((p for p in peers if p.name == "chopmarkd"), None)
    if not peer:
        return
    os.environ["BENCH_OPTIONS"] = "TestDNSData " + delayed_zone(o.work, 1000)
    for n in counts:
        peer.start(o.work)
        said = attempt(peer, "-s", "2k", "-n", n, "-c", n)
        peer.stop()
        cells.append(f"{said['seconds']:.2f}" if said else "-")
    del os.environ["BENCH_OPTIONS"]
    show("Seconds until N sessions are done whose every DNS answer takes 1 s; "
         "two rounds for\nmost records, so 2.0 would be perfect", counts,
         [[peer.name, *cells], ["goal", "", "", "", "2.6", "3.5"]])


def part_dead(names, peers, o):
    """No answer from anywhere."""
    rows = []
    for peer in peers:
        if peer.name == "null":
            continue
        names.fresh()
        names.delay.silent = True
        peer.start(o.work)
        done = subprocess.run(
            load_command(peer, ["-e", "", "-s", "2k", "-n", 8, "-c", 8]),
            stdout=subprocess.PIPE, check=False)
        peer.stop()
        names.delay.silent = False
        said = json.loads(done.stdout.decode("ascii", "replace"))
        whole = said.get("whole", [0, 0, 0, 0])
        if said["errors"] > 0 or said["messages"] != 8:
            failures.append(f"{peer.name}, dead DNS: {said}")
        rows.append([peer.name, f"{whole[0] / 1000:.1f}",
                     f"{whole[3] / 1000:.1f}", str(said["messages"])])
    rows.append(["goal", "", "20.0", "8"])
    show("Dead DNS: seconds to the answer (8 messages, 8 sessions; goal: "
         "MessageDNSBudget)", ["p50", "max", "answered"], rows)


PARTS = {"quick": part_quick, "cpu": part_cpu, "signing": part_signing,
         "canon": part_canon, "sessions": part_sessions, "cold": part_cold,
         "memory": part_memory, "waiting": part_waiting, "dead": part_dead}


def arguments():
    p = argparse.ArgumentParser()
    p.add_argument("-w", dest="seconds", type=float, default=1.5,
                   help="seconds the chain may take for one round")
    p.add_argument("-p", dest="peers", default="")
    p.add_argument("-x", dest="parts", default=ALL)
    p.add_argument("-s", dest="sizes", default=",".join(SIZES))
    p.add_argument("-r", dest="rounds", type=int, default=3)
    p.add_argument("-k", dest="kind", default="",
                   help="cpu with one kind of message alone")
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
    peers = [p for p in PEERS if p.name in wanted and p.installed()]
    for p in PEERS:
        if p.name in wanted and p not in peers:
            print(f"{p.name} is not installed: left out")
    names = Names(o.work)
    print(f"load of the machine before: {os.getloadavg()[0]:.1f}")
    try:
        for part in o.parts.split(","):
            PARTS[part](names, peers, o)
    finally:
        for p in peers + SIGNERS:
            p.stop()
        names.stop()
    print(f"\nload of the machine after: {os.getloadavg()[0]:.1f}")
    for f in failures:
        print("FAILED", f)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
