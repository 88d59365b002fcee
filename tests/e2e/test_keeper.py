# SPDX-License-Identifier: Apache-2.0
"""The site key from its making to its rotation, and the keeper as its clients and its enemies meet it."""
import base64
import json
import os
import pty
import re
import resource
import shutil
import signal
import socket
import sqlite3
import subprocess
import termios
import time

import pytest

import stack

nacl_public = pytest.importorskip("nacl.public")
import keeperwire as wire  # noqa: E402, needs nacl

NAME, SECRET = "0123456789abcdefghjkmnpqrs", bytes(range(100, 132))


class Host:
    """A host of a site: its settings and files, its keeper. Hosts with one FOLDER/store share it."""

    def __init__(self, folder, store):
        self.folder, self.process = str(folder), None
        os.makedirs(self.folder, exist_ok=True)
        self.store = str(store)
        self.config, self.log_path = self.path("sekisho.conf"), self.path("keeper.log")
        self.secret, self.hash_key = self.path("keeper.secret"), self.path("hash.key")
        self.release_key = self.path("release.key")
        self.socket, self.grants = self.path("keeper"), self.path("keeper-grants")
        with open(self.config, "w") as f:
            f.write("[store]\nstore = sqlite:%s\nblobs = file:%s/blobs\nhash_key = %s\n"
                    "[keeper]\nsocket = %s\ngrants = %s\nsecret = %s\n[hold]\nrelease_key = %s\n"
                    % (store, store, self.hash_key, self.socket, self.grants, self.secret, self.release_key))

    def path(self, name):
        return os.path.join(self.folder, name)

    def key(self, *args, status=0, stdin=""):
        """Runs `sekisho key ARGS`; (standard output, standard error)."""
        r = subprocess.run([stack.program("sekisho"), "key", *args, "-c", self.config], input=stdin,
                           capture_output=True, text=True, timeout=60)
        assert r.returncode == status, (args, r)
        return r.stdout, r.stderr

    def keys(self, *args):
        return [json.loads(line) for line in self.key("show", "--json", *args)[0].splitlines()]

    def row(self, ident=None):
        """(id, public, wrapped) of a key, without ident of the active one."""
        with sqlite3.connect(os.path.join(self.store, "keep.db")) as db:
            sql = "SELECT id, public, wrapped FROM site_key WHERE "
            return db.execute(sql + ("id = ?" if ident else "active = ?"), (ident or 1,)).fetchone()

    def start(self, *args, stdin=None, **kwargs):
        self.process = subprocess.Popen([stack.program("sekisho-keeper"), "-c", self.config, *args],
                                        stdin=subprocess.PIPE, stderr=open(self.log_path, "ab"), **kwargs)
        if stdin is not None:
            self.process.stdin.write(stdin)
        self.process.stdin.close()
        end = time.time() + 20
        while "ready" not in self.log():
            assert self.process.poll() is None and time.time() < end, self.log()
            time.sleep(.02)
        return self

    def refuses_to_start(self, *args):
        r = subprocess.run([stack.program("sekisho-keeper"), "-c", self.config, *args], capture_output=True, text=True,
                           timeout=30, stdin=subprocess.DEVNULL)
        assert r.returncode == 2, r
        return r.stderr

    def stop(self):
        if self.process:
            self.process.send_signal(signal.SIGTERM)
            status = self.process.wait(20)
            self.process = None
            assert status == 0, self.log()

    def log(self):
        with open(self.log_path, errors="replace") as f:
            return f.read()

    def status(self, name):
        with open("/proc/%d/status" % self.process.pid) as f:
            return next(line.split()[1] for line in f if line.startswith(name + ":"))


@pytest.fixture
def host(tmp_path):
    host = Host(tmp_path / "first", tmp_path / "store")
    host.key("init")
    yield host
    host.stop()


@pytest.fixture
def other(host, tmp_path):
    """Another host of the same site, on which nothing is done yet."""
    other = Host(tmp_path / "second", host.store)
    yield other
    other.stop()


def sealed_for(host, name=NAME, use=wire.BLOB):
    """((id, wrapped), a secret sealed to that key)."""
    ident, public, wrapped = host.row()
    return (ident, wrapped), wire.seal(public, use, name, SECRET)


