# SPDX-License-Identifier: Apache-2.0
"""People act on held mail, by command and by token, behind a real Postfix: what they decide is what leaves."""
import hashlib
import json
import os
import re
import signal
import socket
import struct
import subprocess
import time

import pytest

import samples
import stack
from postfix import Postfix
from site_of_tests import OURS, THEIRS, Site
from stores import Sqlite

COLLEAGUE, ANNA, CAROL, DORA = ("%s@ours.example" % name for name in ("jiro", "anna", "carol", "dora"))
TOKEN = "0123456789abcdefghjkmnpqrs"
FRAME = struct.Struct("<IHHI")
GROUPS = "sales: %s; deputy %s\nlegal: %s\n" % (ANNA, CAROL, DORA)
LONG = "outbound when to external then hold for 1h within 1s..2h\n"
APPROVAL = 'outbound when to external then hold for approval of "sales"\n' \
           'outbound when to "taro@theirs.example" then hold for approval of "legal"\n'
PASSWORD = "inbound when attach.encrypted then hold for password\n"


class Desk(Site):
    """A site with its keys and groups, whose clerk sends what is due to the release listener."""

    def __init__(self, folder, policy, **settings):
        os.chmod(folder, 0o755)
        self.postfix = Postfix()
        listener = self.postfix.add_smtpd(["unix:%s/sockets/release" % folder])
        self.groups = folder / "groups"
        self.groups.write_text(GROUPS)
        self.gate = stack.Stack(folder, policy, hold__release="inet:127.0.0.1:%d" % listener, hold__groups=self.groups,
                                hold__release_key="%s/release.key" % folder, hold__retry="1s", **settings)
        self.rows = Sqlite(folder)

    def __enter__(self):
        self.gate.command("key", "init", "-c", self.gate.config)
        return super().__enter__()

    def hold(self, *args, status=0):
        """Runs `sekisho hold ARGS`: standard output and standard error."""
        done = subprocess.run([stack.program("sekisho"), "hold", *args, "-c", self.gate.config], capture_output=True,
                              timeout=60, stdin=subprocess.DEVNULL)
        assert done.returncode == status, (args, done.returncode, done.stdout, done.stderr)
        return done.stdout, done.stderr.decode()

    def list(self, *args):
        return [json.loads(line) for line in self.hold("list", "--json", *args)[0].splitlines()]

    def show(self, ident):
        return json.loads(self.hold("show", "--json", ident)[0])

    def events(self, ident):
        return [(event["what"], event.get("who")) for event in self.show(ident)["events"]]

    def held(self, data=None, recipients=(THEIRS,)):
        """Submits a mail that waits; its one copy that goes outside, as the list has it."""
        answer = self.submit(data or samples.message(OURS, recipients, "the plan"), list(recipients))
        assert answer.code == 250, (answer, self.gate.log())
        copy, = [copy for copy in self.list() if copy["direction"] == "outbound"]
        return copy

    def nothing_comes(self):
        return self.postfix.settle() and not self.postfix.sink.take(0, 0)

    def only(self, subject, least=0):
        """What was delivered, but for notices about it: LEAST mails are waited for."""
        found, end = [], time.time() + 30
        while True:
            self.postfix.settle()
            found += [mail for mail in self.postfix.sink.take(0, 0) if b"\r\nSubject: %s" % subject in mail.data
                      and b"Auto-Submitted" not in mail.data]
            if len(found) >= least:
                return found
            assert time.time() < end, (found, self.gate.log())
            time.sleep(.1)

    def wait_for_state(self, ident, state, seconds=30):
        self.gate.wait_for(lambda: self.show(ident)["copies"][0]["state"] == state, seconds, "not " + state)

    def add_token(self, purpose, target, person, token=TOKEN):
        self.rows.run("keep", "INSERT INTO held_token (digest, message, purpose, target, person, expires_us) "
                      "VALUES ($1, $2, $3, $4, $5, $6)",
                      [(hashlib.sha256(token.encode()).digest(), target.split("-")[0], purpose, target, person, 2**62)])

    def ask(self, verb, text=None, token=TOKEN):
        """What the pages ask."""
        question = json.dumps({"verb": verb, "token": token, **({"text": text} if text else {})}).encode()
        with socket.socket(socket.AF_UNIX) as s:
            s.connect(self.gate.folder + "/clerk")
            s.sendall(FRAME.pack(0x31464b53, 32, 0, len(question)) + question)
            with s.makefile("rb") as stream:
                return json.loads(stream.read(FRAME.unpack(stream.read(FRAME.size))[3]))


def test_no_core(own_folder):
    """Passwords pass through the clerk: they are in no core file."""
    with Desk(own_folder, LONG) as s:
        clerk = re.findall(r"sekisho-clerk\[(\d+)\]: info: ready", s.gate.log())[-1]
        with open("/proc/%s/limits" % clerk) as f:
            assert next(line.split()[4:6] for line in f if line.startswith("Max core file size")) == ["0", "0"]


