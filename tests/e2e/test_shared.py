# SPDX-License-Identifier: Apache-2.0
"""Two hosts on one store: a real server that asks each program for its own password, one folder of stored files."""
import json
import os
import shutil
import subprocess

import pytest

import postgresql
import samples
import stack
from postfix import Postfix
from site_of_tests import OURS, THEIRS, ident_of

pytestmark = pytest.mark.skipif(postgresql.find_programs() is None, reason="no PostgreSQL is installed")

PLAIN = samples.message(THEIRS, [OURS], "minutes")
ZIPPED = samples.message(THEIRS, [OURS], "minutes", [("a.zip", samples.plain_zip())])
EMPTY = "# nothing\n"
NO_FILES = 'inbound when attach.any then reject "no files"\n'

PROGRAMS = ("sekisho_gate", "sekisho_clerk", "sekisho_read")
OWNER = "sekisho_owner"
NOT_MADE = "run `sekisho store migrate` as the owner of the database"
NOT_LOADED = "no policy has been loaded: `sekisho policy load`"


@pytest.fixture(scope="module")
def server():
    with postgresql.PostgreSQL() as running:
        for role in (OWNER, *PROGRAMS):
            running.add_role(role, password="of " + role)
        yield running


class Place:
    """A database of its own on the server, and hosts that use it."""

    def __init__(self, server, folder):
        self.server, self.folder, self.name = server, folder, folder.name
        folder.chmod(0o755)
        server.createdb(self.name, owner=OWNER)
        self.passwords = folder / "passwords"
        self.passwords.mkdir()
        for role in (OWNER, *PROGRAMS):
            (self.passwords / role).write_text("of %s\n" % role)

    def host(self, name, policy=EMPTY):
        folder = self.folder / name
        folder.mkdir()
        folder.chmod(0o755)
        return stack.Stack(folder, policy, store__store=self.server.url(self.name, tcp=True),
                           store__blobs="file:%s/blobs" % self.folder, store__password_dir=str(self.passwords))

    def drop(self):
        self.server.run('DROP DATABASE "%s" WITH (FORCE)' % self.name)


@pytest.fixture
def place(server, own_folder):
    made = Place(server, own_folder)
    yield made
    made.drop()


def run(host, *args, user=None, program="sekisho"):
    """A command on HOST, and the whole of what it did; USER: the role of the owner's commands."""
    env = {**os.environ, "PGUSER": user or OWNER}
    return subprocess.run([stack.program(program), *args, "-c", host.config], capture_output=True, text=True,
                          timeout=60, env=env, check=False)


def must(host, *args):
    done = run(host, *args)
    assert done.returncode == 0, done
    return done.stdout


def refused(host, *args, program="sekisho", status=2):
    """What the command says, which is one sentence on one line."""
    done = run(host, *args, program=program)
    assert done.returncode == status, done
    line, = done.stderr.splitlines()
    assert "Sanitizer" not in line
    return line


def make_ready(host):
    must(host, "store", "migrate")
    must(host, "policy", "load")


def share_secrets(one, other):
    """What an administrator copies to each further host."""
    for name in ("keeper.secret", "hash.key"):
        shutil.copy2(os.path.join(one.folder, name), os.path.join(other.folder, name))


def loaded(*hosts, version, count=1):
    for host in hosts:
        host.wait_for_log("policy loaded version=%d " % version, count=count)


def test_from_an_empty_database_to_running_programs(place):
    """Each step is asked for in one sentence by whoever is started too early."""
    host = place.host("one")
    for program in ("sekisho-gate", "sekisho-clerk"):
        assert NOT_MADE in refused(host, program=program)
    assert NOT_MADE in refused(host, "policy", "load")
    assert NOT_MADE in refused(host, "passage", "list")
    assert NOT_MADE in refused(host, "policy", "history")
    assert NOT_MADE in refused(host, "config", "check", status=1)
    early = run(host, "store", "status")
    assert early.returncode == 1 and "`sekisho store migrate`" in early.stdout, early
    assert "would take step 1" in must(host, "store", "migrate", "--dry-run")
    assert "step 1, passages" in must(host, "store", "migrate")
    assert "nothing to do" in must(host, "store", "migrate")
    assert NOT_LOADED in refused(host, program="sekisho-gate")
    assert NOT_LOADED in refused(host, "config", "check", status=1)
    assert NOT_LOADED in must(host, "policy", "check")
    assert "version 1 is in force" in must(host, "policy", "load")
    checked = run(host, "config", "check")
    assert "configuration and policy can be loaded (0 rules)" in checked.stdout, checked
    assert "is in force, as version 1" in must(host, "policy", "check")
    must(host, "key", "init")
    with host:
        status = json.loads(must(host, "store", "status", "--json"))
        assert status["site_key"]["id"] in must(host, "key", "show")
    assert "Sanitizer" not in host.log()


