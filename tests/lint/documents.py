#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
#
# documents: the manual pages are well formed, and what the program knows by
# name (options, rule variables) is in the page and the sample that tell of it.

import os
import re
import shutil
import subprocess

import tree


def manual_pages(t):
    if shutil.which("mandoc") is None:
        raise tree.Skip("no mandoc")
    pages = [p for p in t.files() if re.search(r"\.[1-9](\.in)?$", p)]
    if not pages:
        raise tree.Skip("no manual pages yet")
    bad = []
    for page in pages:
        run = subprocess.run(
            ["mandoc", "-Tlint", "-Wwarning", os.path.join(t.root, page)],
            capture_output=True, text=True, check=False)
        if run.returncode != 0:
            bad += [line.replace(t.root + "/", "") for line in
                    (run.stdout + run.stderr).strip().split("\n")]
    return bad


def page(t, name):
    for path in (f"conf/{name}", f"conf/{name}.in"):
        if t.has(path):
            return t.read(path)
    raise tree.Skip(f"no {name} yet")


def options(t):
    path = "milter/config/options.def"
    if not t.has(path):
        raise tree.Skip("no options yet")
    return re.findall(r"^OPTION\w*\(\s*(\w+)", t.read(path), re.M)


def mentions(text, name):
    return re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w-])", text) is not None


def options_in_manual(t):
    text = page(t, "chopmark.conf.5")
    return [f"chopmark.conf.5: nothing about {name}" for name in options(t)
            if not mentions(text, name)]


def options_in_sample(t):
    text = page(t, "chopmark.conf")
    return [f"conf/chopmark.conf: nothing about {name}" for name in options(t)
            if not mentions(text, name)]


def facts(t):
    """Names in the table of facts: `{ "name", FACT_...`."""
    names = []
    for path in t.files(".c", ".def", under="milter/check/facts"):
        text = t.read(path)
        names += re.findall(r'[{(]\s*(?:\.name\s*=\s*)?"([a-z][a-z.-]*)",\s*'
                            r"(?:\.type\s*=\s*)?(?:FACT_)?[A-Z]+", text)
    if not names:
        raise tree.Skip("no table of facts yet")
    return names


def facts_in_manual(t):
    text = page(t, "policy.conf.5").replace("\\-", "-")
    return [f"policy.conf.5: nothing about {name}" for name in facts(t)
            if not mentions(text, name)]


RULES = [
    ("manual pages are well formed", manual_pages),
    ("every option is in chopmark.conf(5)", options_in_manual),
    ("every option is in the sample configuration", options_in_sample),
    ("every rule variable is in policy.conf(5)", facts_in_manual),
]

if __name__ == "__main__":
    tree.run(RULES)