def opens(host, key=None, sealed=None, name=NAME):
    """Whether the keeper of HOST opens it: one grant, one request."""
    if key is None:
        key, sealed = sealed_for(host)
    with wire.Client(host.grants) as grants, wire.Client(host.socket) as requests:
        token = grants.grant(wire.UNSEAL, wire.BLOB, name)
        secret, reason = requests.request(token, wire.UNSEAL, wire.BLOB, name, key, sealed)
    assert secret in (SECRET, None)
    return reason is None


def mode(path):
    return os.stat(path).st_mode & 0o7777


# ---- sekisho key ------------------------------------------------------------


def test_init_makes_what_a_site_needs(host):
    assert mode(host.secret) == 0o600 and mode(host.hash_key) == mode(host.release_key) == 0o640
    assert len(base64.b64decode(open(host.secret).read())) == 32
    keys = [open(path).read() for path in (host.hash_key, host.release_key)]
    assert [len(bytes.fromhex(key.strip())) for key in keys] == [32, 32] and keys[0] != keys[1]
    ident, public, wrapped = host.row()
    assert ident == wire.key_id(public) and len(wrapped) == 100 and len(host.keys()) == 1


def test_init_twice_changes_nothing(host):
    def state():
        return host.row(), [open(path).read() for path in (host.secret, host.hash_key, host.release_key)]
    before = state()
    out, _ = host.key("init")
    assert "already done, and this host can open it" in out and host.release_key not in out
    assert before == state()


def test_init_makes_the_release_key_that_an_older_version_did_not(host):
    os.remove(host.release_key)
    assert host.release_key in host.key("show")[1]
    out, _ = host.key("init")
    assert "already done" in out and host.release_key + " is made" in out
    assert len(open(host.release_key).read()) == 65 and host.release_key not in host.key("show")[1]


def test_init_gives_files_to_the_owner_of_the_store_but_not_the_secret(tmp_path):
    (tmp_path / "store").mkdir()
    os.chown(tmp_path / "store", 65534, 65534)
    host = Host(tmp_path / "first", tmp_path / "store")
    host.key("init")
    for path in (host.hash_key, host.release_key, os.path.join(host.store, "keep.db")):
        assert (os.stat(path).st_uid, os.stat(path).st_gid) == (65534, 65534)
    assert os.stat(host.secret).st_uid == os.geteuid() and mode(host.secret) == 0o600


def test_init_uses_files_that_are_there(tmp_path):
    host = Host(tmp_path / "first", tmp_path / "store")
    for path, text in ((host.secret, "a secret from elsewhere\n"), (host.hash_key, "ab" * 32)):
        with open(path, "w") as f:
            f.write(text)
        os.chmod(path, 0o600)
    out, _ = host.key("init")
    assert out.count("the file was there") == 2
    assert open(host.secret).read() == "a secret from elsewhere\n"
    assert host.keys("--check")[0]["opens"]


def test_init_on_another_host(host, other):
    row = host.row()
    _, err = other.key("init", status=2)
    assert "cannot open it" in err and other.secret in err and not os.path.exists(other.secret)
    with open(other.secret, "w") as f:
        f.write("the secret of another site\n")
    os.chmod(other.secret, 0o600)
    _, err = other.key("init", status=2)
    assert "does not open site key %s" % row[0] in err and "copy %s" % other.secret in err
    shutil.copy(host.secret, other.secret)
    _, err = other.key("init", status=2)
    assert other.hash_key in err and not os.path.exists(other.hash_key)
    shutil.copy(host.hash_key, other.hash_key)
    assert "this host can open it" in other.key("init")[0]
    assert host.row() == row and open(other.release_key).read() != open(host.release_key).read()


def test_init_that_fails_leaves_nothing(tmp_path):
    host = Host(tmp_path / "first", tmp_path / "store")
    os.symlink("nowhere", host.hash_key)   # a place where nothing can be made
    _, err = host.key("init", status=2)
    assert host.hash_key in err and not os.path.exists(host.secret)
    os.remove(host.hash_key)
    os.symlink("nowhere", host.release_key)
    _, err = host.key("init", status=2)
    assert host.release_key in err and not os.path.exists(host.secret) and not os.path.exists(host.hash_key)
    os.remove(host.release_key)
    with open(host.secret, "w") as f:
        f.write("short\n")
    os.chmod(host.secret, 0o600)
    _, err = host.key("init", status=2)
    assert "16 to 4096 bytes" in err and open(host.secret).read() == "short\n" and not os.path.exists(host.hash_key)
    _, err = host.key("show", status=2)
    assert "no site key" in err


