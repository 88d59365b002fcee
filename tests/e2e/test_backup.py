# SPDX-License-Identifier: Apache-2.0
"""`sekisho store backup` and `store restore`: out of a store that is in use, and into an empty one, with everything."""
import hashlib
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import threading
import time

import pytest

import samples
import stack
from site_of_tests import OURS, THEIRS, Site

try:
    from postgresql import PostgreSQL
except ImportError:
    PostgreSQL = None

BASE32 = "0123456789abcdefghjkmnpqrstvwxyz"


def sekisho(*args, status=0, **kwargs):
    r = subprocess.run([stack.program("sekisho"), *map(str, args)], capture_output=True, text=True, timeout=120, **kwargs)
    assert r.returncode == status, (args, r.returncode, r.stdout, r.stderr)
    return r


def new_id():
    return random.choice(BASE32[:8]) + "".join(random.choices(BASE32, k=25))


BLOBS = "file:%s/store/blobs"


def add_blob(folder, size, in_row=False):
    """A stored file, as the programs that store one will leave it. Its bytes are noise, as ciphertext is."""
    ident, data = new_id(), os.urandom(size)
    if not in_row:
        path = os.path.join(folder, "blobs", ident[0], ident[1])
        os.makedirs(path, exist_ok=True)
        with open(os.path.join(path, ident), "wb") as f:
            f.write(data)
    db = sqlite3.connect(os.path.join(folder, "keep.db"), timeout=20)
    with db:
        db.execute("INSERT INTO blob (id, made_us, size, stored_size, digest, content, seal_id, sealed_key, data)"
                   " VALUES (?, 1, ?, ?, ?, ?, 'aaaabbbbccccdddd', x'00', ?)",
                   (ident, size - 40, size, hashlib.sha256(data).digest(), bytes(32), data if in_row else None))
    db.close()
    return ident, data


def blob_file(folder, ident):
    return os.path.join(folder, "blobs", ident[0], ident[1], ident)


def copy_in(backup, ident):
    return os.path.join(backup, "blobs", ident[:2], ident)


@pytest.fixture
def filled(own_folder):
    """A store that was in use, of a gate that is not running any more; its configuration, folder, blobs."""
    gate = stack.Stack(own_folder, "inbound when attach.encrypted then reject\n", store__blobs=BLOBS % own_folder)
    with gate:
        pass
    store = os.path.join(gate.folder, "store")
    blobs = dict(add_blob(store, size) for size in (300000, 41, 600000))
    blobs.update([add_blob(store, 1000, in_row=True)])
    return gate.config, store, blobs


def backup(config, to, status=0):
    return sekisho("store", "backup", "-c", config, to, status=status)


def restore(config, where, status=0):
    return sekisho("store", "restore", "-c", config, where, status=status)


def everything_in(folder):
    found = {}
    for root, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(root, name)
            with open(path, "rb") as f:
                found[os.path.relpath(path, folder)] = f.read()
    return found


def rows(store):
    db = sqlite3.connect("file:%s/keep.db?mode=ro" % store, uri=True)
    found = db.execute("SELECT id, digest, data FROM blob ORDER BY id").fetchall()
    db.close()
    return found


def expect_same_blobs(store, blobs):
    for ident, digest, data in rows(store):
        content = data
        if data is None:
            with open(blob_file(store, ident), "rb") as f:
                content = f.read()
        assert content == blobs[ident] and hashlib.sha256(content).digest() == digest
    assert [r[0] for r in rows(store)] == sorted(blobs)


# ---- with the real programs ----------------------------------------------


def passages(gate):
    lines = gate.command("passage", "list", "--json", "-n", "1000", "-c", gate.config).splitlines()
    return {json.loads(line)["id"]: line for line in lines}


