# SPDX-License-Identifier: BSD-2-Clause
"""The next hop: an SMTP server that takes everything and remembers it, but for
recipients it is told to refuse."""
import socket
import threading
import time


class Mail:
    def __init__(self, client, helo, sender):
        self.client = client
        self.helo = helo
        self.sender = sender
        self.params = []  # of MAIL, and of the RCPTs
        self.rcpts = []
        self.data = b""

    def __repr__(self):
        return f"<{self.sender}> to {self.rcpts} from {self.client}"


EXTENSIONS = ("8BITMIME", "SMTPUTF8", "DSN", "SIZE 60000000")


class NextHop:
    def __init__(self, address):
        self.refused = set()  # recipients that get a 550
        self.mails = []
        self.have = threading.Condition()
        self.server = socket.socket()
        self.server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.server.bind(address)
        self.server.listen(50)
        self.thread = threading.Thread(target=self.accept, daemon=True)
        self.thread.start()

    def accept(self):
        while True:
            try:
                sock, peer = self.server.accept()
            except OSError:
                return
            threading.Thread(target=self.session, args=(sock, peer[0]), daemon=True).start()

    def session(self, sock, client):
        try:
            with sock, sock.makefile("rb") as lines:
                self.talk(sock, lines, client)
        except OSError:
            pass

    def talk(self, sock, lines, client):
        def say(text):
            sock.sendall(text.encode() + b"\r\n")
        mail, helo = None, ""
        say("220 next.hop ESMTP")
        for raw in lines:
            line = raw.rstrip(b"\r\n").decode("latin-1")
            verb = line.split(" ")[0].upper()
            if verb in ("HELO", "EHLO"):
                helo = line[5:]
                names = ("next.hop",) + (EXTENSIONS if verb == "EHLO" else ())
                for name in names[:-1]:
                    say("250-" + name)
                say("250 " + names[-1])
            elif verb == "MAIL":
                mail = Mail(client, helo, self.path(line))
                mail.params += line[line.rindex(">") + 1:].split()
                say("250 2.1.0 ok")
            elif verb == "RCPT":
                if self.path(line) in self.refused:
                    say("550 5.7.1 I do not want that")
                else:
                    mail.rcpts.append(self.path(line))
                    mail.params += line[line.rindex(">") + 1:].split()
                    say("250 2.1.5 ok")
            elif verb == "DATA":
                say("354 go on")
                mail.data = self.data(lines)
                with self.have:
                    self.mails.append(mail)
                    self.have.notify_all()
                mail = None
                say("250 2.0.0 taken")
            elif verb == "QUIT":
                say("221 2.0.0 bye")
                return
            else:
                say("250 2.0.0 ok")

    @staticmethod
    def path(line):
        return line[line.index("<") + 1:line.rindex(">")]

    @staticmethod
    def data(lines):
        out = []
        for line in lines:
            if line == b".\r\n":
                break
            out.append(line[1:] if line.startswith(b"..") else line)
        return b"".join(out)

    def next(self, rcpt, timeout=60):
        """The next message for that recipient, which is then forgotten, or None."""
        end = time.monotonic() + timeout
        with self.have:
            while True:
                for mail in self.mails:
                    if rcpt in mail.rcpts:
                        self.mails.remove(mail)
                        return mail
                left = end - time.monotonic()
                if left <= 0 or not self.have.wait(left):
                    return None

    def close(self):
        self.server.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.server.close()
