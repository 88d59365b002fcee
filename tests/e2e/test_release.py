# SPDX-License-Identifier: Apache-2.0
"""Held mail leaves: the whole way through the real Postfix, and what is in the way."""
import contextlib
import json
import os
import random
import re
import signal
import socketserver
import subprocess
import threading
import time

import pytest

import samples
import stack
from postfix import Postfix, free_port
from site_of_tests import OURS, THEIRS
from stores import STORES, may_be_tried

HOLD = "outbound when to external then hold for 2s\n"
HOLD_PUT = os.path.join(stack.BUILD, "tests", "hold-put")
ROUNDS = 1000 if os.environ.get("SEKISHO_LONG") else 20
ASCII = b"From: hanako@ours.example\r\nTo: taro@theirs.example\r\nSubject: minutes\r\nDate: Tue, 03 Nov 2026 10:00:00 +0900\r\nMessage-ID: <%s@ours.example>\r\n"


class Rules(socketserver.ThreadingTCPServer):
    """A policy server of Postfix (SMTPD_POLICY_README): what the release listener says to recipients, by ANSWERS."""
    allow_reuse_address = daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Asked)
        self.answers, self.asked = {}, []
        self.setting = "check_policy_service inet:127.0.0.1:%d, permit" % self.server_address[1]
        threading.Thread(target=self.serve_forever, daemon=True).start()


class _Asked(socketserver.StreamRequestHandler):
    def handle(self):
        facts = {}
        for line in self.rfile:
            name, _, value = line.decode().strip().partition("=")
            facts[name] = value
            if line == b"\n":
                recipient = facts["recipient"]
                self.server.asked.append(recipient)
                self.wfile.write(b"action=%s\n\n" % self.server.answers.get(recipient, "DUNNO").encode())
                facts = {}


class Site:
    """Postfix with all of sekisho, and a release listener."""

    def __init__(self, folder, policy=HOLD, store=None, postfix=None, **settings):
        os.chmod(folder, 0o755)
        self.port, self.rules, self.postfix = free_port(), Rules(), postfix or Postfix()
        settings = {"hold__release": "inet:127.0.0.1:%d" % self.port, "hold__retry": "1s", **settings}
        if store:
            settings["store__store"] = store.setting
        self.gate = stack.Stack(folder, policy, **settings)
        if store:
            store.prepare(self.gate)
        subprocess.run([stack.program("sekisho"), "key", "init", "-c", self.gate.config], check=True, timeout=60,
                       env={**os.environ, "PGUSER": "postgres"}, stdout=subprocess.DEVNULL)
        self.submission = self.postfix.add_smtpd([self.gate.endpoint("outbound")])
        self.inbound = self.postfix.add_smtpd([self.gate.endpoint("inbound")])
        self.postfix.add_release(self.gate.endpoint("release"), self.port,
                                 {"smtpd_recipient_restrictions": self.rules.setting})
        self.postfix.set_sendmail_milters([self.gate.endpoint("outbound")])

    def __enter__(self):
        self.gate.start()
        return self

    def __exit__(self, *_):
        self.gate.stop()
        self.postfix.__exit__()
        self.rules.shutdown()
        assert "Sanitizer" not in self.gate.log(), self.gate.log()

    def submit(self, data, recipients=(THEIRS,), mail_args="", sender=OURS):
        return self.postfix.send(self.submission, sender, list(recipients), data, mail_args, login="hanako")

    def delivered(self, n=1, secs=30):
        """Mails that came since the last call, without notices, waiting for N of them."""
        mails, end = [], time.monotonic() + secs
        while len(mails) < n and (left := end - time.monotonic()) > 0:
            mails += [mail for mail in self.postfix.delivered(1, left) if mail.sender]
        return mails

    def put(self, data, recipients=(THEIRS,), *options, sender=OURS, folder=None):
        """Holds DATA as the gate does; ids."""
        path = os.path.join(folder or self.gate.folder, "held.eml")
        with open(path, "wb") as f:
            f.write(data)
        out = subprocess.run([HOLD_PUT, "-s", sender, *options, self.gate.config, path, *recipients], check=True,
                             stdout=subprocess.PIPE, timeout=300, env={**os.environ, "PGUSER": "sekisho_gate"}).stdout
        return out.decode().split()


@pytest.fixture
def site(own_folder):
    with Site(own_folder) as s:
        s.postfix.start()
        yield s


def message(body=b"text\r\n", head=b""):
    return ASCII % os.urandom(8).hex().encode() + head + b"\r\n" + body


