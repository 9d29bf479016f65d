# SPDX-License-Identifier: BSD-2-Clause
"""An SMTP client that says exactly what it is told and hides nothing of the
answers: smtplib would repair addresses, line ends and dots."""
import socket
import ssl
import time


class Reply:
    def __init__(self, lines):
        self.raw = [l.rstrip(b"\r\n").decode("latin-1") for l in lines]
        self.code = self.raw[0][:3] if self.raw else "000"
        texts = [l[4:] for l in self.raw]
        self.enhanced = ""
        first = texts[0].split(" ", 1)[0] if texts else ""
        if first.count(".") == 2 and first[0] in "245":
            self.enhanced = first
            cut = len(first) + 1
            texts = [t[cut:] if t.startswith(first) else t for t in texts]
        self.text = "\n".join(texts)

    def __repr__(self):
        return " / ".join(self.raw)


class Client:
    def __init__(self, server, source=None, timeout=60):
        family = socket.AF_INET6 if ":" in server[0] else socket.AF_INET
        self.sock = socket.socket(family)
        self.sock.settimeout(timeout)
        if source:
            self.sock.bind((source, 0))
        end = time.monotonic() + 15
        while True:
            try:
                self.sock.connect(server)
                break
            except (ConnectionRefusedError, ConnectionAbortedError):
                if time.monotonic() > end:
                    raise
                time.sleep(0.05)
        self.file = self.sock.makefile("rb")
        self.greeting = self.reply()

    def reply(self):
        lines = []
        while True:
            line = self.file.readline()
            if not line:
                return Reply(lines or [b"000 connection closed"])
            lines.append(line)
            if line[3:4] != b"-":
                return Reply(lines)

    def say(self, line):
        if isinstance(line, str):
            line = line.encode("latin-1")
        self.sock.sendall(line + b"\r\n")
        return self.reply()

    def starttls(self):
        reply = self.say("STARTTLS")
        if reply.code == "220":
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            self.sock = context.wrap_socket(self.sock)
            self.file = self.sock.makefile("rb")
        return reply

    def data(self, message):
        """`message`: octets with CRLF line ends; dots are stuffed here."""
        reply = self.say("DATA")
        if reply.code != "354":
            return reply
        body = message.replace(b"\r\n.", b"\r\n..")
        if body.startswith(b"."):
            body = b"." + body
        if not body.endswith(b"\r\n"):
            body += b"\r\n"
        self.sock.sendall(body + b".\r\n")
        return self.reply()

    def close(self):
        try:
            self.say("QUIT")
        except OSError:
            pass
        self.sock.close()
