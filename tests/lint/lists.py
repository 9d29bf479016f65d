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


def words(t):
    """(variable, word) of every word of every makefile fragment, paths from the
    root."""
    for path in t.files(".mk") + ["Makefile.am"]:
        if not t.has(path):
            continue
        folder = os.path.dirname(path)
        for line in t.read(path).replace("\\\n", " ").split("\n"):
            if line.startswith("#"):
                continue
            variable = re.match(r"\w*", line).group(0)
            for word in re.split(r"[\s=:;'\"]+", line):
                word = word.replace("%D%", folder).replace("$(top_srcdir)/", "")
                yield variable, os.path.normpath(word)


def every_file_is_listed(t):
    names = {word for _, word in words(t)}
    folders = tuple(word + "/" for variable, word in words(t)
                    if variable == "EXTRA_DIST"
                    and os.path.isdir(os.path.join(t.root, word)))
    return [f"{path}: in no makefile fragment" for path in t.files()
            if path not in names
            and re.sub(r"\.c$", "", path) not in names
            and not FREE.match(path) and not path.startswith(folders)]


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
