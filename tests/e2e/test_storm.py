# SPDX-License-Identifier: Apache-2.0
"""Gate, clerk and Postfix are killed at random moments while mail comes, waits, is stopped and leaves."""
import collections
import contextlib
import os
import random
import re
import signal
import smtplib
import subprocess
import threading
import time

import stack
from postfix import Postfix
from site_of_tests import OURS, THEIRS
from stores import Sqlite
from test_release import ROUNDS, Site, without_trace

COLLEAGUE, OTHER = "jiro@ours.example", "ume@other.example"
HOLD = "outbound when to external then hold for 2s\n"
# Whom to kill; "all": as if the power failed.
VICTIMS = "gate", "clerk", "postfix", "all"
CLIENTS = 3
LINE = b"The quick brown fox, and so on.\r\n"
# Mail that Postfix could not send on at once must not wait for minutes.
IMPATIENT = {"queue_run_delay": "1s", "minimal_backoff_time": "1s", "maximal_backoff_time": "2s"}
# What becomes of a mail by how it is sent: some clients try until they hear a 250, some once, some leave the Message-ID to us.
KINDS = ["often"] * 3 + ["once"] * 4 + ["nameless", "sendmail", "inbound"]


class Letter:
    """A mail that a client sends. TAKEN: it was told so."""

    def __init__(self, number, chance):
        self.kind, self.taken = chance.choice(KINDS), False
        self.name = "%s-%d" % (self.kind, number)
        ours, theirs = [COLLEAGUE, OURS], [THEIRS, OTHER]
        self.sender = THEIRS if self.kind == "inbound" else OURS
        self.recipients = ours if self.kind == "inbound" else chance.choice([ours, theirs, ours + theirs, ours[:1] + theirs[:1]])
        self.lines = chance.choice([1, 1, 50, 1000, 10000])

    @property
    def data(self):
        """Made anew each time: there are too many to keep them."""
        name = self.name.encode()
        mid = b"" if self.kind == "nameless" else b"Message-ID: <%s@x>\r\n" % name
        return b"From: %s\r\nSubject: storm\r\nDate: Tue, 03 Nov 2026 10:00:00 +0900\r\n%sX-Storm: %s\r\n\r\n" % (
            self.sender.encode(), mid, name) + LINE * self.lines

    def send(self, site):
        """An answer that does not come is none."""
        with contextlib.suppress(OSError, smtplib.SMTPException, subprocess.CalledProcessError):
            if self.kind == "sendmail":
                site.postfix.sendmail(self.sender, self.recipients, self.data)
                self.taken = True
            elif self.kind == "inbound":
                self.taken = site.postfix.send(site.inbound, self.sender, self.recipients, self.data).code == 250
            else:
                self.taken = site.submit(self.data, self.recipients).code == 250


class Storm:
    """Clients that send, and somebody who stops some of it, until it is over."""

    def __init__(self, site, rows):
        self.site, self.rows, self.over = site, rows, threading.Event()
        self.letters, self.stopped, self.trouble = [], [], []
        self._threads = [threading.Thread(target=self._guard, args=(self._send_all, i)) for i in range(CLIENTS)]
        self._threads.append(threading.Thread(target=self._guard, args=(self._stop_some,)))

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        for thread in self._threads:
            thread.join()

    def _guard(self, work, *args):
        try:
            work(*args)
        except Exception as trouble:  # a thread's own would be lost
            self.trouble.append(trouble)

    def _send_all(self, client):
        chance, number = random.Random(), client
        while not self.over.wait(chance.random() * .2):
            letter = Letter(number, chance)
            self.letters.append(letter)
            number += CLIENTS
            letter.send(self.site)
            end = time.monotonic() + 60
            while letter.kind == "often" and not letter.taken and time.monotonic() < end:
                time.sleep(.2)
                letter.send(self.site)

    def _stop_some(self):
        """Of the mail that its client sends once: what comes a second time is another mail, which is not stopped."""
        while not self.over.wait(.2):
            waiting = self.rows.run("keep", "SELECT c.message || '-' || c.nr FROM held_copy AS c JOIN held_message AS m"
                                    " ON m.id = c.message WHERE c.state = 'waiting' AND c.direction = 'outbound'"
                                    " AND m.message_id LIKE '<once-%' ORDER BY c.tries DESC, c.message")
            if waiting:
                # Those that were tried before, or are due soon, are the interesting ones.
                copy, = random.choice(waiting[:3])
                done = subprocess.run([stack.program("sekisho"), "hold", "stop", copy, "-c", self.site.gate.config],
                                      capture_output=True, stdin=subprocess.DEVNULL, timeout=60)
                if done.returncode == 0:
                    self.stopped.append(copy)

    def count_taken(self):
        return sum(letter.taken for letter in list(self.letters))

    def wait_for_more(self):
        """Until mail is taken again."""
        enough = self.count_taken() + 5
        self.site.gate.wait_for(lambda: self.count_taken() >= enough or self.trouble, 60, "no mail is taken")

    def count(self):
        return "%d sent, %d taken, %d stopped" % (len(self.letters), self.count_taken(), len(self.stopped))


