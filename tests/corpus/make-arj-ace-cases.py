#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""make-arj-ace-cases - has arj (3.10) pack the ARJ cases, writes the ACE ones byte by byte

Usage: make-arj-ace-cases.py FOLDER      writes FOLDER/CASE/NAME for each case

Garbled files are asked of 7-Zip too: "7z l -slt" says "Encrypted = +" of the same ones, and
arj itself lists them with a G. GOST is made of a garbled one: arj -hg dies. No free program packs
ACE; the fields are those acefile reads.
"""
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import zlib

HELLO = b"hello, world\n"
NOISE = bytes((i * 73 + 41) % 256 for i in range(64))



def vint(n):
    return bytes([n]) if n < 0x80 else bytes([n & 0x7F | 0x80]) + vint(n >> 7)


def inner():
    """The smallest encrypted RAR 5: only who opened the archive around it can say so."""
    lock = vint(1) + vint(0) + vint(1) + b"\x0f" + NOISE[:44]
    lock = vint(len(lock)) + lock
    name = b"secret.txt"
    head = (vint(2) + vint(3) + vint(len(lock)) + vint(16) + vint(4) + vint(13) + vint(0o100644)
            + struct.pack("<I", zlib.crc32(HELLO)) + vint(0) + vint(1) + vint(len(name)) + name)
    out = b"Rar!\x1a\x07\x01\x00"
    for block, data in ((vint(1) + vint(0) + vint(0), b""), (head + lock, NOISE[:16]),
                        (vint(5) + vint(0) + vint(0), b"")):
        block = vint(len(block)) + block
        out += struct.pack("<I", zlib.crc32(block)) + block + data
    return out


# --- ARJ --------------------------------------------------------------------------------------


def arj(work, name, files, *options):
    subprocess.run(["arj", "a", "-i", "-y", *options, name, *files], cwd=work, check=True,
                   stdout=subprocess.DEVNULL)
    with open(os.path.join(work, name), "rb") as done:
        content = done.read()
    os.unlink(os.path.join(work, name))
    return content


def header_at(archive, index):
    """Where header INDEX starts, the main one being 0."""
    at = 0
    for i in range(index):
        size, = struct.unpack_from("<H", archive, at + 2)
        data, = struct.unpack_from("<I", archive, at + 4 + 12)
        at += 4 + size + 4 + 2 + (data if i else 0)
    return at


def changed(archive, index, at, what, right=True):
    """With WHAT at AT in header INDEX, whose checksum is made right again."""
    out = bytearray(archive)
    start = header_at(archive, index) + 4
    size, = struct.unpack_from("<H", archive, start - 2)
    out[start + at:start + at + len(what)] = what
    if right:
        struct.pack_into("<I", out, start + size, zlib.crc32(bytes(out[start:start + size])))
    return bytes(out)


def arj_cases(work):
    plain = arj(work, "x.arj", ["a.txt", "inner.rar"], "-m0")
    yield "arj-stored", "plain.arj", plain
    yield "arj-packed", "packed.arj", arj(work, "x.arj", ["numbers.csv", "inner.rar"], "-m1")
    yield "arj-garbled-all", "locked.arj", arj(work, "x.arj", ["a.txt", "numbers.csv"], "-gsecret")
    locked = arj(work, "x.arj", ["a.txt"], "-gsecret", "-m0")
    start = header_at(locked, 1)
    yield "arj-garbled-gost", "locked.arj", changed(locked, 0, 28, b"\4")
    yield "arj-garbled-some", "mixed.arj", plain[:-4] + locked[start:]
    yield "arj-split", "volume.arj", changed(changed(plain, 0, 4, bytes([0x14])), 2, 4,
                                             bytes([0x14]))
    yield "arj-truncated", "cut.arj", plain[:-30]
    yield "arj-no-end", "cut.arj", plain[:-4]
    yield "arj-wrong-checksum", "sum.arj", changed(locked, 1, 8, b"?", right=False)
    yield "arj-wrong-data", "data.arj", changed(plain, 1, 20, b"????")
    yield "arj-lying-size", "size.arj", changed(plain, 1, 12, b"\xff\xff\xff\xff")


# --- ACE --------------------------------------------------------------------------------------


def crc(data):
    return ~zlib.crc32(data) & 0xFFFFFFFF


def header(kind, flags, body, wrong=False):
    head = struct.pack("<BH", kind, flags) + body
    return struct.pack("<HH", crc(head) & 0xFFFF ^ wrong, len(head)) + head


def ace_main(flags=0, volume=0):
    return header(0, flags | 0x100, b"**ACE**" + bytes([20, 20, 2, volume]) + bytes(12))


def ace_file(name, content, flags=0, method=0, wide=False, size=None, sum_=None, **more):
    name = name.encode("cp932")
    packed = len(content) if size is None else size
    sizes = struct.pack("<QQ" if wide else "<II", packed, len(content))
    body = sizes + struct.pack("<IIIBBHHH", 0x58000000, 0x20,
                               crc(content) if sum_ is None else sum_, method, 3, 10, 0,
                               len(name)) + name
    return header(3 if wide else 1, flags | 1 | (4 if wide else 0), body, **more) + content


def ace_cases():
    plain = ace_main() + ace_file("a.txt", HELLO) + ace_file("inner.rar", inner())
    yield "ace-stored", "plain.ace", plain
    yield "ace-wide", "plain.ace", ace_main() + ace_file("inner.rar", inner(), wide=True)
    yield "ace-name-cp932", "name.ace", ace_main() + ace_file("\u8868.rar", inner())
    yield "ace-packed", "packed.ace", ace_main() + ace_file("a.txt", HELLO, method=2)
    yield "ace-encrypted-all", "locked.ace", ace_main() + ace_file("a.txt", HELLO, flags=0x4000)
    yield "ace-encrypted-some", "mixed.ace", ace_main() + ace_file(
        "a.txt", HELLO, flags=0x4000) + ace_file("inner.rar", inner())
    yield "ace-split", "volume.ace", ace_main(0x800, 1) + ace_file("a.txt", HELLO, flags=0x1000)
    yield "ace-truncated", "cut.ace", plain[:-9]
    yield "ace-wrong-checksum", "sum.ace", ace_main() + ace_file(
        "a.txt", HELLO, flags=0x4000, wrong=True)
    yield "ace-wrong-data", "data.ace", ace_main() + ace_file("a.txt", HELLO, sum_=1)
    yield "ace-lying-size", "size.ace", ace_main() + ace_file(
        "a.txt", HELLO, wide=True, size=2**63 + 9)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory() as work:
        for name, content in (("a.txt", HELLO), ("inner.rar", inner()),
                              ("numbers.csv", b"".join(b"%d\n" % i for i in range(400)))):
            with open(os.path.join(work, name), "wb") as out:
                out.write(content)
        for case, name, content in [*arj_cases(work), *ace_cases()]:
            folder = os.path.join(sys.argv[1], case)
            shutil.rmtree(folder, ignore_errors=True)
            os.makedirs(folder)
            with open(os.path.join(folder, name), "wb") as out:
                out.write(content)


if __name__ == "__main__":
    main()
