#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The filters that bench.py compares: how each is set up, watched and ended."""
import os
import shutil
import subprocess
import sys
import time

from names import BUILD, CORPUS, stop, write

SOURCE = os.path.dirname(os.path.abspath(__file__))
HERE = os.path.join(BUILD, "tests/bench")
HOST = "mx.local.test"


def family(pid):
    """A process and its children."""
    found = [pid]
    for p in found:
        try:
            with open(f"/proc/{p}/task/{p}/children", encoding="ascii") as f:
                found += [int(c) for c in f.read().split()]
        except OSError:
            pass
    return found


def cpu(pid):
    """Seconds of CPU that the kernel has counted for all threads."""
    total = 0.0
    for p in family(pid):
        try:
            total += time.clock_gettime((~p << 3) | 2)
        except OSError:
            pass
    return total


def status(pid, key):
    """Megabytes of a line of /proc/PID/status, the family added up."""
    total = 0
    for p in family(pid):
        try:
            with open(f"/proc/{p}/status", encoding="ascii") as f:
                for line in f:
                    if line.startswith(key + ":"):
                        total += int(line.split()[1])
        except OSError:
            pass
    return total / 1024


class Peer:
    """One or two filters in a row."""

    def __init__(self, name, parts, checks):
        self.name, self.parts, self.checks = name, parts, checks
        self.running = []

    def start(self, work):
        for part in self.parts:
            path = f"{work}/{self.name}-{part.__name__}.sock"
            if os.path.exists(path):
                os.unlink(path)
            log = open(f"{work}/{self.name}-{part.__name__}.log", "w",
                       encoding="ascii")
            p = subprocess.Popen(part(work, path), stdout=log, stderr=log)
            self.running.append((p, path))
            for _ in range(2400):  # rspamd compiles a list once
                if os.path.exists(path) or p.poll() is not None:
                    break
                time.sleep(0.05)
            time.sleep(part.__dict__.get("settle", 0.3))
            if p.poll() is not None or not os.path.exists(path):
                sys.exit(f"bench: {self.name} does not start, see {log.name}")

    def stop(self):
        for p, _ in self.running:
            stop(p)
        self.running = []

    def cpu(self):
        return sum(cpu(p.pid) for p, _ in self.running)

    def memory(self, key="VmRSS"):
        return sum(status(p.pid, key) for p, _ in self.running)

    def paths(self):
        return [path for _, path in self.running]

    def installed(self):
        return all(shutil.which(p.__dict__.get("program", p.__name__))
                   for p in self.parts)


def chopmarkd(work, path, more=""):
    more += os.environ.get("BENCH_OPTIONS", "")
    conf = write(f"{work}/chopmark.conf", f"""
Socket unix:{path}
SocketMode 0600
UserID root
Syslog no
Background no
Hostname {HOST}
{"" if "TestDNSData" in more else "Nameservers 127.0.0.1@53"}
PolicyFile {SOURCE}/../../conf/policy.conf
RepliesFile {SOURCE}/../../conf/replies.conf
MaximumSignaturesToVerify 10
{more}
""")
    return [PROGRAM, "-f", "-c", conf]


PROGRAM = os.environ.get("BENCH_CHOPMARKD", f"{BUILD}/chopmarkd")
chopmarkd.program = PROGRAM


def opendkim(work, path, mode="v", more=""):
    conf = write(f"{work}/opendkim-{mode}.conf", f"""
Socket local:{path}
Mode {mode}
Syslog no
UserID root
UMask 007
AuthservID {HOST}
AlwaysAddARHeader yes
MaximumSignaturesToVerify 10
Nameservers 127.0.0.1
{more}
""")
    return ["opendkim", "-f", "-x", conf]


def opendmarc(work, path):
    conf = write(f"{work}/opendmarc.conf", f"""
Socket local:{path}
Syslog false
UserID root
UMask 007
AuthservID {HOST}
TrustedAuthservIDs {HOST}
SPFSelfValidate true
SPFIgnoreResults true
RejectFailures false
PublicSuffixList /usr/share/publicsuffix/public_suffix_list.dat
""")
    return ["opendmarc", "-f", "-c", conf]


def rspamd(work, path):
    """One process that filters itself; only what the others do."""
    rules = write(f"{work}/rspamd.lua", "-- none\n")
    conf = write(f"{work}/rspamd.conf", f"""
options {{
  filters = "spf,dkim";
  pidfile = "{work}/rspamd.pid";
  tempdir = "{work}";
  hs_cache_dir = "{work}";
  url_tld = "/usr/share/rspamd/effective_tld_names.dat";
  local_addrs = ["127.0.0.0/8"];
  task_timeout = 300s;
  dns {{ nameserver = ["127.0.0.1:53"]; timeout = 5s; retransmits = 3; sockets = 16; }}
}}
logging {{ type = "console"; level = "error"; color = false; }}
modules {{ path = "/usr/share/rspamd/plugins/"; }}
lua = "{rules}";
actions {{ reject = 100000; }}
spf {{ }}
dkim {{ max_sigs = 10; }}
dmarc {{ }}
arc {{ }}
milter_headers {{ use = ["authentication-results"]; }}
worker "rspamd_proxy" {{
  bind_socket = "{path} mode=0666";
  milter = yes; timeout = 300s; task_timeout = 300s; count = 1;
  upstream "local" {{ default = yes; self_scan = yes; }}
}}
""")
    return ["rspamd", "-f", "-i", "-c", conf]


rspamd.settle = 2.0  # its socket is there long before the process behind it


def null(_, path):
    return [f"{HERE}/null_filter", path]


null.program = f"{HERE}/null_filter"


def signing(work):
    """Tables of all domains, with one key, in the words both understand."""
    with open(f"{CORPUS}/org.zone", encoding="ascii") as f:
        domains = sorted({line.split(" ")[0] + ".org" for line in f
                          if line[0] == "d" and line[1:4].isdigit() and
                          line[4] == " "})
    keys = write(f"{work}/keys", "".join(
        f"{d} {d}:sel:{CORPUS}/key.pem\n" for d in domains))
    signers = write(f"{work}/signers", "".join(
        f"*@{d} {d}\n" for d in domains))
    return f"""
InternalHosts 192.0.2.0/24
RequireSafeKeys no
KeyTable file:{keys}
SigningTable refile:{signers}
Canonicalization relaxed/relaxed
"""


def chopmarkd_sign(work, path):
    return chopmarkd(work, path, "Mode s" + signing(work))


chopmarkd_sign.program = PROGRAM


def opendkim_sign(work, path):
    return opendkim(work, path, "s", signing(work))


opendkim_sign.program = "opendkim"


PEERS = [
    Peer("chopmarkd", [chopmarkd], "dsm"),
    Peer("chain", [opendkim, opendmarc], "dsm"),
    Peer("opendkim", [opendkim], "d"),
    Peer("rspamd", [rspamd], "dsm"),
    Peer("null", [null], ""),
]

# "g": a signature of the author's domain was added
SIGNERS = [
    Peer("chopmarkd", [chopmarkd_sign], "g"),
    Peer("opendkim", [opendkim_sign], "g"),
]
