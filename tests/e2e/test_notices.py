# SPDX-License-Identifier: Apache-2.0
"""What people are told of mail that waits, behind a real Postfix, and what an answer to it does."""
import email
import email.policy
import json
import os
import re
import time

import samples
import stack
from postfix import Postfix
from site_of_tests import OURS, THEIRS, Site
from stores import Sqlite

COLLEAGUE, HIDDEN, GONE = "jiro@ours.example", "secret@theirs.example", "gone@theirs.example"
LINK = re.compile(r"^https://mail\.ours\.example/t/([0-9a-z]{26})$", re.M)
WAIT = "outbound when to external then hold for 10m, notify recipient\n"


class Telling(Site):
    """A site whose clerk sends to the release listener; all mail, notices too, ends in the sink."""

    def __init__(self, folder, policy, refused="", **settings):
        os.chmod(folder, 0o755)
        self.postfix = Postfix()
        refuse = "check_recipient_access inline:{{%s=550 5.1.1 no such user}}, permit" % (refused or "nobody@example.org")
        self.listener = self.postfix.add_smtpd(["unix:%s/sockets/release" % folder],
                                               {"smtpd_recipient_restrictions": refuse})
        settings = {"notice__language": "en", "notice__reply": "stop@ours.example",
                    "web__url": "https://mail.ours.example", "site__time_zone": "Asia/Tokyo",
                    "hold__admins": "admin@ours.example", **settings}
        self.gate = stack.Stack(folder, policy, hold__release="inet:127.0.0.1:%d" % self.listener, **settings)
        self.rows = Sqlite(folder)
        self.mails = []

    def __enter__(self):
        self.gate.command("key", "init", "-c", self.gate.config)
        return super().__enter__()

    def wait_for(self, recipient, secs=20):
        """The next mail to RECIPIENT, whenever it came."""
        end = time.time() + secs
        while True:
            for mail in self.mails:
                if mail.recipients == [recipient]:
                    self.mails.remove(mail)
                    return mail
            assert time.time() < end, (recipient, self.mails, self.gate.log())
            self.mails += self.postfix.delivered(1, .5)

    def notice(self, recipient):
        mail = self.wait_for(recipient)
        assert mail.sender == "" and max(mail.data) < 0x80 and b"X-Sekisho-Release" not in mail.data
        message = email.message_from_bytes(mail.data, policy=email.policy.SMTP)
        assert message["Auto-Submitted"].startswith("auto-") and not message.defects
        assert [message[name].addresses[0].addr_spec for name in ("To", "From")] == [recipient, "sekisho@ours.example"]
        return message

    def nothing_else(self):
        """Once all jobs that are due are done and all mail is on its way."""
        due = "SELECT count(*) FROM job WHERE kind IN ('notice', 'notice.tell', 'hold.reply')"
        self.gate.wait_for(lambda: self.rows.run("keep", due) == [(0,)], 20, "jobs are left")
        assert self.postfix.settle()
        self.mails += self.postfix.sink.take(0, 0)
        return not self.mails

    def states(self):
        return self.rows.run("keep", "SELECT direction, state FROM held_copy ORDER BY message, nr")

    def answer(self, to, data, sender=THEIRS):
        return self.postfix.send(self.inbound, sender, [to], data)


def text_of(message):
    return message.get_body(("plain",)).get_content().replace("\r\n", "\n")


def mail(to, *, sender=OURS, subject="the plan", attachments=()):
    return samples.message(sender, to, subject, attachments)


def reply_address(notice):
    address = notice["Reply-To"].addresses[0].addr_spec
    assert re.fullmatch(r"stop\+[0-9a-z]{26}@ours\.example", address)
    return address


# Whatever mail programs make of an answer.
ANSWERS = {
    "plain": b"Subject: Re: Waiting to be sent\r\n\r\n\xe5\x81\x9c\xe6\xad\xa2\r\n",
    "quoted": b"Subject: RE: x\r\n\r\n> The mail below will be sent\r\n> Answering stops it\r\n",
    "html": b"Subject: Re: x\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>stop</p>\r\n",
    "nothing": b"\r\n",
}


def test_the_sender_is_told_once_and_stops_by_answering(own_folder):
    with Telling(own_folder, WAIT) as s:
        for number, (name, answer) in enumerate(ANSWERS.items(), 1):
            data = mail([THEIRS])
            assert s.submit(data, [THEIRS, HIDDEN]).code == 250, s.gate.log()
            told = s.notice(OURS)
            assert told["Subject"] == 'Waiting to be sent: "the plan"'
            assert told["References"] == told["In-Reply-To"] == email.message_from_bytes(data)["Message-ID"]
            text = text_of(told)
            assert re.match(r"The mail below will be sent at \d+:\d\d JST on \w+ \d+ \w+ \(in about 10 minutes\)", text), text
            assert THEIRS in text and HIDDEN in text and len(LINK.findall(text)) == 1
            assert s.nothing_else(), name
            # From any address: only the token counts. In capitals, since some programs do that.
            to = reply_address(told)
            assert s.answer(to.upper() if name == "plain" else to, answer).code == 250
            done = s.notice(OURS)
            assert text_of(done).startswith("It is stopped.") and THEIRS in text_of(done), name
            assert s.nothing_else(), name
            assert s.states() == [("outbound", "stopped")] * number, name