def test_stop(own_folder):
    with Desk(own_folder, LONG) as s:
        copy = s.held()
        assert copy["recipients"] == [THEIRS] and copy["owner"] == OURS and "stop" in copy["can"]
        listed = s.hold("list")[0].decode()
        assert "%s → %s" % (OURS, THEIRS) in listed and "“the plan”" in listed and re.search(r"leaves .*, in (59 min|1 h$)", listed, re.M)
        out, _ = s.hold("stop", copy["message"], "--as", COLLEAGUE, "--reason", "wrong customer")
        assert "stopped" in out.decode() and "by %s: wrong customer" % COLLEAGUE in out.decode()
        _, err = s.hold("stop", copy["id"], status=1)
        assert "was stopped, returned or has expired before" in err
        assert s.list() == [] and s.list("--ended")[0]["state"] == "stopped"
        assert ("stopped", COLLEAGUE) in s.events(copy["message"])
        assert any(what == "operator" and "root" in who for what, who in s.events(copy["message"]))
        assert not s.only(b"the plan")


def test_stop_by_token(own_folder):
    """A colleague, who has his copy already, stops what goes outside and never sees who got it in secret."""
    with Desk(own_folder, LONG) as s:
        data = samples.message(OURS, [THEIRS, COLLEAGUE], "the plan")
        copy = s.held(data, (THEIRS, COLLEAGUE, "secret@other.example"))
        s.add_token("colleague", copy["message"], COLLEAGUE)
        looked = s.ask("look")
        assert looked["result"] == "ok" and looked["copies"][0]["recipients"] == [THEIRS]
        assert "secret" not in json.dumps(looked) and looked["copies"][0]["can"] == ["stop"]
        assert s.ask("look", token=TOKEN[:-1] + "t") == {"result": "unknown"}
        assert s.ask("release")["result"] == s.ask("list")["result"] == "unknown"
        stopped = s.ask("stop", "not yet")
        assert stopped["result"] == "ok" and stopped["copies"][0]["ended_by"] == COLLEAGUE
        assert [mail.recipients for mail in s.only(b"the plan", 1)] == [[COLLEAGUE]]


def test_release_early_and_stop_late(own_folder):
    with Desk(own_folder, LONG) as s:
        copy = s.held()
        s.hold("release", copy["id"][:20])
        s.wait_for_state(copy["id"], "sent")
        assert len(s.only(b"the plan", 1)) == 1
        _, err = s.hold("stop", copy["id"], status=1)
        assert "too late" in err and "nothing of it waits any more" in err


def test_confirm(own_folder):
    with Desk(own_folder, "outbound when to external then hold for confirm, hold for 1h\n") as s:
        copy = s.held()
        assert "waits for its sender's word, until" in s.hold("list")[0].decode()
        _, err = s.hold("confirm", copy["id"], "--as", COLLEAGUE, status=2)
        assert "%s has sent it" % OURS in err
        s.hold("confirm", copy["id"], "--as", OURS)
        s.wait_for_state(copy["id"], "sent")
        assert len(s.only(b"the plan", 1)) == 1


def test_approval(own_folder):
    """By a member of one group and the deputy of the other; nobody else, and not its sender."""
    with Desk(own_folder, APPROVAL) as s:
        copy = s.held()
        for who, why in ((OURS, "nobody approves his own mail"), (COLLEAGUE, "approves for none")):
            assert why in s.hold("approve", copy["id"], "--as", who, status=2)[1]
        assert "waits for approval of sales and legal, until" in s.hold("list")[0].decode()
        assert "in whose name" in s.hold("approve", copy["id"], status=2)[1]
        assert "it still has to be by legal" in s.hold("approve", copy["id"], "--as", CAROL)[1]
        assert s.nothing_comes() or not s.only(b"the plan")
        # A new member counts when the clerk has read the file again.
        s.groups.write_text(GROUPS.replace(DORA, DORA + ", " + COLLEAGUE))
        for pid in s.gate.children()["sekisho-clerk"]:
            os.kill(pid, signal.SIGHUP)
        end = time.time() + 20
        while s.show(copy["id"])["copies"][0].get("open") and time.time() < end:
            subprocess.run([stack.program("sekisho"), "hold", "approve", copy["id"], "--as", COLLEAGUE, "-c",
                            s.gate.config], capture_output=True, check=False)
        s.wait_for_state(copy["id"], "sent")
        assert len(s.only(b"the plan", 1)) == 1
        approved = [event for event in s.show(copy["id"])["events"] if event["what"] == "approved"]
        assert [(event["who"], event["text"]) for event in approved] == [(CAROL, "sales"), (COLLEAGUE, "legal")]