def strike(site, victim, chance):
    if victim == "all":
        site.gate.kill_and_start()
    for pid in site.gate.children().get("sekisho-" + victim, []):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    if victim in ("postfix", "all"):
        site.postfix.kill_and_start(chance.random() * .5)


def wait_for_calm(site, rows):
    """Nothing that was taken is on its way any more."""
    def is_calm():
        return site.postfix.is_empty() and rows.run("keep", "SELECT count(*) FROM held_copy WHERE ended_us IS NULL") == [(0,)]
    site.gate.wait_for(is_calm, 180, "mail is stuck")


def field(data, name):
    return re.search(rb"^%s: *(\S*)\r$" % name, data, re.M).group(1).decode()


class Harvest:
    """Who got each letter, and how often. It is what was sent, and has one Message-ID for everybody who got it twice."""

    def __init__(self, storm):
        self.storm, self.mails, self.letters = storm, 0, {}
        self.got, self._ids = collections.defaultdict(collections.Counter), {}

    def gather(self):
        """What came since the last time."""
        mails = [mail for mail in self.storm.site.postfix.delivered(0) if mail.sender]  # and no notices
        self.letters = {letter.name: letter for letter in list(self.storm.letters)}
        self.mails += len(mails)
        for mail in mails:
            self._add(mail, self.letters[field(mail.data, b"X-Storm")])

    def _add(self, mail, letter):
        assert mail.sender == letter.sender
        if letter.kind == "nameless":
            assert mail.data.endswith(letter.data[letter.data.index(b"\r\n\r\n"):]), letter.name
        else:
            assert without_trace(mail.data) == letter.data, letter.name
        ident = field(mail.data, b"(?i:Message-ID)")
        for recipient in mail.recipients:
            self.got[letter.name][recipient] += 1
            assert self._ids.setdefault((letter.name, recipient), ident) == ident

    def count_again(self):
        return sum(n - 1 for each in self.got.values() for n in each.values())

    def find_wrong(self, stopped):
        """What was taken and did not reach all that were not stopped, or reached some of them, or one that was."""
        return {name: (letter.taken, dict(self.got[name]), stopped[name]) for name, letter in self.letters.items()
                if (letter.taken or self.got[name]) and set(self.got[name]) != set(letter.recipients) - stopped[name]}


def list_stopped(rows, by_command):
    """Recipients by letter whose copies were stopped. What the command said is what is written down."""
    stopped, copies = collections.defaultdict(set), set()
    for name, copy, recipients in rows.run("keep", "SELECT m.message_id, c.message || '-' || c.nr, c.recipients FROM held_copy"
                                           " AS c JOIN held_message AS m ON m.id = c.message WHERE c.state = 'stopped'"):
        copies.add(copy)
        stopped[name[1:-3]] |= {line.split("\t")[0] for line in recipients.splitlines()}
    assert set(by_command) <= copies
    return stopped


def test_nothing_is_lost_and_nothing_that_was_stopped_leaves(own_folder):
    chance, rows = random.Random(), Sqlite(own_folder)
    with Site(own_folder, HOLD, postfix=Postfix(IMPATIENT), clerk__lease="5s", hold__release_threads="3") as site:
        site.postfix.start()
        with Storm(site, rows) as storm:
            harvest = Harvest(storm)
            for i in range(ROUNDS):
                storm.wait_for_more()
                time.sleep(chance.random() * 1.5)
                strike(site, VICTIMS[i % len(VICTIMS)], chance)
                harvest.gather()
                print("round %d: %s killed; %s" % (i + 1, VICTIMS[i % len(VICTIMS)], storm.count()), flush=True)
        assert storm.trouble == []
        wait_for_calm(site, rows)
        harvest.gather()
        print("%s; %d mails delivered, %d recipients twice" % (storm.count(), harvest.mails, harvest.count_again()), flush=True)
        assert harvest.find_wrong(list_stopped(rows, storm.stopped)) == {}
        assert storm.stopped and storm.count_taken() > 0
        assert rows.run("keep", "SELECT DISTINCT state FROM held_copy ORDER BY state") == [("sent",), ("stopped",)]
