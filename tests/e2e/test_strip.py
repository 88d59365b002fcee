# SPDX-License-Identifier: Apache-2.0
"""Parts taken out of a message, and passwords tried on it, by a real inspector behind its sandbox. Python's email package
is the second opinion: whatever was not replaced must be what it was."""
import base64
import email
import email.header
import email.policy
import os
import pathlib
import signal
import subprocess
import time
from email.message import EmailMessage

import pytest

import stack

CORPUS = pathlib.Path(__file__).resolve().parent.parent / "corpus"
NOTICE = "添付ファイルについて.txt"


class Inspector:
    def __init__(self, folder, name="sekisho-inspector"):
        self.folder, self.socket = folder, str(folder / "socket")
        (folder / "conf").write_text("[inspector]\nsocket = %s\nwall_time = 10s\n" % self.socket)
        self.process = subprocess.Popen([stack.program(name), "-c", str(folder / "conf")], stderr=subprocess.PIPE)
        while not os.path.exists(self.socket):
            assert self.process.poll() is None
            time.sleep(0.01)

    def tool(self, *args):
        return subprocess.run([os.path.join(stack.BUILD, "tests", "strip-tool"), self.socket, *map(str, args)],
                              capture_output=True, check=True).stdout.decode().splitlines()

    def strip(self, message, *parts):
        """(outcome, the new message or None, [(id, part, subject, detail)])"""
        (self.folder / "in.eml").write_bytes(message)
        outcome, *findings = self.tool("strip", self.folder / "in.eml", self.folder / "out.eml", *parts)
        changed = (self.folder / "out.eml").read_bytes() if outcome == "done" else None
        return outcome, changed, [tuple(f.split("\t")) for f in findings]

    def password(self, message, password):
        """(outcome, {(id, subject)})"""
        (self.folder / "in.eml").write_bytes(message)
        outcome, *findings = self.tool("password", self.folder / "in.eml", password)
        return outcome, {tuple(f.split("\t")[::2][:2]) for f in findings}

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        log = self.process.communicate(timeout=30)[1].decode()
        assert self.process.returncode == 0
        return log


@pytest.fixture
def inspector(tmp_path):
    one = Inspector(tmp_path)
    yield one
    log = one.stop()
    assert "Sanitizer" not in log and "died" not in log


def leaves(message):
    """[(path, header fields, content, is a notice)]"""
    found = []

    def visit(part, path):
        if part.is_multipart():
            for n, inner in enumerate(part.get_payload(), 1):
                visit(inner, path + (n,))
        else:
            content = part.get_payload(decode=True)
            found.append((path, part.items(), content, "Removed: ".encode() in (content or b"")))

    visit(email.message_from_bytes(message), ())
    return found


def check(before, after, replaced):
    """Only the leaves REPLACED, counted from 0, differ; what stands around them is the same to the byte."""
    old, new = leaves(before), leaves(after)
    assert [i for i, leaf in enumerate(new) if leaf[3]] == replaced
    assert len(old) == len(new)
    for i, (x, y) in enumerate(zip(old, new)):
        assert i in replaced or x == y
    return [new[i][2].decode() for i in replaced]


def attach(message, content, name, kind="zip", **more):
    message.add_attachment(content, maintype="application", subtype=kind, filename=name, **more)


def mail(*files, text="本文です。\n"):
    m = EmailMessage()
    m["From"], m["To"], m["Subject"] = "a@example.com", "b@ours.example", "見積"
    m.set_content(text)
    for content, name in files:
        attach(m, content, name)
    return m.as_bytes(policy=email.policy.SMTP)


