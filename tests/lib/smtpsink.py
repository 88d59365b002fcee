# SPDX-License-Identifier: Apache-2.0
"""An SMTP server that keeps what it is given, byte for byte."""
import collections
import contextlib
import socketserver
import threading
import time


class Delivered(collections.namedtuple("Delivered", "sender recipients data")):
    """COMMANDS: MAIL and RCPTs as they were said, AT: when the message had come, by time.time()."""
    commands, at = (), 0.


class _Session(socketserver.StreamRequestHandler):
    """One SMTP connection. Announces 8BITMIME and SMTPUTF8, so that nobody converts the mail, and
    DSN, so that its arguments are seen."""

    def say(self, line):
        self.wfile.write(line.encode() + b"\r\n")

    def path(self, line):
        return line.split("<", 1)[1].split(">", 1)[0]

    def read_data(self):
        """None: the client went away before the end."""
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:
                return None
            lines.append(line[1:] if line.startswith(b".") else line)
        return b"".join(lines)

    def take(self, data):
        mail = Delivered(self.sender, self.recipients, data)
        mail.commands, mail.at = self.commands, time.time()
        self.server.keep(mail)
        self.say("250 2.0.0 Kept")

    def obey(self, line):
        verb = line[:4].upper()
        if verb == "EHLO":
            self.wfile.write(b"250-sink.example\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-DSN\r\n250 PIPELINING\r\n")
        elif verb == "MAIL":
            self.sender, self.recipients, self.commands = self.path(line), [], [line]
            self.say("250 2.1.0 Ok")
        elif verb == "RCPT":
            self.recipients.append(self.path(line))
            self.commands.append(line)
            self.say("250 2.1.5 Ok")
        elif verb == "DATA":
            self.say("354 Go on")
            if (data := self.read_data()) is None:
                return False
            self.take(data)
        else:
            self.say("221 2.0.0 Bye" if verb == "QUIT" else "250 2.0.0 Ok")
        return verb != "QUIT"

    def handle(self):
        with contextlib.suppress(ConnectionError):  # of a client that was killed
            self.say("220 sink.example ESMTP")
            while line := self.rfile.readline():
                if not self.obey(line.decode("utf-8", "surrogateescape").rstrip("\r\n")):
                    return


class Sink(socketserver.ThreadingTCPServer):
    """Listens on a free loopback port from start() on."""
    allow_reuse_address = daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Session)
        self.port = self.server_address[1]
        self._kept, self._changed = [], threading.Condition()

    def start(self):
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def stop(self):
        self.shutdown()
        self.server_close()

    def keep(self, mail):
        with self._changed:
            self._kept.append(mail)
            self._changed.notify_all()

    def take(self, n=1, secs=30):
        """The mails kept since the last call, waiting until there are n; fewer after secs."""
        end = time.monotonic() + secs
        with self._changed:
            while len(self._kept) < n and (left := end - time.monotonic()) > 0:
                self._changed.wait(left)
            mails, self._kept = self._kept, []
        return mails
