# SPDX-License-Identifier: Apache-2.0
"""A real clamd behind the gate: what it finds, what only sekisho can show it, and what happens when it does not answer."""
import base64
import concurrent.futures
import random
import re
import signal
import struct
import subprocess

import pytest

import samples
import stack
from clamd import NAME, SIGNATURE, Clamd, is_there
from site_of_tests import OURS, THEIRS, Site, ident_of

POLICY = """any when malware.found then reject "Malware was found in this message."
inbound when malware.temperror then defer
"""

pytestmark = pytest.mark.skipif(not is_there(), reason="there is no clamd")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("clamd")
    for parent in [path, *path.parents][:4]:
        if str(parent).startswith("/tmp/"):
            parent.chmod(0o755)
    return path


@pytest.fixture(scope="module")
def clamd(folder):
    with Clamd(folder) as c:
        yield c


@pytest.fixture(scope="module")
def site(folder, clamd):
    (folder / "site").mkdir()
    with Site(folder / "site", POLICY, clamd__socket="unix:" + clamd.socket, clamd__connections=2,
              clamd__wait="3s") as s:
        yield s


@pytest.fixture(scope="module")
def alone(folder, clamd):
    """A site that has messages scanned, not what is in them, and gives clamd more than that takes."""
    (folder / "alone").mkdir()
    with Site(folder / "alone", POLICY, clamd__socket="unix:" + clamd.socket, clamd__members="no", clamd__size="100M") as s:
        yield s


def program():
    """A file with the signature in it, in which packing leaves no stretch as it was."""
    rand = random.Random(1)
    words = [bytes(rand.choice(b"abcdefghijklmnop-XYZSEKI") for _ in range(rand.randint(3, 9))) for _ in range(300)]
    text = b" ".join(rand.choice(words) for _ in range(2000))
    return b"MZ" + text + SIGNATURE + text


def ident_in(answer):
    return re.search(r"\[([0-9a-z]{20})\]", answer.text).group(1)


def findings(site, ident, below="malware"):
    """(id, subject, detail) of all findings."""
    return [(f["id"], f.get("subject"), f.get("detail")) for f in site.gate.passage(ident)["findings"]
            if f["id"].startswith(below)]


def refused(site, data, send="receive"):
    """DATA is refused as malware; what was found in it."""
    answer = getattr(site, send)(data)
    assert answer.code == 550 and "Malware was found" in answer.text, answer
    found = findings(site, ident_in(answer))
    assert {f[0] for f in found} == {"malware.found"} and {f[2] for f in found} == {NAME}
    return [f[1] for f in found]


def accepted(site, data, send="receive"):
    """DATA is accepted; what was stated about malware."""
    answer = getattr(site, send)(data)
    assert answer.code == 250, answer
    mail, = site.postfix.delivered(1)
    return findings(site, ident_of(mail.data))


def deferred(site, data):
    answer = site.receive(data)
    assert answer.code == 451, answer
    found = findings(site, ident_in(answer), "")
    assert not [f for f in found if f[0].startswith("inspect")]
    return [f for f in found if f[0].startswith("malware")]


def with_file(name, content):
    return samples.message(THEIRS, [OURS], "x", [(name, content)])


@pytest.mark.parametrize("send", ["receive", "submit"])
def test_clean_mail_passes(site, send):
    assert accepted(site, with_file("minutes.zip", samples.plain_zip()), send) == []


@pytest.mark.parametrize("send", ["receive", "submit"])
def test_malware_is_refused(site, send):
    assert refused(site, with_file("a.exe", program()), send) == [None]
    assert refused(site, samples.message(THEIRS, [OURS], "x", text="behold\n%s\n" % SIGNATURE.decode()), send) == [None]


def test_malware_in_nested_archives_is_named(site):
    inner = samples.plain_zip("b.exe", program())
    found = refused(site, with_file("a.zip", samples.plain_zip("inner.zip", inner)))
    assert set(found) == {None, "a.zip > inner.zip", "a.zip > inner.zip > b.exe"}


def tnef(name, content):
    """winmail.dat with one attachment."""
    def attribute(level, ident, data):
        return struct.pack("<BII", level, ident, len(data)) + data + struct.pack("<H", sum(data) & 0xffff)
    return (struct.pack("<IH", 0x223e9f78, 1) + attribute(1, 0x00089006, struct.pack("<I", 0x10000)) +
            attribute(2, 0x00069002, bytes(14)) + attribute(2, 0x00018010, name.encode() + b"\0") +
            attribute(2, 0x0006800f, content))


def packed(argv, result):
    return samples.run_in_folder({"b.exe": program()}, argv, result)


def zstd():
    return packed(["zstd", "-q", "-19", "-o", "b.exe.zst", "b.exe"], "b.exe.zst")


def written():
    """A file written into the text as uuencode(1) does with -m."""
    return samples.message(THEIRS, [OURS], "x", text="begin-base64 644 b.exe\n%s====\n" % base64.encodebytes(program()).decode())


