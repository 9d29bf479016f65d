# SPDX-License-Identifier: BSD-2-Clause
"""Clients that keep sending while something happens to the filter, and what has
come of their mail: a client that keeps to its 4xx and tries again gets every
message through, once."""
import re
import threading
import time

import smtp

CLIENT = "192.0.2.9"


class Sender(threading.Thread):
    """Sends numbered messages, each until it is accepted: at least `least` of them,
    and on until `done` is set."""

    def __init__(self, name, done, server, least):
        super().__init__(daemon=True)
        self.key = name
        self.done = done
        self.server = server
        self.least = least
        self.accepted = []
        self.put_off = 0
        self.refused = []

    def once(self, number):
        """The code of the reply that ended it."""
        try:
            client = smtp.Client((self.server, 25), CLIENT)
        except OSError:
            return "421"
        try:
            if client.greeting.code != "220":
                return client.greeting.code
            for line in ("EHLO mail.example.org", "MAIL FROM:<a@example.org>",
                         "RCPT TO:<b@local.test>"):
                reply = client.say(line)
                if reply.code != "250":
                    return reply.code
            text = ("From: a@example.org\r\nSubject: %s\r\nX-Key: %s-%d\r\n\r\nHello.\r\n"
                    % (self.key, self.key, number))
            return client.data(text.encode()).code
        except OSError:
            return "421"
        finally:
            client.close()

    def run(self):
        number = 0
        while number < self.least or not self.done.is_set():
            code = self.once(number)
            if code == "250":
                self.accepted.append("%s-%d" % (self.key, number))
                number += 1
            elif code[:1] == "4" or code == "000":
                self.put_off += 1
                time.sleep(0.05)
            else:
                self.refused.append(code)
                number += 1


def mailbox(mta, wanted, label):
    """({key: how often it is there}, how many lack our results)"""
    found = {}
    unlabelled = 0
    while not wanted <= set(found):
        message = mta.delivered(timeout=30)
        if message is None:
            break
        unlabelled += len(re.findall(label, message)) != 1
        key = re.search(rb"(?m)^X-Key: (\S+)", message).group(1).decode()
        found[key] = found.get(key, 0) + 1
    return found, unlabelled
