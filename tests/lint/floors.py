#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
#
# floors: who may include whom. A file may include its own room and rooms on
# lower floors; a foreign library only through its door; every file reaches
# base/banned.h; a source includes its own header first.

import fnmatch
import os
import re

import tree

FLOORS = {"base": 0, "mail": 1, "dns": 1, "crypt": 1, "check": 2, "srs": 2,
          "policy": 3, "journal": 3, "forward": 3, "engine": 4, "report": 4,
          "config": 5, "daemon": 6, "cli": 6}

# Foreign headers and the files that may include them.
DOORS = {
    "spf2/*": ["milter/check/spf_lib.c"],
    "opendkim/*": ["milter/check/dkim_lib.c"],
    "opendmarc/*": ["milter/check/dmarc_lib.c"],
    "libmilter/*": ["milter/daemon/*"],
    "openssl/*": ["milter/crypt/*"],
    "dlfcn.h": ["milter/crypt/key_stand_in.c", "milter/daemon/mta_io.c",
                "milter/daemon/threads.c"],
    "seccomp.h": ["milter/daemon/sandbox_seccomp.c"],
    "unbound.h": ["milter/dns/dns_unbound*.c"],
    "libpsl.h": ["milter/mail/psl.c"],
    "idn2.h": ["milter/mail/domain.c"],
    "jansson.h": ["milter/cli/*", "milter/journal/*"],
    "systemd/*": ["milter/daemon/*"],
    "emmintrin.h": ["milter/mail/canon_scan.c"],
    "config.h": ["milter/base/base.h"],
}

# The C library and the operating system.
SYSTEM = set("""
assert.h ctype.h errno.h fcntl.h getopt.h glob.h grp.h inttypes.h limits.h netdb.h
poll.h pthread.h pwd.h sched.h semaphore.h regex.h signal.h stdarg.h stdatomic.h
stdbool.h stddef.h stdint.h stdio.h stdlib.h string.h strings.h sysexits.h syslog.h
termios.h time.h unistd.h arpa/inet.h arpa/nameser.h netinet/in.h
netinet/tcp.h resolv.h linux/capability.h linux/prctl.h sys/epoll.h sys/eventfd.h sys/file.h
sys/ioctl.h sys/mman.h sys/prctl.h sys/random.h sys/resource.h sys/select.h
sys/signalfd.h sys/socket.h sys/stat.h sys/syscall.h sys/time.h sys/timerfd.h
sys/types.h sys/uio.h sys/un.h sys/wait.h
""".split())

INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]')


def includes(t, path):
    for number, line in t.lines(path):
        m = INCLUDE.match(line)
        if m:
            yield number, m.group(1), m.group(2)


def room_of(path):
    parts = path.split("/")
    return parts[1] if len(parts) > 2 and parts[0] == "milter" else None


def floors(t):
    bad = []
    for path in t.files(".c", ".h", under="milter/"):
        room = room_of(path)
        if room not in FLOORS:
            bad.append(f"{path}: room '{room}' has no floor")
            continue
        for number, kind, name in includes(t, path):
            if kind != '"':
                continue
            other = name.split("/")[0]
            if not t.has("milter/" + name):
                bad.append(f"{path}:{number}: no file milter/{name} "
                           "(includes name the room)")
            elif other != room and FLOORS.get(other, 99) >= FLOORS[room]:
                bad.append(f"{path}:{number}: {room} (floor {FLOORS[room]}) "
                           f"may not include {name}")
    return bad


def doors(t):
    bad = []
    for path in t.files(".c", ".h", under="milter/"):
        for number, kind, name in includes(t, path):
            if kind != "<" or name in SYSTEM:
                continue
            where = [files for header, files in DOORS.items()
                     if fnmatch.fnmatchcase(name, header)]
            if not where:
                bad.append(f"{path}:{number}: <{name}> is neither of the system "
                           "nor has a door")
            elif not any(fnmatch.fnmatchcase(path, f) for f in where[0]):
                bad.append(f"{path}:{number}: <{name}> only in "
                           + ", ".join(where[0]))
    return bad


def base_is_libc_only(t):
    return [f"{path}:{number}: <{name}> in base"
            for path in t.files(".c", ".h", under="milter/base/")
            for number, kind, name in includes(t, path)
            if kind == "<" and name not in SYSTEM and name != "config.h"]


def resolve(t, path, name):
    for folder in ("milter", "tests", os.path.dirname(path)):
        if t.has(f"{folder}/{name}"):
            return f"{folder}/{name}"
    return None


def banned_reaches_all(t):
    reach = {}

    def reaches(path, seen):
        if path == "milter/base/banned.h":
            return True
        if path in reach:
            return reach[path]
        seen.add(path)
        found = False
        for _, kind, name in includes(t, path):
            target = resolve(t, path, name) if kind == '"' else None
            if target and target not in seen and reaches(target, seen):
                found = True
                break
        if found:
            reach[path] = True
        return found

    return [f"{path}: does not reach base/banned.h"
            for path in t.files(".c") if not reaches(path, set())]


def own_header_first(t):
    bad = []
    for path in t.files(".c", under="milter/"):
        own = path[len("milter/"):-2]
        first = next(includes(t, path), (0, "", ""))[2]
        if t.has(f"milter/{own}.h") and first not in (f"{own}.h",
                                                     f"{own}_private.h"):
            bad.append(f"{path}: does not include \"{own}.h\" first")
    return bad


RULES = [
    ("a room includes only itself and lower floors", floors),
    ("foreign headers stay in their doors", doors),
    ("base needs nothing but the C library", base_is_libc_only),
    ("every source reaches the banned calls", banned_reaches_all),
    ("every source includes its own header first", own_header_first),
]

if __name__ == "__main__":
    tree.run(RULES)
