# SPDX-License-Identifier: BSD-2-Clause
"""TAP from Python, for every test that is not written in C. `make check` puts
this folder on the path."""
import sys

_count = 0
_failed = 0


def ok(good, name, *details):
    """One test; details are shown when it fails. Returns good."""
    global _count, _failed
    _count += 1
    print("%sok %d - %s" % ("" if good else "not ", _count, name.replace("#", "")))
    if not good:
        _failed += 1
        for detail in details:
            for line in str(detail).splitlines():
                print("# " + line)
    sys.stdout.flush()
    return good


def skip(name, why):
    """One test that cannot run here."""
    global _count
    _count += 1
    print("ok %d - %s # SKIP %s" % (_count, name, why))


def skip_all(why):
    """Ends a program none of whose tests can run here."""
    print("1..0 # SKIP " + why)
    return 0


def done():
    """Prints the plan; the exit status of the program."""
    print("1..%d" % _count)
    return 1 if _failed or _count == 0 else 0
