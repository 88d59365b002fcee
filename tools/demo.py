# SPDX-License-Identifier: Apache-2.0
"""Sends real mail through a real Postfix with sekisho in front, and shows what became of it.

First a dozen mails that are answered at once, then three that wait: one leaves when its time is over, one is stopped by its
sender, one stays in quarantine until somebody gives the password.
"""
import argparse
import email
import email.policy
import json
import os
import re
import shutil
import sys
import tempfile
import textwrap
import time

sys.dont_write_bytecode = True
TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(TOP, "tests", "lib"))

import samples
import stack
from postfix import Postfix, free_port

OURS, THEIRS = "hanako@ours.example", "taro@theirs.example"
# Besides etc/policy.strict: mail that waits, for certain addresses only.
WAITS = """
outbound when to "soon@theirs.example" then hold for 2s
outbound when to "later@theirs.example" then hold for 10m
inbound when attach.encrypted and to "keiri@ours.example" then hold for password
"""
# What the table calls the states of a held copy.
FATES = {"sent": "delivered", "stopped": "stopped", "waiting": "held"}


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


def print_sum(fates):
    kinds = ["%d %s" % (fates.count(fate), fate) for fate in ("delivered", "refused", "stopped", "held")]
    print("\n%d messages: %s, by the rules of etc/policy.strict and three for mail that waits." % (len(fates), ", ".join(kinds)))


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


class Held:
    """Mail that waits: what it was held for, and what people and time made of it."""

    def __init__(self, postfix, gate, ports):
        self.postfix, self.gate, self.ports, self.notices = postfix, gate, ports, []

    def send(self, what, direction, to, attachments=()):
        """The one copy that waits, as `hold list` has it."""
        sender = THEIRS if direction == "inbound" else OURS
        data = samples.message(sender, [to], what, attachments)
        self.answer = self.postfix.send(self.ports[direction], sender, [to], data, login="hanako" if direction == "outbound" else None)
        copy, = [copy for copy in self.copies() if copy["subject"] == what]
        return copy

    def copies(self):
        listed = self.gate.command("hold", "list", "--ended", "--json", "-c", self.gate.config)
        return [json.loads(line) for line in listed.splitlines()]

    def wait_for_end(self, ident):
        """The copy when nothing can be done with it any more."""
        end = time.time() + 30
        while time.time() < end:
            copy, = [copy for copy in self.copies() if copy["id"] == ident]
            if copy["state"] not in ("waiting", "releasing"):
                return copy
            time.sleep(.1)
        raise TimeoutError(self.gate.log())

    def notice_about(self, subject):
        """The first notice that names SUBJECT, among all mail that came."""
        while True:
            for notice in self.notices:
                if subject in notice["Subject"]:
                    return notice
            self.notices += [email.message_from_bytes(mail.data, policy=email.policy.SMTP)
                             for mail in self.postfix.delivered(1) if not mail.sender]

    def row(self, what, direction, fate, copy, *lines):
        ids = [finding.split(":")[0] for finding in copy.get("findings", ())]
        return (what, direction, fate, "found:  " + (", ".join(ids) or "nothing"),
                "answer: %d %s" % (self.answer.code, self.answer.text), *lines)

    def leaves(self):
        what = "waits for two seconds"
        copy = self.wait_for_end(self.send(what, "outbound", "soon@theirs.example")["id"])
        waited = (copy["ended_us"] - copy["made_us"]) / 1e6
        return self.row(what, "outbound", FATES[copy["state"]], copy, "held:   left after %.1f s" % waited)

    def is_stopped(self):
        what = "stopped by its sender"
        copy = self.send(what, "outbound", "later@theirs.example")
        notice = self.notice_about(what)
        self.postfix.send(self.ports["inbound"], OURS, [notice["Reply-To"].addresses[0].addr_spec],
                          samples.message(OURS, [notice["Reply-To"]], "Re: " + notice["Subject"], text="stop\n"))
        copy = self.wait_for_end(copy["id"])
        return self.row(what, "outbound", FATES[copy["state"]], copy, "held:   for 10 minutes; its sender answered the notice, which stops it")

    def is_quarantined(self):
        what = "PPAP that accounting needs"
        copy = self.send(what, "inbound", "keiri@ours.example", [("minutes.zip", samples.encrypted_zip())])
        self.notice_about(what)
        return self.row(what, "inbound", FATES[copy["state"]], copy, "held:   until its recipient gives the password; he was told")

    def rows(self):
        return [self.leaves(), self.is_stopped(), self.is_quarantined()]


def keep(postfix, gate, ports):
    print("""
Everything is running; it ends with Ctrl-C.
  inbound mail    smtp://127.0.0.1:%d     e.g. with swaks or any mail program, to anybody at ours.example
  submission      smtp://127.0.0.1:%d     from ours.example
  what passed     %s
  Postfix's log   %s
  sekisho's log   %s
  the rules       %s   (after a change: kill -HUP %d)
  mail that waits  to soon@theirs.example and later@theirs.example, and encrypted files to keiri@ours.example
    %s hold list -c %s
  what was decided, and why:
    %s passage list -c %s
    %s passage show -c %s ID""" % (ports["inbound"], ports["outbound"], postfix.directory + "/delivered", postfix.log_path,
                                   gate.log_path, gate.policy, gate.process.pid, stack.program("sekisho"), gate.config, stack.program("sekisho"), gate.config,
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
    options = argparse.ArgumentParser(prog="demo", description=__doc__.splitlines()[0])
    options.add_argument("--keep", action="store_true", help="leave it running afterwards, and say how to send more")
    args = options.parse_args()
    folder = tempfile.mkdtemp(prefix="sekisho-demo-")
    os.chmod(folder, 0o755)
    release = free_port()
    with open(os.path.join(TOP, "etc", "policy.strict")) as f:
        policy = f.read().replace("inbound when attach.encrypted then", 'inbound when attach.encrypted and not to "keiri@ours.example" then') + WAITS
    try:
        gate = stack.Stack(folder, policy, hold__release="inet:127.0.0.1:%d" % release, notice__reply="stop@ours.example",
                           notice__language="en")
        gate.command("key", "init", "-c", gate.config)
        with gate, Postfix() as postfix:
            postfix.add_release(gate.endpoint("release"), release)
            ports = {"inbound": postfix.add_smtpd([gate.endpoint("inbound")]),
                     "outbound": postfix.add_smtpd([gate.endpoint("outbound")])}
            postfix.start()
            rows = send_all(postfix, gate, ports) + Held(postfix, gate, ports).rows()
            print("\r", end="")
            print_table(rows)
            print_sum([row[2] for row in rows[1:]])
            if args.keep:
                keep(postfix, gate, ports)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
