# SPDX-License-Identifier: BSD-2-Clause
"""Who may log in at Postfix: the part of Dovecot's authentication server that
it asks (protocol 1.1, PLAIN alone), with one user."""
import base64
import os
import socket
import threading

HELLO = b"VERSION\t1\t1\nMECH\tPLAIN\tplaintext\nSPID\t1\nCUID\t1\nCOOKIE\t%s\nDONE\n" % (b"0" * 32)


class Server:
    def __init__(self, path, user, password):
        self.response = b"resp=" + base64.b64encode(b"\0%s\0%s" % (user, password))
        self.user = user
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.bind(path)
        os.chmod(path, 0o777)
        self.socket.listen(20)
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self.answer, args=(connection,), daemon=True).start()

    def answer(self, connection):
        with connection, connection.makefile("rb") as lines:
            connection.sendall(HELLO)
            for line in lines:
                words = line.rstrip(b"\n").split(b"\t")
                if words[0] != b"AUTH":
                    continue
                good = words[2] == b"PLAIN" and self.response in words
                connection.sendall((b"OK\t%s\tuser=%s\n" if good else b"FAIL\t%s\tuser=%s\n")
                                   % (words[1], self.user))

    def close(self):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