def test_programs_that_answer_stop_nothing(own_folder):
    with Telling(own_folder, WAIT) as s:
        assert s.submit(mail([THEIRS])).code == 250
        to = reply_address(s.notice(OURS))
        away = b"Auto-Submitted: auto-replied\r\nSubject: Out of office\r\n\r\nback on Monday\r\n"
        assert s.answer(to, away).code == 250
        assert s.answer(to, b"Subject: Undelivered\r\n\r\n", sender="").code == 250
        # Nor does a token that is none; there is no answer to it either.
        assert s.answer("stop+00000000000000000000000000@ours.example", ANSWERS["plain"]).code == 250
        assert s.nothing_else()
        assert s.states() == [("outbound", "waiting")]


def test_a_colleague_stops_what_leaves_and_learns_of_nobody_hidden(own_folder):
    with Telling(own_folder, WAIT) as s:
        assert s.submit(mail([THEIRS, COLLEAGUE]), [THEIRS, COLLEAGUE, HIDDEN]).code == 250
        s.notice(OURS)
        first, second = s.wait_for(COLLEAGUE), s.wait_for(COLLEAGUE)
        told, copy = (first, second) if first.sender == "" else (second, first)
        assert copy.sender == OURS and told.sender == ""
        told = email.message_from_bytes(told.data, policy=email.policy.SMTP)
        assert THEIRS in text_of(told) and HIDDEN not in told.as_string()
        assert s.answer(reply_address(told), ANSWERS["plain"], sender=COLLEAGUE).code == 250
        assert HIDDEN not in text_of(s.notice(COLLEAGUE))
        stopped = text_of(s.notice(OURS))
        assert stopped.startswith("Your mail was stopped.") and COLLEAGUE in stopped and HIDDEN in stopped
        assert s.nothing_else()


def test_too_late_says_so(own_folder):
    with Telling(own_folder, "outbound when to external then hold for 2s, notify sender\n") as s:
        assert s.submit(mail([THEIRS])).code == 250
        to = reply_address(s.notice(OURS))
        assert s.wait_for(THEIRS).sender == OURS
        s.gate.wait_for(lambda: s.states() == [("outbound", "sent")], 10, "not settled")
        assert s.answer(to, ANSWERS["plain"]).code == 250
        late = s.notice(OURS)
        assert text_of(late).startswith("It was too late.") and late["Subject"] == 'Not stopped: "the plan"'
        assert s.nothing_else()


def test_recipients_are_told_as_they_chose(own_folder):
    policy = "inbound when attach.encrypted then hold for password\n"
    with Telling(own_folder, policy) as s:
        s.rows.run("keep", "INSERT INTO hold_person (address, hold_s, tell, language, away_from_us, away_until_us)"
                           " VALUES ($1, 0, $2, '', 0, 0)", [(COLLEAGUE, "digest"), ("never@ours.example", "never")])
        data = mail([OURS], sender=THEIRS, attachments=[("a.zip", samples.encrypted_zip())])
        assert s.receive(data, [OURS, COLLEAGUE, "never@ours.example"]).code == 250
        text = text_of(s.notice(OURS))
        assert text.startswith("A mail to you is held.") and THEIRS in text and "a.zip" in text
        assert "a ZIP archive that needs a password" in text and len(LINK.findall(text)) == 1
        assert COLLEAGUE not in text and "never@" not in text
        assert s.nothing_else()
        # Tomorrow morning.
        s.gate.stop()
        s.rows.run("keep", "UPDATE job SET payload = '1000000', claim_us = 1000000 WHERE id = 'notice.digest'")
        s.gate.start()
        listed = s.notice(COLLEAGUE)
        assert listed["Subject"] == "List of held mail" and "the plan" in text_of(listed)
        assert text_of(listed).startswith("Mails to you that are held: 1.") and len(LINK.findall(text_of(listed))) == 1
        assert s.nothing_else()


def test_a_refused_recipient_is_reported(own_folder):
    with Telling(own_folder, "outbound when to external then hold for 1s\n", refused=GONE) as s:
        assert s.submit(mail([THEIRS, GONE]), [THEIRS, GONE]).code == 250
        assert s.wait_for(THEIRS).sender == OURS
        report = s.notice(OURS)
        assert report.get_content_type() == "multipart/report" and report.get_param("report-type") == "delivery-status"
        text, status, original = report.iter_parts()
        assert GONE in text.get_content() and THEIRS not in text.get_content()
        whole, refused = status.get_payload()
        assert whole["Reporting-MTA"].startswith("dns; ") and refused["Action"] == "failed"
        assert refused["Final-Recipient"] == "rfc822;" + GONE and refused["Status"].startswith("5.")
        assert original.get_content_type() == "text/rfc822-headers" and "the plan" in original.get_payload()
        assert s.nothing_else()
        # The content was kept for the report only.
        assert s.rows.run("keep", "SELECT count(*) FROM blob") == [(0,)]


