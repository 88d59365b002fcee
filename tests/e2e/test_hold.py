# SPDX-License-Identifier: Apache-2.0
"""Mail that waits, behind a real Postfix: what is held and kept, and who may send through the release listener."""
import concurrent.futures
import hashlib
import hmac
import os
import random
import re
import signal
import subprocess
import time

import pytest

import samples
import stack
from postfix import Postfix
from site_of_tests import OURS, THEIRS, Site
from stores import Sqlite

COLLEAGUE, OTHER = "jiro@ours.example", "ume@other.example"
TOKEN = "0abcdefghjkmnpqrstvwxyz234"
WAIT = "outbound when not attach.encrypted then hold for confirm\n"


class Holding(Site):
    """A site with its keys, whose clerk sends what is due to the release listener."""

    def __init__(self, folder, policy, keys=True, **settings):
        os.chmod(folder, 0o755)
        self.postfix, self.keys = Postfix(), keys
        self.listener = self.postfix.add_smtpd(["unix:%s/sockets/release" % folder])
        self.gate = stack.Stack(folder, policy, hold__release="inet:127.0.0.1:%d" % self.listener,
                                hold__release_key="%s/release.key" % folder, notice__reply="stop@ours.example",
                                hold__retry="1s", **settings)
        self.rows = Sqlite(folder)

    def __enter__(self):
        if self.keys:
            self.gate.command("key", "init", "-c", self.gate.config)
        return super().__enter__()

    def copies(self):
        rows = self.rows.run("keep", "SELECT direction, state, waits, recipients FROM held_copy ORDER BY message, nr")
        return [(*row[:3], row[3].strip()) for row in rows]

    def count(self, table, where="1 = 1"):
        return self.rows.run("keep", "SELECT count(*) FROM %s WHERE %s" % (table, where))[0][0]

    def ticket(self, text):
        with open(self.gate.folder + "/release.key") as f:
            key = bytes.fromhex(f.read().strip())
        return "%s; mac=%s" % (text, hmac.new(key, text.encode(), hashlib.sha256).hexdigest())

    def send_release(self, *tickets, sender=""):
        fields = "".join("X-Sekisho-Release: %s\r\n" % ticket for ticket in tickets)
        data = fields.encode() + samples.message(THEIRS, [OURS], "released")
        return self.postfix.send(self.listener, sender, [OURS], data)

    def released(self):
        """The mail of send_release(), which looks like a notice."""
        while True:
            all_mails = self.postfix.delivered(1)
            assert all_mails, self.gate.log()
            mails = [mail for mail in all_mails if b"released" in mail.data]
            if mails:
                one, = mails
                return one

    def came(self):
        """The next mail that is no notice."""
        while True:
            all_mails = self.postfix.delivered(1)
            assert all_mails, self.gate.log()
            mails = [mail for mail in all_mails if mail.sender]
            if mails:
                one, = mails
                return one

    def nothing_comes(self):
        """But for notices."""
        return self.postfix.settle() and not [mail for mail in self.postfix.sink.take(0, 0) if mail.sender]


def mail(to, subject="the plan", message_id=None):
    data = samples.message(OURS, to, subject)
    return b"Message-ID: <%s@ours.example>\r\n" % message_id.encode() + data if message_id else data


def received(data):
    return re.findall(rb"^Received: (?:[^\r]|\r\n[ \t])*", data, re.M)


def test_held_and_not_delivered(own_folder):
    with Holding(own_folder, WAIT) as s:
        answer = s.submit(mail([THEIRS]))
        assert answer.code == 250, (answer, s.gate.log())
        assert s.nothing_comes()
        assert s.copies() == [("outbound", "waiting", 2, THEIRS)]
        assert s.count("job", "kind = 'hold.tend'") == 1
        ident = s.rows.run("keep", "SELECT id FROM held_message")[0][0]
        assert s.gate.passage(ident)["held"] == ident and s.gate.passage(ident)["copies"] == 1
        assert s.gate.command("passage", "list", "-c", s.gate.config, "--fate", "held").startswith(ident)
        shown = s.gate.command("passage", "show", "-c", s.gate.config, ident)
        assert re.search(r"^held +in 1 copy$", shown, re.M), shown
        assert "fate=held" in s.gate.log() and "copies=1" in s.gate.log()


