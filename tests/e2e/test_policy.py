# SPDX-License-Identifier: Apache-2.0
"""Versions of the policy with the real gate and Postfix: edited, broken, loaded, restored, compared, tried out."""
import json
import os
import re
import signal
import sqlite3
import stat
import subprocess
import time

import samples
import stack
from site_of_tests import OURS, THEIRS, Site, ident_of
from test_cli import TYPES, described

PLAIN = samples.message(THEIRS, [OURS], "minutes")
ZIPPED = samples.message(THEIRS, [OURS], "minutes", [("a.zip", samples.plain_zip())])
SECRET = samples.message(THEIRS, [OURS], "minutes", [("a.zip", samples.encrypted_zip())])

EMPTY = "# nothing\n"
NO_SECRETS = 'inbound when attach.encrypted then reject "no secrets"\n'
NO_FILES = 'inbound when attach.any then reject "no files"\n'


def policy(s, *args, status=0):
    return s.gate.command("policy", args[0], "-c", s.gate.config, *args[1:], status=status)


def refused(s, *args):
    """`sekisho policy ARGS`, which ends with trouble: what it says."""
    r = subprocess.run([stack.program("sekisho"), "policy", args[0], "-c", s.gate.config, *args[1:]],
                       capture_output=True, text=True, timeout=60)
    assert r.returncode == 2, r
    return r.stderr


def history(s):
    """Every version, the newest first."""
    return [json.loads(line) for line in policy(s, "history", "--json", "-n", "0").splitlines()]


def check_members(value, table):
    """VALUE has the members of its TABLE in doc/schemata.md, all of them, of the type that stands there."""
    assert set(value) == set(described()[table])
    for name, member in value.items():
        assert type(member) is TYPES[described()[table][name]], (name, member)


def wait_for_version(s, number):
    s.gate.wait_for_log('policy loaded version=%d ' % number)


def test_edited_file_becomes_a_version_without_a_signal(own_folder):
    with Site(own_folder, EMPTY) as s:
        smtp = s.postfix.connect(s.inbound)
        assert s.postfix.send_on(smtp, THEIRS, [OURS], SECRET).code == 250
        s.gate.write_policy(NO_SECRETS)
        wait_for_version(s, 2)
        answer = s.postfix.send_on(smtp, THEIRS, [OURS], SECRET)
        assert answer.code == 550 and "no secrets" in answer.text
        smtp.quit()
        new, old = history(s)
        check_members(new, "history")
        assert (new["version"], new["in_force"], new["rules"]) == (2, True, 1)
        assert (old["version"], old["in_force"], old["rules"]) == (1, False, 0)
        assert "sekisho-gate" in new["loaded_by"] and s.gate.policy in new["note"]
        assert "is in force, as version 2" in policy(s, "check")


def test_edited_list_becomes_a_version(own_folder):
    with Site(own_folder, EMPTY) as s:
        blocked = own_folder / "blocked"
        s.gate.write_policy('inbound when from list "blocked" then reject\n')
        s.gate.wait_for_log("policy not loaded, the old one stays in force")
        assert s.receive(PLAIN).code == 250
        blocked.write_text("# nobody yet\n")
        wait_for_version(s, 2)
        assert s.receive(PLAIN).code == 250
        blocked.write_text("@theirs.example\n")
        wait_for_version(s, 3)
        assert s.receive(PLAIN).code == 550
        assert "+@theirs.example" in policy(s, "diff", "2", "3", status=1)
        assert policy(s, "diff", "3", "file") == ""


def test_broken_file_changes_nothing(own_folder):
    with Site(own_folder, NO_SECRETS) as s:
        s.gate.write_policy("# fine\ninbound when nonsense then reject\n")
        s.gate.wait_for_log("the old one stays in force")
        assert "%s:2:14" % s.gate.policy in s.gate.log()
        assert s.receive(SECRET).code == 550
        time.sleep(3)  # said once, not with every look
        assert s.gate.log().count("the old one stays in force") == 1
        assert len(history(s)) == 1
        assert policy(s, "check", status=1) == ""
        assert "has errors" in subprocess.run([stack.program("sekisho"), "policy", "load", "-c", s.gate.config],
                                              capture_output=True, text=True).stderr
        s.gate.process.send_signal(signal.SIGHUP)
        s.gate.wait_for_log("the old one stays in force", count=2)
        s.gate.write_policy(EMPTY)
        wait_for_version(s, 2)
        assert s.receive(SECRET).code == 250