def test_all_refused_is_reported_with_the_whole_mail(own_folder):
    with Telling(own_folder, "outbound when to external then hold for 1s\n", refused=GONE) as s:
        data = mail([GONE], attachments=[("a.txt", b"text\n")])
        assert s.postfix.send(s.outbound, OURS, [GONE], data, "RET=FULL ENVID=abc", login="hanako").code == 250
        report = s.notice(OURS)
        text, status, original = report.iter_parts()
        assert status.get_payload()[0]["Original-Envelope-Id"] == "abc"
        assert original.get_content_type() == "message/rfc822" and original.get_payload(0).as_bytes().endswith(data)
        assert s.nothing_else() and s.states() == [("outbound", "returned")]


def test_what_comes_back_comes_back_whole(own_folder):
    with Telling(own_folder, "outbound when to external then hold for approval\n") as s:
        data = samples.japanese_message(OURS, [THEIRS]).replace(b"ISO-2022-JP", b"x").replace(b"7bit", b"8bit")
        data += "8 bits: 髙橋\r\n".encode() + b"x" * 990 + b"\r\n"
        assert s.submit(data).code == 250
        assert text_of(s.notice(OURS)).startswith("The mail below has not been sent. It waits for approval.")
        asked = s.notice("admin@ours.example")
        number = re.search(r"^Number: (\S+)$", text_of(asked), re.M).group(1)
        s.gate.command("hold", "return", "-c", s.gate.config, "--reason", "値段が違います", number)
        back = s.notice(OURS)
        text, original = back.iter_parts()
        assert "Reason: 「値段が違います」" in text.get_content() or 'Reason: "値段が違います"' in text.get_content()
        # As a file, since 8-bit text would be changed on its way.
        assert (original.get_filename(), original.get_content_type()) == ("original.eml", "application/octet-stream")
        assert original.get_content().endswith(data)
        assert s.nothing_else()


def test_recipients_learn_of_what_expired(own_folder):
    with Telling(own_folder, "inbound when from external then hold for review by recipient\n") as s:
        assert s.receive(mail([OURS], sender=THEIRS)).code == 250
        assert "the plan" in text_of(s.notice(OURS))
        # Two weeks later.
        s.gate.stop()
        s.rows.run("keep", "UPDATE held_copy SET expires_us = 1000000")
        s.rows.run("keep", "UPDATE job SET claim_us = 0 WHERE kind = 'hold.tend'")
        s.gate.start()
        told = s.notice(OURS)
        assert told["Subject"] == 'Not delivered: "the plan"' and THEIRS in text_of(told)
        assert s.nothing_else() and s.states() == [("inbound", "expired")]


def test_notices_are_never_held(own_folder):
    with Telling(own_folder, "any when from internal or from external then hold for review by admin\n") as s:
        assert s.submit(mail([COLLEAGUE]), [COLLEAGUE]).code == 250
        assert text_of(s.notice(OURS)).startswith("The mail below has not been sent.")
        assert "sekisho hold release" in text_of(s.notice("admin@ours.example"))
        assert s.receive(mail([OURS], sender=THEIRS)).code == 250
        s.notice("admin@ours.example")
        assert text_of(s.notice(OURS)).startswith("A mail to you is held.")
        assert s.nothing_else()
        assert {state for _, state in s.states()} == {"waiting"}


def test_japanese_and_english_in_one(own_folder):
    with Telling(own_folder, WAIT, notice__language="both") as s:
        assert s.submit(mail([THEIRS], subject="見積書の件")).code == 250
        told = s.notice(OURS)
        assert told["Subject"] == "送信待ち / Waiting to be sent「見積書の件」"
        first, second = text_of(told).splitlines()[:2]
        assert re.fullmatch(r"次のメールを\d+月\d+日\(.\) \d+:\d\d（あと約10分）に送信します。それまでは止められます。", first)
        assert second.startswith("The mail below will be sent at ")


def test_the_original_of_a_stripped_mail(own_folder):
    """The recipient has the text already, and is told so."""
    with Telling(own_folder, "inbound when attach.encrypted then strip\n") as s:
        data = mail([OURS], sender=THEIRS, attachments=[("a.zip", samples.encrypted_zip())])
        assert s.receive(data).code == 250
        came, told = sorted((s.wait_for(OURS), s.wait_for(OURS)), key=lambda one: one.sender == "")
        assert b"UEsDB" not in came.data and b"removed.txt" in came.data
        text = text_of(email.message_from_bytes(told.data, policy=email.policy.SMTP))
        assert text.startswith("A mail to you is delivered without some of its attachments."), text
        kept, = [json.loads(line) for line in s.gate.command("hold", "list", "--json", "-c", s.gate.config).splitlines()]
        assert kept["original"] and kept["variant"] == "whole"
        assert ", the original with all parts\n" in s.gate.command("hold", "list", "-c", s.gate.config)
