# SPDX-License-Identifier: Apache-2.0
"""The ways mail takes: origins and directions, several recipients, marks, TCP, many at once, a graceful stop."""
import email
import email.header
import email.policy
import json
import os
import re
import signal
import socket
import struct
import threading
import time

import pytest

import samples
import stack
from postfix import free_port
from site_of_tests import OURS, POLICY, THEIRS, Site, ident_of, without_added

RULES = """\
inbound when attach.any then mark "外部"
outbound when attach.encrypted and to "@strict.example" then reject "not to them"
outbound when attach.danger then reject
internal when attach.encrypted then reject "not even here"
forward when to external then reject "mailbox rules stay inside"
"""
SECRET = ("a.zip", samples.encrypted_zip())
PLAIN = ("a.zip", samples.plain_zip())


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ways")
    for parent in list(folder.parents)[:3]:
        if str(parent).startswith("/tmp/"):
            os.chmod(parent, 0o755)
    with Site(folder, RULES) as s:
        yield s


def ident_in(answer):
    return re.search(r"\[([0-9a-z]{20})\]", answer.text)[1]


def directions(passage):
    return {r["address"]: r["direction"] for r in passage["recipients"]}


def shown_subject(data):
    """As a mail program shows it: decoded by Python, which is nobody of ours."""
    message = email.message_from_bytes(data)
    return " ".join(str(email.header.make_header(email.header.decode_header(message["Subject"]))).split())


def test_different_decisions_refuse_all_and_name_whom(site):
    answer = site.submit(samples.message(OURS, [THEIRS], "x", [SECRET]), [THEIRS, "a@strict.example", "b@strict.example"])
    assert answer.code == 550 and "not to them (a.zip) for a@strict.example, b@strict.example [" in answer.text
    passage = site.gate.passage(ident_in(answer))
    assert [(r["address"], r["decision"]["fate"]) for r in passage["recipients"]] == [
        (THEIRS, "deliver"), ("a@strict.example", "reject"), ("b@strict.example", "reject")]
    assert site.postfix.settle() and not site.postfix.sink.take(0, 0)


def test_internal_mail_on_submission(site):
    answer = site.submit(samples.message(OURS, [THEIRS], "x", [SECRET]), [THEIRS, "ichiro@ours.example"])
    assert answer.code == 550 and "not even here" in answer.text and "for ichiro@ours.example [" in answer.text
    assert directions(site.gate.passage(ident_in(answer))) == {THEIRS: "outbound", "ichiro@ours.example": "internal"}


def test_forward_socket(site):
    mail = samples.message(THEIRS, [OURS], "x")
    answer = site.postfix.send(site.forward, THEIRS, ["me@elsewhere.example"], mail)
    assert answer.code == 550 and "mailbox rules stay inside" in answer.text
    passage = site.gate.passage(ident_in(answer))
    assert passage["origin"] == "forward" and directions(passage) == {"me@elsewhere.example": "forward"}
    assert site.postfix.send(site.forward, THEIRS, [OURS], mail).code == 250
    site.postfix.delivered(1)


@pytest.mark.parametrize("subject", [
    b"minutes", b"=?utf-8?B?6K2w5LqL6Yyy?=", b"=?iso-2022-jp?B?GyRCNUQ7dk8/GyhC?=\r\n =?iso-2022-jp?B?GyRCNUQ7dk8/GyhC?=",
    b"folded\r\n  twice\r\n\tover"])
def test_mark_in_japanese(site, subject):
    data = re.sub(rb"Subject: x\r\n", b"Subject: %s\r\n" % subject, samples.message(THEIRS, [OURS], "x", [PLAIN]))
    assert site.receive(data).code == 250
    mail, = site.postfix.delivered(1)
    before, after = shown_subject(data), shown_subject(mail.data)
    assert after == "[外部] " + before
    assert all(byte < 128 for byte in mail.data.split(b"\r\n\r\n")[0])
    assert without_added(re.sub(rb"=\?UTF-8\?B\?[^ ]*\?= ", b"", mail.data, 1)) == data


def test_no_subject_gets_one(site):
    data = re.sub(rb"Subject: x\r\n", b"", samples.message(THEIRS, [OURS], "x", [PLAIN]))
    assert site.receive(data).code == 250
    mail, = site.postfix.delivered(1)
    assert shown_subject(mail.data) == "[外部]"