def test_groups_that_are_wrong(own_folder):
    """Said with file and line; who approved before still can."""
    with Desk(own_folder, APPROVAL.splitlines()[0] + "\n") as s:
        copy = s.held()
        s.groups.write_text("sales: anna\n")
        for pid in s.gate.children()["sekisho-clerk"]:
            os.kill(pid, signal.SIGHUP)
        s.gate.wait_for_log("the groups stay as they were")
        assert "groups:1: " in s.gate.log()
        s.hold("approve", copy["id"], "--as", ANNA)
        s.wait_for_state(copy["id"], "sent")


def test_return(own_folder):
    with Desk(own_folder, APPROVAL) as s:
        copy = s.held()
        assert "say why" in s.hold("return", copy["id"], "--as", ANNA, status=2)[1]
        s.hold("return", copy["id"], "--as", ANNA, "--reason", "the price is missing")
        shown = s.show(copy["id"])["copies"][0]
        assert (shown["state"], shown["ended_by"], shown["why"]) == ("returned", ANNA, "the price is missing")
        assert s.rows.run("keep", "SELECT count(*) FROM held_copy WHERE state = 'returned'") == [(1,)]
        assert not s.only(b"the plan")


@pytest.mark.parametrize("policy, end", [
    ("outbound when to external then hold for confirm\n", "returned"),
    ("inbound when attach.any then hold for review by recipient\n", "expired")])
def test_nobody_answers(own_folder, policy, end):
    """A minute, the shortest there may be, is over when the rows say so."""
    with Desk(own_folder, policy, hold__confirm_for="60s", hold__review_for="60s") as s:
        if end == "returned":
            ident = s.held()["id"]
        else:
            data = samples.message(THEIRS, [OURS], "the plan", [("a.zip", samples.encrypted_zip())])
            assert s.receive(data).code == 250
            ident = s.list()[0]["id"]
        expires_us = s.list()[0]["expires_us"]
        assert 50e6 < expires_us - time.time() * 1e6 <= 60e6
        s.rows.run("keep", "UPDATE held_copy SET expires_us = expires_us - 60000000")
        s.rows.run("keep", "UPDATE job SET claim_us = 0 WHERE kind = 'hold.tend' AND holder IS NULL")
        s.wait_for_state(ident, end)
        assert s.show(ident)["copies"][0]["ended_by"] == "time"
        assert not s.only(b"the plan")


def test_password(own_folder):
    with Desk(own_folder, PASSWORD) as s:
        data = samples.message(THEIRS, [OURS], "the plan", [("a.zip", samples.encrypted_zip())])
        assert s.receive(data).code == 250
        copy, = s.list()
        s.add_token("password", copy["id"], OURS)
        assert s.ask("look")["copies"][0]["can"] == ["password"]
        assert s.ask("password", "not-it-4711")["result"] == "wrong"
        assert s.nothing_comes()
        right = s.ask("password", samples.PASSWORD)
        assert right["result"] == "ok", (right, s.gate.log())
        s.wait_for_state(copy["id"], "sent")
        assert len(s.only(b"the plan", 1)) == 1
        with open(s.gate.folder + "/store/keep.db", "rb") as f:
            kept = f.read()
        assert b"4711" not in kept and b"not-it" not in s.gate.log().encode()


def test_content(own_folder):
    data = samples.message(OURS, [THEIRS], "the plan") + (b"x" * 70 + b"\r\n") * 20000
    with Desk(own_folder, LONG) as s:
        copy = s.held(data)
        assert "say why" in s.hold("content", copy["id"], status=2)[1]
        assert s.hold("content", copy["id"], "--reason", "ticket 17")[0].endswith(data)
        path = own_folder / "original.eml"
        s.hold("content", copy["id"], "--reason", "ticket 17", "-o", str(path))
        assert path.read_bytes().endswith(data) and path.stat().st_mode & 0o777 == 0o600
        assert [what for what, _ in s.events(copy["id"])].count("read") == 1
        assert "exists" in s.hold("content", copy["id"], "--reason", "again", "-o", str(path), status=2)[1]


def test_person(own_folder):
    """Who has chosen a shorter time has his mail sent sooner."""
    with Desk(own_folder, LONG) as s:
        assert "deputy    none" in s.hold("person", OURS)[0].decode()
        assert "up to a day" in s.hold("person", OURS, "hold=3d", status=2)[1]
        shown = s.hold("person", OURS, "hold=2s", "language=ja", "away=2027-01-05..2027-01-08", "deputy=" + ANNA)[0].decode()
        assert "hold      2 s" in shown and "language  ja" in shown and "deputy    " + ANNA in shown
        assert json.loads(s.hold("person", OURS, "--json")[0])["choices"]["hold_s"] == 2
        assert s.submit(samples.message(OURS, [THEIRS], "the plan")).code == 250
        s.gate.wait_for(lambda: s.list("--ended")[0]["state"] == "sent", 30, "not sent")
        assert len(s.only(b"the plan", 1)) == 1


def test_without_clerk(own_folder):
    s = Desk(own_folder, LONG)
    _, err = s.hold("list", status=2)
    assert "no clerk answers at" in err and "systemctl start sekisho-clerk" in err
    s.postfix.__exit__()
