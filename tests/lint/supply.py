#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
#
# supply: the list of what Chopmark is built on is what configure asks for, and
# what setup installs; every door in it includes its library; the units fit one
# another and are as closed as SECURITY.md says; what is promised has a test.

import os
import re
import shutil
import subprocess
import tempfile

import tree

LIST = "contrib/doc/dependencies.md"
PROOFS = "contrib/doc/proofs.md"


def asked_for(t):
    """{library: Debian package} of configure.ac."""
    text = t.read("configure.ac")
    found = {}
    for name, package in re.findall(
            r"^CM_LIB\(\[\w+\], \[(\w+)\], .*\[([\w-]+)\]\)", text, re.M):
        found["lib" + name] = package
    for name, package in re.findall(
            r"^CM_(?:OPTIONAL_)?PKG\(\[\w+\], \[([\w-]+)[^]]*\], \[([\w-]+)\]\)", text, re.M):
        found[name] = package
    return found


def rows(t):
    """[cells] of the table of what is linked."""
    table = t.read(LIST).split("## Linked into")[1].split("\n## ")[0]
    cells = [[c.strip() for c in line.strip("|").split("|")]
             for line in table.split("\n") if line.startswith("|")]
    return cells[2:]


def listed(t):
    return {re.match(r"[\w-]+", r[0]).group(0): r for r in rows(t)}


def list_is_complete(t):
    want, have = set(asked_for(t)), set(listed(t))
    if not want:
        return ["configure.ac: no library found"]
    return [f"{LIST}: nothing about {n}, which configure asks for" for n in sorted(want - have)] \
        + [f"{LIST}: {n} is not asked for by configure" for n in sorted(have - want)]


def list_says_all(t):
    bad = []
    for name, row in listed(t).items():
        if len(row) != 6 or not all(row[:5]):
            bad.append(f"{LIST}: {name}: version, licence, purpose and door must be told")
            continue
        door = "milter/" + re.sub("^milter/", "", row[4]).rstrip("/")
        if not t.has(door) and not t.has(door + ".c"):
            bad.append(f"{LIST}: {name}: there is no {door}")
    return bad


def setup_installs_them(t):
    setup = t.read("contrib/setup")
    words = re.search(r'^BUILD="(.*?)"', setup, re.M | re.S).group(1).split()
    return [f"contrib/setup: {package} is not installed"
            for package in asked_for(t).values() if package not in words]


def unit(t):
    return t.read("contrib/chopmark.service")


def value(text, name):
    return re.findall(rf"^{name}=(.*)$", text, re.M)


def units_agree(t):
    user = value(unit(t), "User")
    made = re.findall(r"^u (\S+)", t.read("contrib/chopmark.sysusers"), re.M)
    bad = [] if user and user == made else [f"contrib: service User={user}, sysusers {made}"]
    for line in t.read("contrib/chopmark.tmpfiles").split("\n"):
        cells = line.split()
        if line.startswith("d ") and not set(cells[3:5]) <= {"root", *made}:
            bad.append(f"contrib/chopmark.tmpfiles: {line}")
    ambient, bounded = (set(" ".join(value(unit(t), n)).split())
                        for n in ("AmbientCapabilities", "CapabilityBoundingSet"))
    if not ambient <= bounded:
        bad.append(f"contrib/chopmark.service: {ambient - bounded} is not in the bounding set")
    return bad


def analyze(t, *args):
    if shutil.which("systemd-analyze") is None:
        raise tree.Skip("no systemd-analyze")
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "chopmark.service")
        with open(path, "w", encoding="utf-8") as f:
            f.write(unit(t).replace("/usr/sbin/chopmarkd", "/bin/true"))
        run = subprocess.run(["systemd-analyze", *args, path], stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, check=False)
    return run.returncode, run.stdout.decode(errors="replace").strip()


def unit_is_right(t):
    code, text = analyze(t, "verify", "--man=no")
    return [] if code == 0 and not text else text.split("\n")


def unit_is_closed(t):
    told = re.search(r"systemd-analyze security`: (\d+)\.(\d)", t.read("SECURITY.md"))
    if told is None:
        return ["SECURITY.md: no figure of systemd-analyze security"]
    code, text = analyze(t, "security", "--offline=true", "--no-pager",
                         "--threshold=" + told.group(1) + told.group(2))
    if "Unknown option" in text or "unrecognized option" in text:
        raise tree.Skip("systemd-analyze is too old")
    return [] if code == 0 else [text.split("\n")[-1]]


def security_page(t):
    text = t.read("SECURITY.md")
    bad = [f"SECURITY.md: no section '{name}'" for name in
           ("Reporting", "Supported versions", "What is trusted, and what is not",
            "What is promised", "How it is tested") if f"\n## {name}\n" not in text]
    return bad + [f"SECURITY.md: nothing about {name}" for name in
                  (PROOFS, LIST) if name not in text]


def proofs(t):
    """(line, file, name of the test or None) of each reference."""
    for number, line in t.lines(PROOFS):
        if not line.startswith("| ") or line.startswith("| what "):
            continue
        proof = line.rstrip("|").rsplit(" | ", 1)[-1]
        found = re.findall(r"`(tests/[^`]+)`(?:: \"([^\"]+)\")?", proof)
        if not found:
            yield number, None, None
        for path, name in found:
            yield number, path, name


def text_of_names(t, path):
    """The file with strings that C and Python join put together, blanks as one."""
    text = t.read(path)
    text = re.sub(r'\\"', "'", text)
    text = re.sub(r'"\s*\n\s*f?"', "", text)
    return re.sub(r"\s+", " ", text)


def promises_are_tested(t):
    bad, count = [], 0
    for number, path, name in proofs(t):
        count += 1
        if path is None:
            bad.append(f"{PROOFS}:{number}: no test is named")
        elif not t.has(path):
            bad.append(f"{PROOFS}:{number}: there is no {path}")
        elif name is not None and name not in text_of_names(t, path):
            bad.append(f"{PROOFS}:{number}: {path} has no test '{name}'")
    return bad if count > 0 else [f"{PROOFS}: no proof found"]


RULES = [
    ("the list of libraries is what configure asks for", list_is_complete),
    ("it tells version, licence, purpose and door of each", list_says_all),
    ("setup installs what configure asks for", setup_installs_them),
    ("service, user and directories fit one another", units_agree),
    ("the service is well formed", unit_is_right),
    ("the service is as closed as SECURITY.md says", unit_is_closed),
    ("SECURITY.md tells what it must", security_page),
    ("every promise and every fault has a test", promises_are_tested),
]

if __name__ == "__main__":
    tree.run(RULES)
