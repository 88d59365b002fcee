# SPDX-License-Identifier: Apache-2.0
"""The gate in front of a real Postfix: what passes, what is stopped, what happens when something of ours fails."""
import os
import re
import signal
import subprocess
import threading
import time

import pytest

import samples
import stack
from site_of_tests import OURS, POLICY, THEIRS, Site, ident_of, without_added

TRIAL = stack.program("sekisho-inspector-trial")


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    for parent in list(folder.parents)[:3]:
        if str(parent).startswith("/tmp/"):
            os.chmod(parent, 0o755)
    with Site(folder) as s:
        yield s


CLEAN = [
    samples.message(THEIRS, [OURS], "minutes"),
    samples.japanese_message(THEIRS, [OURS]),
    samples.message(THEIRS, [OURS], "議事録", [("議事録.zip", samples.plain_zip())]),
    b"From: a@b.example\r\nSubject:no blank\r\nX-Odd:   three\r\n\tfolded\r\nMessage-Id: <1@b.example>\r\n"
    b"Date: Tue, 03 Nov 2026 10:00:00 +0900\r\nTo: c@d.example\r\n\r\n8-bit \xe9\xa0\x80\r\n.dot\r\n" + b"x" * 2000 + b"\r\n\r\n",
]


@pytest.mark.parametrize("data", CLEAN)
def test_clean_mail_passes_byte_for_byte(site, data):
    answer = site.receive(data)
    assert answer.code == 250, answer
    mail, = site.postfix.delivered(1)
    assert without_added(mail.data) == data
    assert len(re.findall(rb"^X-Sekisho:", mail.data, re.M)) == 1


ENCRYPTED = {
    "zip-aes": ("a.zip", samples.encrypted_zip), "zip-classic": ("a.zip", lambda: samples.encrypted_zip("ZipCrypto")),
    "7z": ("a.7z", samples.encrypted_7z), "7z-names": ("a.7z", lambda: samples.encrypted_7z(True)),
    "pdf": ("a.pdf", samples.encrypted_pdf), "renamed": ("photo.jpg", samples.encrypted_zip),
    "nested": ("a.zip", lambda: samples.plain_zip("b.zip", samples.encrypted_zip())),
}


@pytest.mark.parametrize("kind", ENCRYPTED)
@pytest.mark.parametrize("direction", ["receive", "submit"])
def test_encrypted_attachment_is_refused(site, kind, direction):
    name, make = ENCRYPTED[kind]
    data = samples.message(THEIRS, [OURS], "minutes", [(name, make())])
    answer = getattr(site, direction)(data)
    assert answer.code == 550 and answer.text.startswith("5.7.1 "), answer
    assert name in answer.text
    ident = re.search(r"\[([0-9a-z]{20})\]", answer.text).group(1)
    passage = site.gate.passage(ident)
    assert passage["fate"] == "reject"
    assert any(f["id"].startswith("attach.encrypted.") for f in passage["findings"])
    # Twelve of its letters: fewer are the time alone, which another test may share.
    shown = site.gate.command("passage", "show", "-c", site.gate.config, ident[:12])
    assert "attach.encrypted" in shown and ident in shown and "rule" in shown
    assert site.postfix.settle() and not site.postfix.sink.take(0, 0)


def test_pdf_with_empty_user_password_passes(site):
    answer = site.receive(samples.message(THEIRS, [OURS], "x", [("a.pdf", samples.encrypted_pdf(user=""))]))
    assert answer.code == 250
    site.postfix.delivered(1)


def test_forged_trace_fields_are_removed(site):
    data = b"X-Sekisho: id=00000000000000000000\r\nx-sekisho: again\r\n" + samples.message(THEIRS, [OURS], "x")
    assert site.receive(data).code == 250
    mail, = site.postfix.delivered(1)
    assert b"00000000000000000000" not in mail.data and b"again" not in mail.data
    assert ident_of(mail.data) != "0" * 20


def test_outbound_trace_carries_an_id_only(site):
    data = samples.message(OURS, [THEIRS], "x", [("a.zip", samples.plain_zip())])
    assert site.submit(data).code == 250
    mail, = site.postfix.delivered(1)
    assert re.search(rb"^X-Sekisho: id=[0-9a-z]{20}\r\n\S", mail.data, re.M)