def test_japanese(inspector):
    name = email.header.Header("見積①㈱髙.zip", "cp932").encode()  # as Outlook writes it
    before = b"\r\n".join([
        b"Received: from a by b;\r\n\tMon, 2 Mar 2026 09:00:00 +0900", b"Subject: =?ISO-2022-JP?B?GyRCOzMbKEI=?=", b"MIME-Version: 1.0",
        b"Content-Type: multipart/mixed;\r\n\tboundary=\"----=_NextPart_000\"", b"", b"This is a multi-part message in MIME format.", b"",
        b"------=_NextPart_000", b"Content-Type: text/plain; charset=\"iso-2022-jp\"", b"", b"\x1b$B;3\x1b(B trailing  ", b"",
        b"------=_NextPart_000", b"Content-Type: application/x-zip-compressed; name=\"" + name.encode() + b"\"",
        b"Content-Transfer-Encoding: base64", b"Content-Disposition: attachment; filename=\"" + "表計算.zip".encode("cp932") + b"\"", b"",
        base64.encodebytes(b"PK" * 100).replace(b"\n", b"\r\n"), b"------=_NextPart_000--", b"", b"Epilogue", b""])
    outcome, after, _ = inspector.strip(before)
    assert outcome == "done"
    text, = check(before, after, [1])
    assert "表計算.zip" in text and "200 B" in text and text.startswith("1: 「")
    part = list(email.message_from_bytes(after, policy=email.policy.default).walk())[2]
    assert part.get_filename() == NOTICE and part.get_content_type() == "text/plain" and part["Content-Disposition"].content_disposition == "inline"
    at = before.index(b"Content-Type: application/x-zip")
    assert after.startswith(before[:at]) and after.endswith(before[before.index(b"\r\n------=_NextPart_000--"):])
    assert all(len(line) <= 998 and line.isascii() for line in after[at:].split(b"\r\n"))


def test_apple_mail(inspector):
    before = (CORPUS / "mail/clean-apple-mail/message.eml").read_bytes()
    attachments = [i for i, leaf in enumerate(leaves(before)) if dict(leaf[1]).get("Content-Disposition")]
    outcome, after, _ = inspector.strip(before)
    assert outcome == "done" and attachments
    check(before, after, attachments)


def test_named_parts(inspector):
    before = mail((b"PK1", "a.zip"), (b"PK2", "b.zip"), (b"PK3", "c.zip"))
    outcome, after, _ = inspector.strip(before, "3", "4")
    assert outcome == "done"
    first, second = check(before, after, [2, 3])
    assert first.startswith("1: 「b.zip") and second.startswith("2: 「c.zip")
    assert inspector.strip(before, "3", "9")[0] == "no-such-part"


def test_forwarded(inspector):
    outer = EmailMessage()
    outer["Subject"] = "Fwd"
    outer.set_content("fyi")
    outer.add_attachment(email.message_from_bytes(mail((b"PK1", "a.zip")), policy=email.policy.default))
    before = outer.as_bytes(policy=email.policy.SMTP)
    outcome, after, _ = inspector.strip(before)
    assert outcome == "done"
    assert check(before, after, [2])[0].startswith("1: 「a.zip")


def test_pictures_stay(inspector):
    m = EmailMessage()
    m.set_content("text")
    m.add_alternative("<img src='cid:logo@example.com'>", subtype="html")
    m.get_payload()[1].add_related(b"\x89PNG\r\n\x1a\n" + bytes(50), "image", "png", cid="<logo@example.com>", filename="logo.png")
    m.make_mixed()
    attach(m, b"PK", "a.zip")
    before = m.as_bytes(policy=email.policy.SMTP)
    outcome, after, _ = inspector.strip(before)
    assert outcome == "done"
    check(before, after, [3])


def openssl(folder, *args, data=None):
    return subprocess.run(["openssl", *args], cwd=folder, input=data, check=True, capture_output=True).stdout


def test_signed(inspector, tmp_path):
    openssl(tmp_path, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "k", "-out", "c", "-subj", "/CN=a@example.com")
    signed = openssl(tmp_path, "smime", "-sign", "-signer", "c", "-inkey", "k", "-crlfeol", data=mail((b"PK1", "a.zip")))
    assert inspector.strip(signed)[0] == "sealed"
    assert inspector.strip(signed, "1.2")[0] == "sealed"
    assert inspector.strip(openssl(tmp_path, "smime", "-sign", "-nodetach", "-signer", "c", "-inkey", "k", data=b"x"))[0] == "sealed"
    # A signature is no attachment. A list adds one beside it: that goes, and the signature holds.
    plain = openssl(tmp_path, "smime", "-sign", "-signer", "c", "-inkey", "k", "-crlfeol", data=b"Content-Type: text/plain\r\n\r\nhi\r\n")
    assert inspector.strip(plain)[0] == "no-such-part"
    before = (b"Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=LIST\r\n\r\n--LIST\r\n" + plain +
              b"\r\n--LIST\r\nContent-Type: application/zip; name=a.zip\r\n\r\nPK\r\n--LIST--\r\n")
    outcome, after, _ = inspector.strip(before)
    assert outcome == "done"
    check(before, after, [2])
    part = after[after.index(b"--LIST\r\n") + 8:]
    verified = openssl(tmp_path, "smime", "-verify", "-CAfile", "c", "-purpose", "any", data=part[:part.index(b"\r\n--LIST\r\n")])
    assert b"hi" in verified