def without_trace(data):
    """DATA as it came: less the fields that Postfix and sekisho put before it."""
    return re.sub(rb"\A(?:(?:Received|X-Sekisho): [^\r]*\r\n(?:[ \t][^\r]*\r\n)*)+", b"", data)


def ident(data):
    return re.search(rb"Message-ID: <([^>]*)>", data).group(1)


# ---- bytes ------------------------------------------------------------------

BODIES = {
    "plain": b"text\r\n",
    "empty": b"",
    "dots": b".\r\n..\r\n.x\r\n\r\n.\r\n",
    "8-bit": "株式会社例 ①髙橋\r\n".encode() + bytes(range(128, 256)) + b"\r\n",
    "998 octets": b"x" * 998 + b"\r\n" + b"y" * 999 + b"\r\n" + b"z" * 10000 + b"\r\n",
    "large": b"%s\r\n" % (b"x" * 70) * 20000,
    "iso-2022-jp": samples.japanese_message(OURS, [THEIRS]).split(b"\r\n\r\n", 1)[1],
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_what_was_held_leaves_unchanged_and_not_before_its_time(site, body):
    data, began = message(body), time.time()
    assert site.submit(data).code == 250
    mail, = site.delivered(1)
    assert mail.at - began > 2
    assert (mail.sender, mail.recipients) == (OURS, [THEIRS])
    assert without_trace(mail.data) == data
    assert b"X-Sekisho-Release" not in mail.data
    # The field of the first passage was kept.
    assert mail.data[:-len(data)].count(b"Received: ") == 2


def test_mail_without_a_message_id_gets_the_same_one_on_every_try(site):
    site.rules.answers[THEIRS] = "451 4.7.1 later"
    data = b"From: hanako@ours.example\r\nSubject: x\r\n\r\ntext\r\n"
    name, = site.put(data)
    site.gate.wait_for(lambda: site.rules.asked.count(THEIRS) >= 2, 30, "not tried again")
    site.rules.answers.clear()
    mail, = site.delivered(1)
    assert b"\r\nMessage-ID: <%s-1@ours.example>\r\n" % name.encode() in b"\r\n" + mail.data


def test_arguments_of_the_first_client_are_said_again(site):
    smtp = site.postfix.connect(site.submission, login="hanako")
    commands = [("MAIL", "FROM:<%s> BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=abc+2B1 SIZE=100" % OURS),
                ("RCPT", "TO:<taro@theirs.example> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;tarou+2Bx@theirs.example"),
                ("RCPT", "TO:<jiro@theirs.example> NOTIFY=NEVER"), ("RCPT", "TO:<hana@theirs.example>"), ("DATA", "")]
    for verb, arguments in commands:
        assert smtp.docmd(verb, arguments)[0] < 400
    smtp.send(message("髙\r\n".encode()) + b".\r\n")
    assert smtp.getreply()[0] == 250
    smtp.close()
    said = [command for mail in site.delivered(1) for command in mail.commands]
    mail, = [command for command in said if command.startswith("MAIL")]
    assert {"BODY=8BITMIME", "SMTPUTF8", "RET=HDRS", "ENVID=abc+2B1"} <= set(mail.split())
    taro, jiro, hana = [[c for c in said if c.startswith("RCPT TO:<%s@" % name)][0] for name in ("taro", "jiro", "hana")]
    assert {"NOTIFY=SUCCESS,FAILURE", "ORCPT=rfc822;tarou+2Bx@theirs.example"} <= set(taro.split())
    assert "NOTIFY=NEVER" in jiro and "NOTIFY" not in hana


def test_mail_of_sendmail_takes_the_same_way(site):
    data = message("8 bits: 髙橋\r\n".encode())
    site.postfix.sendmail(OURS, [THEIRS], data)
    mail, = site.delivered(1)
    assert without_trace(mail.data) == data
    assert "BODY=8BITMIME" in mail.commands[0]


def test_addresses_beyond_ascii(site):
    data, taro = message(), "太郎@theirs.example"
    site.put(data, [taro])
    mail, = site.delivered(1)
    assert mail.recipients == [taro.encode().decode("utf-8", "surrogateescape")] and "SMTPUTF8" in mail.commands[0]
    assert without_trace(mail.data).endswith(b"\r\n\r\ntext\r\n")


def test_nobody_sees_who_else_got_it(site):
    hidden = ["hidden%d@theirs.example" % i for i in range(3)]
    assert site.submit(message(), [THEIRS, *hidden]).code == 250
    mails = site.delivered(1)
    assert sorted(r for mail in mails for r in mail.recipients) == sorted([THEIRS, *hidden])
    assert not any(name.encode() in mail.data for mail in mails for name in hidden)


def test_three_hundred_recipients_of_every_kind(site):
    ours = ["staff%03d@ours.example" % i for i in range(100)]
    theirs = ["guest%03d@theirs%d.example" % (i, i % 7) for i in range(200)]
    everybody = ours + theirs
    random.Random(7).shuffle(everybody)
    data, began = message(), time.time()
    assert site.submit(data, everybody).code == 250
    got, end = [], time.time() + 60
    while len(got) < 300 and time.time() < end:
        got += [(r, mail) for mail in site.delivered(1, 1) for r in mail.recipients]
    assert sorted(r for r, _ in got) == sorted(everybody)
    for recipient, mail in got:
        assert without_trace(mail.data) == data
        assert recipient in ours or mail.at - began > 2


def test_forged_tickets_in_what_came_do_not_matter(site):
    data = message(head=b"X-Sekisho-Release: copy=01kaj000000000000000-1; claim=1; mac=" + b"0" * 64 + b"\r\n")
    assert site.submit(data).code == 250
    mail, = site.delivered(1)
    assert b"X-Sekisho-Release" not in mail.data and mail.data.endswith(b"\r\n\r\ntext\r\n")


def test_content_goes_when_all_have_it(site):
    assert site.submit(message()).code == 250
    assert len(site.delivered(1)) == 1
    store = STORES["sqlite"](site.gate.folder)
    site.gate.wait_for(lambda: store.run("keep", "SELECT state FROM held_copy") == [("sent",)], 10, "not settled")
    assert store.run("keep", "SELECT blob FROM held_message") == [(None,)]
    assert store.run("keep", "SELECT count(*) FROM blob") == [(0,)]


# ---- answers ----------------------------------------------------------------

def test_one_refused_recipient_does_not_touch_the_others(site):
    site.rules.answers["gone@theirs.example"] = "550 5.1.1 no such user"
    site.put(message(), ["gone@theirs.example", THEIRS, "gone@theirs.example NOTIFY=NEVER"])
    mail, = site.delivered(1)
    assert mail.recipients == [THEIRS]
    store = STORES["sqlite"](site.gate.folder)
    site.gate.wait_for(lambda: store.run("keep", "SELECT state FROM held_copy") == [("sent",)], 10, "not settled")
    ordered = store.run("keep", "SELECT payload FROM job WHERE kind = 'notice'")
    told = site.gate.log() + "".join(payload for payload, in ordered)
    assert "no such user" in told and told.count("gone@theirs.example 550") <= 1


def test_what_is_not_taken_now_is_tried_again_for_those_who_have_not_got_it(site):
    site.rules.answers[THEIRS] = "450 4.2.0 later"
    site.put(message(), [THEIRS, "jiro@theirs.example"])
    first, = site.delivered(1)
    assert first.recipients == ["jiro@theirs.example"]
    site.gate.wait_for_log("tried again later", 10)
    site.rules.answers.clear()
    second, = site.delivered(1)
    assert second.recipients == [THEIRS] and ident(first.data) == ident(second.data)
    assert site.rules.asked.count("jiro@theirs.example") == 1


def test_mail_waits_for_postfix_and_keeper(own_folder):
    with Site(own_folder) as site:
        keeper, = site.gate.children()["sekisho-keeper"]
        site.put(message())
        site.gate.wait_for_log("held mail cannot leave", 15)
        os.kill(keeper, signal.SIGSTOP)
        site.postfix.start()
        site.gate.wait_for_log('for=keeper', 30)
        os.kill(keeper, signal.SIGCONT)
        assert len(site.delivered(1, 60)) == 1
        site.gate.wait_for_log("held mail can leave again", 10)
        # Once for each of them, however often it was tried.
        assert site.gate.log().count("held mail cannot leave") <= 4
        store = STORES["sqlite"](site.gate.folder)
        site.gate.wait_for(lambda: store.run("keep", "SELECT state, tries FROM held_copy") == [("sent", 0)], 10, "not settled")


def test_a_stranger_at_the_release_listener_is_refused(site):
    answer = site.postfix.send(site.port, OURS, [THEIRS], message())
    assert answer.code == 550
    forged = message(head=b"X-Sekisho-Release: copy=01kaj000000000000000-1; claim=1; mac=" + b"0" * 64 + b"\r\n")
    assert site.postfix.send(site.port, OURS, [THEIRS], forged).code == 550


def test_another_key_gives_no_mail_back(site):
    """Whoever changes it and starts only one of the two must not have everybody's mail returned."""
    site.put(message())
    assert len(site.delivered(1)) == 1
    with open(os.path.join(site.gate.folder, "release.key"), "w") as f:
        f.write("ab" * 32 + "\n")
    site.put(message())
    site.gate.wait_for_log("tried again later", 10, count=2)
    assert "the gate does not know our tickets" in site.gate.log() and "returned" not in site.gate.log()
    clerk, = site.gate.children()["sekisho-clerk"]
    os.kill(clerk, signal.SIGTERM)
    assert len(site.delivered(1)) == 1


# ---- parts taken out --------------------------------------------------------

def test_a_copy_without_attachments_leaves_without_them(site):
    data = samples.message(OURS, [THEIRS], "minutes", [("minutes.zip", samples.encrypted_zip())])
    site.put(data, [THEIRS], "--strip", "-m", "x")
    stripped, = [without_trace(mail.data) for mail in site.delivered(1)]
    assert b"UEsDB" not in stripped and b"removed.txt" in stripped
    assert stripped.startswith(data[:data.index(b"Please find")])
    kept, = [json.loads(line) for line in site.gate.command("hold", "list", "--json", "-c", site.gate.config).splitlines()]
    assert "review" in kept["open"]
    site.gate.command("hold", "release", "-c", site.gate.config, kept["id"])
    whole, = [without_trace(mail.data) for mail in site.delivered(1)]
    assert whole == data


# ---- crashes ----------------------------------------------------------------

@contextlib.contextmanager
def collected(site):
    """How often each message came, by its Message-ID, while the block runs."""
    came, going = {}, threading.Event()

    def collect():
        while not going.is_set():
            for mail in site.delivered(1, .2):
                came[ident(mail.data)] = came.get(ident(mail.data), 0) + 1
    thread = threading.Thread(target=collect)
    thread.start()
    yield came
    going.set()
    thread.join()


def put_named(site, name, recipients=(THEIRS,)):
    data = b"From: hanako@ours.example\r\nSubject: x\r\nMessage-ID: <%s@x>\r\n\r\n%s\r\n" % (name.encode(), b"x" * 500)
    site.put(data, list(recipients), "-m", "<%s@x>" % name)


def test_a_clerk_that_is_killed_loses_nothing(own_folder):
    """Killed at any moment, with mail leaving all the time: everything arrives."""
    names, chance = [], random.Random()
    with Site(own_folder, clerk__lease="5s", hold__release_threads="3") as site:
        site.postfix.start()
        with collected(site) as came:
            for i in range(ROUNDS):
                for n in range(3):
                    names.append("r%dn%d" % (i, n))
                    put_named(site, names[-1])
                time.sleep(chance.random() * .4)
                clerk = site.gate.children().get("sekisho-clerk", [])
                if clerk:
                    os.kill(clerk[0], signal.SIGKILL)
            site.gate.wait_for(lambda: len(came) == len(names), 120, "lost: not all of %d came" % len(names))
        assert set(came) == {("%s@x" % name).encode() for name in names}
        store = STORES["sqlite"](site.gate.folder)
        site.gate.wait_for(lambda: store.run("keep", "SELECT DISTINCT state FROM held_copy") == [("sent",)], 30, "not settled")


def test_a_clerk_that_is_stopped_sends_nothing_twice(own_folder):
    with Site(own_folder, hold__release_threads="2") as site:
        site.postfix.start()
        with collected(site) as came:
            site.put(message(), [THEIRS], "-n", "1")
            for i in range(5):
                put_named(site, "s%d" % i)
                site.gate.stop()
                site.gate.start()
            site.gate.wait_for(lambda: len(came) == 6, 60, "not all came")
            time.sleep(1)
        assert set(came.values()) == {1}


@pytest.mark.skipif(not may_be_tried("postgresql"), reason="no PostgreSQL is installed")
def test_two_clerks_share_the_work(own_folder):
    store = STORES["postgresql"](own_folder)
    try:
        with Site(own_folder, store=store) as site:
            other = subprocess.Popen([stack.program("sekisho-clerk"), "-c", site.gate.config], stdin=subprocess.DEVNULL,
                                     stderr=open(os.path.join(site.gate.folder, "other.log"), "wb"))
            site.postfix.start()
            with collected(site) as came:
                for i in range(60):
                    put_named(site, "p%d" % i)
                site.gate.wait_for(lambda: len(came) == 60, 120, "not all came")
            other.terminate()
            assert other.wait(30) == 0
            with open(os.path.join(site.gate.folder, "other.log")) as f:
                theirs = f.read().count("info: released")
            assert set(came.values()) == {1} and theirs + site.gate.log().count("info: released") == 60
            assert 0 < theirs < 60
    finally:
        store.close()
