# SPDX-License-Identifier: Apache-2.0
"""Much is due at once, since nothing could leave for a while or because the clock jumped."""
import random
import re
import time

import pytest

from stores import Sqlite
from test_release import Site, message

RATE, COPIES = 5, 40
HOUR = 3600 * 10**6


def spread_due_times(rows, idents, now_us):
    """Copies were due a second apart until now, in an order that has nothing to do with that of their ids; oldest first."""
    order = random.sample(idents, len(idents))
    rows.run("keep", "UPDATE held_copy SET due_us = $2, claim_us = $2 WHERE message = $1",
             [(ident, now_us - (len(order) - i) * 10**6) for i, ident in enumerate(order)])
    return order


def released(site):
    """Ids of messages in the order in which the clerk was rid of them."""
    return re.findall(r" released .*?\bcopy=([0-9a-z]{20})-1", site.gate.log())


def assert_not_faster(sent_us):
    """No window has more than its length allows. Half a second's worth may be saved up, and what was in hand together is
    written down together: that is no more than one second's."""
    for i, begin in enumerate(sent_us):
        for n, end in enumerate(sent_us[i:], 1):
            assert n <= RATE * (end - begin) / 1e6 + 2 * RATE + 1, (i, n, end - begin)


@pytest.mark.parametrize("why", ["down-time", "jump"])
def test_overdue_copies_leave_in_order_and_in_no_flood(own_folder, why):
    """One sender, so that the order in which they are sent is the order in which they are done."""
    rows = Sqlite(own_folder)
    with Site(own_folder, hold__release_rate=RATE, hold__release_threads=1) as site:
        if why == "jump":
            site.postfix.start()
        else:
            site.gate.stop()
        idents = site.put(message(), ["taro@theirs.example"], "-t", "7200", "-n", str(COPIES + 1))
        late = idents.pop()
        order = spread_due_times(rows, idents, int(time.time() * 1e6) + HOUR)
        # An hour passes at once.
        rows.run("keep", "UPDATE held_copy SET due_us = due_us - $1, claim_us = claim_us - $1", [(HOUR,)])
        if why == "down-time":
            site.postfix.start()
            site.gate.start()
        count = "SELECT count(*) FROM held_copy WHERE state = 'sent'"
        site.gate.wait_for(lambda: rows.run("keep", count) == [(COPIES,)], 90, "not all leave")
        assert released(site) == order
        assert_not_faster([at for at, in rows.run("keep", "SELECT at_us FROM held_event WHERE what = 'sent' ORDER BY at_us")])
        assert len(site.delivered(COPIES)) == COPIES
        assert rows.run("keep", "SELECT state FROM held_copy WHERE message = $1", [(late,)]) == [("waiting",)]


def test_a_clock_that_went_back_delays_and_sends_nothing_twice(own_folder):
    """What the running clerk has to do lies an hour ahead all of a sudden, until the clock comes there."""
    rows = Sqlite(own_folder)
    shift = "UPDATE held_copy SET due_us = due_us + $1, claim_us = claim_us + $1 WHERE state = 'waiting'"
    with Site(own_folder, hold__release_rate=RATE) as site:
        site.postfix.start()
        idents = site.put(message(), ["taro@theirs.example"], "-n", str(COPIES))
        assert len(site.delivered(3)) >= 3
        rows.run("keep", shift, [(HOUR,)])
        site.gate.wait_for(lambda: rows.run("keep", "SELECT count(*) FROM held_copy WHERE state = 'releasing'") == [(0,)], 30,
                           "what was claimed does not leave")
        before = len(released(site))
        assert before < COPIES
        # A mail held now is due before them, and leaves.
        last, = site.put(message(), ["taro@theirs.example"])
        site.gate.wait_for(lambda: last in released(site), 30, "nothing leaves any more")
        assert len(released(site)) == before + 1
        rows.run("keep", shift, [(-HOUR,)])
        site.gate.wait_for(lambda: len(released(site)) > COPIES, 60, "not all leave")
        assert site.postfix.settle() and sorted(released(site)) == sorted([*idents, last])
        tries = rows.run("keep", "SELECT sum(tries), count(*) FROM held_event, held_copy WHERE what = 'sent' AND"
                         " held_event.message = held_copy.message")
        assert tries == [(0, COPIES + 1)]