def test_commands_without_a_key(tmp_path):
    host = Host(tmp_path / "first", tmp_path / "store")
    for command in ("show", "rotate"):
        _, err = host.key(command, status=2)
        assert "sekisho key init" in err
    assert not os.path.exists(host.store)


def test_passphrase(tmp_path):
    host = Host(tmp_path / "first", tmp_path / "store")
    words = "correct horse battery staple\n"
    _, err = host.key("init", "--passphrase", status=2, stdin=words + "incorrect horse battery staple\n")
    assert "two different passphrases" in err
    host.key("init", "--passphrase", stdin=words + words)
    assert not os.path.exists(host.secret)
    out, _ = host.key("show", "--passphrase", stdin=words)
    assert "this host opens it" in out
    out, _ = host.key("show", "--passphrase", stdin="wrong horse battery staple\n", status=1)
    assert "DOES NOT OPEN" in out
    assert "sekisho key init" in host.refuses_to_start()
    host.start("--passphrase", stdin=words.encode())
    try:
        assert opens(host)
    finally:
        host.stop()


def test_passphrase_on_a_terminal(tmp_path):
    """What is typed is not shown, and afterwards the terminal shows again."""
    host = Host(tmp_path / "first", tmp_path / "store")
    ours, theirs = pty.openpty()
    process = subprocess.Popen([stack.program("sekisho"), "key", "init", "-p", "-c", host.config], stdin=theirs,
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True)
    for prompt in ("New passphrase of the site key: ", "The same once more: "):
        assert process.stderr.read(len(prompt)) == prompt
        os.write(ours, b"correct horse battery staple\n")
        assert process.stderr.read(1) == "\n"
    assert process.wait(30) == 0
    assert termios.tcgetattr(theirs)[3] & termios.ECHO
    os.set_blocking(ours, False)
    try:
        shown = os.read(ours, 1000)
    except BlockingIOError:
        shown = b""
    assert b"horse" not in shown
    os.close(ours)
    os.close(theirs)


def test_rotate(host):
    old_key, old_sealed = sealed_for(host)
    out, _ = host.key("rotate")
    ident, _, _ = host.row()
    assert ident in out and old_key[0] in out and ident != old_key[0]
    assert [(k["id"], k["active"], k["opens"]) for k in host.keys("--check")] == [(ident, True, True),
                                                                                 (old_key[0], False, True)]
    host.start()
    assert opens(host, old_key, old_sealed) and opens(host)


def test_json_is_what_the_page_says(host):
    with open(os.path.join(stack.TOP, "doc", "schemata.md")) as f:
        chapter = f.read().split("\n## key\n")[1].split("\n## ")[0]
    described = set(re.findall(r"^\| `(\w+)` \|", chapter, re.MULTILINE))
    assert set(host.keys("--check")[0]) == described and set(host.keys()[0]) == described - {"opens"}


def store_files(host, n):
    """N rows of stored files, with keys sealed to the active key."""
    key, _ = sealed_for(host)
    with sqlite3.connect(os.path.join(host.store, "keep.db")) as db:
        for number in range(n):
            name = "%026d" % number
            db.execute("INSERT INTO blob (id, made_us, size, stored_size, digest, content, seal_id, sealed_key)"
                       " VALUES (?, 1, 100, 200, zeroblob(32), zeroblob(32), ?, ?)",
                       (name, key[0], sealed_for(host, name)[1]))


def play_clerk(host):
    """Has the keeper seal all keys to the active one, as the clerk does, and puts them into the rows."""
    active, public, _ = host.row()
    with sqlite3.connect(os.path.join(host.store, "keep.db")) as db:
        rows = db.execute("SELECT id, seal_id, sealed_key FROM blob WHERE seal_id <> ?", (active,)).fetchall()
    with wire.Client(host.grants) as grants, wire.Client(host.socket) as requests:
        for name, seal_id, sealed in rows:
            ident, _, wrapped = host.row(seal_id)
            token = grants.grant(wire.RESEAL, wire.BLOB, name)
            anew, reason = requests.request(token, wire.RESEAL, wire.BLOB, name, (ident, wrapped), sealed, public)
            assert reason is None
            with sqlite3.connect(os.path.join(host.store, "keep.db")) as db:
                db.execute("UPDATE blob SET seal_id = ?, sealed_key = ? WHERE id = ?", (active, anew, name))


