#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""What the compiler and the linker were asked for to make an attacker's work
harder is in the programs that were built, and they need no library that is not
in the list of what Chopmark is built on."""
import glob
import os
import re
import shutil
import subprocess
import sys

from tap import done, ok, skip, skip_all

BUILD = os.environ["top_builddir"]
SOURCE = os.environ["top_srcdir"]
PROGRAMS = ("chopmarkd", "chopmark")
# Of the C library and the compiler; the loader is no library to choose.
FREE = re.compile(r"^(libc|libm|libresolv|libpthread|libdl|libgcc_s|ld-linux.*|ld64|lib(?:a|l|t|ub)san)\.so")


def read(*args):
    return subprocess.run(("readelf", "-W") + args, stdout=subprocess.PIPE, check=True,
                          cwd=BUILD).stdout.decode(errors="replace")


def variable(name):
    with open(os.path.join(BUILD, "Makefile"), encoding="utf-8") as f:
        return re.search(rf"^{name} = ?(.*)$", f.read(), re.M).group(1)


def documented():
    """Names of the libraries in the table of what is linked."""
    with open(os.path.join(SOURCE, "contrib/doc/dependencies.md"), encoding="utf-8") as f:
        table = f.read().split("## Linked into")[1].split("\n## ")[0]
    names = re.findall(r"^\| ([\w-]+)", table, re.M)
    return {n if n.startswith("lib") else "lib" + n for n in names if n != "library"}


def by_the_linker(program):
    head, segments, dynamic = read("-h", program), read("-l", program), read("-d", program)
    ok(re.search(r"Type:\s+DYN", head) and "PIE" in dynamic,
       f"{program} can be loaded anywhere (PIE)", head)
    ok("GNU_RELRO" in segments and "BIND_NOW" in dynamic,
       f"{program}: what the loader wrote is read-only afterwards (full RELRO)", dynamic)
    ok(re.search(r"GNU_STACK.* RW  ?", segments) and not re.search(r"GNU_STACK.*RWE", segments),
       f"{program}: no code on the stack", segments)
    ok(not re.search(r"LOAD.*RWE", segments), f"{program}: nothing is writable and executable",
       segments)
    ok("TEXTREL" not in dynamic, f"{program}: code is not written to when it is loaded", dynamic)
    ok(not re.search(r"RPATH|RUNPATH", dynamic), f"{program} looks for libraries nowhere else",
       dynamic)
    needed = re.findall(r"NEEDED\).*\[(.+?)\]", dynamic)
    unknown = [n for n in needed if not FREE.match(n) and n.split(".so")[0] not in documented()]
    ok(not unknown, f"{program} needs no library that is not documented", unknown)


def by_the_compiler(program, flags):
    symbols = read("--dyn-syms", program)
    ok("__stack_chk_fail" in symbols, f"{program}: the stack protector is in it")
    if "_FORTIFY_SOURCE" in flags:
        ok(re.search(r"__(v?snprintf|memcpy)_chk", symbols), f"{program}: so is _FORTIFY_SOURCE")
    else:
        skip(f"{program}: _FORTIFY_SOURCE", "built with -O0")


def objects(flags):
    """Marks of objects; the program has one only if the C library's start has it. Those made
    before configure was run for the last time were made with other flags."""
    configured = os.path.getmtime(os.path.join(BUILD, "config.status"))
    made = [o for o in glob.glob(os.path.join(BUILD, "milter/*/*.o"))
            if os.path.getmtime(o) >= configured]
    if "-fcf-protection=full" not in flags or not made:
        skip("indirect calls are checked", "not on this machine, or objects are old")
        return
    bare = [o for o in made if "IBT, SHSTK" not in read("-n", o)]
    ok(not bare, "every object is made for checked calls and returns (CET)", *bare)


def main():
    if shutil.which("readelf") is None:
        return skip_all("no readelf")
    flags = variable("CM_HARDEN")
    sanitized = variable("CM_SANITIZE_FLAGS").strip() != ""
    for flag in ("-fstack-protector-strong", "-fstack-clash-protection"):
        if not sanitized:
            ok(flag in flags, f"the compiler took {flag}", flags)
    for program in PROGRAMS:
        by_the_linker(program)
        if not sanitized:
            by_the_compiler(program, flags)
    if not sanitized:
        objects(flags)
    return done()


if __name__ == "__main__":
    sys.exit(main())