def test_two_hosts_judge_by_one_policy(place):
    one, two = place.host("one", NO_FILES), place.host("two", "this file is nobody's business\n")
    make_ready(one)
    must(one, "key", "init")
    share_secrets(one, two)
    with one, two, Postfix() as postfix:
        ports = [postfix.add_smtpd([host.endpoint("inbound")]) for host in (one, two)]
        postfix.start()

        def answers(data):
            return [postfix.send(port, THEIRS, [OURS], data).code for port in ports]

        assert answers(PLAIN) == [250, 250] and answers(ZIPPED) == [550, 550]
        (place.folder / "two" / "policy").write_text(EMPTY)
        assert "version 2 is in force" in must(two, "policy", "load", "--note", "files again")
        loaded(one, two, version=2)
        assert answers(ZIPPED) == [250, 250]
        # The file that does not count says so, and is left alone by a restore.
        assert "is not what is in force: that is version 2" in run(one, "config", "check").stderr
        assert "version 3 is in force" in must(two, "policy", "restore", "1")
        loaded(one, two, version=3)
        assert answers(ZIPPED) == [550, 550]
        assert (place.folder / "two" / "policy").read_text() == EMPTY
        versions = [json.loads(line) for line in must(one, "policy", "history", "--json").splitlines()]
        assert [(v["version"], v["in_force"]) for v in versions] == [(3, True), (2, False), (1, False)]
        assert versions[1]["note"] == "files again"

        delivered = {ident_of(mail.data) for mail in postfix.delivered(4)}
        for host in (one, two):
            host.wait_for(lambda host=host: delivered <= {row["id"] for row in passages(host)}, 10, "not all passages")
            rows = passages(host)
            assert sorted(row["fate"] for row in rows) == ["deliver"] * 4 + ["reject"] * 4
        assert must(one, "key", "show") == must(two, "key", "show")
    assert "Sanitizer" not in one.log() + two.log()


def passages(host):
    return [json.loads(line) for line in must(host, "passage", "list", "--json").splitlines()]


def test_loading_and_looking_are_two_rights(place):
    """Whoever has the password to look cannot put a policy in force, also not with another program's name."""
    host = place.host("one")
    make_ready(host)
    (place.passwords / "sekisho_clerk").unlink()
    assert must(host, "policy", "history") and must(host, "passage", "list") == ""
    host.write_policy(NO_FILES)
    assert str(place.passwords / "sekisho_clerk") in refused(host, "policy", "load")
    assert str(place.passwords / "sekisho_clerk") in refused(host, "policy", "restore", "1")


EVERYBODY = [("sekisho", ("policy", "history"), "sekisho_read"), ("sekisho", ("passage", "list"), "sekisho_read"),
             ("sekisho", ("store", "verify"), "sekisho_read"), ("sekisho", ("policy", "load"), "sekisho_clerk"),
             ("sekisho", ("store", "migrate"), OWNER), ("sekisho", ("key", "init"), OWNER),
             ("sekisho-gate", (), "sekisho_gate"), ("sekisho-clerk", (), "sekisho_clerk")]


@pytest.mark.parametrize("program, args, role", EVERYBODY)
def test_wrong_password(place, program, args, role):
    host = place.host("one")
    make_ready(host)
    (place.passwords / role).write_text("mistaken\n")
    said = refused(host, *args, program=program)
    assert "does not let role %s in" % role in said and str(place.passwords / role) in said
    assert "mistaken" not in said


@pytest.mark.parametrize("program, args, role", [e for e in EVERYBODY if e[2] != OWNER])
def test_missing_rights(place, program, args, role):
    """An administrator took them back, or restored a copy without them."""
    host = place.host("one")
    make_ready(host)
    for schema in ("keep", "know"):
        place.server.run("REVOKE ALL ON ALL TABLES IN SCHEMA %s FROM %s" % (schema, role), place.name)
    if "verify" in args:
        looked = run(host, *args)
        assert looked.returncode == 1 and NOT_MADE in looked.stdout, looked
    else:
        assert NOT_MADE in refused(host, *args, program=program)
    must(host, "store", "migrate")
    if program == "sekisho":
        must(host, *args)


def test_missing_role(place):
    host = place.host("one")
    make_ready(host)
    os.rename(place.passwords / OWNER, place.passwords / "nobody_here")
    said = run(host, "store", "migrate", user="nobody_here")
    assert said.returncode == 2 and "nobody_here" in said.stderr and len(said.stderr.splitlines()) == 1, said


def test_missing_database_and_server(place):
    host = place.host("one")
    with open(host.config) as f:
        settings = f.read()
    url = place.server.url(place.name, tcp=True)
    for other, words in ((url + "_not", "make it on the server (createdb)"),
                         (url.replace(":%d" % place.server.port, ":1"), "see whether the server runs")):
        with open(host.config, "w") as f:
            f.write(settings.replace(url, other))
        for program, args, _ in EVERYBODY:
            assert words in refused(host, *args, program=program)