def test_rotate_and_stored_files(host):
    store_files(host, 3)
    assert [k["files"] for k in host.keys()] == [3]
    out, _ = host.key("rotate")
    assert "3 stored files anew" in out
    assert [(k["active"], k["files"]) for k in host.keys()] == [(True, 0), (False, 3)]
    with sqlite3.connect(os.path.join(host.store, "keep.db")) as db:
        jobs = db.execute("SELECT id, kind, payload FROM job").fetchall()
    assert jobs == [("key.reseal " + host.row()[0], "key.reseal", None)]
    host.start()
    waiting = subprocess.Popen([stack.program("sekisho"), "key", "rotate", "--wait", "-c", host.config],
                               stdout=subprocess.PIPE, text=True)
    assert "is active" in waiting.stdout.readline() and "3 stored files" in waiting.stdout.readline()
    assert waiting.poll() is None
    play_clerk(host)
    assert waiting.communicate(timeout=30)[0] == "done\n" and waiting.returncode == 0
    assert [k["files"] for k in host.keys()] == [3, 0, 0]
    key = host.row()
    with sqlite3.connect(os.path.join(host.store, "keep.db")) as db:
        for name, sealed in db.execute("SELECT id, sealed_key FROM blob"):
            assert opens(host, (key[0], key[2]), sealed, name)


