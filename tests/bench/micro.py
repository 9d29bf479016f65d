#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""make bench-micro: instructions of the hot functions, beside a baseline.

Counts by callgrind, so a busy machine does not matter; SHA-256 has no SHA-NI
there. It reports and never fails. `micro.py --store` writes the baseline.
"""
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.environ.get("top_builddir", os.getcwd())
PROGRAM = os.path.join(BUILD, "tests/bench/micro")
BASELINE = os.path.join(HERE, "micro.baseline")


def count(case):
    """Instructions of all runs of a case."""
    with tempfile.TemporaryDirectory() as work:
        out = os.path.join(work, "callgrind")
        subprocess.run(["valgrind", "--tool=callgrind",
                        "--toggle-collect=measured",
                        f"--callgrind-out-file={out}", PROGRAM, case],
                       check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
        with open(out, encoding="ascii", errors="replace") as f:
            found = re.search(r"^(?:totals|summary): (\d+)", f.read(), re.M)
    return int(found.group(1))


def main():
    cases = subprocess.run([PROGRAM], check=True, stdout=subprocess.PIPE,
                           text=True).stdout.split()
    before = {}
    if os.path.exists(BASELINE):
        with open(BASELINE, encoding="ascii") as f:
            before = {name: float(n) for name, n in
                      (line.split() for line in f if line[0] != "#")}
    now = {}
    print(f"{'instructions per run or octet':34}{'now':>12}{'baseline':>12}"
          f"{'ratio':>8}")
    for name, per in zip(cases[::2], cases[1::2]):
        now[name] = count(name) / int(per)
        old = before.get(name)
        print(f"{name:34}{now[name]:12.2f}"
              f"{'-' if old is None else format(old, '.2f'):>12}"
              f"{'-' if not old else format(now[name] / old, '.2f'):>8}")
        sys.stdout.flush()
    if "--store" in sys.argv:
        with open(BASELINE, "w", encoding="ascii") as f:
            f.write("# gcc 12, -O2, amd64: instructions per run or octet\n")
            for name, n in now.items():
                f.write(f"{name} {n:.2f}\n")


if __name__ == "__main__":
    main()
