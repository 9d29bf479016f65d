#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
#
# headers: each header compiles as the first and only one of a source, and
# twice in the same source.

import os
import re
import shlex
import subprocess
import tempfile

import tree


def compiles_alone(t):
    build = os.environ.get("top_builddir", "")
    command = shlex.split(os.environ.get("CC") or "cc")
    command += ["-std=gnu11", "-fsyntax-only", "-Werror", "-Wall"]
    command += [f"-I{t.root}/milter", f"-I{t.root}/tests"]
    if os.path.exists(os.path.join(build, "config.h")):
        command += [f"-I{build}", "-DHAVE_CONFIG_H"]
    command += shlex.split(os.environ.get("lint_cflags", ""))
    with tempfile.TemporaryDirectory() as folder:
        units = []
        for header in t.files(".h"):
            unit = os.path.join(folder, header.replace("/", "__") + ".c")
            with open(unit, "w", encoding="utf-8") as f:
                name = re.sub(r"^(milter|tests)/", "", header)
                f.write(f'#include "{name}"\n#include "{name}"\n')
            units.append(unit)
        if not units:
            return []
        run = subprocess.run(command + units, capture_output=True, text=True,
                             check=False)
    if run.returncode == 0:
        return []
    errors = [line for line in run.stderr.split("\n") if " error: " in line]
    return [line.replace(t.root + "/", "") for line in errors] or [run.stderr]


RULES = [("every header compiles alone, and twice", compiles_alone)]

if __name__ == "__main__":
    tree.run(RULES)
