# SPDX-License-Identifier: Apache-2.0
"""A PostgreSQL of one's own, in a temporary directory, by UNIX socket and on 127.0.0.1.

    with PostgreSQL() as server:
        server.add_role("owner", password="secret")
        server.createdb("sekisho", owner="owner")
        url = server.url("sekisho", user="owner")          # by socket, no password asked
        url = server.url("sekisho", user="owner", tcp=True)  # by TCP, which asks for one
        server.kill()                                      # as a power cut does
        server.start()

Needs Debian's postgresql, and is its user when root runs it, since it refuses root. Does not touch a server that runs
on the machine, and ends with the Python that started it.
"""
import os
import pathlib
import pwd
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time

VERSIONS = pathlib.Path("/usr/lib/postgresql")

HBA = """\
local all all trust
host all all 127.0.0.1/32 scram-sha-256
"""


def find_programs():
    """The folder of the newest server's programs; None: none is installed."""
    found = [p for p in VERSIONS.glob("*/bin") if (p / "postgres").exists() and p.parent.name.isdigit()]
    return max(found, key=lambda p: int(p.parent.name)) if found else None


def free_port():
    """A port that nobody has just now, of those that the system does not hand out."""
    while True:
        port = random.SystemRandom().randrange(16000, 20000)
        with socket.socket() as s:
            try:
                s.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


class PostgreSQL:
    def __init__(self):
        self.programs = find_programs()
        if self.programs is None:
            raise RuntimeError(f"no PostgreSQL is installed in {VERSIONS}")
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="sekisho-pg-"))
        self.folder.chmod(0o755)
        self.port = free_port()
        self.process = None
        if os.geteuid() == 0:
            who = pwd.getpwnam("postgres")
            os.chown(self.folder, who.pw_uid, who.pw_gid)
        subprocess.run(self._command("initdb", "-D", self.folder / "data", "-U", "postgres", "-A", "trust", "--no-sync",
                                     "--locale=C", "-E", "UTF8"), check=True, stdout=subprocess.DEVNULL, cwd="/")
        (self.folder / "data" / "pg_hba.conf").write_text(HBA)
        self.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.remove()

    def _command(self, program, *args):
        """As the user who may run it, and not for longer than this process lives."""
        user = ["--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []
        return ["/usr/bin/setpriv", "--pdeathsig", "QUIT", *user, self.programs / program, *args]

    def _spawn(self):
        self.process = subprocess.Popen(
            self._command("postgres", "-D", self.folder / "data", "-k", self.folder, "-p", str(self.port),
                          "-c", "listen_addresses=127.0.0.1", "-c", "shared_buffers=32MB"),
            cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def start(self):
        """Starts it and waits until it takes connections. After a kill, processes of the old one may still have its
        memory; then the new one ends at once, and another is started."""
        self._spawn()
        deadline = time.monotonic() + 60
        while subprocess.run([self.programs / "pg_isready", "-q", "-h", self.folder, "-p", str(self.port)],
                             check=False).returncode != 0:
            if time.monotonic() > deadline:
                raise TimeoutError("PostgreSQL does not start")
            if self.process.poll() is not None:
                self._spawn()
            time.sleep(0.02)

    def _end(self, number):
        self.process.send_signal(number)
        self.process.wait(60)
        self.process = None

    def stop(self):
        """As its administrator does; who is connected is told."""
        self._end(signal.SIGINT)

    def kill(self):
        """As a power cut does."""
        self._end(signal.SIGKILL)

    def restart(self):
        self.stop()
        self.start()

    def remove(self):
        if self.process is not None:
            self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, database, user=None, tcp=False):
        """Without a password, which never is in one."""
        who = f"{user}@" if user else ""
        if tcp:
            return f"postgresql://{who}127.0.0.1:{self.port}/{database}"
        return f"postgresql://{who}/{database}?host={self.folder}&port={self.port}"

    def run(self, sql, database="postgres", user="postgres"):
        """The rows that come of it, each a list of texts, "" for NULL."""
        done = subprocess.run([self.programs / "psql", "-X", "-q", "-A", "-t", "-F", "\x1f", "-R", "\x1e", "-v",
                               "ON_ERROR_STOP=1", "-h", self.folder, "-p", str(self.port), "-U", user, "-d", database],
                              input=sql, check=True, capture_output=True, text=True)
        text = done.stdout.rstrip("\n")
        return [row.split("\x1f") for row in text.split("\x1e")] if text else []

    def createdb(self, name, owner="postgres"):
        self.run(f'CREATE DATABASE "{name}" OWNER "{owner}"')

    def add_role(self, name, password=None, options="LOGIN"):
        """Makes it, or changes it if it is there."""
        there = self.run(f"SELECT 1 FROM pg_roles WHERE rolname = '{name}'")
        secret = f" PASSWORD '{password}'" if password else ""
        self.run(f'{"ALTER" if there else "CREATE"} ROLE "{name}" {options}{secret}')
