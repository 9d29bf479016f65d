# SPDX-License-Identifier: BSD-2-Clause
"""A chopmarkd of our own build on a private socket, and what it logs."""
import os
import re
import shlex
import signal
import socket
import subprocess
import threading
import time

PAIR = re.compile(r'([a-z-]+)=("(?:[^"\\]|\\.)*"|\S*)')


class Daemon:
    def __init__(self, directory, config, zone, policy=b"", replies=b"", socket=None):
        self.dir = directory
        os.makedirs(directory, exist_ok=True)
        self.socket = socket or "unix:" + os.path.join(directory, "chopmark.sock")
        self.config = os.path.join(directory, "chopmark.conf")
        self.lines = []
        self.have = threading.Condition()
        self.write("zone", zone)
        text = config + b"\nTestDNSData %s/zone\n" % directory.encode()
        for name, content, option in (("policy.conf", policy, "PolicyFile"),
                                      ("replies.conf", replies, "RepliesFile")):
            if content:
                self.write(name, content)
            source = self.path(name) if content else os.path.join(
                os.environ["top_srcdir"], "conf", name)
            text += ("%s %s\n" % (option, source)).encode()
        self.write("chopmark.conf", text)
        build = os.environ["top_builddir"]
        self.process = subprocess.Popen(
            [os.path.join(build, "chopmarkd"), "-f", "-c", self.config, "-p", self.socket],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()
        self.wait_socket()

    def path(self, name):
        return os.path.join(self.dir, name)

    def write(self, name, content):
        with open(self.path(name), "wb") as f:
            f.write(content)

    def serves(self):
        """True once somebody listens: a socket that is only bound refuses."""
        kind, where = self.socket.split(":", 1)
        probe = socket.socket(socket.AF_UNIX if kind == "unix" else socket.AF_INET)
        if kind != "unix":
            port, host = where.split("@")
            where = (host, int(port))
        try:
            probe.connect(where)
            return True
        except OSError:
            return False
        finally:
            probe.close()

    def wait_socket(self):
        end = time.monotonic() + 20
        while not self.serves():
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError("chopmarkd did not start:\n" + "\n".join(self.lines))
            time.sleep(0.02)

    def read(self):
        for line in self.process.stderr:
            with self.have:
                self.lines.append(line.decode("utf-8", "replace").rstrip("\n"))
                self.have.notify_all()

    def mark(self):
        with self.have:
            return len(self.lines)

    def line_after(self, mark, wanted=lambda fields: "action" in fields, timeout=20):
        """The fields of the first log line behind `mark` that is wanted."""
        end = time.monotonic() + timeout
        with self.have:
            while True:
                for line in self.lines[mark:]:
                    fields = self.fields(line)
                    if wanted(fields):
                        return fields
                left = end - time.monotonic()
                if left <= 0 or not self.have.wait(left):
                    return {}

    @staticmethod
    def fields(line):
        out = {}
        for key, value in PAIR.findall(line):
            if value.startswith('"'):
                value = shlex.split(value)[0]
            out.setdefault(key, []).append(value)
        return {k: v if k == "test" else v[0] for k, v in out.items()}

    def reload(self):
        mark = self.mark()
        self.process.send_signal(signal.SIGHUP)
        end = time.monotonic() + 20
        with self.have:
            while not any("reload" in l.lower() or "configuration" in l.lower()
                          for l in self.lines[mark:]):
                left = end - time.monotonic()
                if left <= 0 or not self.have.wait(left):
                    raise RuntimeError("no word of a reload")

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.reader.join(5)
        return self.process.returncode
