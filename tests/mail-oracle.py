#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""mail-oracle.py DUMP FOLDER - compares DUMP's view of the messages in FOLDER with Python's email package.

Only messages that Python reads in the one way there is: the clean ones and the plain wrappings of one archive. What
must agree is the path, type, file name and content of every part.
"""
import email
import hashlib
import os
import subprocess
import sys
from email.header import decode_header

PLAIN = ("zip-base64", "zip-single", "zip-quoted-printable", "zip-binary", "zip-x-uuencode", "zip-message",
         "zip-message-in-message", "zip-digest", "zip-no-file-name", "zip-name-2231-pieces", "zip-name-2047",
         "zip-wrong-type", "zip-in-alternative", "zip-in-related", "zip-no-close-boundary", "zip-boundary-in-pieces")

# Python takes filename before filename*; RFC 6266 4.3 and mail programs take the other.
OTHER_NAME = ("clean-web-form",)


def decode(text):
    """Encoded words inside parameters, which Python leaves to its caller; windows' ISO-2022-JP is not its own."""
    pieces = decode_header(text.replace("\r\n", ""))
    return "".join(piece if isinstance(piece, str) else piece.decode(charset or "ascii") for piece, charset in pieces)


def leaves(message, path, top):
    """(path, type, name, SHA-256) of each leaf below MESSAGE."""
    if message.get_content_maintype() == "multipart":
        for number, part in enumerate(message.get_payload(), 1):
            yield from leaves(part, f"{path}.{number}".strip("."), False)
        return
    here = f"{path}.1".strip(".") if top else path
    if message.get_content_type() == "message/rfc822":
        yield from leaves(message.get_payload(0), here, True)
        return
    name = message.get_filename()
    if message.get_content_maintype() == "message":
        yield here, message.get_content_type(), "-", None
        return
    yield (here, message.get_content_type(), decode(name) if name else "-",
           hashlib.sha256(message.get_payload(decode=True)).hexdigest())


def agree(dump, path):
    said = subprocess.run([dump, path], capture_output=True, text=True, check=True).stdout
    ours = [tuple(line.split("\t")) for line in said.splitlines()]
    with open(path, "rb") as file:
        theirs = list(leaves(email.message_from_bytes(file.read()), "", True))
    if len(ours) != len(theirs):
        return f"{ours} != {theirs}"
    for one, other in zip(ours, theirs):
        same_name = one[2] == other[2] or os.path.basename(os.path.dirname(path)) in OTHER_NAME
        if one[:2] != other[:2] or not same_name or other[3] not in (None, one[3]):
            return f"{one} != {other}"
    return None


def main():
    dump, folder = sys.argv[1:]
    failed = 0
    cases = sorted(n for n in os.listdir(folder) if n.startswith("clean-") or n in PLAIN)
    print(f"1..{len(cases)}")
    for number, name in enumerate(cases, 1):
        trouble = agree(dump, os.path.join(folder, name, "message.eml"))
        print(f"{'not ok' if trouble else 'ok'} {number} {name}")
        if trouble:
            print("#", trouble)
            failed += 1
    return 1 if failed or not cases else 0


sys.exit(main())