def test_nobody_is_waited_for_who_has_given_up(host):
    store_files(host, 2)
    waiting = subprocess.Popen([stack.program("sekisho"), "key", "rotate", "--wait", "-c", host.config],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert "is active" in waiting.stdout.readline() and "2 stored files" in waiting.stdout.readline()
    with sqlite3.connect(os.path.join(host.store, "keep.db")) as db:
        db.execute("UPDATE job SET claim_us = ?, given_up_us = 1", (2**63 - 1,))
    _, err = waiting.communicate(timeout=30)
    assert waiting.returncode == 2 and "2 stored files" in err and "log of sekisho-clerk" in err, err


def test_rotate_the_secret(host):
    host.key("rotate")
    before = host.keys()
    host.start()
    assert opens(host)
    new = host.path("new.secret")
    out, _ = host.key("rotate", "--secret", new)
    assert "2 site keys" in out and new in out and mode(new) == 0o600
    assert host.keys() == before
    assert opens(host)   # it goes on with the key it has opened
    host.stop()
    os.truncate(host.log_path, 0)
    host.start()
    assert not opens(host)
    assert "does not open site key" in host.log()
    host.stop()
    os.rename(new, host.secret)
    os.truncate(host.log_path, 0)
    host.start()
    assert opens(host)


def test_rotate_to_the_same_secret_changes_nothing(host):
    row = host.row()
    copy = host.path("copy.secret")
    with open(host.secret) as old, open(copy, "w") as new:
        new.write(old.read())
    os.chmod(copy, 0o600)
    for path in (copy, host.secret):
        out, err = host.key("rotate", "--secret", path, status=2)
        assert "the secret of now" in err and out == ""
        assert host.row() == row and os.path.exists(path)


def test_rotate_by_who_cannot_open_it(host, other):
    row = host.row()
    with open(other.secret, "w") as f:
        f.write("the secret of another site\n")
    os.chmod(other.secret, 0o600)
    _, err = other.key("rotate", status=2)
    assert "does not open site key" in err
    _, err = other.key("rotate", "--secret", other.path("new"), status=2)
    assert "does not open site key" in err and not os.path.exists(other.path("new"))
    assert host.row() == row and len(host.keys()) == 1


# ---- the secret -------------------------------------------------------------


def test_no_secret(other):
    err = other.refuses_to_start()
    assert other.secret in err and "sekisho key init" in err and not os.path.exists(other.socket)


@pytest.mark.parametrize("rights, refused", [(0o600, False), (0o400, False), (0o640, False), (0o644, True),
                                             (0o604, True), (0o602, True)])
def test_rights_of_the_secret(host, rights, refused):
    os.chmod(host.secret, rights)
    if refused:
        assert "anybody may read or write" in host.refuses_to_start()
        return
    host.start()
    assert ("a group may read the secret" in host.log()) == (rights == 0o640)


def test_credential_of_systemd_goes_first(host, tmp_path):
    folder = tmp_path / "credentials"
    folder.mkdir()
    shutil.move(host.secret, folder / "keeper.secret")
    with open(host.secret, "w") as f:
        f.write("the secret of another site\n")
    host.start(env={**os.environ, "CREDENTIALS_DIRECTORY": str(folder)})
    assert opens(host)


# ---- grants -----------------------------------------------------------------


def test_grant_is_used_up(host):
    host.start()
    key, sealed = sealed_for(host)
    with wire.Client(host.grants) as grants, wire.Client(host.socket) as requests:
        token = grants.grant(wire.UNSEAL, wire.BLOB, NAME, count=2, why="release of copy 01j8zk3fa7s4wq9m2xet")
        for _ in range(2):
            assert requests.request(token, wire.UNSEAL, wire.BLOB, NAME, key, sealed) == (SECRET, None)
        secret, reason = requests.request(token, wire.UNSEAL, wire.BLOB, NAME, key, sealed)
        assert secret is None and "used up" in reason
    granted, *uses = [line for line in host.log().splitlines() if "peer_pid=%d" % os.getpid() in line]
    assert 'granted grant=1 operation=unseal use=blob' in granted and "release of copy 01j8zk3fa7s4wq9m2xet" in granted
    assert len(uses) == 3 and all("name=" + NAME in line and "peer_uid=0" in line for line in uses)
    assert ["opened grant=1" in line for line in uses] == [True, True, False]
    assert "warning: refused to open" in uses[2]


def test_grant_is_for_one_thing(host):
    host.start()
    key, sealed = sealed_for(host)
    to = bytes(nacl_public.PrivateKey.generate().public_key)
    with wire.Client(host.grants) as grants, wire.Client(host.socket) as requests:
        token = grants.grant(wire.UNSEAL, wire.BLOB, NAME)
        for operation, use, name, target in ((wire.RESEAL, wire.BLOB, NAME, to), (wire.UNSEAL, wire.CHECK, NAME, b""),
                                             (wire.UNSEAL, wire.BLOB, NAME[:-1], b"")):
            secret, reason = requests.request(token, operation, use, name, key, sealed, target)
            assert secret is None and "another operation, use or name" in reason
        other_key, other_sealed = sealed_for(host, NAME[:-1] + "0")
        secret, reason = requests.request(token, wire.UNSEAL, wire.BLOB, NAME, other_key, other_sealed)
        assert secret is None and "cannot be opened" in reason
        secret, reason = requests.request(bytes(16), wire.UNSEAL, wire.BLOB, NAME, key, sealed)
        assert secret is None and "no such grant" in reason


def test_reseal(host):
    host.start()
    key, sealed = sealed_for(host)
    target = nacl_public.PrivateKey.generate()
    with wire.Client(host.grants) as grants, wire.Client(host.socket) as requests:
        token = grants.grant(wire.RESEAL, wire.BLOB, NAME)
        again, _ = requests.request(token, wire.RESEAL, wire.BLOB, NAME, key, sealed, bytes(target.public_key))
    assert SECRET not in again
    assert wire.open_sealed(target, NAME, again) == SECRET


def test_grants_have_a_socket_of_their_own(host):
    host.start()
    assert (mode(host.socket), mode(host.grants)) == (0o660, 0o600)
    with wire.Client(host.socket) as requests:
        requests.socket.sendall(wire.frame(wire.GRANT, wire.aim(1, 1, NAME) + b"\1\0\0\0" + wire.field(b"why")))
        assert requests.is_closed()


# ---- enemies ------------------------------------------------------------------


def test_hostile_connections(host):
    """1,000 of them, which hold what they have; others are served all the while, and afterwards."""
    host.start()
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
    good = wire.frame(wire.GRANT, wire.aim(1, 1, NAME) + b"\1\0\0\0" + wire.field(b"why"))
    hostile = (b"", b"SKF1", good[:-1], b"GET / HTTP/1.0\r\n\r\n", good.replace(b"SKF1", b"SKF2"), good[:8] + b"\xff" * 4,
               b"\0" * 100000, good[:12] + b"\xff" * (len(good) - 12), os.urandom(64), good * 5)
    held = []
    for number in range(1000):
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(10)
        connection.connect(host.grants if number % 2 else host.socket)
        try:
            connection.sendall(hostile[number // 2 % len(hostile)])
        except (BrokenPipeError, ConnectionResetError):
            pass
        held.append(connection)
        if number % 100 == 99:
            assert opens(host)
    assert int(host.status("VmRSS")) < 1024 * 1024
    assert len(os.listdir("/proc/%d/fd" % host.process.pid)) < 2 * 256 + 32
    for connection in held:
        connection.close()
    assert opens(host)
    assert host.process.poll() is None


def test_hostile_site_key(host):
    """A row that asks for more than is bearable costs nothing."""
    host.start()
    (ident, wrapped), sealed = sealed_for(host)
    for hostile in (wrapped[:8] + b"\xff\xff\xff\x7f" + wrapped[12:], wrapped[:4] + b"\xff\xff\xff\xff" + wrapped[8:],
                    b"", bytes(100), wrapped + b"\0"):
        assert not opens(host, (ident, hostile), sealed)
    assert opens(host, (ident, wrapped), sealed)


def test_locked_in(host):
    host.start()
    assert (host.status("Seccomp"), host.status("NoNewPrivs"), host.status("Threads")) == ("2", "1", "1")
    with open("/proc/%d/limits" % host.process.pid) as f:
        assert next(line.split()[4:6] for line in f if line.startswith("Max core file size")) == ["0", "0"]
    with open(stack.program("sekisho-keeper"), "rb") as f:
        sanitized = b"__asan_init" in f.read()   # the sanitizer makes mlock() do nothing
    assert sanitized or int(host.status("VmLck")) > 0
    # What is not dumpable belongs to root, and nobody else may trace it or read its memory.
    nobody = lambda: (os.setgroups([]), os.setgid(65534), os.setuid(65534))  # noqa: E731
    mem = subprocess.run(["/usr/bin/head", "-c", "1", "/proc/%d/maps" % host.process.pid], preexec_fn=nobody,
                         capture_output=True, check=False)
    assert mem.returncode != 0
    host.process.send_signal(signal.SIGSEGV)
    assert host.process.wait(20) != 0
    host.process = None
    assert not [name for name in os.listdir(host.folder) if name.startswith("core")]


def test_stops_being_root(host):
    """Started as root it becomes another user, who cannot be traced by himself either."""
    for path in (os.path.dirname(host.folder), host.folder):
        os.chmod(path, 0o755)
    host.start("--user", "nobody")
    assert host.status("Uid") == "65534" and os.stat(host.socket).st_uid == 65534
    nobody = lambda: (os.setgroups([]), os.setgid(65534), os.setuid(65534))  # noqa: E731
    maps = subprocess.run(["/usr/bin/head", "-c", "1", "/proc/%d/maps" % host.process.pid], preexec_fn=nobody,
                          capture_output=True, check=False)
    assert maps.returncode != 0 and maps.stdout == b""
    assert opens(host)


def test_reload_reads_nothing(host):
    host.start()
    os.remove(host.secret)
    host.process.send_signal(signal.SIGHUP)
    assert opens(host)
    assert "nothing is read again" in host.log()


def test_started_again(host):
    """After a kill the sockets that lie there are replaced."""
    host.start()
    host.process.kill()
    host.process.wait()
    os.truncate(host.log_path, 0)
    host.start()
    assert opens(host)


def test_no_secret_in_the_log(host):
    """Neither the opening secret, nor the site key, nor what was opened, nor a token: in no spelling."""
    host.start("--debug")
    key, sealed = sealed_for(host)
    opening = open(host.secret).read().strip()
    with wire.Client(host.grants) as grants, wire.Client(host.socket) as requests:
        token = grants.grant(wire.UNSEAL, wire.BLOB, NAME, count=3)
        assert requests.request(token, wire.UNSEAL, wire.BLOB, NAME, key, sealed) == (SECRET, None)
        requests.request(token, wire.UNSEAL, wire.BLOB, "other", key, sealed)
        requests.request(token, wire.UNSEAL, wire.BLOB, NAME, key, sealed[:-1])
        requests.socket.sendall(token + SECRET)
        assert requests.is_closed()
    log = host.log()
    assert log.count("peer_pid=%d" % os.getpid()) == 5
    for secret in (opening.encode(), base64.b64decode(opening), SECRET, token, key[1], sealed):
        for text in (secret.hex(), secret.hex().upper(), base64.b64encode(secret).decode(), secret.decode("latin-1")):
            assert text[:16] not in log