def test_release_socket_refuses_all(site):
    answer = site.postfix.send(site.release, THEIRS, [OURS], samples.message(THEIRS, [OURS], "x"))
    assert answer.code == 550 and "Only held mail" in answer.text


def test_sendmail_is_judged_as_outbound(site):
    site.postfix.sendmail(OURS, [THEIRS], samples.message(OURS, [THEIRS], "by sendmail"))
    mail, = site.postfix.delivered(1)
    assert site.gate.passage(ident_of(mail.data))["origin"] == "outbound"


def test_passage_list_finds_by_finding_and_fate(site):
    site.receive(samples.message(THEIRS, [OURS], "x", [("a.7z", samples.encrypted_7z())]))
    out = site.gate.command("passage", "list", "-c", site.gate.config, "--fate", "reject", "--finding", "attach.encrypted.7z")
    assert "reject" in out and THEIRS in out and OURS in out
    assert site.gate.command("passage", "list", "-c", site.gate.config, "--finding", "attach.encrypted.ace") == ""


def test_several_mails_on_one_connection(site):
    smtp = site.postfix.connect(site.inbound)
    codes = [site.postfix.send_on(smtp, THEIRS, [OURS], data).code for data in (
        CLEAN[0], samples.message(THEIRS, [OURS], "x", [("a.zip", samples.encrypted_zip())]), CLEAN[1])]
    smtp.quit()
    assert codes == [250, 550, 250]
    assert len(site.postfix.delivered(2)) == 2


MARK = 'inbound when attach.any then mark "WITH ATTACHMENT"\n'


def test_reload_keeps_connections_and_survives_errors(own_folder):
    with Site(own_folder, POLICY) as s:
        smtp = s.postfix.connect(s.inbound)
        data = samples.message(THEIRS, [OURS], "minutes", [("a.zip", samples.plain_zip())])
        assert s.postfix.send_on(smtp, THEIRS, [OURS], data).code == 250
        assert b"Subject: minutes" in s.postfix.delivered(1)[0].data
        s.gate.write_policy(MARK)
        s.gate.process.send_signal(signal.SIGHUP)
        s.gate.wait_for_log("policy loaded")
        assert s.postfix.send_on(smtp, THEIRS, [OURS], data).code == 250
        marked, = s.postfix.delivered(1)
        assert b"Subject: [WITH ATTACHMENT] minutes" in marked.data
        assert without_added(marked.data).replace(b"[WITH ATTACHMENT] ", b"") == data
        s.gate.write_policy("inbound when nonsense then reject\n")
        s.gate.process.send_signal(signal.SIGHUP)
        s.gate.wait_for_log("the old one stays in force")
        assert "%s:1:14" % s.gate.policy in s.gate.log()
        assert s.postfix.send_on(smtp, THEIRS, [OURS], data).code == 250
        assert b"[WITH ATTACHMENT]" in s.postfix.delivered(1)[0].data
        smtp.quit()


def test_packaged_policy_shows_what_it_would_have_stopped(own_folder):
    with open(os.path.join(stack.TOP, "etc", "policy")) as f:
        packaged = f.read()
    mail = samples.message(OURS, [THEIRS], "minutes", [("a.zip", samples.encrypted_zip())])

    def listed():
        return s.gate.command("passage", "list", "--observed", "-c", s.gate.config).splitlines()

    with Site(own_folder, packaged) as s:
        assert s.submit(mail).code == 250
        ident = ident_of(s.postfix.delivered(1)[0].data)
        assert s.receive(CLEAN[0]).code == 250
        s.gate.passage(ident_of(s.postfix.delivered(1)[0].data))
        line, = listed()
        assert line.startswith(ident) and " deliver " in line and line.endswith("observed: reject")
        s.gate.write_policy(packaged.replace("observe outbound when attach.encrypted ", "outbound when attach.encrypted "))
        s.gate.process.send_signal(signal.SIGHUP)
        s.gate.wait_for_log("policy loaded")
        assert s.submit(mail).code == 550
        assert listed() == [line]


