# SPDX-License-Identifier: BSD-2-Clause
"""A network of our own: tests whose clients need real-looking addresses run in
a network namespace where loopback carries the documentation networks
192.0.2.0/24, 198.51.100.0/24, 203.0.113.0/24 and addresses of 2001:db8::/32.
Nothing can leave it."""
import os
import socket
import subprocess
import sys

NETS = ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")
SERVER4 = "192.0.2.25"
SERVER6 = "2001:db8::25"
_added = set()


def ip(*args):
    subprocess.run(("ip",) + args, check=True, stdout=subprocess.DEVNULL)


def enter(*others):
    """Re-executes the program inside a new network namespace, and others that
    unshare(1) knows."""
    if os.environ.get("CHOPMARK_NETNS") != "1":
        os.environ["CHOPMARK_NETNS"] = "1"
        os.execvp("unshare", ["unshare", "--net", "--uts", *others, sys.executable]
                  + sys.argv)
    socket.sethostname("mx.local.test")  # Sendmail waits a minute for a name without dot
    ip("link", "set", "lo", "up")
    for net in NETS:
        ip("route", "add", "local", net, "dev", "lo")
    ip("addr", "add", SERVER4 + "/32", "dev", "lo")
    need(SERVER6)


def need(address):
    """Makes an IPv6 address usable (IPv4 networks are there as a whole)."""
    if ":" in address and address not in _added and address != "::1":
        ip("-6", "addr", "add", address + "/128", "dev", "lo", "nodad")
        _added.add(address)
