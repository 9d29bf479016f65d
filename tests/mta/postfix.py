# SPDX-License-Identifier: BSD-2-Clause
"""A private Postfix: own configuration, queue and mailboxes in one directory,
the programs of the installed package. Everything for local.test ends in one
maildir."""
import glob
import os
import pwd
import shutil
import subprocess
import time

import host

MAIN = """
compatibility_level = 3.6
queue_directory = {dir}/queue
data_directory = {dir}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
myhostname = mx.local.test
mydomain = local.test
mydestination =
mynetworks = 127.0.0.0/8 [::1]/128 {networks}
inet_interfaces = {interfaces}
inet_protocols = all
smtpd_peername_lookup = no
disable_dns_lookups = yes
alias_maps =
alias_database =
local_recipient_maps =
virtual_mailbox_domains = {domains}
virtual_mailbox_base = {dir}
virtual_mailbox_maps = static:mail/
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
virtual_minimum_uid = 1
smtpd_milters = {milter}
non_smtpd_milters = {milter}
milter_default_action = tempfail
milter_protocol = 6
smtpd_authorized_xclient_hosts = 127.0.0.1
smtpd_tls_security_level = {tls}
smtpd_tls_cert_file = {dir}/cert.pem
smtpd_tls_key_file = {dir}/key.pem
smtpd_recipient_restrictions = permit_mynetworks, reject_unauth_destination
smtpd_client_connection_rate_limit = 0
maillog_file = {log}
maillog_file_prefixes = /var, /dev/stdout, /tmp, {dir}
smtputf8_enable = yes
message_size_limit = 60000000
virtual_mailbox_limit = 0
mailbox_size_limit = 0
in_flow_delay = 0
minimal_backoff_time = 1h
header_size_limit = 2000000
{extra}
"""

MASTER = """
postlog   unix-dgram n  -       n       -       1       postlogd
{listen}
pickup    unix  n       -       n       60      1       pickup
cleanup   unix  n       -       {chroot}       -       0       cleanup
qmgr      unix  n       -       n       300     1       qmgr
tlsmgr    unix  -       -       n       1000?   1       tlsmgr
rewrite   unix  -       -       n       -       -       trivial-rewrite
bounce    unix  -       -       n       -       0       bounce
defer     unix  -       -       n       -       0       bounce
trace     unix  -       -       n       -       0       bounce
verify    unix  -       -       n       -       1       verify
flush     unix  n       -       n       1000?   0       flush
proxymap  unix  -       -       n       -       -       proxymap
proxywrite unix -       -       n       -       1       proxymap
smtp      unix  -       -       n       -       -       smtp
relay     unix  -       -       n       -       -       smtp
showq     unix  n       -       n       -       -       showq
error     unix  -       -       n       -       -       error
retry     unix  -       -       n       -       -       error
discard   unix  -       -       n       -       -       discard
local     unix  -       n       n       -       -       local
virtual   unix  -       n       n       -       -       virtual
lmtp      unix  -       -       n       -       -       lmtp
anvil     unix  -       -       n       -       1       anvil
scache    unix  -       -       n       -       1       scache
{services}
"""


def last_ones(text):
    """main.cf without the lines that later ones override: each program warns of
    them to postlogd, and postlogd to itself, until it stands still."""
    lines = text.splitlines()
    names = [l.split("=", 1)[0].strip() if "=" in l and l[:1].isalpha() else None for l in lines]
    return "".join(l + "\n" for i, l in enumerate(lines)
                   if names[i] is None or names[i] not in names[i + 1:])


def available():
    return os.path.exists("/usr/lib/postfix/sbin/smtpd")


class Postfix(host.Host):
    name = "postfix"

    def __init__(self, directory, milter, listen, networks="", extra="", services="",
                 domains="local.test", chroot=False):
        super().__init__(directory)
        user = pwd.getpwnam("nobody")
        self.conf = os.path.join(directory, "etc")
        self.log = os.path.join(directory, "maillog")
        for d in (directory, self.conf, self.queue(), directory + "/data"):
            os.makedirs(d, exist_ok=True)
        os.chmod(directory, 0o755)
        postfix = pwd.getpwnam("postfix")
        os.chown(directory + "/data", postfix.pw_uid, postfix.pw_gid)
        self.maildir(owner=user)
        self.certificate()
        lines = "\n".join("%s:%d inet n - %s - - smtpd" % (
            "[%s]" % a if ":" in a else a, p, "y" if chroot else "n") for a, p in listen)
        with open(self.conf + "/main.cf", "w") as f:
            f.write(last_ones(MAIN.format(
                dir=directory, uid=user.pw_uid, gid=user.pw_gid, log=self.log, milter=milter,
                networks=networks, extra=extra, tls="may", domains=domains,
                interfaces=", ".join(sorted({a for a, _ in listen})))))
        with open(self.conf + "/master.cf", "w") as f:
            f.write(MASTER.format(listen=lines, services=services, chroot="y" if chroot else "n"))
        self.run("start")

    def queue(self):
        return os.path.join(self.dir, "queue")

    def run(self, command):
        # Without a terminal postfix(1) tells its troubles to syslog alone.
        done = subprocess.run(["postfix", "-c", self.conf, command], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode != 0 and command == "start":
            raise RuntimeError("postfix did not start (script -qc 'postfix -c %s start' /dev/null "
                               "tells why)\n%s%s" % (self.conf, done.stdout, self.log_text()))

    def log_text(self):
        try:
            with open(self.log) as f:
                return f.read()
        except OSError:
            return ""

    def held(self):
        return len(glob.glob(self.queue() + "/hold/*"))

    def stop(self):
        self.run("abort")
        end = time.monotonic() + 10
        pid = self.queue() + "/pid/master.pid"
        while time.monotonic() < end:
            status = subprocess.run(["postfix", "-c", self.conf, "status"],
                                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            if status.returncode != 0:
                break
            time.sleep(0.05)
        _ = pid
        shutil.rmtree(self.dir, ignore_errors=True)
