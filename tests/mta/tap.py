# SPDX-License-Identifier: BSD-2-Clause
"""TAP from Python."""
import sys

_count = 0
_failed = 0


def ok(good, name, why=""):
    global _count, _failed
    _count += 1
    print("%sok %d - %s" % ("" if good else "not ", _count, name.replace("#", "")))
    if not good:
        _failed += 1
        for line in str(why).splitlines():
            print("# " + line)
    sys.stdout.flush()
    return good


def skip_all(why):
    print("1..0 # SKIP " + why)
    return 0


def done():
    print("1..%d" % _count)
    return 1 if _failed or _count == 0 else 0