def test_only_outside_waits(own_folder):
    """Who is inside gets his copy at once, with everything that came, whole; the way that it took can be seen."""
    with Holding(own_folder, WAIT) as s:
        data = b"X-Sekisho-Release: copy=forged\r\nReceived: from here by there; today\r\n" + mail([THEIRS, COLLEAGUE])
        assert s.submit(data, [THEIRS, COLLEAGUE, OTHER]).code == 250
        came = s.came()
        assert came.sender == OURS and came.recipients == [COLLEAGUE]
        assert b"X-Sekisho-Release" not in came.data
        assert came.data.endswith(data[data.index(b"Received: from here"):])
        ways = received(came.data)
        assert len(ways) == 3 and b"(sekisho) with ESMTPA id" in ways[1] and b"from client.example" in ways[1]
        assert s.nothing_comes()
        assert [row[:3] for row in s.copies()] == [("outbound", "waiting", 2), ("internal", "sent", 0)]
        s.gate.wait_for_log("origin=release")
        line = re.search(r"^.*origin=release.*$", s.gate.log(), re.M)[0]
        assert "fate=deliver" in line and re.search(r"released=[0-9a-z]{20}-2", line)


def test_time_is_over(own_folder):
    with Holding(own_folder, 'outbound when not attach.encrypted then hold for 2s, mark "LATE"\n') as s:
        before = time.time()
        assert s.submit(mail([THEIRS])).code == 250
        came = s.came()
        assert time.time() - before >= 2
        assert b"\r\nSubject: [LATE] the plan\r\n" in came.data


def test_large_and_odd_bytes(own_folder):
    data = mail([COLLEAGUE])[:-2] + b"\xe9\xff.\r\n.\r\n..\r\n" + b"x" * 998 + b"\r\n" + (b"y" * 76 + b"\r\n") * 100000
    with Holding(own_folder, WAIT) as s:
        assert s.submit(data, [THEIRS, COLLEAGUE]).code == 250
        came = s.came()
        assert came.data.endswith(data)


def test_without_a_site_key(own_folder):
    with Holding(own_folder, WAIT, keys=False) as s:
        answer = s.submit(mail([THEIRS]))
        assert answer.code == 451 and "try again later" in answer.text
        assert "sekisho key init" in s.gate.log()
        assert s.submit(mail([COLLEAGUE]), [COLLEAGUE]).code == 250
        s.came()
        s.gate.command("key", "init", "-c", s.gate.config)
        assert s.submit(mail([THEIRS])).code == 250
        assert s.nothing_comes()


def test_store_that_cannot_be_written(own_folder):
    with Holding(own_folder, WAIT) as s:
        with s.rows.locked("keep", "SELECT 1"):
            assert s.submit(mail([THEIRS])).code == 451
        assert s.copies() == [] and s.nothing_comes()
        assert s.submit(mail([THEIRS])).code == 250
        assert len(s.copies()) == 1


@pytest.mark.parametrize("what", ["store", "blobs"])
def test_full_disk(own_folder, what):
    """Nothing is taken that is not on the disk; when there is room again, mail goes on."""
    folder = own_folder / "small"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "none", str(folder)], check=True)
    where = {"store__store": "sqlite:%s" % folder} if what == "store" else {"store__blobs": "file:%s" % folder}
    lines = (b"y" * 76 + b"\r\n") * (2500 if what == "store" else 8000)

    def submit(s, number):
        return s.submit(mail([THEIRS], message_id="%d" % number) + lines).code

    try:
        with Holding(own_folder, WAIT, **where) as s:
            if what == "store":
                s.rows.folder = str(folder)
            assert submit(s, 0) == 250
            filler = folder / "filler"
            room = os.statvfs(folder)
            filler.write_bytes(bytes(room.f_bavail * room.f_frsize))
            codes = []  # what the log has room for from before goes through first
            while len(codes) < 60 and 451 not in codes:
                codes.append(submit(s, 1 + len(codes)))
            assert codes[-1] == 451, codes
            assert s.count("held_message") == codes.count(250) + 1 and s.nothing_comes()
            filler.unlink()
            assert submit(s, 100) == 250
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def test_again_joins(own_folder):
    """Somebody's program did not hear our answer, and sends the same once more."""
    with Holding(own_folder, WAIT) as s:
        for _ in range(3):
            assert s.submit(mail([THEIRS], message_id="1")).code == 250
        assert s.count("held_message") == s.count("held_copy") == s.count("blob") == 1
        assert s.gate.log().count("repeats=") == 2
        assert s.submit(mail([THEIRS, OTHER], message_id="1"), [THEIRS, OTHER]).code == 250
        assert [row[3] for row in s.copies()] == [THEIRS, OTHER]
        assert s.submit(mail([THEIRS], "another", message_id="2")).code == 250
        assert s.count("held_message") == 3


def submit_until_taken(s, number):
    """Like a client that keeps its mail until somebody has taken it."""
    data, end = mail([THEIRS], message_id=str(number)), time.time() + 60
    while s.submit(data).code != 250:
        assert time.time() < end, s.gate.log()
        time.sleep(.1)