def test_signed_mail_keeps_its_subject(site):
    inner = samples.message(THEIRS, [OURS], "x", [PLAIN])
    head, body = inner.split(b"MIME-Version", 1)
    data = head + (b"MIME-Version: 1.0\r\nContent-Type: multipart/signed; boundary=s; micalg=sha-256;\r\n"
                   b" protocol=\"application/pkcs7-signature\"\r\n\r\n--s\r\nMIME-Version") + body + (
                       b"\r\n--s\r\nContent-Type: application/pkcs7-signature; name=smime.p7s\r\n"
                       b"Content-Transfer-Encoding: base64\r\n\r\nMAA=\r\n--s--\r\n")
    assert site.receive(data).code == 250
    mail, = site.postfix.delivered(1)
    assert shown_subject(mail.data) == "x" and re.search(rb"^X-Sekisho-Mark: =\?UTF-8\?B\?", mail.data, re.M)


def test_forged_fields_in_any_spelling(site):
    data = (b"X-Sekisho: id=0; forged\r\nX-SEKISHO-MARK: forged\r\nx-sekisho-release: forged\r\nX-Sekisho : forged\r\n"
            + samples.message(THEIRS, [OURS], "x"))
    assert site.receive(data).code == 250
    mail, = site.postfix.delivered(1)
    assert b"forged" not in mail.data


