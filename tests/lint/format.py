#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
#
# format: sources are as clang-format leaves them. Versions differ in details,
# so only the one that the style was written for may judge.

import os
import re
import shutil
import subprocess

import tree

VERSION = 14


def formatter():
    for name in (f"clang-format-{VERSION}", "clang-format"):
        if shutil.which(name) is None:
            continue
        said = subprocess.run([name, "--version"], capture_output=True,
                              text=True, check=False).stdout
        if re.search(rf"version {VERSION}\.", said):
            return name
    raise tree.Skip(f"no clang-format of version {VERSION}")


def is_formatted(t):
    tool = formatter()
    files = t.files(".c", ".h")
    run = subprocess.run(
        [tool, "--dry-run", "--ferror-limit=1"]
        + [os.path.join(t.root, f) for f in files],
        cwd=t.root, capture_output=True, text=True, check=False)
    seen = re.findall(r"^(.*?):(\d+):\d+: (?:warning|error):", run.stderr, re.M)
    return [f"{os.path.relpath(path, t.root)}:{line}: not as clang-format "
            "leaves it" for path, line in dict(reversed(seen)).items()]


RULES = [("sources are as clang-format leaves them", is_formatted)]

if __name__ == "__main__":
    tree.run(RULES)