def test_gate_killed_while_it_holds(own_folder):
    """Whenever that is: what was taken is in the store, once, and what was not is taken when it comes again."""
    rounds = 1000 if os.environ.get("SEKISHO_LONG") else 20
    with Holding(own_folder, WAIT) as s, concurrent.futures.ThreadPoolExecutor(4) as clients:
        for n in range(0, 4 * rounds, 4):
            tries = [clients.submit(submit_until_taken, s, n + i) for i in range(4)]
            time.sleep(random.random() * .1)
            for pid in s.gate.children().get("sekisho-gate", []):
                os.kill(pid, signal.SIGKILL)
            for each in tries:
                each.result()
        held = s.rows.run("keep", "SELECT message_id, count(*) FROM held_message GROUP BY message_id")
        assert dict(held) == {"<%d@ours.example>" % n: 1 for n in range(4 * rounds)}
        assert s.count("held_copy") == s.count("blob") == 4 * rounds
        assert s.nothing_comes()


def test_release_listener_wants_a_ticket(own_folder):
    with Holding(own_folder, WAIT) as s:
        assert s.send_release().code == 550
        assert s.send_release("copy=01kaj00000000000000000-1; claim=1; mac=" + 64 * "0").code == 550
        assert s.send_release("notice=01kaj; mac=").code == 550
        true = s.ticket("notice=01kaj000000000000000")
        assert s.send_release(true[:-1] + ("0" if true[-1] != "0" else "1")).code == 550
        assert s.send_release(true, true).code == 550
        # What nobody has claimed, or not with this number.
        assert s.submit(mail([THEIRS])).code == 250
        ident = s.rows.run("keep", "SELECT id FROM held_message")[0][0]
        assert s.send_release(s.ticket("copy=%s-1; claim=1" % ident)).code == 451
        assert s.send_release(s.ticket("copy=01kaj00000000000000000-1; claim=1")).code == 451
        assert s.nothing_comes()
        # No notice has a sender.
        assert s.send_release(true, sender=THEIRS).code == 550
        assert s.nothing_comes()
        assert s.send_release(true).code == 250
        came = s.released()
        assert b"X-Sekisho-Release" not in came.data and b"X-Sekisho: id=" in came.data
        os.unlink(s.gate.folder + "/release.key")
        assert s.send_release(true).code == 451
        assert "release.key" in s.gate.log()


def test_notices_are_never_held(own_folder):
    with Holding(own_folder, "any when not attach.encrypted then reject\n") as s:
        assert s.send_release(s.ticket("notice=01kaj000000000000000")).code == 250
        s.released()


def test_answers_to_notices(own_folder):
    """They are taken, whoever writes, and become work for the clerk; nothing goes to a mailbox."""
    answer = "Stop+%s@ours.example" % TOKEN.upper()
    with Holding(own_folder, "") as s:
        # So that no clerk is quicker than the test.
        for pid in s.gate.children()["sekisho-clerk"]:
            os.kill(pid, signal.SIGSTOP)
        assert s.receive(samples.message(THEIRS, [OURS], "Re: held"), [answer]).code == 250
        assert s.nothing_comes()
        (payload,), = s.rows.run("keep", "SELECT payload FROM job WHERE kind = 'hold.reply'")
        assert '"token":"%s"' % TOKEN in payload and THEIRS in payload
        assert TOKEN not in s.gate.log().lower()
        assert s.count("job", "kind = 'hold.reply' AND id LIKE '%abcdefghjk%'") == 0
        automatic = b"Auto-Submitted: auto-replied\r\n" + samples.message(THEIRS, [OURS], "away")
        assert s.receive(automatic, [answer]).code == 250
        assert s.count("job", "kind = 'hold.reply'") == 1
        assert s.receive(samples.message(THEIRS, [OURS], "both"), [answer, OURS]).code == 250
        assert s.count("job", "kind = 'hold.reply'") == 2
        for pid in s.gate.children()["sekisho-clerk"]:
            os.kill(pid, signal.SIGCONT)
        came = s.came()
        assert came.recipients == [OURS]


def test_some_from_outside_are_refused(own_folder):
    """A bounce for one of them would go to whoever the sender pretends to be: his is held for administrators."""
    rule = 'inbound when not attach.encrypted and to "%s" then reject\n' % COLLEAGUE
    with Holding(own_folder, rule) as s:
        assert s.receive(samples.message(THEIRS, [OURS], "x"), [OURS, COLLEAGUE]).code == 250
        came = s.came()
        assert came.recipients == [OURS]
        assert ("inbound", "waiting", 8, COLLEAGUE) in s.copies()
        assert s.receive(samples.message(THEIRS, [OURS], "x"), [COLLEAGUE]).code == 550


def test_sendmail_takes_the_same_way(own_folder):
    with Holding(own_folder, WAIT) as s:
        s.postfix.sendmail(OURS, [THEIRS, COLLEAGUE], mail([THEIRS, COLLEAGUE]))
        came = s.came()
        assert came.recipients == [COLLEAGUE]
        s.gate.wait_for_log("fate=held")
        assert ("outbound", "waiting", 2, THEIRS) in s.copies()