def test_many_recipients(site):
    recipients = ["user%d@ours.example" % i for i in range(900)]
    answer = site.receive(samples.message(THEIRS, [OURS], "x", [PLAIN]), recipients)
    assert answer.code == 250
    mails = site.postfix.delivered(900 // 50)
    assert sorted(r for m in mails for r in m.recipients) == sorted(recipients)
    assert len(site.gate.passage(ident_of(mails[0].data))["recipients"]) == 900


def test_eight_bit_addresses(site):
    """Postfix takes them with SMTPUTF8; the record and the answer stay readable."""
    smtp = site.postfix.connect(site.outbound)
    assert smtp.docmd("MAIL", "FROM:<%s> SMTPUTF8" % OURS)[0] == 250
    smtp.command_encoding = "utf-8"
    assert smtp.docmd("RCPT", "TO:<太郎@strict.example>")[0] == 250
    assert smtp.docmd("DATA")[0] == 354
    smtp.send(samples.message(OURS, [THEIRS], "x", [SECRET]) + b"\r\n.\r\n")
    code, text = smtp.getreply()
    smtp.close()
    assert code == 550 and text.isascii()
    ident = re.search(rb"\[([0-9a-z]{20})\]", text)[1].decode()
    assert directions(site.gate.passage(ident)) == {"太郎@strict.example": "outbound"}


def test_tcp(own_folder):
    """Over TCP each packet without an answer would wait 40 ms for the acknowledgement of the one before."""
    with Site(own_folder, POLICY, gate__inbound="inet:127.0.0.1:%d" % free_port()) as s:
        smtp = s.postfix.connect(s.inbound)
        began = time.monotonic()
        for i in range(20):
            assert s.postfix.send_on(smtp, THEIRS, [OURS], samples.message(THEIRS, [OURS], str(i))).code == 250
        assert time.monotonic() - began < 20 * .12
        assert s.postfix.send_on(smtp, THEIRS, [OURS], samples.message(THEIRS, [OURS], "x", [SECRET])).code == 550
        smtp.quit()
        assert len(s.postfix.delivered(20)) == 20


def list_passages(site):
    out = site.gate.command("passage", "list", "-c", site.gate.config, "--json", "-n", "100000")
    return [json.loads(line) for line in out.splitlines()]


def test_stop_lets_messages_finish(own_folder):
    """SIGTERM in the middle of a message: it is judged, answered and recorded; an idle session holds nothing up."""
    with Site(own_folder, POLICY) as s:
        idle, busy = s.postfix.connect(s.inbound), s.postfix.connect(s.inbound)
        assert s.postfix.send_on(idle, THEIRS, [OURS], samples.message(THEIRS, [OURS], "before")).code == 250
        busy.docmd("MAIL", "FROM:<%s>" % THEIRS)
        busy.docmd("RCPT", "TO:<%s>" % OURS)
        assert busy.docmd("DATA")[0] == 354
        busy.send(b"Subject: during\r\n\r\nhalf of it\r\n")
        began = time.monotonic()
        s.gate.process.send_signal(signal.SIGTERM)
        s.gate.wait_for_log("info: stopping")
        busy.send(b"the other half\r\n.\r\n")
        assert busy.getreply()[0] == 250
        # Nobody takes new conversations any more: Postfix has the client come again.
        s.gate.process.wait(20)
        assert time.monotonic() - began < 15
        assert s.postfix.send_on(idle, THEIRS, [OURS], samples.message(THEIRS, [OURS], "after")).code == 451
        assert len(s.postfix.delivered(2)) == 2
        assert sorted(p["subject"] for p in list_passages(s)) == ["before", "during"]
        for smtp in (idle, busy):
            smtp.close()


def test_many_sessions_at_once(own_folder):
    """64 sessions of mixed mail, with reloads meanwhile: each message has exactly one answer, the right one, and the ledger has all."""
    kinds = [(samples.message(THEIRS, [OURS], "plain"), 250), (samples.message(THEIRS, [OURS], "zip", [PLAIN]), 250),
             (samples.message(THEIRS, [OURS], "secret", [SECRET]), 550),
             (samples.message(THEIRS, [OURS], "large", [("noise.bin", os.urandom(5 << 20))]), 250)]
    answers, errors = [], []

    def work(s, number):
        try:
            smtp = s.postfix.connect(s.inbound if number % 2 else s.outbound)
            for i in range(5):
                data, code = kinds[3 if i == 4 and number % 8 == 0 else (number + i) % 3]
                answers.append((s.postfix.send_on(smtp, THEIRS, [OURS], data), code))
            smtp.quit()
        except OSError as trouble:
            errors.append(trouble)

    with Site(own_folder, POLICY, gate__inspector_wait="120s") as s:  # for machines that are busy with other things
        threads = [threading.Thread(target=work, args=(s, n)) for n in range(64)]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            s.gate.process.send_signal(signal.SIGHUP)
            time.sleep(.2)
        assert not errors and len(answers) == 64 * 5
        wrong = [(answer, code) for answer, code in answers if answer.code != code]
        assert not wrong, wrong[:3]
        accepted = sum(code == 250 for _, code in answers)
        mails = s.postfix.delivered(accepted, 120)
        assert len(mails) == accepted
        delivered = {ident_of(mail.data) for mail in mails}
        refused = {ident_in(answer) for answer, code in answers if code == 550}
        assert len(delivered) == accepted and len(refused) == len(answers) - accepted
        s.gate.stop()
        passages = list_passages(s)
        assert {p["id"] for p in passages if p["fate"] == "deliver"} == delivered
        assert {p["id"] for p in passages if p["fate"] == "reject"} == refused
        assert len(passages) == len(answers)


def packet(command, data=b""):
    return struct.pack(">I", len(data) + 1) + command + data


def conversation(path):
    """A milter connection as Postfix would have it, negotiated, no message yet."""
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(60)
    s.connect(path)
    s.sendall(packet(b"O", struct.pack(">III", 6, 0x1ff, 0x1fffff)) + packet(b"C", b"mx.example\0" b"4\0\x19192.0.2.1\0"))
    return s


def answers_of(s, last=b"arty"):
    """The letters of what is answered, up to one that ends a message."""
    said, stream = b"", s.makefile("rb")
    while not said or said[-1:] not in last:
        size, = struct.unpack(">I", stream.read(4))
        said += stream.read(size)[:1]
    return said


def test_reload_keeps_the_workers(own_folder):
    """A new policy is the gate's business: the inspector's workers stay, and nobody has to wait for new ones."""
    with Site(own_folder, POLICY) as s:
        assert s.receive(samples.message(THEIRS, [OURS], "x")).code == 250
        before = sorted(s.gate.children()["sekisho-inspector"])
        s.gate.process.send_signal(signal.SIGHUP)
        s.gate.wait_for_log("settings read again")
        time.sleep(.3)
        assert sorted(s.gate.children()["sekisho-inspector"]) == before and len(before) > 1
        s.postfix.delivered(1)


def test_500_connections(own_folder):
    """More than Postfix opens by default, and more than the gate has workers: all are served, none is in another's way."""
    with stack.Stack(own_folder, POLICY) as gate:
        path = gate.endpoint("inbound").removeprefix("unix:")
        connections = [conversation(path) for _ in range(500)]
        for s in connections:
            assert answers_of(s, b"O") == b"O"
        for s in connections[::2]:  # the others stay idle
            s.sendall(packet(b"M", b"<%s>\0" % THEIRS.encode()) + packet(b"R", b"<%s>\0" % OURS.encode())
                      + packet(b"L", b"Subject\0 x\0") + packet(b"N") + packet(b"E", b"text\r\n"))
        for s in connections[::2]:
            assert answers_of(s) == b"ia"
        for s in connections:
            s.close()
        gate.stop()
        out = gate.command("passage", "list", "-c", gate.config, "--json", "-n", "1000")
        assert len(out.splitlines()) == 250
        assert "Sanitizer" not in gate.log()
