# SPDX-License-Identifier: Apache-2.0
"""Replies within a day to the same people, behind a real Postfix (thread.fresh): they need not wait as long as other mail."""
import re
import zlib

import samples
from site_of_tests import OURS, THEIRS
from test_hold import COLLEAGUE, OTHER, Holding

WAIT = "outbound when not thread.fresh then hold for confirm\n"


def reply(to, answered, subject="Re: the plan"):
    fields = "In-Reply-To: %s\r\nReferences: <older@x.example> %s\r\n" % (answered, answered)
    return b"Message-ID: <%d@ours.example>\r\n" % zlib.crc32(repr((to, answered)).encode()) + fields.encode() + samples.message(OURS, to, subject)


def letter(site, message_id, to=OURS):
    data = b"Message-ID: %s\r\n" % message_id.encode() + samples.message(THEIRS, [to], "the plan")
    assert site.receive(data).code == 250
    site.postfix.delivered(1)
    site.gate.wait_for(lambda: site.rows.run("know", "SELECT count(*) FROM conversation")[0][0] > 0, 5, "nothing is learned")


def test_a_reply_to_the_same_people_goes_at_once(own_folder):
    with Holding(own_folder, WAIT) as s:
        letter(s, "<q1@theirs.example>")
        assert s.submit(reply([THEIRS], "<q1@theirs.example>"), [THEIRS]).code == 250
        came, = s.postfix.delivered(1)
        assert came.recipients == [THEIRS] and s.copies() == []
        assert "thread.fresh" in s.gate.log()


def test_other_mail_waits(own_folder):
    """One more recipient, a letter nobody wrote, and no reply at all."""
    with Holding(own_folder, WAIT) as s:
        letter(s, "<q1@theirs.example>")
        assert s.submit(reply([THEIRS, OTHER], "<q1@theirs.example>"), [THEIRS, OTHER]).code == 250
        assert s.submit(reply([THEIRS], "<invented@theirs.example>", "another plan"), [THEIRS]).code == 250
        assert s.submit(samples.message(OURS, [THEIRS], "the plan"), [THEIRS]).code == 250
        assert s.nothing_comes()
        assert [row[1] for row in s.copies()] == ["waiting"] * 3


def test_who_was_on_a_released_mail_may_be_answered(own_folder):
    """Our own mail begins a conversation when it leaves, not while it waits."""
    with Holding(own_folder, "outbound when not thread.fresh then hold for 2s\n") as s:
        first = b"Message-ID: <first@ours.example>\r\n" + samples.message(OURS, [THEIRS], "the plan")
        assert s.submit(first, [THEIRS]).code == 250
        assert s.rows.run("know", "SELECT count(*) FROM conversation")[0][0] == 0
        s.postfix.delivered(1)
        s.gate.wait_for(lambda: s.rows.run("know", "SELECT count(*) FROM conversation")[0][0] == 1, 5, "nothing is learned")
        assert s.submit(reply([THEIRS], "<first@ours.example>"), [THEIRS]).code == 250
        s.postfix.delivered(1)
        assert [row[1] for row in s.copies()] == ["sent"]


def test_the_table_names_nobody(own_folder):
    with Holding(own_folder, WAIT) as s:
        letter(s, "<q1@theirs.example>")
        row, = s.rows.run("know", "SELECT id, people FROM conversation")
        assert all(THEIRS.encode() not in bytes(cell) and b"q1@" not in bytes(cell) for cell in row)


def test_what_cannot_be_looked_up_is_said(own_folder):
    """Without the site's key nobody knows any conversation."""
    policy = 'outbound when thread.temperror then reject "cannot look"\n'
    with Holding(own_folder, policy, keys=False) as s:
        answer = s.submit(reply([THEIRS], "<q1@theirs.example>"), [THEIRS])
        assert answer.code == 550 and "cannot look" in answer.text
        assert re.search(r"findings=\S*thread.temperror", s.gate.log())
        assert s.submit(samples.message(OURS, [THEIRS], "no reply"), [THEIRS]).code == 250


def test_mail_inside_is_not_looked_up(own_folder):
    with Holding(own_folder, "internal when not thread.fresh then mark \"INSIDE\"\n") as s:
        assert s.submit(samples.message(OURS, [COLLEAGUE], "the plan"), [COLLEAGUE]).code == 250
        came, = s.postfix.delivered(1)
        assert b"Subject: [INSIDE] the plan" in came.data
