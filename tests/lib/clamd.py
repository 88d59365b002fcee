# SPDX-License-Identifier: Apache-2.0
"""A real clamd of one's own, whose only signature is made for the test."""
import os
import signal
import socket
import struct
import subprocess
import time

SIGNATURE = b"SEKISHO-VIRUS-SCAN-TEST-SIGNATURE"
NAME = "Sekisho.Test.Signature.UNOFFICIAL"
PROGRAM = "/usr/sbin/clamd"


def is_there():
    return os.access(PROGRAM, os.X_OK)


class Clamd:
    """FOLDER is the caller's."""

    def __init__(self, folder):
        self.folder, self.process = str(folder), None
        self.socket = os.path.join(self.folder, "clamd.sock")
        self.config = os.path.join(self.folder, "clamd.conf")
        database = os.path.join(self.folder, "database")
        os.makedirs(database)
        with open(os.path.join(database, "test.ndb"), "w") as f:
            f.write("Sekisho.Test.Signature:0:*:%s\n" % SIGNATURE.hex())
        with open(self.config, "w") as f:
            f.write("LocalSocket %s\nDatabaseDirectory %s\nTemporaryDirectory %s\nForeground yes\nStreamMaxLength 25M\n"
                    % (self.socket, database, self.folder))

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    def start(self):
        log = open(os.path.join(self.folder, "clamd.log"), "ab")
        self.process = subprocess.Popen([PROGRAM, "-c", self.config], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        end = time.monotonic() + 60
        while time.monotonic() < end and self.process.poll() is None:
            try:
                if self.ask(b"zPING\0") == b"PONG\0":
                    return self
            except OSError:
                time.sleep(.1)
        raise RuntimeError("clamd does not start: " + open(log.name).read())

    def stop(self):
        if self.process is not None:
            self.signal(signal.SIGCONT)
            self.process.terminate()
            self.process.wait(60)
            self.process = None

    def signal(self, signum):
        self.process.send_signal(signum)

    def ask(self, request):
        with socket.socket(socket.AF_UNIX) as s:
            s.connect(self.socket)
            s.sendall(request)
            return b"".join(iter(lambda: s.recv(4096), b""))

    def finds(self, data):
        """Whether clamd by itself finds the signature in DATA."""
        answer = self.ask(b"zINSTREAM\0" + struct.pack(">I", len(data)) + data + bytes(4))
        assert answer in (b"stream: OK\0", b"stream: %s FOUND\0" % NAME.encode()), answer
        return answer != b"stream: OK\0"
