# SPDX-License-Identifier: Apache-2.0
"""Sends real mail through a real Postfix with sekisho in front, and shows what became of it."""
import argparse
import os
import re
import shutil
import sys
import tempfile
import textwrap

sys.dont_write_bytecode = True
TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(TOP, "tests", "lib"))

import samples
import stack
from postfix import Postfix

OURS, THEIRS = "hanako@ours.example", "taro@theirs.example"


def office():
    return samples.corpus_file("office-agile")


def rar():
    return samples.corpus_file("rar5-encrypted-all")


def nested():
    return samples.plain_zip("inner.zip", samples.plain_zip("secret.zip", samples.encrypted_zip()))


def mails():
    """(what it is, direction, attachments): a dozen, both ways."""
    return [
        ("plain text", "inbound", []),
        ("Japanese text, ISO-2022-JP", "inbound", None),
        ("ZIP without password", "inbound", [("minutes.zip", samples.plain_zip())]),
        ("ZIP with password (PPAP)", "inbound", [("minutes.zip", samples.encrypted_zip())]),
        ("the same, on submission", "outbound", [("minutes.zip", samples.encrypted_zip())]),
        ("ZIP without password", "outbound", [("minutes.zip", samples.plain_zip())]),
        ("7z with encrypted names", "inbound", [("minutes.7z", samples.encrypted_7z(headers=True))]),
        ("RAR5 with password", "inbound", [("minutes.rar", rar())]),
        ("Word file with password", "outbound", [("minutes.docx", office())]),
        ("PDF with password", "inbound", [("minutes.pdf", samples.encrypted_pdf())]),
        ("PDF, empty user password", "inbound", [("minutes.pdf", samples.encrypted_pdf(user=""))]),
        ("PPAP in a ZIP in a ZIP", "inbound", [("minutes.zip", nested())]),
        ("PPAP renamed to .jpg", "outbound", [("photo.jpg", samples.encrypted_zip("ZipCrypto"))]),
        ("program named as a PDF", "inbound", [("invoice.pdf.exe", b"MZ" + bytes(58) + b"\x40\0\0\0PE\0\0\x4c\x01" + bytes(400))]),
    ]


def build_mail(direction, attachments, subject):
    sender, recipient = (THEIRS, OURS) if direction == "inbound" else (OURS, THEIRS)
    if attachments is None:
        return sender, recipient, samples.japanese_message(sender, [recipient])
    return sender, recipient, samples.message(sender, [recipient], subject, attachments)


def wrapped(label, text):
    """TEXT in lines that fit a terminal, the first behind LABEL."""
    return textwrap.wrap(text, 100, initial_indent=label, subsequent_indent=" " * len(label))


def print_table(rows):
    widths = [max(len(r[i]) for r in rows) for i in range(3)]
    for n, row in enumerate(rows):
        print("  ".join(cell.ljust(w) for cell, w in zip(row[:3], widths)).rstrip())
        for line in row[3:]:
            print("     " + line)
        if n == 0:
            print("-" * (sum(widths) + 4))


def found(gate, ident):
    if not ident:
        return []
    findings = gate.passage(ident).get("findings", [])
    return sorted({f["id"] for f in findings} - {"attach.any"})


def send_all(postfix, gate, ports):
    rows = [("message", "direction", "what became of it")]
    for what, direction, attachments in mails():
        sender, recipient, data = build_mail(direction, attachments, what)
        login = "hanako" if direction == "outbound" else None
        answer = postfix.send(ports[direction], sender, [recipient], data, login=login)
        if answer.code == 250:
            mail, = postfix.delivered(1)
            ident = re.search(rb"^X-Sekisho: id=([0-9a-z]+)", mail.data, re.M).group(1).decode()
            fate = "delivered"
        else:
            ident = re.search(r"\[([0-9a-z]{20})\]", answer.text)
            ident = ident and ident.group(1)
            fate = "refused"
        rows.append((what, direction, fate, "found:  " + (", ".join(found(gate, ident)) or "nothing"),
                     *wrapped("answer: ", "%d %s" % (answer.code, answer.text))))
        print("." if sys.stdout.isatty() else "", end="", flush=True)
    return rows


def keep(postfix, gate, ports):
    print("""
Everything is running; it ends with Ctrl-C.
  inbound mail    smtp://127.0.0.1:%d     e.g. with swaks or any mail program, to anybody at ours.example
  submission      smtp://127.0.0.1:%d     from ours.example
  what passed     %s
  Postfix's log   %s
  sekisho's log   %s
  the rules       %s   (after a change: kill -HUP %d)
  what was decided, and why:
    %s passage list -c %s
    %s passage show -c %s ID""" % (ports["inbound"], ports["outbound"], postfix.directory + "/delivered", postfix.log_path,
                                   gate.log_path, gate.policy, gate.process.pid, stack.program("sekisho"), gate.config,
                                   stack.program("sekisho"), gate.config))
    folder, n = postfix.directory + "/delivered", 0
    os.makedirs(folder)
    while True:
        try:
            for mail in postfix.delivered(1, secs=3600):
                n += 1
                with open("%s/%04d.eml" % (folder, n), "wb") as f:
                    f.write(mail.data)
        except (TimeoutError, AssertionError):
            continue
        except KeyboardInterrupt:
            print()
            return


def main():
    options = argparse.ArgumentParser(prog="demo", description=__doc__)
    options.add_argument("--keep", action="store_true", help="leave it running afterwards, and say how to send more")
    args = options.parse_args()
    folder = tempfile.mkdtemp(prefix="sekisho-demo-")
    os.chmod(folder, 0o755)
    with open(os.path.join(TOP, "etc", "policy.strict")) as f:
        policy = f.read()
    try:
        with stack.Stack(folder, policy) as gate, Postfix() as postfix:
            ports = {"inbound": postfix.add_smtpd([gate.endpoint("inbound")]),
                     "outbound": postfix.add_smtpd([gate.endpoint("outbound")])}
            postfix.start()
            rows = send_all(postfix, gate, ports)
            print("\r", end="")
            print_table(rows)
            n = sum(row[2] == "refused" for row in rows)
            print("\n%d messages: %d delivered, %d refused, by the rules of etc/policy.strict." % (len(rows) - 1, len(rows) - 1 - n, n))
            if args.keep:
                keep(postfix, gate, ports)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