def test_backup_during_traffic(own_folder):
    """Mail flows while the copy is made; then the store is lost. What was there when the backup began is there again,
    nothing is there that never was, and the gate goes on with it."""
    to = os.path.join(own_folder, "backup")
    with Site(own_folder, store__blobs=BLOBS % own_folder) as site:
        store = os.path.join(site.gate.folder, "store")
        for i in range(10):
            assert site.receive(samples.message(THEIRS, [OURS], "before %d" % i)).code == 250
        wait_for(lambda: len(passages(site.gate)) == 10)
        blobs = dict([add_blob(store, 300000)])
        before, stop, sent = passages(site.gate), threading.Event(), []

        def send():
            while not stop.is_set():
                sent.append(site.receive(samples.message(THEIRS, [OURS], "during")).code)

        thread = threading.Thread(target=send)
        thread.start()
        try:
            wait_for(lambda: len(sent) > 2)
            said = backup(site.gate.config, to).stdout
        finally:
            stop.set()
            thread.join()
        assert set(sent) == {250}
        assert "keeper.secret" in said and "hash.key" in said and "1 stored file (" in said
        wait_for(lambda: len(passages(site.gate)) == 10 + len(sent))
        after = passages(site.gate)
        site.gate.stop()
        shutil.rmtree(store)
        os.mkdir(store, 0o750)
        os.chown(store, 12345, 12345)
        restore(site.gate.config, to)
        found = passages(site.gate)
        assert before.items() <= found.items() <= after.items()
        expect_same_blobs(store, blobs)
        for root, folders, names in os.walk(store):
            for name in folders + names:
                st = os.stat(os.path.join(root, name))
                assert (st.st_uid, st.st_gid, st.st_mode & 0o7) == (12345, 12345, 0), name
        for root, folders, names in os.walk(store):
            for name in ["."] + folders + names:
                os.chown(os.path.join(root, name), 0, 0)
        os.unlink(site.gate.log_path)
        site.gate.start()
        assert site.receive(samples.message(THEIRS, [OURS], "again")).code == 250
        wait_for(lambda: len(passages(site.gate)) == len(found) + 1)


def wait_for(condition, seconds=20):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(.05)


# ---- what a backup is ----------------------------------------------------


