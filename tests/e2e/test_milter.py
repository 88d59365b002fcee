# SPDX-License-Identifier: Apache-2.0
"""The milter server against the real Postfix: what the milter saw is what is delivered."""
import os
import re
import subprocess
import threading
import time

import pytest
from postfix import Postfix, free_port

OUTSIDE = ("192.0.2.1", "mail.example.net")


class Echo:
    """tests/milter-echo.c as a process."""

    def __init__(self, build, endpoint, directory):
        self.directory = directory
        os.makedirs(directory, exist_ok=True)
        self.out = open(directory + "/out", "w+")
        self.process = subprocess.Popen([build / "tests/milter-echo", endpoint, "postfix", directory],
                                        stdout=self.out, stderr=self.out)
        end = time.monotonic() + 20
        while "ready" not in self.said() and time.monotonic() < end:
            assert self.process.poll() is None, self.said()
            time.sleep(.02)

    def said(self):
        with open(self.directory + "/out") as f:
            return f.read()

    def count(self):
        return len([name for name in os.listdir(self.directory) if name.endswith(".eml")])

    def wait_count(self, n, secs=20):
        end = time.monotonic() + secs
        while self.count() < n and time.monotonic() < end:
            time.sleep(.02)
        return self.count()

    def message(self, n):
        with open("%s/%s.eml" % (self.directory, n), "rb") as f:
            return f.read()

    def envelope(self, n):
        with open("%s/%s.envelope" % (self.directory, n)) as f:
            return f.read().splitlines()

    def end(self, kill=False):
        self.process.kill() if kill else self.process.terminate()
        code = self.process.wait(20)
        self.out.close()
        return code


class World:
    """Postfix with a milter that echoes in front, all origins through the same socket."""

    def __init__(self, build, postfix, transport):
        self.build, self.postfix = build, postfix
        # Postfix's user has to reach the socket by its group, as in a real installation.
        path = postfix.directory + "/milter/socket"
        self.endpoint = "unix:" + path if transport == "unix" else "inet:127.0.0.1:%d" % free_port()
        self.runs = 0
        self.start_echo()
        self.port = postfix.add_smtpd([self.endpoint])
        postfix.set_sendmail_milters([self.endpoint])
        postfix.start()

    def start_echo(self):
        self.runs += 1
        self.echo = Echo(self.build, self.endpoint, "%s/echo%d" % (self.postfix.directory, self.runs))

    def delivered_as_seen(self):
        """Takes the delivered mail; asserts that the milter saw its bytes; (number, what the milter saw)."""
        mail, = self.postfix.delivered(1)
        number, rest = re.fullmatch(rb"X-Seen: (\d+)\r\n(.*)", mail.data, re.S).groups()
        received = re.match(rb"Received: [^\r]*\r\n(?:[ \t][^\r]*\r\n)*", rest)
        assert received, rest[:300]
        seen = self.echo.message(int(number))
        rest = rest[received.end():]
        if b"\r\n\r\n" not in rest:
            rest += b"\r\n"    # a message without the empty line: the protocol does not tell
        assert rest == seen
        return int(number), seen


@pytest.fixture(scope="module", params=["unix", "inet"])
def world(request, build):
    with Postfix() as postfix:
        w = World(build, postfix, request.param)
        yield w
        assert w.echo.end() == 0, w.echo.said()
        assert "refused" not in w.echo.said()


HEAD = b"From: a@example.com\r\nTo: b@example.org\r\nDate: Sat, 21 Nov 2026 10:00:00 +0000\r\nMessage-Id: <1@example.com>\r\n"

