# SPDX-License-Identifier: Apache-2.0
"""All programs of sekisho, started by `sekisho serve` in a temporary folder, as one thing that can be stopped."""
import contextlib
import json
import os
import re
import signal
import subprocess
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.abspath(os.environ.get("SK_BUILD", os.path.join(TOP, "build", "release")))


def program(name):
    return os.path.join(BUILD, "src", name)


class Stack:
    """FOLDER is the caller's; sockets lie in FOLDER/sockets, reachable for Postfix."""

    def __init__(self, folder, policy, own_domains=("ours.example",), inspector=None, **settings):
        self.folder, self.process = str(folder), None
        self.sockets = os.path.join(self.folder, "sockets")
        self.log_path = os.path.join(self.folder, "sekisho.log")
        self.config = os.path.join(self.folder, "sekisho.conf")
        self.policy = os.path.join(self.folder, "policy")
        self.inspector = inspector
        os.makedirs(self.sockets, exist_ok=True)
        os.chmod(self.sockets, 0o755)
        self.write_policy(policy)
        sections = {
            "site": {"own_domains": ", ".join(own_domains)},
            "gate": dict.fromkeys(("inbound", "outbound", "forward", "release")),
            "policy": {"file": self.policy},
            "inspector": {"socket": os.path.join(self.folder, "inspector")},
            "store": {"store": "sqlite:" + os.path.join(self.folder, "store"),
                      "blobs": "file:" + os.path.join(self.folder, "blobs"),
                      "hash_key": os.path.join(self.folder, "hash.key")},
            "clerk": {"desk": os.path.join(self.folder, "clerk"),
                      "operator": os.path.join(self.folder, "clerk-operator")},
            "keeper": {"socket": os.path.join(self.folder, "keeper"),
                       "grants": os.path.join(self.folder, "keeper-grants"),
                       "secret": os.path.join(self.folder, "keeper.secret")},
            "web": {"listen": ""},
            "hold": {"release": "unix:" + os.path.join(self.folder, "no-postfix"),
                     "release_key": os.path.join(self.folder, "release.key")},
        }
        sections["gate"]["socket_group"] = settings.pop("socket_group", "postfix")
        for key, value in settings.items():  # gate__threads=2
            section, name = key.split("__")
            sections.setdefault(section, {})[name] = value
        for origin in ("inbound", "outbound", "forward", "release"):
            sections["gate"][origin] = sections["gate"][origin] or "unix:%s/%s" % (self.sockets, origin)
        self.endpoints = sections["gate"]
        with open(self.config, "w") as f:
            for section, keys in sections.items():
                f.write("[%s]\n%s\n" % (section, "".join("%s = %s\n" % kv for kv in keys.items())))

    def write_policy(self, text):
        with open(self.policy, "w") as f:
            f.write(text)

    def start(self):
        env, before = dict(os.environ), len(self.log())
        if self.inspector:
            env["SEKISHO_INSPECTOR"] = self.inspector
        self.process = subprocess.Popen([program("sekisho"), "serve", "-c", self.config], stdin=subprocess.DEVNULL,
                                        stderr=open(self.log_path, "ab"), env=env)
        self.wait_for(lambda: self.is_clerk_ready(before), 15, "all programs are not ready")
        return self

    def is_clerk_ready(self, before):
        """The last one to be started, since the log had BEFORE characters."""
        return re.search(r"sekisho-clerk\[\d+\]: info: ready", self.log()[before:])

    def stop(self):
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def kill_and_start(self):
        """As if the power failed: all programs, at once; then again."""
        self.process.send_signal(signal.SIGSTOP)  # so that it starts nothing meanwhile
        pids = [pid for pids in self.children().values() for pid in pids]
        for pid in [self.process.pid, *pids]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()
        self.start()

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    def log(self):
        if not os.path.exists(self.log_path):
            return ""
        with open(self.log_path, errors="replace") as f:
            return f.read()

    def wait_for(self, true, seconds, trouble):
        end = time.time() + seconds
        while not true():
            if self.process.poll() is not None:
                raise RuntimeError("sekisho serve ended: " + self.log())
            if time.time() > end:
                raise TimeoutError("%s: %s" % (trouble, self.log()))
            time.sleep(.02)

    def wait_for_log(self, text, seconds=10, count=1):
        self.wait_for(lambda: self.log().count(text) >= count, seconds, "no %r in the log" % text)

    def endpoint(self, origin):
        return self.endpoints[origin]

    def children(self):
        """Process ids of all programs under `serve`, by name of the executable."""
        found, todo = {}, [self.process.pid]
        while todo:
            pid = todo.pop()
            try:
                with open("/proc/%d/task/%d/children" % (pid, pid)) as f:
                    kids = [int(k) for k in f.read().split()]
            except OSError:  # it has just ended
                continue
            for kid in kids:
                try:
                    name = os.path.basename(os.readlink("/proc/%d/exe" % kid))
                except OSError:
                    continue
                found.setdefault(name, []).append(kid)
            todo += kids
        return found

    def command(self, *args, status=0, **kwargs):
        """Runs `sekisho ARGS` and gives its standard output."""
        r = subprocess.run([program("sekisho"), *args], capture_output=True, text=True, timeout=60, **kwargs)
        assert r.returncode == status, (args, r.returncode, r.stdout, r.stderr)
        return r.stdout

    def passage(self, ident, seconds=5):
        """The document of a passage. Rows of delivered mail are written within a second, not at once."""
        end = time.time() + seconds
        while True:
            r = subprocess.run([program("sekisho"), "passage", "show", "--json", "-c", self.config, ident], capture_output=True, text=True)
            if r.returncode == 0:
                return json.loads(r.stdout)
            if time.time() > end:
                raise AssertionError(r.stderr)
            time.sleep(.1)