def test_there_and_back(filled, tmp_path):
    config, store, blobs = filled
    to = str(tmp_path / "backup")
    r = backup(config, to + "/")
    assert r.stderr == "" and "backup of 2 databases and 3 stored files" in r.stdout
    assert sorted(os.listdir(to)) == ["blobs", "blobs.sha256", "keep.db", "know.db", "manifest.json"]
    assert not os.path.exists(to + ".partial")
    for root, folders, names in os.walk(to):
        assert os.stat(root).st_mode & 0o777 == 0o700
        assert all(os.stat(os.path.join(root, n)).st_mode & 0o777 == 0o600 for n in names)
    assert subprocess.run(["sha256sum", "--quiet", "-c", "blobs.sha256"], cwd=to).returncode == 0
    manifest = json.load(open(os.path.join(to, "manifest.json")))
    assert (manifest["format"], manifest["engine"], manifest["blobs"], manifest["missing"]) == (1, "sqlite", 3, 0)
    assert manifest["blob_bytes"] == 900041
    assert {(m["database"], m["name"]) for m in manifest["modules"]} >= {("keep", "blob"), ("know", "ledger")}
    for file in manifest["files"]:
        with open(os.path.join(to, file["name"]), "rb") as f:
            content = f.read()
        assert (file["size"], file["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())
    os.rename(store, store + ".old")
    r = restore(config, to)
    assert r.stderr == "" and "restored 2 databases and 3 stored files" in r.stdout
    expect_same_blobs(store, blobs)
    sekisho("passage", "list", "-c", config)
    assert not [name for name in os.listdir(store) if "restored" in name]


def test_missing_and_damaged_blobs_are_named(filled, tmp_path):
    config, store, blobs = filled
    gone, cut, odd = [i for i in blobs if os.path.exists(blob_file(store, i))]
    os.unlink(blob_file(store, gone))
    os.truncate(blob_file(store, cut), 17)
    with open(blob_file(store, odd), "r+b") as f:
        f.seek(20)
        f.write(bytes([blobs[odd][20] ^ 1]))
    r = backup(config, tmp_path / "backup", status=1)
    said = r.stderr.splitlines()
    assert len(said) == 4 and "3 stored files are missing or damaged" in said[3]
    for ident, words in ((gone, "No such file"), (cut, "damaged"), (odd, "damaged")):
        assert [line for line in said if ident in line and words in line], (ident, said)
        assert not os.path.exists(copy_in(tmp_path / "backup", ident))
    shutil.rmtree(store)
    r = restore(config, tmp_path / "backup", status=1)
    assert "3 stored files were missing or damaged when the backup was made" in r.stderr
    assert [row[0] for row in rows(store)] == sorted(blobs)


def test_removed_blobs_are_no_loss(filled, tmp_path):
    """A row that goes while the copy of it is being worked on takes its blob with it."""
    config, store, blobs = filled
    big = [add_blob(store, 3000000)[0] for _ in range(20)]
    p = subprocess.Popen([stack.program("sekisho"), "store", "backup", "-c", config, tmp_path / "backup"],
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    listing = tmp_path / "backup.partial" / "blobs.sha256"
    while not listing.exists() and p.poll() is None:
        pass
    p.send_signal(signal.SIGSTOP)
    db = sqlite3.connect(os.path.join(store, "keep.db"), timeout=20)
    with db:
        db.execute("DELETE FROM blob WHERE data IS NULL")
    db.close()
    for ident in list(blobs) + big:
        if os.path.exists(blob_file(store, ident)):
            os.unlink(blob_file(store, ident))
    p.send_signal(signal.SIGCONT)
    out, err = p.communicate(timeout=60)
    assert p.returncode == 0 and err == "", err


def test_damaged_database_gives_no_backup(filled, tmp_path):
    config, store, _ = filled
    with open(os.path.join(store, "keep.db"), "r+b") as f:
        f.seek(4096 * 3)
        f.write(b"\xa5" * 4096 * 4)
    r = backup(config, tmp_path / "backup", status=2)
    assert "damaged" in r.stderr and "sekisho store restore" in r.stderr
    assert not os.path.exists(tmp_path / "backup") and not os.path.exists(tmp_path / "backup.partial")


def test_missing_database_gives_no_backup(filled, tmp_path):
    config, store, _ = filled
    os.unlink(os.path.join(store, "keep.db"))
    r = backup(config, tmp_path / "backup", status=2)
    assert "keep.db: No such file" in r.stderr
    assert os.listdir(tmp_path).count("backup") == 0 and not os.path.exists(os.path.join(store, "keep.db"))


def test_wrong_targets(filled, tmp_path):
    config, _, _ = filled
    (tmp_path / "there").mkdir()
    (tmp_path / "half.partial").mkdir()
    for name, words in (("there", "is there already"), ("half", "did not come to its end"), ("no/where", "No such file")):
        r = backup(config, tmp_path / name, status=2)
        assert words in r.stderr and len(r.stderr.splitlines()) == 1
    assert os.listdir(tmp_path / "there") == [] and os.listdir(tmp_path / "half.partial") == []
    for command in ("backup", "restore"):
        assert "takes one folder" in sekisho("store", command, "-c", config, status=2).stderr


@pytest.mark.parametrize("round", range(4))
def test_interrupted_backup_is_none(filled, tmp_path, round):
    config, store, _ = filled
    for _ in range(10):
        add_blob(store, 1000000)
    p = subprocess.Popen([stack.program("sekisho"), "store", "backup", "-c", config, tmp_path / "backup"],
                         stdout=subprocess.DEVNULL)
    marks = ["keep.db", "know.db", "blobs", "blobs.sha256"]
    while not (tmp_path / "backup.partial" / marks[round]).exists() and p.poll() is None:
        pass
    p.kill()
    assert p.wait() == -signal.SIGKILL
    assert not os.path.exists(tmp_path / "backup")
    r = restore(config, tmp_path / "backup.partial", status=2)
    assert "is not a finished backup" in r.stderr
    shutil.rmtree(tmp_path / "backup.partial")
    backup(config, tmp_path / "backup")


def test_full_disk_leaves_nothing(filled, tmp_path):
    config, store, _ = filled
    small = tmp_path / "small"
    small.mkdir()
    script = "mount -t tmpfs -o size=500k tmpfs %s && %s store backup -c %s %s/backup; echo status $?; ls -A %s" % (
        small, stack.program("sekisho"), config, small, small)
    r = subprocess.run(["unshare", "--mount", "sh", "-c", script], capture_output=True, text=True)
    if "status" not in r.stdout:
        pytest.skip("no file system can be mounted here: " + r.stderr)
    assert "disk is full" in r.stderr and r.stdout.splitlines() == ["status 2"], (r.stdout, r.stderr)


# ---- what is refused -----------------------------------------------------


def damage_byte(path, at):
    with open(path, "r+b") as f:
        f.seek(at)
        byte = f.read(1)
        f.seek(at)
        f.write(bytes([byte[0] ^ 0x40]))


def change_manifest(to, **changes):
    path = os.path.join(to, "manifest.json")
    manifest = json.load(open(path))
    manifest.update(changes)
    json.dump(manifest, open(path, "w"))


DAMAGES = {
    "keep": (lambda to: damage_byte(to + "/keep.db", 5000), "keep.db is damaged"),
    "know-cut": (lambda to: os.truncate(to + "/know.db", 100), "know.db is damaged"),
    "know-gone": (lambda to: os.unlink(to + "/know.db"), "know.db: No such file"),
    "list": (lambda to: damage_byte(to + "/blobs.sha256", 3), "blobs.sha256 is damaged"),
    "blob": (lambda to: damage_byte(first_blob(to), 30), "is damaged"),
    "blob-gone": (lambda to: os.unlink(first_blob(to)), "No such file"),
    "blob-pipe": (lambda to: (os.unlink(first_blob(to)), os.mkfifo(first_blob(to))), "Invalid argument"),
    "manifest": (lambda to: damage_byte(to + "/manifest.json", 0), "is not the manifest"),
    "manifest-gone": (lambda to: os.unlink(to + "/manifest.json"), "is not a finished backup"),
    "newer-format": (lambda to: change_manifest(to, format=2), "newer version"),
    "newer-tables": (lambda to: change_manifest(to, modules=[{"database": "keep", "name": "blob", "version": 99}]),
                     "version 99"),
    "unknown-tables": (lambda to: change_manifest(to, modules=[{"database": "keep", "name": "wine", "version": 1}]),
                       "wine"),
    "other-engine": (lambda to: change_manifest(to, engine="postgresql"), "wrong or missing"),
    "count": (lambda to: change_manifest(to, blobs=2), "blobs.sha256 is damaged"),
}


def first_blob(to):
    with open(to + "/blobs.sha256") as f:
        return os.path.join(to, f.readline().split()[1])


@pytest.mark.parametrize("kind", DAMAGES)
def test_damaged_backup_is_refused(filled, tmp_path, kind):
    config, store, _ = filled
    to = str(tmp_path / "backup")
    backup(config, to)
    shutil.rmtree(store)
    damage, words = DAMAGES[kind]
    damage(to)
    r = restore(config, to, status=2)
    assert words in r.stderr and len(r.stderr.splitlines()) == 1, r.stderr
    assert not os.path.exists(store)


def test_store_in_use_is_refused(filled, tmp_path):
    config, store, _ = filled
    to = str(tmp_path / "backup")
    backup(config, to)
    before = everything_in(store)
    assert "nothing is restored over one" in restore(config, to, status=2).stderr
    assert everything_in(store) == before
    for name in ("keep.db", "know.db"):
        os.unlink(os.path.join(store, name))
    add = os.path.join(store, "blobs", "0", "0")
    os.makedirs(add, exist_ok=True)
    with open(os.path.join(add, "0" * 26), "wb") as f:
        f.write(b"of another store")
    before = everything_in(store)
    assert "0" * 26 in restore(config, to, status=2).stderr
    assert everything_in(store) == before


@pytest.mark.parametrize("left", ["nothing", "one blob", "half a blob", "all blobs", "copies", "know"])
def test_interrupted_restore_can_be_repeated(filled, tmp_path, left):
    """Whatever it had done when it was killed: no program finds a store to start with, and it runs again."""
    config, store, blobs = filled
    to = str(tmp_path / "backup")
    backup(config, to)
    shutil.rmtree(store)
    restore(config, to)
    if left != "know":
        os.unlink(os.path.join(store, "know.db"))
    os.unlink(os.path.join(store, "keep.db"))
    files = sorted(i for i in blobs if os.path.exists(blob_file(store, i)))
    for ident in files[{"nothing": 0, "one blob": 1, "half a blob": 1}.get(left, 3):]:
        os.unlink(blob_file(store, ident))
    if left == "half a blob":
        os.truncate(blob_file(store, files[0]), 10)
    if left == "copies":
        shutil.copy(to + "/keep.db", store + "/keep.db-restored")
        os.truncate(store + "/keep.db-restored", 4096)
    restore(config, to)
    expect_same_blobs(store, blobs)
    assert not os.path.exists(store + "/keep.db-restored")


def test_killed_restores_end_well(filled, tmp_path):
    config, store, blobs = filled
    to = str(tmp_path / "backup")
    blobs.update(add_blob(store, 2000000) for _ in range(5))
    backup(config, to)
    shutil.rmtree(store)
    for round in range(8):
        p = subprocess.Popen([stack.program("sekisho"), "store", "restore", "-c", config, to], stdout=subprocess.DEVNULL)
        time.sleep(.02 + round * .02)
        p.kill()
        p.wait()
        if os.path.exists(store + "/keep.db"):  # which comes last
            break
    else:
        restore(config, to)
    expect_same_blobs(store, blobs)


# ---- on a server ---------------------------------------------------------


@pytest.fixture(scope="module")
def server():
    if PostgreSQL is None:
        pytest.skip("tests/lib/postgresql.py is not there: no backup of a server was tried")
    try:
        started = PostgreSQL()
    except RuntimeError as e:
        pytest.skip("%s: no backup of a server was tried" % e)
    os.environ["PGUSER"] = "postgres"  # the owner of the databases; the programs have roles of their own
    with started as s:
        yield s
    del os.environ["PGUSER"]


def config_of(folder, name, url, **settings):
    path = folder / (name + ".conf")
    settings = {"store": url, "blobs": "file:%s" % (folder / (name + "-blobs")), **settings}
    path.write_text("[store]\n" + "".join("%s = %s\n" % item for item in settings.items()))
    return path


def add_server_blob(server, database, folder, size):
    ident, data = new_id(), os.urandom(size)
    path = folder / ident[0] / ident[1]
    path.mkdir(parents=True)
    (path / ident).write_bytes(data)
    server.run("INSERT INTO keep.blob (id, made_us, size, stored_size, digest, content, seal_id, sealed_key) VALUES"
               " ('%s', 1, %d, %d, '\\x%s', '\\x%s', 'aaaabbbbccccdddd', '\\x00')"
               % (ident, size - 40, size, hashlib.sha256(data).hexdigest(), "00" * 32), database)
    return ident, data


def contents(server, database):
    return {table: server.run("SELECT * FROM %s ORDER BY 1" % table, database)
            for table in ("keep.blob", "keep.schema_version", "know.schema_version", "know.passage")}


def rights(server, database):
    return server.run("SELECT nspname, relname, relacl FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace"
                      " WHERE nspname IN ('keep', 'know') ORDER BY 1, 2", database)


def test_server_there_and_back(server, tmp_path):
    for name in ("one", "two"):
        server.createdb(name)
    one, two = (config_of(tmp_path, name, server.url(name)) for name in ("one", "two"))
    sekisho("store", "migrate", "-c", one)
    ident, data = add_server_blob(server, "one", tmp_path / "one-blobs", 300000)
    r = backup(one, tmp_path / "backup")
    assert "backup of 1 dump and 1 stored file (" in r.stdout
    assert sorted(os.listdir(tmp_path / "backup")) == ["blobs", "blobs.sha256", "manifest.json", "store.dump"]
    before = contents(server, "one")
    assert "has the schema k" in restore(one, tmp_path / "backup", status=2).stderr
    damage_byte(first_blob(str(tmp_path / "backup")), 7)
    restore(two, tmp_path / "backup", status=2)
    damage_byte(first_blob(str(tmp_path / "backup")), 7)
    assert server.run("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'k%'", "two") == []
    restore(two, tmp_path / "backup")
    assert contents(server, "two") == before == contents(server, "one") and before["keep.blob"][0][0] == ident
    assert rights(server, "two") == rights(server, "one")
    assert (tmp_path / "two-blobs" / ident[0] / ident[1] / ident).read_bytes() == data
    assert "has the schema k" in restore(two, tmp_path / "backup", status=2).stderr
    sekisho("passage", "list", "-c", two)


def test_server_with_passwords(server, tmp_path):
    """They are read from their files and shown to nobody."""
    secrets = tmp_path / "passwords"
    secrets.mkdir()
    server.createdb("three")
    server.createdb("four")
    three, four = (config_of(tmp_path, name, server.url(name, tcp=True), password_dir=secrets) for name in ("three", "four"))
    sekisho("store", "migrate", "-c", config_of(tmp_path, "local", server.url("three")))
    for role in ("postgres", "sekisho_read"):
        server.add_role(role, password="open-" + role, options="LOGIN")
        (secrets / role).write_text("open-%s\n" % role)
    r = backup(three, tmp_path / "backup")
    assert "open-" not in r.stdout + r.stderr
    restore(four, tmp_path / "backup")
    assert contents(server, "four") == contents(server, "three")
    (secrets / "postgres").write_text("wrong\n")
    r = backup(three, tmp_path / "another", status=2)
    assert "postgres" in r.stderr and "wrong" not in r.stderr and not (tmp_path / "another").exists()


def test_engines_are_not_mixed(filled, server, tmp_path):
    config, _, _ = filled
    backup(config, tmp_path / "lite")
    server.createdb("other")
    other = config_of(tmp_path, "other", server.url("other"))
    assert "is the backup of a store in SQLite files" in restore(other, tmp_path / "lite", status=2).stderr