MESSAGES = {
    "plain": HEAD + b"Subject: hello\r\n\r\nbody\r\n",
    "eight-bit": HEAD + "Subject: 請求書 ①㈱髙\r\n\r\n".encode() + bytes(range(128, 256)) + b"\r\n",
    "iso-2022-jp": HEAD + b"Subject: \x1b$B@A5a=q\x1b(B\r\n\r\n\x1b$B@A5a=q\x1b(B\r\n",
    "long-lines": HEAD + b"Subject: " + b"word " * 1500 + b"\r\n\r\n" + b"x" * 200000 + b"\r\nend\r\n",
    "folded": HEAD + b"Subject: one\r\n  two\r\n\tthree\r\n \t four \r\nX-Fold:\r\n first\r\nX-Last:x\r\n \r\n\r\nbody\r\n",
    "blanks": HEAD + b"X-None:x\r\nX-Tab:\tx\r\nX-Many:    x  \r\nX-Empty:\r\nX-Blank: \r\n\r\nbody\r\n",
    "duplicates": HEAD + b"X-A: 1\r\nx-a: 2\r\nX-A: 1\r\nSubject: s\r\nSubject: s\r\n\r\nbody\r\n",
    "no-body": HEAD + b"Subject: no body\r\n",
    "empty-body": HEAD + b"Subject: empty body\r\n\r\n",
    "one-empty-line": HEAD + b"Subject: one line\r\n\r\n\r\n",
    "dots": HEAD + b"\r\n.\r\n..\r\n.leading\r\n...\r\n. \r\nend.\r\n",
    "bare-cr": HEAD + b"X-Cr: a\rb\r\n\r\none\rtwo\r\r\nthree\r\n",
    "bare-lf": HEAD + b"X-Lf: a\r\n\r\none\ntwo\n\r\nthree\r\n",
    "no-end-of-line": HEAD + b"\r\nno end",
    "no-date": b"From: a@example.com\r\nSubject: no date\r\n\r\nbody\r\n",
    "no-header": b"\r\nonly a body\r\n",
    "text-at-once": b"this is no header field\r\nbody\r\n",
    "header-then-text": HEAD + b"this is no header field\r\nbody\r\n",
    "unix-from": b"From a@example.com Sat Nov 21 10:00:00 2026\r\n" + HEAD + b"\r\nbody\r\n",
    "empty": b"",
    "multipart": HEAD + b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\ntext\r\n"
                        b"--b\r\nContent-Type: application/zip\r\nContent-Transfer-Encoding: base64\r\n\r\nUEs=\r\n--b--\r\n",
    "nul": HEAD + b"Subject: a\0b\r\nX-After: x\r\n\r\nbody\0more\r\n",
    "binary": HEAD + b"\r\n" + bytes(b for b in range(256) if b not in b"\r\n") * 600 + b"\r\n",
    "chunk-border": HEAD + b"\r\n" + b"y" * (65535 - 2) + b"\r\n",
    "many-fields": HEAD + b"".join(b"X-Field-%d: %d\r\n" % (i, i) for i in range(2000)) + b"\r\nbody\r\n",
    "large-in-memfd": HEAD + b"\r\n" + b"0123456789abcdef" * 4 * 80000 + b"\r\n" + b"line of text\r\n" * 200000,
}


# What Postfix 3.7 itself changes before it shows or delivers a message: it adds missing fields, an empty line and a
# line end, cuts header lines at a NUL, makes a blank of a bare CR in a field, ends lines at a bare LF.
CHANGED = {"no-date", "no-header", "text-at-once", "empty", "header-then-text", "no-end-of-line", "unix-from", "nul",
           "bare-cr", "bare-lf"}


@pytest.mark.parametrize("client", [OUTSIDE, None], ids=["outside", "local"])
@pytest.mark.parametrize("name", MESSAGES)
def test_bytes(world, name, client):
    answer = world.postfix.send(world.port, "a@example.com", ["b@example.org"], MESSAGES[name], client=client,
                                mail_args="BODY=8BITMIME")
    assert answer.code == 250, answer
    _, seen = world.delivered_as_seen()
    if name == "no-body":
        seen = seen.removesuffix(b"\r\n")
    assert (seen == MESSAGES[name]) == (name not in CHANGED), seen[:500]


def test_envelope(world):
    answer = world.postfix.send(world.port, "a@example.com", ["b@example.org", "c@example.net"], MESSAGES["plain"],
                                mail_args="SIZE=100 BODY=8BITMIME", client=OUTSIDE, login="alice", helo="x.example")
    assert answer.code == 250, answer
    number, _ = world.delivered_as_seen()
    queue_id = answer.text.split()[-1]
    assert world.echo.envelope(number) == [
        "client=192.0.2.1", "name=mail.example.net", "helo=x.example", "login=alice", "id=" + queue_id,
        "sender=a@example.com", "sender-args=SIZE=100 BODY=8BITMIME", "to=b@example.org", "to=c@example.net"]


def test_null_sender_and_unknown_client(world):
    answer = world.postfix.send(world.port, "", ["b@example.org"], MESSAGES["plain"],
                                client=("IPV6:2001:db8::1", "[UNAVAILABLE]"))
    assert answer.code == 250, answer
    number, _ = world.delivered_as_seen()
    lines = world.echo.envelope(number)
    assert lines[0] == "client=2001:db8::1" and lines[2].startswith("id=") and "sender=" in lines


def test_sendmail(world):
    world.postfix.sendmail("a@example.com", ["b@example.org"], MESSAGES["eight-bit"])
    number, _ = world.delivered_as_seen()
    lines = world.echo.envelope(number)
    assert "sender=a@example.com" in lines and "to=b@example.org" in lines
    assert not any(line.startswith("login=") for line in lines)


def test_refused_recipient_is_not_shown(world):
    with world.postfix.connect(world.port) as smtp:
        smtp.docmd("MAIL", "FROM:<a@example.com>")
        assert smtp.docmd("RCPT", "TO:<@@@>")[0] >= 500
        answer = world.postfix.send_on(smtp, "a@example.com", ["b@example.org"], MESSAGES["plain"])
        assert answer.code >= 500    # nested MAIL
        answer = world.postfix.send_on(smtp, "a@example.com", ["b@example.org"], MESSAGES["plain"])
        assert answer.code == 250, answer
    number, _ = world.delivered_as_seen()
    assert [line for line in world.echo.envelope(number) if line.startswith("to=")] == ["to=b@example.org"]


