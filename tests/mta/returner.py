# SPDX-License-Identifier: BSD-2-Clause
"""A program behind the MTA: takes mail on an address of its own, and hands it
back from there, as it came or changed."""
import threading

import sink
import smtp


class Returner(sink.Sink):
    def __init__(self, address, back, sender, rcpt, change=lambda message: message):
        super().__init__(address)
        self.address = address
        self.back = back
        self.sender = sender
        self.rcpt = rcpt
        self.change = change
        threading.Thread(target=self.hand_back, daemon=True).start()

    def hand_back(self):
        while True:
            message = self.get(timeout=600)
            if message is None:
                return
            client = smtp.Client(self.back, self.address)
            client.say("EHLO behind.local.test")
            client.say(f"MAIL FROM:<{self.sender}>")
            client.say(f"RCPT TO:<{self.rcpt}>")
            client.data(self.change(message))
            client.close()
