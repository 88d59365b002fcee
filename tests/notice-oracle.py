#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""notice-oracle.py DUMP - reads the notices that DUMP writes with Python's email package.

Each is a well-formed message with the fields of a notice and no other, whatever was put into the mail it is about.
"""
import base64
import email
import email.policy
import os
import re
import subprocess
import sys
import tempfile
import traceback

FIELDS = ["Date", "From", "To", "Reply-To", "Subject", "Message-ID", "In-Reply-To", "References", "Auto-Submitted",
          "X-Auto-Response-Suppress", "MIME-Version", "Content-Type", "Content-Transfer-Encoding"]
LINKS = re.compile(r"https://(mail\.ours\.example/t/(stop|password|ask)0|ours\.example/mail)")
LINKED = {"sender": "stop", "colleague": "stop", "recipient": "password", "digest": "ask"}


def expect(condition, text):
    if not condition:
        raise AssertionError(text)


def read(path):
    with open(path, "rb") as file:
        raw = file.read()
    expect(all(len(line) <= 998 for line in raw.split(b"\r\n")), "a line is too long")
    expect(b"\n" not in raw.replace(b"\r\n", b"") and b"\r" not in raw.replace(b"\r\n", b""), "a bare line end")
    expect(max(raw) < 0x80 and min(raw) > 0, "not 7-bit")
    message = email.message_from_bytes(raw, policy=email.policy.SMTP)
    for part in message.walk():
        if part.get_content_type().startswith("message/global"):
            # Python reads what is encoded there as a message; the status is decoded below.
            part.set_payload([])
        expect(not part.defects, f"{part.get_content_type()}: {part.defects}")
    return message, raw.split(b"\r\n\r\n")[0].decode()


def check_head(message, head):
    names = message.keys()
    expect(set(names) <= set(FIELDS), f"fields {names}")
    expect(len(set(names)) == len(names), f"a field twice: {names}")
    expect(all(len(line) <= 120 for line in head.splitlines()), "an unfolded field")
    expect(all(len(line) <= 76 for line in head.splitlines() if "=?" in line), "encoded words on a line too long")
    expect(message["Auto-Submitted"] in ("auto-generated", "auto-replied"), "not marked as automatic")
    expect([a.addr_spec for a in message["From"].addresses] == ["sekisho@ours.example"], message["From"])
    expect([a.addr_spec for a in message["To"].addresses] == ["taro@ours.example"], message["To"])
    expect(message["Message-ID"] == "<0123456789abcdef@ours.example>", message["Message-ID"])
    expect(message["Date"].datetime.isoformat() == "2026-11-22T15:42:00+09:00", message["Date"])


def text_of(message):
    text = message.get_body(("plain",)).get_content().replace("\r\n", "\n")
    expect(not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text), "controls in the text")
    return text


def check_text(text, kind):
    lines = text.splitlines()
    links = [line for line in lines if "://" in line]
    expect(all(LINKS.fullmatch(line) for line in links), f"links {links}")
    if kind in LINKED:
        wanted = f"https://mail.ours.example/t/{LINKED[kind]}0"
        expect(wanted in links, f"no {wanted} on a line of its own")
    expect("www." not in text.lower(), "a link without scheme")
    expect(lines.count("-- ") == 1, "not one signature line")


def check_notice(folder, name):
    mood, rest = name.removesuffix(".eml").split("-", 1)
    kind, language = rest.rsplit("-", 1)
    message, head = read(os.path.join(folder, name))
    check_head(message, head)
    text = text_of(message)
    check_text(text, kind)
    japanese = re.search("[ぁ-ん]", re.sub("「.*?」|\".*?\"", "", text))
    english = re.search(r"\b(the|you|your|it)\b", text)
    expect(bool(japanese) == (language != "en"), "language: Japanese")
    expect(bool(english) == (language != "ja"), "language: English")
    if mood == "plain":
        expect(message["In-Reply-To"] == message["References"] == "<original@ours.example>", "does not thread")
        expect(message["Reply-To"] == "stop+token0@ours.example", "Reply-To")
        expect("見積書の件" in text, "the mail is not named")
        expect(kind == "digest" or "見積書の件" in message["Subject"], message["Subject"])
    else:
        expect(message["In-Reply-To"] is None, "a forged id")
        expect(message["Subject"].count("x") < 300 and text.count("x") < 5000, "not cut")
    if kind == "sender" and mood == "plain":
        when = "15:51" in text.splitlines()[0]
        expect(when, "the first line does not say when it leaves")


def check_original(folder, name):
    message, head = read(os.path.join(folder, name))
    check_head(message, head)
    with open(os.path.join(folder, name.removesuffix(".eml")), "rb") as file:
        original = file.read()
    text, attached = list(message.iter_parts())
    expect("添付しています" in text.get_content(), "the text does not say that it is attached")
    expect(attached.get_filename() == "original.eml", attached.get_filename())
    if name == "original-plain.eml":
        expect(attached.get_content_type() == "message/rfc822", attached.get_content_type())
        with open(os.path.join(folder, name), "rb") as file:
            expect(b"\r\n\r\n" + original + b"\r\n--=_" in file.read(), "not byte for byte")
    else:
        expect(attached.get_content_type() == "application/octet-stream", attached.get_content_type())
        expect(attached.get_content() == original, "not byte for byte")


def statuses(path, part):
    if not part.get_content_type().startswith("message/global"):
        return part.get_payload()
    with open(path, "rb") as file:
        coded = re.search(rb"message/global-delivery-status.*?\r\n\r\n(.*?)\r\n--", file.read(), re.DOTALL)[1]
    blocks = base64.b64decode(coded).decode().replace("\r\n", "\n").strip().split("\n\n")
    return [email.message_from_string(block, policy=email.policy.SMTPUTF8) for block in blocks]


def check_report(folder, name):
    message, head = read(os.path.join(folder, name))
    check_head(message, head)
    expect(message.get_content_type() == "multipart/report", message.get_content_type())
    text, status, original = list(message.iter_parts())
    glob = "global-" if name == "report-utf8.eml" else ""
    expect(message.get_param("report-type") == glob + "delivery-status", message["Content-Type"])
    expect(status.get_content_type() == f"message/{glob}delivery-status", status.get_content_type())
    whole, *each = statuses(os.path.join(folder, name), status)
    expect(whole["Reporting-MTA"] == "dns; mail.ours.example", whole["Reporting-MTA"])
    expect(whole["Arrival-Date"] is not None, "no Arrival-Date")
    expect(all(one["Action"] == "failed" and one.get_all("Bcc") is None for one in [*each]), "fields")
    facts = [(one["Original-Recipient"], one["Final-Recipient"], one["Status"]) for one in each]
    if name in ("report-plain.eml", "report-full.eml"):
        expect(facts == [("rfc822;b+c@example.com", "rfc822;a@example.com", "5.1.1"),
                         (None, "rfc822;b@example.net", "5.0.0")], facts)
        expect(each[0]["Diagnostic-Code"] == "smtp; 550 5.1.1 no such user", each[0]["Diagnostic-Code"])
        expect("quiet@" not in text.get_content() and "never@" not in text.get_content(), "tells what nobody wanted")
    if name == "report-plain.eml":
        expect(whole["Original-Envelope-Id"] == "QQ=314159", whole["Original-Envelope-Id"])
        expect(original.get_content_type() == "text/rfc822-headers", original.get_content_type())
        expect("X-Mine: yes" in original.get_payload() and "the body" not in original.get_payload(), "not the header")
    if name == "report-full.eml":
        expect(original.get_content_type() == "message/rfc822", original.get_content_type())
        expect("the body" in original.get_payload(0).get_payload(), "not all of it")
    if name == "report-forged.eml":
        expect(len(each) == 1 and whole.get_all("Bcc") is None and len(each[0].get_all("Action")) == 1, "injected")
        expect(facts[0][2] == "5.1.1", facts)
    if name == "report-utf8.eml":
        expect(facts == [("utf-8;\\x{7530}@example.com", "utf-8;田中@example.com", "5.7.1")], facts)
        expect(original.get_content_type() == "message/global-headers", original.get_content_type())


CHECKS = {"plain": check_notice, "hostile": check_notice, "original": check_original, "report": check_report}


def run(folder, name):
    try:
        CHECKS[name.split("-")[0]](folder, name)
    except AssertionError as trouble:
        return str(trouble)
    except Exception:
        return traceback.format_exc().replace("\n", "\n# ")
    return None


def main():
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.argv[1], folder], check=True)
        names = sorted(n for n in os.listdir(folder) if n.endswith(".eml"))
        print(f"1..{len(names)}")
        for number, name in enumerate(names, 1):
            trouble = run(folder, name)
            print(f"{'not ok' if trouble else 'ok'} {number} {name}")
            if trouble:
                print("#", trouble)
                failed += 1
    return 1 if failed or not names else 0


sys.exit(main())