# What clamd by itself does not see, and what it is named when sekisho has unpacked it.
ONLY_UNPACKED = {
    "zstandard": (lambda: with_file("b.exe.zst", zstd()), "b.exe.zst > b.exe"),
    "compress": (lambda: with_file("a.tar.Z", packed(["bsdtar", "-cf", "a.tar.Z", "--compress", "b.exe"], "a.tar.Z")),
                 "a.tar.Z > a.tar > b.exe"),
    "zip-lzma": (lambda: with_file("a.zip", packed(["7z", "a", "-tzip", "-mm=LZMA", "a.zip", "b.exe"], "a.zip")),
                 "a.zip > b.exe"),
    "zip-ppmd": (lambda: with_file("a.zip", packed(["7z", "a", "-tzip", "-mm=PPMd", "a.zip", "b.exe"], "a.zip")),
                 "a.zip > b.exe"),
    "written-into-text": (written, "b.exe"),
    "zstandard-in-winmail": (lambda: with_file("winmail.dat", tnef("b.exe.zst", zstd())), "b.exe.zst > b.exe"),
}


@pytest.mark.parametrize("kind", ONLY_UNPACKED)
def test_what_clamd_cannot_unpack_is_unpacked_for_it(site, clamd, kind):
    make, name = ONLY_UNPACKED[kind]
    data = make()
    assert not clamd.finds(data)
    assert name in refused(site, data)


def test_members_can_be_left_alone(alone):
    assert accepted(alone, with_file("b.exe.zst", zstd())) == []
    assert refused(alone, with_file("b.exe", program())) == [None]


def large(size):
    """A message of some SIZE bytes that inspections make short work of."""
    line = b"x" * 74 + b"\r\n"
    return b"From: a@b.example\r\nTo: %s\r\nSubject: large\r\n\r\n" % OURS.encode() + line * (size // len(line))


def test_large_mail_is_scanned_to_its_end(site):
    assert accepted(site, large(20 << 20), "submit") == []
    assert refused(site, large(20 << 20) + SIGNATURE + b"\r\n", "submit") == [None]


def test_too_large_for_a_scan(site, alone):
    assert accepted(site, large(26 << 20), "submit") == [
        ("malware.temperror", None, "larger than the 26214400 bytes given to a scan")]
    assert accepted(alone, large(26 << 20), "submit") == [
        ("malware.temperror", None, "larger than clamd takes (its StreamMaxLength)")]
    assert deferred(site, large(26 << 20)) == [
        ("malware.temperror", None, "larger than the 26214400 bytes given to a scan")]


def test_many_at_once_get_each_their_own_verdict(site):
    """A hundred messages, two connections to clamd."""
    bad, good = with_file("b.exe.zst", zstd()), with_file("minutes.zip", samples.plain_zip())
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda i: site.receive(bad if i % 4 == 0 else good), range(100)))
    assert [a.code for a in answers] == [550 if i % 4 == 0 else 250 for i in range(100)]
    assert len(site.postfix.delivered(75)) == 75


def test_clamd_that_does_not_answer(site, clamd):
    """Both for the message and for what is in it; outbound mail, which no rule defers, goes on."""
    clamd.signal(signal.SIGSTOP)
    try:
        found = deferred(site, with_file("b.exe.zst", zstd()))
        assert [f[:2] for f in found] == [("malware.temperror", "b.exe.zst > b.exe"), ("malware.temperror", None)]
        assert all("in time" in f[2] for f in found)
        sent, = accepted(site, with_file("minutes.txt", b"minutes"), "submit")
        assert sent[:2] == ("malware.temperror", None)
    finally:
        clamd.signal(signal.SIGCONT)
    assert accepted(site, with_file("minutes.zip", samples.plain_zip())) == []
    assert "b.exe.zst > b.exe" in refused(site, with_file("b.exe.zst", zstd()))


def test_clamd_that_is_away_and_comes_back(site, clamd):
    clamd.stop()
    found = deferred(site, with_file("b.exe.zst", zstd()))
    assert len(found) == 2 and all(f[0] == "malware.temperror" and clamd.socket in f[2] for f in found)
    assert len(accepted(site, samples.message(OURS, [THEIRS], "x"), "submit")) == 1
    clamd.start()
    assert accepted(site, with_file("minutes.zip", samples.plain_zip())) == []
    assert refused(site, with_file("a.exe", program())) == [None]


def test_rules_need_a_scanner(folder):
    """Without one, a rule that asks for malware is warned about, and one that asks for its absence refused."""
    (folder / "none").mkdir()
    conf, policy = folder / "none" / "sekisho.conf", folder / "none" / "policy"
    conf.write_text("[site]\nown_domains = ours.example\n[policy]\nfile = %s\n" % policy)
    for text, status in ((POLICY, 0), ("inbound when not malware then mark \"SCANNED\"\n", 1)):
        policy.write_text(text)
        out = site_command("policy", "check", "-c", str(conf), str(policy), status=status)
        assert "the check that states malware.found" in out and "is disabled" in out


def site_command(*args, status):
    r = subprocess.run([stack.program("sekisho"), *args], capture_output=True, text=True, timeout=60)
    assert r.returncode == status, (args, r.returncode, r.stdout, r.stderr)
    return r.stdout + r.stderr
