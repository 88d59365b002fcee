# SPDX-License-Identifier: Apache-2.0
"""The server that other tests start: it asks for passwords where it says so, and keeps what it has through a kill."""

import os
import subprocess

import pytest

import postgresql

pytestmark = pytest.mark.skipif(postgresql.find_programs() is None, reason="no PostgreSQL is installed")


def connects(server, url, password):
    done = subprocess.run([server.programs / "psql", "-X", "-w", "-c", "SELECT 1", url], check=False,
                          capture_output=True, env={**os.environ, "PGPASSWORD": password})
    return done.returncode == 0


def test_server():
    with postgresql.PostgreSQL() as server:
        server.add_role("owner", password="secret")
        server.createdb("sekisho", owner="owner")
        assert connects(server, server.url("sekisho", user="owner"), "")
        assert connects(server, server.url("sekisho", user="owner", tcp=True), "secret")
        assert not connects(server, server.url("sekisho", user="owner", tcp=True), "wrong")
        server.add_role("owner", password="other")
        assert connects(server, server.url("sekisho", user="owner", tcp=True), "other")
        server.run("CREATE TABLE t (a TEXT, b TEXT); INSERT INTO t VALUES ('x\ny', NULL), ('z', '1')", "sekisho", "owner")
        server.kill()
        server.start()
        assert server.run("SELECT a, b FROM t ORDER BY a", "sekisho") == [["x\ny", ""], ["z", "1"]]
        server.restart()
        assert server.run("SELECT count(*) FROM t", "sekisho", "owner") == [["2"]]
        folder, process = server.folder, server.process
    assert not folder.exists() and process.poll() is not None