def test_gate_does_not_start_with_a_broken_file(own_folder):
    with Site(own_folder, EMPTY) as s:
        s.gate.stop()
        s.gate.write_policy("inbound when nonsense then reject\n")
        r = subprocess.run([stack.program("sekisho-gate"), "-c", s.gate.config], capture_output=True, text=True, timeout=30)
        assert r.returncode == 2 and "%s:1:14" % s.gate.policy in r.stderr and "cannot start" in r.stderr
        s.gate.write_policy(EMPTY)
        s.gate.start()
        assert [v["version"] for v in history(s)] == [1]


def test_restore_brings_back_file_lists_and_behaviour(own_folder):
    blocked = own_folder / "blocked"
    blocked.write_text("@theirs.example\n")
    with Site(own_folder, 'inbound when from list "blocked" then reject "not you"\n') as s:
        first = open(s.gate.policy).read()
        os.chown(s.gate.policy, 1, 2)
        os.chmod(s.gate.policy, 0o640)
        assert s.receive(PLAIN).code == 550
        blocked.write_text("# nobody\n")
        wait_for_version(s, 2)
        s.gate.write_policy(NO_FILES + 'inbound when from list "blocked" then reject\n')
        wait_for_version(s, 3)
        assert s.receive(PLAIN).code == 250 and s.receive(ZIPPED).code == 550
        # What the file holds just then was never in force, and is not lost either.
        s.gate.stop()
        s.gate.write_policy("# an idea\n" + NO_FILES + 'inbound when from list "blocked" then reject\n')
        said = policy(s, "restore", "1", "--note", "too many complaints")
        assert "kept as version 4" in said and "version 5 is in force" in said and "was written" in said
        assert open(s.gate.policy).read() == first and blocked.read_text() == "@theirs.example\n"
        st = os.stat(s.gate.policy)
        assert (st.st_uid, st.st_gid, stat.S_IMODE(st.st_mode)) == (1, 2, 0o640)
        s.gate.start()
        s.gate.wait_for_log("policy in force version=5")
        assert s.receive(PLAIN).code == 550
        versions = history(s)
        assert [v["version"] for v in versions] == [5, 4, 3, 2, 1]
        assert versions[0]["note"] == "version 1 restored: too many complaints" and versions[0]["in_force"]
        assert "root" in versions[0]["loaded_by"] and "never in force" in versions[1]["note"]
        assert "an idea" in policy(s, "diff", "3", "4", status=1)
        assert policy(s, "diff", "1", "5") == ""
        shown = policy(s, "history")
        assert re.search(r"^\*    5 .*too many complaints$", shown, re.M) and re.search(r"^     1 ", shown, re.M)


def test_restore_while_the_gate_runs(own_folder):
    with Site(own_folder, NO_FILES) as s:
        s.gate.write_policy(NO_SECRETS)
        wait_for_version(s, 2)
        assert s.receive(ZIPPED).code == 250
        policy(s, "restore", "1")
        wait_for_version(s, 3)
        assert s.receive(ZIPPED).code == 550
        time.sleep(3)  # its own writing of the file makes no version
        assert len(history(s)) == 3
        assert "already, as version 3" in policy(s, "restore", "1")
        assert policy(s, "restore", "99", status=1) == ""
        assert "takes the number" in refused(s, "restore", "one")


def test_load_of_another_file(own_folder):
    """It is in force at once, and stands where people look for it."""
    with Site(own_folder, EMPTY) as s:
        other = own_folder / "new" / "policy"
        other.parent.mkdir()
        other.write_text(NO_FILES)
        assert "version 2 is in force (1 rules)" in policy(s, "load", str(other), "--note", "new rules")
        wait_for_version(s, 2)
        assert s.receive(ZIPPED).code == 550
        assert open(s.gate.policy).read() == NO_FILES
        assert history(s)[0]["note"] == "new rules"
        assert "already, as version 2" in policy(s, "load")


