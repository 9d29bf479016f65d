# SPDX-License-Identifier: BSD-2-Clause
"""A private Sendmail: the packages conflict with Postfix's, so they are
unpacked beside it (dpkg -x), never installed; configuration, queue and
mailboxes are in one directory. Everything for local.test ends in one
maildir."""
import glob
import os
import shutil
import signal
import subprocess

import host

MC = r"""divert(-1)
include(`{cf}/m4/cf.m4')
divert(0)dnl
VERSIONID(`chopmark tests')
OSTYPE(`linux')dnl
undefine(`confHOST_STATUS_DIRECTORY')dnl
define(`confDOMAIN_NAME', `mx.local.test')dnl
define(`QUEUE_DIR', `{dir}/queue')dnl
define(`STATUS_FILE', `{dir}/statistics')dnl
define(`confPID_FILE', `{dir}/sendmail.pid')dnl
define(`HELP_FILE', `{dir}/helpfile')dnl
define(`ALIAS_FILE', `{dir}/aliases')dnl
define(`confSERVICE_SWITCH_FILE', `{dir}/service.switch')dnl
define(`confDONT_PROBE_INTERFACES', `True')dnl
define(`confDONT_BLAME_SENDMAIL', `GroupWritableDirPathSafe,ForwardFileInUnsafeDirPath,GroupReadableKeyFile')dnl
define(`confLOG_LEVEL', `14')dnl
define(`confMILTER_LOG_LEVEL', `14')dnl
define(`confTO_IDENT', `0s')dnl
define(`confDELIVERY_MODE', `interactive')dnl
define(`confBIND_OPTS', `-DNSRCH -DEFNAMES')dnl
dnl A busy machine must not put mail into the queue.
define(`confREFUSE_LA', `9999')define(`confQUEUE_LA', `9999')dnl
define(`confDEF_USER_ID', ``nobody:nogroup'')dnl
define(`confTRUSTED_USER', `root')dnl
define(`confCACERT_PATH', `{dir}')dnl
define(`confCACERT', `{dir}/cert.pem')dnl
define(`confSERVER_CERT', `{dir}/cert.pem')dnl
define(`confSERVER_KEY', `{dir}/key.pem')dnl
define(`confMAX_HEADERS_LENGTH', `1000000')dnl
FEATURE(`no_default_msa')dnl
FEATURE(`accept_unresolvable_domains')dnl
FEATURE(`accept_unqualified_senders')dnl
FEATURE(`nocanonify')dnl
{daemons}
{filter}
{extra}
MAILER(`local')dnl
MAILER(`smtp')dnl
LOCAL_CONFIG
Cwlocal.test
Mtestbox, P={python}, F=lsDFMhnu9, S=EnvFromL, R=EnvToL, T=DNS/RFC822/X-Unix,
	A=python3 {deliver} {dir}/mail $f $u
LOCAL_RULE_0
R$+ < @ local.test . >	$#testbox $: $1
{rules}
"""

FILTER = "INPUT_MAIL_FILTER(`chopmark', `S=%s, %sT=C:1m;S:30s;R:2m;E:5m')dnl"

# What the mailer runs: one message into a maildir, with its envelope on top.
DELIVER = """import os, sys, time
box, sender, user = sys.argv[1:4]
name = "%d.%d" % (time.time_ns(), os.getpid())
data = sys.stdin.buffer.read()
with open(box + "/tmp/" + name, "wb") as f:
    f.write(("Return-Path: <%s>\\nDelivered-To: %s\\n" % (sender, user)).encode() + data)
os.rename(box + "/tmp/" + name, box + "/new/" + name)
"""


def root():
    return os.environ.get("CHOPMARK_SENDMAIL", "")


def available():
    return os.path.exists(root() + "/usr/libexec/sendmail/sendmail")


class Sendmail(host.Host):
    name = "sendmail"

    def __init__(self, directory, milter, listen, extra="", rules="", aliases="", flags="F=T, ",
                 literal=False):
        super().__init__(directory)
        for d in (directory, directory + "/queue"):
            os.makedirs(d, exist_ok=True)
        os.chmod(directory, 0o755)
        os.chmod(directory + "/queue", 0o700)
        self.maildir(0o777)
        self.write("aliases", "postmaster: postmaster@local.test\n" + aliases)
        self.write("service.switch", "hosts files\naliases files\n")
        self.write("helpfile", "#vers 2\n")
        self.write("deliver.py", DELIVER)
        self.certificate()
        if not literal:  # else `milter` is the line of sendmail.mc
            milter = FILTER % (milter.replace("unix:", "local:"), flags)
        self.configure(milter, listen, extra, rules)
        program = root() + "/usr/libexec/sendmail/sendmail"
        cf = "-C" + directory + "/sendmail.cf"
        subprocess.run([program, cf, "-bi"], check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
        self.log = open(directory + "/log", "wb")
        self.process = subprocess.Popen([program, cf, "-bD", "-X", directory + "/traffic"],
                                        stdin=subprocess.DEVNULL, stdout=self.log,
                                        stderr=self.log, start_new_session=True)

    def write(self, name, text):
        with open(os.path.join(self.dir, name), "w") as f:
            f.write(text)

    def configure(self, filter_mc, listen, extra, rules):
        daemons = "".join(
            "DAEMON_OPTIONS(`Family=%s, Name=MTA%d, Addr=%s, Port=%d')dnl\n" % (
                "inet6" if ":" in a else "inet", i, a, p) for i, (a, p) in enumerate(listen))
        self.write("sendmail.mc", MC.format(
            cf=root() + "/usr/share/sendmail/cf", dir=self.dir, daemons=daemons, filter=filter_mc,
            extra=extra, rules=rules, python="/usr/bin/python3",
            deliver=self.dir + "/deliver.py"))
        with open(self.dir + "/sendmail.cf", "wb") as f:
            subprocess.run(["m4", self.dir + "/sendmail.mc"], check=True, stdout=f,
                           cwd=root() + "/usr/share/sendmail/cf/cf")

    def log_text(self):
        with open(self.dir + "/log", errors="replace") as f:
            return f.read()

    def held(self):
        return len(glob.glob(self.dir + "/queue/hf*"))

    def stop(self):
        try:
            os.killpg(self.process.pid, signal.SIGTERM)
        except ProcessLookupError:
            pass
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.log.close()
        shutil.rmtree(self.dir, ignore_errors=True)
