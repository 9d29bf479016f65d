#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The DNS of bench.py: nsd, a delay and unbound, on loopback."""
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time

BUILD = os.environ.get("top_builddir", os.getcwd())
CORPUS = os.path.join(BUILD, "bench-corpus")


def stop(p):
    if p.poll() is None:
        p.send_signal(signal.SIGTERM)
        try:
            p.wait(5)
        except subprocess.TimeoutExpired:
            p.kill()
            p.wait()


def write(path, text):
    with open(path, "w", encoding="ascii") as f:
        f.write(text)
    return path


class Delay(threading.Thread):
    """Passes questions on to the authoritative server, each answer late."""

    def __init__(self, port, to):
        super().__init__(daemon=True)
        self.seconds = 0.0
        self.silent = False
        self.asked = 0
        self.to = ("127.0.0.1", to)
        self.front = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.front.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.front.bind(("127.0.0.1", port))

    def answer(self, question, asker):
        back = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        back.settimeout(2)
        back.sendto(question, self.to)
        try:
            data = back.recv(65535)
        except OSError:
            return
        finally:
            back.close()
        if self.seconds == 0:
            self.front.sendto(data, asker)
            return
        timer = threading.Timer(self.seconds,
                                lambda: self.front.sendto(data, asker))
        timer.daemon = True
        timer.start()

    def run(self):
        while True:
            question, asker = self.front.recvfrom(65535)
            self.asked += 1
            if not self.silent:
                self.answer(question, asker)


class Names:
    """nsd, Delay and unbound on loopback."""

    def __init__(self, work):
        self.work = work
        shutil.copy(os.path.join(CORPUS, "org.zone"), work)
        conf = write(f"{work}/nsd.conf", f"""
server:
  ip-address: 127.0.0.1@5301
  username: ""
  zonesdir: "{work}"
  database: ""
  pidfile: "{work}/nsd.pid"
  xfrdfile: "{work}/xfrd.state"
  zonelistfile: "{work}/zone.list"
  hide-version: yes
  verbosity: 0
remote-control:
  control-enable: no
zone:
  name: "org"
  zonefile: "org.zone"
""")
        self.nsd = subprocess.Popen(["nsd", "-d", "-c", conf],
                                    stderr=subprocess.DEVNULL)
        self.delay = Delay(5302, 5301)
        self.delay.start()
        self.unbound = None
        self.fresh()

    def fresh(self):
        """An empty cache."""
        conf = write(f"{self.work}/unbound.conf", f"""
server:
  interface: 127.0.0.1
  port: 53
  username: ""
  chroot: ""
  directory: "{self.work}"
  pidfile: "{self.work}/unbound.pid"
  use-syslog: no
  logfile: "{self.work}/unbound.log"
  do-not-query-localhost: no
  module-config: "iterator"
  qname-minimisation: no
  num-threads: 1
  num-queries-per-thread: 4096
  outgoing-range: 8192
  msg-cache-size: 32m
  rrset-cache-size: 64m
  so-rcvbuf: 4m
  infra-cache-min-rtt: 400
  root-hints: ""
remote-control:
  control-enable: no
stub-zone:
  name: "org"
  stub-addr: 127.0.0.1@5302
  stub-prime: no
""")
        if self.unbound:
            stop(self.unbound)
        self.unbound = subprocess.Popen(["unbound", "-d", "-c", conf],
                                        stderr=subprocess.DEVNULL)
        for _ in range(200):
            if self.works():
                return
            time.sleep(0.05)
        sys.exit("bench: the resolver does not answer")

    @staticmethod
    def works():
        question = (b"\0\1\1\0\0\1\0\0\0\0\0\0\2ns\3org\0\0\1\0\1")
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.settimeout(0.3)
        try:
            s.sendto(question, ("127.0.0.1", 53))
            answer = s.recv(512)
        except OSError:
            return False
        finally:
            s.close()
        return answer[3] & 15 == 0 and answer[7] > 0

    def stop(self):
        stop(self.unbound)
        stop(self.nsd)
