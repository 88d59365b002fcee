#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""blob-oracle.py DUMP - a second implementation of src/blob/blob-format.h, against which DUMP is tried both ways.

`blob-oracle.py KEY ID` seals its input as DUMP does, for whoever wants to see bytes.
"""
import subprocess
import sys

try:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
except ImportError:
    AESGCM = None

CHUNK = 65536
DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"
KEY = bytes(range(100, 132))
ID = "5k2xq0m3v8t7r6w9yzabcdefgh"
SIZES = (0, 1, 15, 16, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK - 1, 2 * CHUNK, 2 * CHUNK + 1, 5 * CHUNK + 12345)


def header(name):
    number = 0
    for digit in name:
        number = number * 32 + DIGITS.index(digit)
    return b"SKB1" + CHUNK.to_bytes(4, "big") + number.to_bytes(16, "big")


def seal(key, name, plain):
    stored = head = header(name)
    pieces = [plain[at:at + CHUNK] for at in range(0, len(plain), CHUNK)] or [b""]
    for number, piece in enumerate(pieces):
        last = number == len(pieces) - 1
        nonce = bytes(3) + number.to_bytes(8, "big") + bytes([last])
        stored += AESGCM(key).encrypt(nonce, piece, head)
    return stored


def run(dump, way, data):
    return subprocess.run([dump, way, KEY.hex(), ID], input=data, capture_output=True, check=False).stdout


def main():
    if AESGCM is None:
        print("1..0 # SKIP python3-cryptography is not installed")
        return 0
    if len(sys.argv) == 3:
        sys.stdout.buffer.write(seal(bytes.fromhex(sys.argv[1]), sys.argv[2], sys.stdin.buffer.read()))
        return 0
    print(f"1..{2 * len(SIZES)}")
    failed = 0
    for number, size in enumerate(SIZES):
        plain = bytes(i * i % 251 for i in range(size))
        theirs = seal(KEY, ID, plain)
        for way, given, wanted in (("seal", plain, theirs), ("open", theirs, plain)):
            right = run(sys.argv[1], way, given) == wanted
            failed += not right
            print(f"{'ok' if right else 'not ok'} {2 * number + (way == 'open') + 1} - {way} {size}")
    return 1 if failed else 0


sys.exit(main())