def test_other_files_are_never_overwritten(own_folder):
    """Lists of a version lie beside the policy only, and replace lists only."""
    with Site(own_folder, EMPTY) as s:
        other = own_folder / "new" / "policy"
        other.parent.mkdir()
        (other.parent / "sekisho.conf").write_text("@theirs.example\n")
        other.write_text('inbound when from list "sekisho.conf" then reject\n')
        assert "none of the lists" in refused(s, "load", str(other))
        assert open(s.gate.policy).read() == EMPTY and "[site]" in open(s.gate.config).read()
        assert len(history(s)) == 1


def test_store_that_is_away_does_not_hurt(own_folder):
    """Nobody can write the store: mail is judged by what is in force, and the change comes when that is over."""
    with Site(own_folder, NO_SECRETS) as s:
        other = sqlite3.connect(os.path.join(s.gate.folder, "store", "keep.db"), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        s.gate.write_policy(NO_FILES)
        s.gate.wait_for_log("the one in force stays", 30)
        assert s.receive(SECRET).code == 550 and s.receive(ZIPPED).code == 250
        other.execute("ROLLBACK")
        wait_for_version(s, 2)
        assert s.receive(ZIPPED).code == 550
        assert s.gate.log().count("the one in force stays") == 1


TRIED = """\
inbound when from "taro@theirs.example" then waive attach.encrypted
inbound when attach.encrypted then reject "no secrets"
outbound when attach.encrypted then reject "no secrets"
observe inbound when attach.any then mark "file"
inbound when attach.danger then link
any when not dmarc.pass then reject
"""


def submit(s, recipients, attachment=None):
    return s.submit(samples.message(OURS, recipients, "x", [("a.zip", attachment)] if attachment else []), recipients)


def test_simulate_counts_what_would_change(own_folder):
    """Traffic of which every number is counted by hand."""
    with Site(own_folder, NO_SECRETS) as s:
        codes = [s.receive(PLAIN).code for _ in range(3)] + [s.receive(ZIPPED).code for _ in range(2)] + \
                [s.receive(SECRET).code for _ in range(2)]
        codes += [submit(s, [THEIRS, "ume@other.example", "jiro@ours.example"], samples.encrypted_zip()).code,
                  submit(s, [THEIRS]).code]
        assert codes == [250] * 5 + [550] * 2 + [250] * 2
        s.gate.passage(ident_of(s.postfix.delivered(7)[-1].data))
        tried = own_folder / "tried"
        tried.write_text(TRIED)
        got = json.loads(policy(s, "simulate", "--json", str(tried), status=1))
        assert got["judged"] == {"passages": 9, "recipients": 11} and got["version"] == 1
        assert got["changed"] == {"passages": 3, "recipients": 4}
        assert {(k["from"], k["to"]): (k["passages"], k["recipients"]) for k in got["kinds"]} == {
            ("refused", "delivered"): (2, 2), ("delivered", "refused"): (1, 2)}
        rules = {r["line"]: r for r in got["rules"]}
        check_members(got, "simulate")
        check_members(got["kinds"][0], "simulate/kinds")
        check_members(rules[3], "simulate/rules")
        check_members(got["senders"], "simulate/senders")
        assert rules[1]["matched"] == {"passages": 7, "recipients": 7} and rules[1]["state"] == "added"
        assert rules[1]["changed"] == {"passages": 2, "recipients": 2}
        assert rules[2]["changed"] == {"passages": 2, "recipients": 2} and rules[2]["state"] == "kept"
        assert rules[3]["changed_in"] == {"inbound": 0, "outbound": 2, "internal": 0, "forward": 0}
        assert rules[4]["would"] == {"passages": 4, "recipients": 4} and rules[4]["changed"]["passages"] == 0
        assert rules[5]["gaps"] == ['"link" is not built yet']
        assert rules[6]["unknown"] == {"passages": 9, "recipients": 11} and "dmarc.pass" in rules[6]["gaps"][0]
        assert rules[3]["examples"] and s.gate.passage(rules[3]["examples"][0])["origin"] == "outbound"
        assert got["senders"]["shown"] == [{"name": OURS, "own": True, "count": 1}, {"name": THEIRS, "own": False, "count": 2}]
        assert {d["name"]: d["count"] for d in got["domains"]["shown"]} == {"theirs.example": 3, "other.example": 1}
        shown = policy(s, "simulate", str(tried), status=1)
        assert "refused -> delivered" in shown and "not known" in shown and rules[3]["examples"][0] in shown
        inbound = json.loads(policy(s, "simulate", "--json", "--direction", "inbound", str(tried), status=1))
        assert inbound["judged"] == {"passages": 7, "recipients": 7} and inbound["changed"]["passages"] == 2
        assert policy(s, "simulate", "--json", s.gate.policy)  # nothing changes: exit status 0


def test_judged_again_nothing_changes(own_folder):
    """The records of the real gate have everything that the policy asked."""
    with open(os.path.join(stack.TOP, "etc", "policy")) as f:
        rules = f.read()
    rules += NO_SECRETS + 'any when recipients > 1 and size > 1k then mark "several"\nany when attach then mark "file"\n' \
        'observe any when not from internal then reject\noutbound when to "ume@other.example" or attach.danger then reject\n'
    mails = [PLAIN, ZIPPED, SECRET, samples.japanese_message(THEIRS, [OURS]), b"Subject: no From\r\n\r\nx\r\n",
             samples.message(THEIRS, [OURS], "議事録", [("議事録.zip", samples.encrypted_zip())]),
             b"From: \xff\xfe@x\r\nFrom: b@c.example\r\nSubject: two\r\n\r\nx\r\n"]
    with Site(own_folder, rules) as s:
        for mail in mails:
            s.receive(mail)
            s.receive(mail, [OURS, "jiro@ours.example"])
            s.submit(mail, [THEIRS, "ume@other.example", OURS])
            s.submit(mail)
        s.gate.stop()  # the last rows are written
        for options in ([], ["--recorded"]):
            got = json.loads(policy(s, "simulate", "--json", *options, s.gate.policy))
            assert got["judged"]["passages"] == 4 * len(mails) and got["changed"] == {"passages": 0, "recipients": 0}
            assert got["would"]["passages"] > 0 and got["unreadable"] == got["never_judged"] == 0


def test_trouble_is_said(own_folder):
    with Site(own_folder, EMPTY) as s:
        assert "No such file" in refused(s, "simulate", "/nowhere")
        broken = own_folder / "broken"
        broken.write_text("inbound when nonsense then reject\n")
        assert "has errors" in refused(s, "simulate", str(broken))
        assert "there is no policy version 7" in refused(s, "diff", "7")
        assert "compares numbers" in refused(s, "diff", "newest")
        assert "--days" in refused(s, "simulate", "--days", "0", s.gate.policy)
        r = subprocess.run([stack.program("sekisho"), "policy", "history", "-c", s.gate.config + ".none"], capture_output=True)
        assert r.returncode == 2


def run(folder, *args):
    return subprocess.run([stack.program("sekisho"), "policy", args[0], "-c", str(folder / "conf"), *args[1:]],
                          capture_output=True, text=True, timeout=60)


def write_config(folder, more=""):
    (folder / "policy").write_text(EMPTY)
    (folder / "conf").write_text("[store]\nstore = sqlite:%s/store\n[policy]\nfile = %s/policy\n%s"
                                 % (folder, folder, more))


def test_wrong_settings_are_no_errors_of_the_policy(tmp_path):
    write_config(tmp_path, "[sotre]\n")
    for command in (["check"], ["load"], ["history"], ["diff"], ["restore", "1"], ["simulate", str(tmp_path / "policy")]):
        r = run(tmp_path, *command)
        assert r.returncode == 2 and "sotre" in r.stderr, r


def test_nothing_is_made_where_nothing_can_be_restored(tmp_path):
    write_config(tmp_path)
    r = run(tmp_path, "restore", "1")
    assert r.returncode == 2 and "no gate has run" in r.stderr, r
    assert sorted(os.listdir(tmp_path)) == ["conf", "policy"]


def test_what_a_program_wrote_does_nothing_to_a_terminal(tmp_path):
    write_config(tmp_path)
    assert run(tmp_path, "load").returncode == 0
    with sqlite3.connect(tmp_path / "store" / "keep.db") as db:
        db.execute("UPDATE policy_version SET loaded_by = ?, note = ?, loaded_us = ?", ("\x1b]0;x\x07", "\x1b[2J", 2**62))
    (tmp_path / "policy").write_text(NO_FILES)
    for command in (["check"], ["history"], ["history", "--json"], ["load"], ["diff", "1", "active"]):
        r = run(tmp_path, *command)
        assert r.returncode in (0, 1) and r.stdout, r
        assert "\x1b" not in r.stdout + r.stderr and "CRITICAL" not in r.stderr, r
