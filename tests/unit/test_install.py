#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""What `make install` leaves: files that name one another, with the paths and
the user that configure was told, and nothing of it behind `make uninstall`."""
import os
import re
import subprocess
import sys
import tempfile

from tap import done, ok

BUILD = os.environ["top_builddir"]
# Other ones than the defaults, so that what is not filled in is seen.
TOLD = ("prefix=/opt/cm", "sbindir=/opt/cm/libexec", "confdir=/opt/etc/cm", "cmuser=stamp",
        "rundir=/run/cm", "docdir=/opt/cm/doc", "mandir=/opt/cm/man")


def make(target, root):
    # its own make: the one that runs the tests lends no job slots
    env = {k: v for k, v in os.environ.items() if not k.startswith("MAKE") and k != "MFLAGS"}
    got = subprocess.run(["make", "-s", "-C", BUILD, target, "DESTDIR=" + root, *TOLD], env=env,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return ok(got.returncode == 0, f"make {target}", got.stdout.decode(errors="replace"))


def files(root):
    return sorted(os.path.relpath(os.path.join(d, f), root)
                  for d, _, names in os.walk(root) for f in names)


def text(root, path):
    with open(os.path.join(root, path), encoding="utf-8") as f:
        return f.read()


def main():
    with tempfile.TemporaryDirectory(prefix="chopmark-install-") as root:
        if not make("install", root):
            return done()
        there = files(root)
        for path in ("opt/cm/libexec/chopmarkd", "opt/etc/cm/chopmark.conf",
                     "opt/etc/cm/policy.conf", "opt/etc/cm/replies.conf",
                     "opt/cm/man/man5/policy.conf.5", "opt/cm/man/man8/chopmarkd.8"):
            ok(path in there, f"{path} is installed", there)
        unit = text(root, "opt/cm/lib/systemd/system/chopmark.service")
        started = re.search(r"^ExecStart=/(\S+) ", unit, re.M)
        ok(started is not None and started.group(1) in there,
           "the unit starts what was installed", started)
        ok(re.search(r"^User=stamp$", unit, re.M), "as the user that configure was told")
        ok(re.search(r"^u stamp ", text(root, "opt/cm/lib/sysusers.d/chopmark.conf"), re.M),
           "the user that is made is the one that configure was told")
        tmpfiles = text(root, "opt/cm/lib/tmpfiles.d/chopmark.conf")
        owners = [line.split()[3:5] for line in tmpfiles.splitlines() if line.startswith("d ")]
        ok(len(owners) >= 3 and all("stamp" in o for o in owners),
           "directories belong to it", tmpfiles)
        ok("d /run/cm 0755" in tmpfiles, "the directory of the socket is the one told", tmpfiles)
        ok("/opt/etc/cm" in text(root, "opt/cm/man/man8/chopmarkd.8"),
           "the manual names the directory of the configuration")

        conf = os.path.join(root, "opt/etc/cm/policy.conf")
        with open(conf, "a", encoding="utf-8") as f:
            f.write("# ours\n")
        make("install", root)
        ok(text(root, "opt/etc/cm/policy.conf").endswith("# ours\n"),
           "installing again leaves a changed configuration alone")
        make("uninstall", root)
        ok(files(root) == ["opt/etc/cm/policy.conf"],
           "uninstalling leaves just what was changed", files(root))
    return done()


if __name__ == "__main__":
    sys.exit(main())
