#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
#
# lists: every file of the tree is in a list of the makefile, so that it is
# built, tested and part of the tarball.

import os
import re

import tree

# Files that automake takes along by itself, or that no tarball needs.
FREE = re.compile(r"^(Makefile\.am|configure\.ac|README|\.git\w+|\.ci/.*"
                  r"|\.git-blame-ignore-revs|contrib/m4/.*\.m4|.*\.mk)$")


def listed(t):
    """Every path that a makefile fragment names."""
    names = set()
    for path in t.files(".mk") + ["Makefile.am"]:
        if not t.has(path):
            continue
        folder = os.path.dirname(path)
        for line in t.read(path).replace("\\\n", " ").split("\n"):
            if line.startswith("#"):
                continue
            for word in re.split(r"[\s=:;'\"]+", line):
                word = word.replace("%D%", folder).replace("$(top_srcdir)/", "")
                names.add(os.path.normpath(word))
    return names


def every_file_is_listed(t):
    names = listed(t)
    bad = []
    for path in t.files():
        program = re.sub(r"\.c$", "", path)
        if path in names or program in names or FREE.match(path):
            continue
        if any(path.startswith(n + "/") for n in names if "/" in n):
            continue  # a whole folder is distributed
        bad.append(f"{path}: in no makefile fragment")
    return bad


def every_room_has_a_list(t):
    rooms = sorted({p.split("/")[1] for p in t.files(".c", ".h", under="milter/")
                    if p.count("/") >= 2})
    return [f"milter/{room}: no room.mk" for room in rooms
            if not t.has(f"milter/{room}/room.mk")]


def every_list_is_included(t):
    makefiles = t.files(".mk") + ["Makefile.am"]
    lines = {line.strip() for p in makefiles if t.has(p)
             for line in t.read(p).split("\n")}
    return [f"{path}: included nowhere" for path in t.files(".mk")
            if f"include {path}" not in lines]


RULES = [
    ("every file is in a list of the makefile", every_file_is_listed),
    ("every room has its list", every_room_has_a_list),
    ("every list is included", every_list_is_included),
]

if __name__ == "__main__":
    tree.run(RULES)
