# SPDX-License-Identifier: Apache-2.0
"""sekisho-web by itself, in a temporary folder, before a desk that is played."""
import http.client
import os
import random
import signal
import socket
import ssl
import subprocess
import time

import stack
from fakedesk import FakeDesk

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
FORM = "application/x-www-form-urlencoded"


def new_token():
    return "0" + "".join(random.choice(ALPHABET) for _ in range(25))


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class WebServer:
    """FOLDER is the caller's. CONF: more lines of sections, {"site": "time_zone = Asia/Tokyo"}."""

    def __init__(self, folder, certificate=None, desk=True, conf=None, url="", user=None):
        self.folder, self.port, self.certificate, self.user = str(folder), free_port(), certificate, user
        self.desk_path = os.path.join(self.folder, "desk")
        self.desk = FakeDesk(self.desk_path) if desk else None
        self.log_path = os.path.join(self.folder, "web.log")
        self.config = os.path.join(self.folder, "web.conf")
        sections = {"site": "time_zone = Asia/Tokyo", "clerk": "desk = " + self.desk_path,
                    "web": "listen = 127.0.0.1:%d\nurl = %s" % (self.port, url), **(conf or {})}
        if certificate:
            sections["web"] += "\ncertificate = %s\nkey = %s" % certificate
        with open(self.config, "w") as f:
            f.write("".join("[%s]\n%s\n" % part for part in sections.items()))

    def __enter__(self):
        self.process = subprocess.Popen([stack.program("sekisho-web"), "-d", "-c", self.config,
                                         *(["--user", self.user] if self.user else [])],
                                        stderr=open(self.log_path, "wb"), stdin=subprocess.DEVNULL,
                                        # A sanitizer that keeps little of what is freed, so that memory() says something;
                                        # it cannot look for leaks in a process that nobody may trace.
                                        env={**os.environ, "ASAN_OPTIONS": "quarantine_size_mb=1" + (":detect_leaks=0" if self.user else "")})
        end = time.time() + 15
        while "info: ready" not in self.log():
            if self.process.poll() is not None or time.time() > end:
                raise RuntimeError(self.log())
            time.sleep(.02)
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            assert self.process.wait(20) == 0, self.log()
        finally:
            self.process.kill()
            if self.desk:
                self.desk.close()
        assert "Sanitizer" not in self.log(), self.log()

    def log(self):
        with open(self.log_path, errors="replace") as f:
            return f.read()

    def memory(self):
        """Resident kilobytes."""
        with open("/proc/%d/status" % self.process.pid) as f:
            return int(next(line for line in f if line.startswith("VmRSS")).split()[1])

    def base(self):
        return "%s://127.0.0.1:%d" % ("https" if self.certificate else "http", self.port)

    def connect(self):
        if not self.certificate:
            return http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        trust = ssl.create_default_context(cafile=self.certificate[0])
        trust.check_hostname = False
        return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=30, context=trust)

    def request(self, method, path, body=None, **headers):
        """(status, header fields, body); field names with "_" for "-"."""
        connection = self.connect()
        fields = {k.replace("_", "-"): v for k, v in headers.items() if v is not None}
        connection.request(method, path, body, fields)
        answer = connection.getresponse()
        result = answer.status, answer.headers, answer.read().decode()
        connection.close()
        return result

    def get(self, path, **headers):
        return self.request("GET", path, **headers)

    def post(self, path, body, **headers):
        headers.setdefault("Content_Type", FORM)
        return self.request("POST", path, body, **headers)