def test_large(inspector):
    before = mail((os.urandom(37 << 20), "large.zip"), (b"PK", "b.zip"), text="x" * 70 + "\n" * 10)
    assert len(before) > 50 << 20
    outcome, after, _ = inspector.strip(before, "2")
    assert outcome == "done" and len(after) < 2000
    check(before, after, [1])
    outcome, after, _ = inspector.strip(before, "3")
    assert outcome == "done" and len(after) > 50 << 20
    check(before, after, [2])


def test_corpus(inspector):
    """Odd and hostile messages: whatever becomes of them, no worker dies of it, and what reads like a plain message to
    Python as well keeps its other parts."""
    outcomes = {}
    for case in sorted((CORPUS / "mail").iterdir()):
        before = (case / "message.eml").read_bytes()
        outcome, after, findings = inspector.strip(before)
        outcomes[case.name] = outcome
        if outcome == "failed":
            assert {f[0] for f in findings} & {"mime.ambiguous", "inspect.limit"}, case.name
        if outcome != "done" or len(leaves(before)) != len(leaves(after)):
            continue
        check(before, after, [i for i, leaf in enumerate(leaves(after)) if leaf[3]])
    assert outcomes["clean-plain"] == "no-such-part"
    assert outcomes["clean-smime-signed"] == "sealed"  # its signature is none, but bytes under that name
    assert outcomes["zip-two-boundaries"] == "failed" and outcomes["zip-message-base64"] == "done"
    assert set(outcomes.values()) <= {"done", "failed", "sealed", "no-such-part"}


@pytest.mark.parametrize("word, finding", [("crash", "inspect.crashed"), ("socket", "inspect.crashed"), ("eat", "inspect.limit")])
def test_worker_dies(tmp_path, word, finding):
    one = Inspector(tmp_path, "sekisho-inspector-trial")
    outcome, _, findings = one.strip(b"Subject: SK-TRIAL " + word.encode() + b"\r\n\r\nx\r\n")
    assert (outcome, findings[0][0]) == ("failed", finding)
    assert one.strip(mail((b"PK", "a.zip")))[0] == "done"
    one.stop()


PROGRAM = b"MZ" + bytes(58) + b"\x40\0\0\0" + b"PE\0\0\x4c\x01" + bytes(300)


def pack(folder, argv, name, **files):
    for file, content in files.items():
        (folder / file.replace("__", ".")).write_bytes(content)
    subprocess.run([*argv, name, *(f.replace("__", ".") for f in files)], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return (folder / name).read_bytes()


def test_passwords(inspector, tmp_path):
    classic = pack(tmp_path, ["zip", "-q", "-P", "secret"], "classic.zip", 議事録__txt=b"text\n" * 100)
    aes = pack(tmp_path, ["7z", "a", "-tzip", "-psecret", "-mem=AES256"], "aes.zip", setup__exe=PROGRAM)
    other = pack(tmp_path, ["zip", "-q", "-P", "ひみつ1"], "other.zip", a__txt=b"text")
    seven = pack(tmp_path, ["7z", "a", "-psecret"], "seven.7z", a__txt=b"text")
    both = mail((classic, "議事録.zip"), (aes, "aes.zip"))
    assert inspector.password(both, "secret") == \
        ("done", {("attach.any", "議事録.zip"), ("attach.any", "aes.zip"), ("attach.danger.executable", "aes.zip > setup.exe")})
    outcome, findings = inspector.password(both, "Secret")
    assert outcome == "wrong-password" and ("attach.encrypted.zip", "aes.zip") in findings
    assert inspector.password(mail((other, "o.zip")), "ひみつ1")[0] == "done"
    assert inspector.password(mail((classic, "c.zip"), (other, "o.zip")), "secret")[0] == "wrong-password"
    assert inspector.password(mail((classic, "c.zip"), (seven, "s.7z")), "secret")[0] == "unsupported"
    assert inspector.password(mail((b"plain", "a.txt")), "secret")[0] == "no-such-part"


def test_passwords_of_pdf(inspector):
    locked = (CORPUS / "password/launch.pdf").read_bytes()
    assert inspector.password(mail((locked, "a.pdf")), "secret") == \
        ("done", {("attach.any", "a.pdf"), ("attach.danger.pdf", "a.pdf")})
    assert inspector.password(mail((locked, "a.pdf")), "x")[0] == "wrong-password"
