# SPDX-License-Identifier: BSD-2-Clause
"""What a private MTA of the tests has, whichever it is: a directory of its own,
a certificate, and a maildir in which everything for local.test ends."""
import glob
import os
import shutil
import subprocess
import tempfile
import time


def unable(mta):
    """Why tests behind this MTA (its module) cannot run here; None: they can."""
    if not mta.available():
        return "%s is not installed (contrib/setup check brings it)" % mta.__name__
    if os.geteuid() != 0:
        return "needs root: an MTA on port 25 of its own network namespace"
    return None


def directory(prefix="chopmark-"):
    """A new one for an MTA and the filter, whose socket goes into milter/. Not
    below /tmp: Sendmail trusts no path below a world-writable directory."""
    path = tempfile.mkdtemp(prefix=prefix, dir="/run")
    os.chmod(path, 0o755)
    os.makedirs(os.path.join(path, "milter"))
    shutil.chown(os.path.join(path, "milter"), "nobody")
    return path


class Host:
    def __init__(self, directory):
        self.dir = directory
        self.mail = os.path.join(directory, "mail")
        self.seen = set()

    def maildir(self, mode=0o755, owner=None):
        """`owner`: an entry of the password file."""
        for d in ("", "/cur", "/new", "/tmp"):
            os.makedirs(self.mail + d, exist_ok=True)
            os.chmod(self.mail + d, mode)
            if owner:
                os.chown(self.mail + d, owner.pw_uid, owner.pw_gid)

    def certificate(self):
        key = self.dir + "/key.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                        "-subj", "/CN=mx.local.test", "-keyout", key,
                        "-out", self.dir + "/cert.pem"], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.chmod(key, 0o600)

    def delivered(self, timeout=30):
        """The next delivered message, or None."""
        end = time.monotonic() + timeout
        while True:
            for path in sorted(glob.glob(self.mail + "/new/*"), key=os.path.getmtime):
                if path not in self.seen:
                    self.seen.add(path)
                    with open(path, "rb") as f:
                        return f.read()
            if time.monotonic() > end:
                return None
            time.sleep(0.05)
