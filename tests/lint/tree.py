# SPDX-License-Identifier: BSD-2-Clause
#
# tree: the source tree as the lints see it, and TAP out of their findings. A
# rule is a function that takes a Tree and returns a list of complaints, each
# "path:line: text" or "path: text"; it raises Skip where it cannot look.

import os
import subprocess
import sys

TOPS = ("milter", "conf", "contrib", "tests")
# What a build in the source tree leaves beside the sources.
DROSS = (".o", ".a", ".lo", ".log", ".trs", ".pyc", ".dirstamp", ".Po", ".orig")
DROSS_DIRS = (".deps", ".libs", "__pycache__", "autom4te.cache", "build-aux")


class Skip(Exception):
    pass


class Tree:
    def __init__(self, root):
        self.root = root
        self._files = None
        self._texts = {}

    def files(self, *suffixes, under=""):
        """Paths from the root, sorted; all of them without suffixes."""
        if self._files is None:
            self._files = sorted(self._git() or self._walk())
        return [f for f in self._files if f.startswith(under)
                and (not suffixes or f.endswith(suffixes))]

    def read(self, path):
        if path not in self._texts:
            with open(os.path.join(self.root, path), encoding="utf-8",
                      errors="surrogateescape") as f:
                self._texts[path] = f.read()
        return self._texts[path]

    def lines(self, path):
        return enumerate(self.read(path).split("\n"), 1)

    def has(self, path):
        return os.path.exists(os.path.join(self.root, path))

    def _git(self):
        """What is under version control or about to be; nothing in a tarball."""
        if not os.path.exists(os.path.join(self.root, ".git")):
            return []
        run = subprocess.run(
            ["git", "-C", self.root, "ls-files", "-z", "--cached", "--others",
             "--exclude-standard"], capture_output=True, check=False)
        names = os.fsdecode(run.stdout).split("\0") if run.returncode == 0 else []
        return [n for n in names if n and os.path.isfile(os.path.join(self.root, n))]

    def _walk(self):
        found = [n for n in os.listdir(self.root)
                 if os.path.isfile(os.path.join(self.root, n))
                 and (n in ("README", "LICENSE", "SECURITY.md", "autogen.sh",
                            "configure.ac", "Makefile.am"))]
        for top in TOPS:
            for where, dirs, names in os.walk(os.path.join(self.root, top)):
                dirs[:] = [d for d in dirs if d not in DROSS_DIRS]
                for name in names:
                    path = os.path.join(where, name)
                    if not name.endswith(DROSS) and not is_binary(path):
                        found.append(os.path.relpath(path, self.root))
        return found


def is_binary(path):
    with open(path, "rb") as f:
        return f.read(4) == b"\x7fELF"


def source_root():
    root = os.environ.get("top_srcdir")
    if not root:
        root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
    return os.path.abspath(root)


def run(rules):
    """rules: (name of the test, rule). Prints TAP; exits 1 on any complaint."""
    tree = Tree(source_root())
    failed = 0
    print(f"1..{len(rules)}")
    for number, (name, rule) in enumerate(rules, 1):
        try:
            complaints = rule(tree)
        except Skip as why:
            print(f"ok {number} - {name} # SKIP {why}")
            continue
        print(f"{'not ' if complaints else ''}ok {number} - {name}")
        for line in complaints:
            print(f"# {line}")
        failed += bool(complaints)
        sys.stdout.flush()
    sys.exit(failed > 0)
