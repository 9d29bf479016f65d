#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
#
# style: what every file looks like: licence line and head comment, sizes, no
# catch-all rooms, no traces of the machine it was written on.

import re

import tree

LICENCE = "SPDX-License-Identifier: BSD-2-Clause"
FUNCTION_LINES = 70
FILE_LINES = 600
HEAD_LINES = 1  # least lines of text in a head comment, licence not counted

# Longer than that with a reason: flat switches and the like. Tables of
# constants do not count to begin with.
LONG_FUNCTIONS = {}
LONG_FILES = {}

# What somebody may copy out of the tree; configuration is the reader's own.
SOURCES = (".c", ".h", ".def", ".mk", ".py", ".sh", ".ac", ".m4", ".am")

# Parts of paths that exist on one machine only.
MACHINE = re.compile(r"(?<![\w.])/(work|root|tmp/wt|home/[a-z]\w*|Users/\w+)/")


def licence(t):
    bad = []
    for path in t.files(*SOURCES):
        head = t.read(path).split("\n")[:2]
        if not any(LICENCE in line for line in head):
            bad.append(f"{path}:1: no line '{LICENCE}'")
    return bad


def head_comment(t):
    bad = []
    for path in t.files(".c", ".h"):
        text = t.read(path)
        end = text.find("*/")
        head = text[:end].split("\n")[1:] if text.startswith("/*") else []
        said = [line for line in head if line.strip(" *")]
        if len(said) < HEAD_LINES:
            bad.append(f"{path}:1: the head comment does not say what the file "
                       "owns and for whom")
    return bad


def table_rows(t, path):
    """Numbers of the lines that are rows of tables."""
    rows, start, indent = set(), 0, ""
    for number, line in t.lines(path):
        m = re.match(r"(\t?)\S.*\[\w*\](\[\w*\])* = \{( .*)?$", line)
        if m and not start:
            start, indent = number, m.group(1)
        elif start and line == indent + "};":
            rows.update(range(start + 1, number))
            start = 0
    return rows


def functions(t, path):
    """(name, line, length) of each function: its brace stands in column 0."""
    name, start, rows = "?", 0, table_rows(t, path)
    for number, line in t.lines(path):
        m = re.match(r"(\w+)\(", line)
        if m and not start:
            name = m.group(1)
        if line == "{":
            start = number
        elif line.startswith("}") and start:
            inside = set(range(start + 1, number))
            yield name, start, len(inside - rows)
            start = 0


def function_length(t):
    return [f"{path}:{line}: {name}() has {length} lines, over {FUNCTION_LINES}"
            for path in t.files(".c", ".h")
            for name, line, length in functions(t, path)
            if length > FUNCTION_LINES and (path, name) not in LONG_FUNCTIONS]


def file_length(t):
    bad = []
    for path in t.files(".c", ".h", ".py", ".sh"):
        length = t.read(path).count("\n") - len(table_rows(t, path))
        if length > FILE_LINES and path not in LONG_FILES:
            bad.append(f"{path}: {length} lines, over {FILE_LINES}")
    return bad


def no_catch_alls(t):
    return [f"{path}: a name that takes in everything"
            for path in t.files()
            if re.search(r"(^|/)(utils?|misc|common|helpers?)(/|\.\w+$)", path)]


def no_machine_paths(t):
    return [f"{path}:{number}: {m.group(0)}"
            for path in t.files()
            for number, line in t.lines(path)
            for m in [MACHINE.search(line)] if m]


def no_trailing_space(t):
    return [f"{path}:{number}: white space at the end of the line"
            for path in t.files(*SOURCES, ".conf", ".1", ".5", ".8")
            for number, line in t.lines(path) if line != line.rstrip(" \t\r")]


def no_torn_declarations(t):
    """clang-format breaks a line whose comment is too long behind the type."""
    torn = re.compile(r"\t+(const )?((struct|enum) \w+|unsigned|bool|char|int|"
                      r"size_t|u?int\d+_t)$")
    return [f"{path}:{number}: put the comment above the declaration"
            for path in t.files(".c", ".h")
            for number, line in t.lines(path) if torn.match(line)]


RULES = [
    ("every file names its licence", licence),
    ("every source begins with a head comment", head_comment),
    (f"no function is longer than {FUNCTION_LINES} lines", function_length),
    (f"no file is longer than {FILE_LINES} lines", file_length),
    ("nothing is called util", no_catch_alls),
    ("no path of one machine is in the tree", no_machine_paths),
    ("no line ends with white space", no_trailing_space),
    ("no declaration is torn from its type", no_torn_declarations),
]

if __name__ == "__main__":
    tree.run(RULES)
