# SPDX-License-Identifier: BSD-2-Clause
"""What README tells an operator to do, done literally: its shell lines, its
lines for chopmark.conf, main.cf and sendmail.mc, and its first DNS records.
Only the places are ours: the queue directory of a private Postfix whose smtpd
and cleanup are in the chroot, and a user that exists here."""
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "lib")]
import chopmark  # noqa: E402
import host  # noqa: E402
import netns  # noqa: E402
import postfix  # noqa: E402
import run  # noqa: E402
import sendmail  # noqa: E402
import smtp  # noqa: E402
import tap  # noqa: E402

USER = "nobody"
CLIENT = "192.0.2.1"


def readme():
    with open(os.path.join(run.TOP, "README")) as f:
        return f.read()


def section(begin, end):
    text = readme()
    at = text.index(begin)
    return text[at:text.index(end, at)]


def indented(text, spaces):
    """The lines that are indented by at least so much, unindented."""
    return [l.strip() for l in text.splitlines() if l.startswith(" " * spaces)]


def zone():
    """The first DNS records, as a zone of ours."""
    text = section("First DNS records", "Raise p=")
    return "\n".join(l for l in indented(text, 2) if " TXT " in l) + "\n"


def send(sender, helo="mail.example.org"):
    client = smtp.Client((netns.SERVER4, 25), CLIENT)
    client.say("EHLO " + helo)
    client.say("MAIL FROM:<%s>" % sender)
    client.say("RCPT TO:<b@local.test>")
    reply = client.data(b"From: a@example.org\r\nSubject: x\r\n\r\nHello.\r\n")
    client.close()
    return reply


def status(pid):
    with open("/proc/%d/status" % pid) as f:
        return dict(l.rstrip("\n").split(":", 1) for l in f if ":" in l)


def rights_are_gone(pid):
    import pwd
    entry = pwd.getpwnam(USER)
    fields = status(pid)
    tap.ok(fields["Uid"].split() == [str(entry.pw_uid)] * 4, "it is its user for good", fields["Uid"])
    tap.ok(fields["Gid"].split() == [str(entry.pw_gid)] * 4, "and its group", fields["Gid"])
    tap.ok("0" not in fields["Groups"].split(), "not in root's", fields["Groups"])
    for name in ("CapEff", "CapPrm", "CapInh", "CapAmb"):
        tap.ok(int(fields[name], 16) == 0, "no right is left in " + name, fields[name])
    tap.ok(fields["NoNewPrivs"].strip() == "1", "and none can be gained")


def labelled(mta, what):
    reply = send("a@example.org")
    tap.ok(reply.code == "250", what + ": a message passes", reply)
    message = mta.delivered() or b""
    fields = dict(run.header_fields(message))
    shown = fields.get("authentication-results", "")
    tap.ok("spf=pass" in shown and "dmarc=pass" in shown,
           what + ": the first DNS records make SPF and DMARC pass", message.decode("latin-1"), mta.log_text()[-1500:])
    reply = send("a@example.org", helo="other.example")
    tap.ok(reply.code == "250", what + ": HELO does not matter to that", reply)
    mta.delivered()


def put_into(directory, text):
    return (text.replace("/var/spool/postfix", os.path.join(directory, "postfix", "queue"))
            .replace("/run/chopmark", os.path.join(directory, "milter"))
            .replace("chopmark:", USER + ":"))


def behind_postfix(directory):
    text = section("Behind Postfix", "Without a chroot")
    shell = [l[2:] for l in indented(text, 2) if l.startswith("# ")]
    options = indented(text[text.index("chopmark.conf:"):text.index("/etc/postfix/main.cf:")], 6)
    main_cf = indented(text[text.index("/etc/postfix/main.cf:"):], 6)
    os.makedirs(os.path.join(directory, "postfix", "queue"))
    os.chmod(os.path.join(directory, "postfix"), 0o755)
    for line in shell:
        done = subprocess.run(["sh", "-c", put_into(directory, line)])
        tap.ok(done.returncode == 0, "README: " + line)
    config = "\n".join(put_into(directory, l) for l in options)
    socket = re.search(r"Socket +(\S+)", config).group(1)
    daemon = chopmark.Daemon(os.path.join(directory, "chopmark"),
                             (config + "\nSyslog no\nUserID %s\n" % USER).encode(),
                             zone().encode(), socket=socket)
    mta = postfix.Postfix(os.path.join(directory, "postfix"), "", [(netns.SERVER4, 25)],
                          extra="\n".join(main_cf), chroot=True)
    try:
        rights_are_gone(daemon.process.pid)
        labelled(mta, "chrooted Postfix")
        subprocess.run(["sendmail", "-C", mta.conf, "-f", "u@local.test", "b@local.test"],
                       input=b"From: u@local.test\nSubject: local\n\nHello.\n")
        tap.ok(mta.delivered() is not None, "mail of sendmail(1) passes non_smtpd_milters",
               mta.log_text()[-2000:])
        line = daemon.line_after(0, lambda f: f.get("from") == "u@local.test")
        tap.ok(line.get("dir") == "originating", "and is ours", line)
    finally:
        mta.stop()
        tap.ok(daemon.stop() == 0, "chopmarkd ended well", "\n".join(daemon.lines[-10:]))


def behind_sendmail(directory):
    if not sendmail.available():
        tap.skip("the lines for sendmail.mc", "no Sendmail (contrib/setup check brings it)")
        return
    text = section("Behind Sendmail", "F=T defers")
    filter_mc = put_into(directory, "\n".join(indented(text, 2)))
    os.makedirs(os.path.join(directory, "milter"))
    daemon = chopmark.Daemon(os.path.join(directory, "chopmark2"),
                             b"Syslog no\nUserID %s\n" % USER.encode(), zone().encode(),
                             socket="unix:%s/milter/chopmark.sock" % directory)
    mta = sendmail.Sendmail(os.path.join(directory, "sendmail"), filter_mc, [(netns.SERVER4, 25)],
                            literal=True)
    try:
        labelled(mta, "Sendmail")
    finally:
        mta.stop()
        tap.ok(daemon.stop() == 0, "chopmarkd ended well", "\n".join(daemon.lines[-10:]))


def main():
    why = host.unable(postfix)
    if why:
        return tap.skip_all(why)
    netns.enter()
    directory = tempfile.mkdtemp(prefix="cm-readme-", dir="/run")
    os.chmod(directory, 0o755)
    try:
        behind_postfix(directory)
        behind_sendmail(directory)
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    return tap.done()


sys.exit(main())
