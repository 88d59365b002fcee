# SPDX-License-Identifier: Apache-2.0
"""Stored files from end to end: sealed, opened by the keeper, sealed anew after a rotation, removed when nobody names them."""
import json
import os
import sqlite3
import subprocess
import time

import pytest

import stack

SIZES = (0, 1, 65535, 65536, 262000, 300000, 5 << 20)  # up to 256 KiB of ciphertext lie in the row


@pytest.fixture
def site(tmp_path):
    s = stack.Stack(tmp_path, "", socket_group="")
    s.command("key", "init", "-c", s.config)
    with s:
        yield s
    assert "Sanitizer" not in s.log()


def files(site, *args, status=0):
    r = subprocess.run([os.path.join(stack.BUILD, "tests", "store-files"), args[0], site.config, *args[1:]], capture_output=True)
    assert r.returncode == status, r.stderr
    return r.stdout if status == 0 else r.stderr.decode()


def put(site, folder, sizes=SIZES):
    """{id: content}"""
    stored = {}
    for size in sizes:
        path = folder / "content"
        path.write_bytes(os.urandom(size))
        stored[files(site, "put", str(path)).decode().strip()] = path.read_bytes()
    return stored


def blobs(site):
    """Paths of the files at the place, by id."""
    return {name: os.path.join(top, name) for top, _, names in os.walk(os.path.join(site.folder, "blobs")) for name in names}


def keys(site):
    return [json.loads(line) for line in site.command("key", "show", "--json", "-c", site.config).splitlines()]


def test_stored_and_read(site, tmp_path):
    stored = put(site, tmp_path)
    for ident, content in stored.items():
        assert files(site, "get", ident) == content
    assert sorted(os.path.getsize(p) for p in blobs(site).values()) == \
        sorted(len(c) + 24 + 16 * max(1, -(-len(c) // 65536)) for c in stored.values() if len(c) > 262144)
    for path in blobs(site).values():
        with open(path, "rb") as f:
            data = f.read()
        assert not any(content[:64] in data for content in stored.values() if len(content) > 64)
    assert "an end-to-end test" in site.log()


def test_damaged_is_not_served(site, tmp_path):
    (ident, _), = put(site, tmp_path, (300000,)).items()
    path = blobs(site)[ident]
    with open(path, "r+b") as f:
        f.seek(100000)
        byte = f.read(1)
        f.seek(100000)
        f.write(bytes([byte[0] ^ 1]))
    assert ident in files(site, "get", ident, status=2)
    assert ident in site.command("store", "verify", "-c", site.config, status=1)


def test_rotation_seals_anew_without_touching_files(site, tmp_path):
    stored = put(site, tmp_path, (10, 100000, 300000) * 15)
    before = {p: (os.stat(p).st_mtime_ns, os.stat(p).st_ino) for p in blobs(site).values()}
    old, = keys(site)
    site.command("key", "rotate", "--wait", "-c", site.config)
    new = next(k for k in keys(site) if k["active"])
    assert new["id"] != old["id"]
    with sqlite3.connect(os.path.join(site.folder, "store", "keep.db")) as keep:
        assert keep.execute("SELECT DISTINCT seal_id FROM blob").fetchall() == [(new["id"],)]
    assert {p: (os.stat(p).st_mtime_ns, os.stat(p).st_ino) for p in blobs(site).values()} == before
    for ident, content in stored.items():
        assert files(site, "get", ident) == content
    site.command("store", "verify", "-c", site.config)


def test_orphan_goes_after_a_day(site, tmp_path):
    stored = put(site, tmp_path, (300000, 400000))
    kept, gone = stored
    files(site, "remove", gone)
    assert gone in blobs(site)  # its key is gone with its row; the noise goes with the daily round
    long_ago = time.time() - 2 * 86400
    for path in blobs(site).values():
        os.utime(path, (long_ago, long_ago))
    with sqlite3.connect(os.path.join(site.folder, "store", "keep.db")) as keep:
        keep.execute("UPDATE blob_since SET since_us = 1")
        keep.execute("UPDATE job SET due_us = 1, claim_us = 1 WHERE id = 'orphans' AND holder IS NULL")
    site.wait_for(lambda: gone not in blobs(site), 20, "the orphan is still there")
    assert files(site, "get", kept) == stored[kept]


def test_keeper_of_another_site_opens_nothing(site, tmp_path):
    (ident, content), = put(site, tmp_path, (10,)).items()
    site.wait_for_log("all programs are ready")  # what ends before is an installation that cannot work
    secret = tmp_path / "keeper.secret"
    right = secret.read_bytes()
    secret.write_text("another secret of another site\n")
    for pid in site.children()["sekisho-keeper"]:
        os.kill(pid, 15)
    site.wait_for_log("ready", 20, count=site.log().count("ready") + 1)
    assert "does not open" in files(site, "get", ident, status=2)
    secret.write_bytes(right)
    for pid in site.children()["sekisho-keeper"]:
        os.kill(pid, 15)
    site.wait_for_log("ready", 20, count=site.log().count("ready") + 1)
    assert files(site, "get", ident) == content
