# SPDX-License-Identifier: BSD-2-Clause
"""dkimpy, a foreign implementation, verifies what our test signer signed, and
our verifier what dkimpy signed, so that signer and verifier share no fault.
Skipped where dkimpy or PyNaCl is not installed."""
import base64
import os
import subprocess
import sys
import tempfile

from tap import done, ok, skip_all

try:
    import dkim
    import nacl.signing
except ImportError:
    sys.exit(skip_all("dkimpy and PyNaCl are not installed"))

TOOL = os.path.join(os.environ.get("top_builddir", "."),
                    "tests/unit/dkim_exchange")
CANONS = [(h, b) for h in (b"simple", b"relaxed")
          for b in (b"simple", b"relaxed")]
MAILS = [
    b"From: ann@example.org\r\nTo: b@example.net\r\nSubject: Hi\r\n\r\nHi.\r\n",
    b"Received: a;\r\n\tb\r\nFrom: Ann  <ann@example.org>\r\nSubject:  two\r\n"
    b"\t lines \r\nSubject: b\r\n\r\n a  b \t\r\n\r\n\r\n",
    b"From:ann@example.org\r\nSubject:\r\n\r\n",
]


def read(path):
    with open(path, "rb") as f:
        return f.read()


def verifies(message, records):
    def txt(name, timeout=5):
        return records.get(name.decode().rstrip("."))
    try:
        return dkim.DKIM(message).verify(dnsfunc=txt)
    except dkim.DKIMException:
        return False


def records_of(path):
    out = {}
    for line in read(path).decode().splitlines():
        name, text = line.split("\t", 1)
        out[name] = text.encode()
    return out


def theirs_of_ours(folder, records):
    for name in sorted(n for n in os.listdir(folder) if n.endswith(".eml")):
        message = read(os.path.join(folder, name))
        ok(verifies(message, records), f"dkimpy verifies our {name}")
        ok(not verifies(message + b"more\r\n", records),
           f"and refuses it changed")


def ours_of_theirs(folder, records):
    seed = nacl.signing.SigningKey.generate()
    public = base64.b64encode(bytes(seed.verify_key))
    records["fe._domainkey.example.org"] = b"v=DKIM1; k=ed25519; p=" + public
    records["fr._domainkey.example.org"] = records["rsa._domainkey.example.org"]
    keys = [(b"fr", b"rsa-sha256", read(os.path.join(folder, "rsa.pem"))),
            (b"fe", b"ed25519-sha256", base64.b64encode(bytes(seed)))]
    with open(os.path.join(folder, "records"), "wb") as f:
        for name, text in records.items():
            f.write(name.encode() + b"\t" + text + b"\n")
    files, wants = [], []
    for mail in MAILS:
        for canon in CANONS:
            for selector, algorithm, key in keys:
                header = dkim.sign(mail, selector, b"example.org", key,
                                   canonicalize=canon,
                                   signature_algorithm=algorithm,
                                   include_headers=[b"from", b"subject",
                                                    b"to", b"date",
                                                    b"subject", b"from"])
                for tail in b"", b"more\r\n":
                    path = os.path.join(folder, f"foreign-{len(files)}")
                    with open(path, "wb") as f:
                        f.write(header + mail + tail)
                    files.append(path)
                    wants.append("fail library" if tail else "pass library")
    out = subprocess.run([TOOL, "judge", folder] + files, check=True,
                         capture_output=True, text=True).stdout.splitlines()
    ok(len(out) == len(files), "every message is judged")
    for line, want in zip(out, wants):
        ok(line.startswith(want), f"dkimpy's signature: {want} ({line})")


def main():
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([TOOL, "sign", folder], check=True)
        records = records_of(os.path.join(folder, "records"))
        theirs_of_ours(folder, records)
        ours_of_theirs(folder, records)
    return done()


sys.exit(main())