def test_several_in_one_session(world):
    smtp = world.postfix.connect(world.port, client=OUTSIDE)
    for i in range(5):
        smtp.docmd("MAIL", "FROM:<old%d@example.com>" % i)
        smtp.docmd("RCPT", "TO:<old@example.org>")
        smtp.docmd("RSET")
        answer = world.postfix.send_on(smtp, "a%d@example.com" % i, ["b%d@example.org" % i], MESSAGES["plain"])
        assert answer.code == 250, answer
        number, _ = world.delivered_as_seen()
        lines = world.echo.envelope(number)
        assert "sender=a%d@example.com" % i in lines and "to=b%d@example.org" % i in lines
        assert not any("old" in line for line in lines)
    smtp.ehlo()
    assert world.postfix.send_on(smtp, "z@example.com", ["b@example.org"], MESSAGES["plain"]).code == 250
    world.delivered_as_seen()
    smtp.quit()


@pytest.mark.parametrize("reply", ["550 5.7.1 Not 100% sure: %s %d %% %", "451 4.7.1 Later (1/2), \"quoted\" <x>",
                                   "554 5.6.0 " + "long " * 70])
def test_reply_verbatim(world, reply):
    answer = world.postfix.send(world.port, "a@example.com", ["b@example.org"],
                                HEAD + b"X-Echo: " + reply.encode() + b"\r\n\r\nbody\r\n")
    assert "%d %s" % (answer.code, answer.text) == reply.strip()
    assert world.postfix.settle() and not world.postfix.delivered(1, secs=.3)


def test_discard(world):
    answer = world.postfix.send(world.port, "a@example.com", ["b@example.org"],
                                HEAD + b"X-Echo: discard\r\n\r\nbody\r\n")
    assert answer.code == 250, answer
    assert world.postfix.settle() and not world.postfix.delivered(1, secs=.5)


def test_edits(world):
    message = HEAD + b"Subject: old\r\nX-Old: 1\r\nX-Keep: k\r\nX-Old: 2\r\nX-Old: 3\r\nX-Echo: edit\r\n\r\nbody\r\n"
    answer = world.postfix.send(world.port, "a@example.com", ["b@example.org"], message, client=OUTSIDE)
    assert answer.code == 250, answer
    mail, = world.postfix.delivered(1)
    seen, received, new, rest = re.fullmatch(rb"(X-Seen: \d+\r\n)(Received: .*?\r\n)(X-New: [^\r]*\r\n)(From: .*)",
                                             mail.data, re.S).groups()
    assert new == b"X-New: after Received\r\n"
    assert rest == HEAD + (b"Subject: changed\r\n\tand folded\r\nX-Keep: k\r\nX-Old: 3\r\nX-Echo: edit\r\n\r\nbody\r\n")


def test_hang_up_while_waiting(world):
    """The SMTP client goes away: Postfix waits for the milter all the same, the milter must not lose track."""
    smtp = world.postfix.connect(world.port)
    smtp.docmd("MAIL", "FROM:<a@example.com>")
    smtp.docmd("RCPT", "TO:<b@example.org>")
    before = world.echo.count()
    smtp.docmd("DATA")
    smtp.send(HEAD + b"\r\nhalf a mess")
    smtp.close()
    assert world.postfix.send(world.port, "a@example.com", ["b@example.org"], MESSAGES["plain"]).code == 250
    assert world.delivered_as_seen()[0] == before + 1


def test_killed_while_waiting(world):
    answers = []

    def send():
        answers.append(world.postfix.send(world.port, "a@example.com", ["b@example.org"],
                                          HEAD + b"X-Echo: wait\r\n\r\nbody\r\n"))
    thread = threading.Thread(target=send)
    before = world.echo.count()
    thread.start()
    assert world.echo.wait_count(before + 1) == before + 1
    world.echo.end(kill=True)
    thread.join(60)
    assert [answer.code for answer in answers] == [451]
    answer = world.postfix.send(world.port, "a@example.com", ["b@example.org"], MESSAGES["plain"])
    assert answer.code == 451, answer
    world.start_echo()    # the socket that was left behind does not hinder
    assert world.postfix.send(world.port, "a@example.com", ["b@example.org"], MESSAGES["plain"]).code == 250
    world.delivered_as_seen()


def test_killed_in_the_middle(world):
    smtp = world.postfix.connect(world.port)
    smtp.docmd("MAIL", "FROM:<a@example.com>")
    smtp.docmd("RCPT", "TO:<b@example.org>")
    smtp.docmd("DATA")
    smtp.send(HEAD + b"\r\nhalf")
    world.echo.end(kill=True)
    smtp.send(b" a message\r\n.\r\n")
    assert smtp.getreply()[0] == 451
    smtp.close()
    world.start_echo()
    assert world.postfix.send(world.port, "a@example.com", ["b@example.org"], MESSAGES["plain"]).code == 250
    world.delivered_as_seen()
