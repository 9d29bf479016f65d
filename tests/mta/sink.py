# SPDX-License-Identifier: BSD-2-Clause
"""The next hop: an SMTP server that takes everything and keeps it as it came
over the wire, dots undone. With or without 8BITMIME and SMTPUTF8."""
import queue
import socket
import threading


class Sink:
    def __init__(self, address, extensions=(b"8BITMIME", b"SMTPUTF8", b"SIZE 60000000")):
        self.extensions = extensions
        self.messages = queue.Queue()
        self.server = socket.create_server((address, 25), backlog=50)
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                connection, _ = self.server.accept()
            except OSError:
                return
            threading.Thread(target=self.session, args=(connection,), daemon=True).start()

    def session(self, connection):
        connection.settimeout(60)
        stream = connection.makefile("rb")

        def say(*lines):
            connection.sendall(b"".join(l + b"\r\n" for l in lines))
        try:
            say(b"220 sink.test ESMTP")
            for line in stream:
                verb = line[:4].upper()
                if verb == b"EHLO":
                    names = (b"sink.test",) + tuple(self.extensions)
                    say(*[b"250-" + n for n in names[:-1]], b"250 " + names[-1])
                elif verb == b"DATA":
                    say(b"354 go on")
                    self.messages.put(self.data(stream))
                    say(b"250 2.0.0 taken")
                elif verb == b"QUIT":
                    say(b"221 bye")
                    return
                else:
                    say(b"250 2.0.0 ok")
        except OSError:
            pass
        finally:
            connection.close()

    @staticmethod
    def data(stream):
        lines = []
        for line in stream:
            if line == b".\r\n":
                break
            lines.append(line[1:] if line.startswith(b".") else line)
        return b"".join(lines)

    def get(self, timeout=40):
        """The next message, or None."""
        try:
            return self.messages.get(timeout=timeout)
        except queue.Empty:
            return None

    def close(self):
        self.server.shutdown(socket.SHUT_RDWR)  # it wakes accept()
        self.server.close()
