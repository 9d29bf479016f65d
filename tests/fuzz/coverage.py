#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""coverage.py TARGET: a row of coverage.sh, from what llvm-cov exports."""
import json
import os
import sys

LOW = 75

data = json.load(sys.stdin)["data"][0]
total = data["totals"]["lines"]
print("%-14s %7d %7d %6.1f" % (sys.argv[1], total["count"], total["covered"], total["percent"]),
      flush=True)
for f in data["files"]:
    lines = f["summary"]["lines"]
    if lines["percent"] < LOW:
        print("    %-30s %6.1f" % (os.path.basename(f["filename"]), lines["percent"]), flush=True)