def test_own_network_on_the_inbound_socket_is_outbound(own_folder):
    with Site(own_folder, POLICY, site__own_networks="192.0.2.0/24") as s:
        answer = s.postfix.send(s.inbound, OURS, [THEIRS], CLEAN[0], client=("192.0.2.7", "host.ours.example"))
        assert answer.code == 250
        mail, = s.postfix.delivered(1)
        assert s.gate.passage(ident_of(mail.data))["origin"] == "outbound"


def trial(word):
    """A message over which the trial inspector does what WORD says."""
    return samples.message(THEIRS, [OURS], "SK-TRIAL " + word)


def test_killing_the_inspector_loses_nothing(own_folder):
    """The worker hangs over a message; the whole inspector is killed: the sender hears 451 and tries again."""
    with Site(own_folder, POLICY, inspector=TRIAL) as s:
        got = []
        sender = threading.Thread(target=lambda: got.append(s.receive(trial("hang"))))
        sender.start()
        time.sleep(1)
        for pid in s.gate.children().get("sekisho-inspector-trial", []):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        sender.join(30)
        assert got and got[0].code == 451, got
        assert s.postfix.settle() and not s.postfix.sink.take(0, 0)
        end = time.time() + 20
        while s.receive(CLEAN[0]).code != 250:
            assert time.time() < end, s.gate.log()
            time.sleep(.2)
        s.postfix.delivered(1)


def test_crash_stops_one_message_only(own_folder):
    with Site(own_folder, POLICY, inspector=TRIAL) as s:
        answer = s.receive(trial("crash"))
        assert answer.code == 451, answer
        ident = re.search(r"\[([0-9a-z]{20})\]", answer.text).group(1)
        assert [f["id"] for f in s.gate.passage(ident)["findings"]] == ["inspect.crashed"]
        assert s.receive(CLEAN[0]).code == 250
        s.postfix.delivered(1)


def test_no_inspector_is_451(own_folder):
    """The inspector cannot be started any more: nothing passes, nothing is lost, mail goes on when it is back."""
    program = own_folder / "inspector-of-the-test"
    program.symlink_to(stack.program("sekisho-inspector"))
    with Site(own_folder, POLICY, inspector=str(program)) as s:
        assert s.receive(CLEAN[0]).code == 250
        s.postfix.delivered(1)
        program.unlink()
        for pid in s.gate.children()["sekisho-inspector"]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        answer = s.receive(CLEAN[0])
        assert answer.code == 451 and "try again later" in answer.text
        assert s.postfix.settle() and not s.postfix.sink.take(0, 0)
        program.symlink_to(stack.program("sekisho-inspector"))
        end = time.time() + 30
        while s.receive(CLEAN[0]).code != 250:
            assert time.time() < end, s.gate.log()
            time.sleep(.2)
        s.postfix.delivered(1)


def test_full_ledger_is_451(own_folder):
    """The ledger's disk is full: once its queue is, nothing more is accepted; what was accepted is delivered."""
    folder = own_folder / "small"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "none", str(folder)], check=True)
    try:
        with Site(own_folder, POLICY, store__store="sqlite:%s" % folder) as s:
            room = os.statvfs(folder)
            (folder / "filler").write_bytes(bytes(room.f_bavail * room.f_frsize))
            codes = []  # what the log has room for from before goes through first
            while len(codes) < 400 and "ledger cannot be written" not in s.gate.log():
                codes.append(s.receive(CLEAN[0]).code)
            assert set(codes) <= {250, 451}
            assert len(s.postfix.delivered(codes.count(250))) == codes.count(250)
            s.gate.wait_for_log("ledger cannot be written")
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def test_large_mail_does_not_lie_in_memory_twice(own_folder):
    with Site(own_folder, POLICY) as s:
        data = samples.message(THEIRS, [OURS], "large", [("noise.bin", os.urandom(37 << 20))])
        answer = s.receive(data)
        assert answer.code == 250, (answer, s.gate.log(), s.postfix.maillog())
        mail, = s.postfix.delivered(1, 60)
        assert without_added(mail.data) == data
