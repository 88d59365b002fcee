#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""make-rar-cases - writes RAR archives byte by byte: no free program packs RAR

Usage: make-rar-cases.py FOLDER        writes FOLDER/CASE/NAME for each case
       make-rar-cases.py --judge       asks 7z, bsdtar and lsar what they make of each

Contents are stored, or packed with a code of eight bits for each byte; all checksums are right unless a case is about a
wrong one. Cipher text and salts are fixed bytes of no meaning: no reader gets that far.

What others made of them (7-Zip 26.02, bsdtar of libarchive 3.6.2, lsar 1.10.7), by --judge: each
case has it after its name in CASES, as "7z / bsdtar / lsar". "+" is seen as encrypted, "-" as
not, "list" asks for a password before it lists, "err" is an error, "none" cannot open. bsdtar
unpacks, the others list; it fails at folders of RAR 5 and at names that are not UTF-8, and never
says of RAR that it is encrypted. unar unpacks both packed cases to the right bytes. No tool at
hand lists RAR 1.4; its fields are those that unrar 6 reads.
"""
import os
import struct
import subprocess
import sys
import tempfile
import zlib

NOISE = bytes((i * 73 + 41) % 256 for i in range(64))
HELLO = b"hello, world\n"


def crc(data):
    return zlib.crc32(data) & 0xFFFFFFFF


class Bits:
    def __init__(self):
        self.text = ""

    def put(self, value, width):
        self.text += format(value, f"0{width}b")

    def bytes(self):
        text = self.text + "0" * (-len(self.text) % 8)
        return bytes(int(text[i:i + 8], 2) for i in range(0, len(text), 8))


def put_lengths(bits, width, end, zeros):
    """The lengths of a code: WIDTH for each byte, END (0: none) for the symbol after them, then
    ZEROS symbols without a code.

    Lengths are coded in turn: WIDTH as 0, END as 100, "repeat" as 101, "few zeros" as 110,
    "zeros" as 111.
    """
    for symbol in range(20):
        bits.put({width: 1, 1: 3, 17: 3, 18: 3, 19: 3}.get(symbol, 0), 4)
    bits.put(0, 1)
    for repeat in (138, 117):
        bits.put(0b101, 3)
        bits.put(repeat - 11, 7)
    if end:
        bits.put(0b100, 3)
    while zeros > 0:
        n = min(zeros, 138) if zeros > 10 else zeros
        bits.put(0b111 if n > 10 else 0b110, 3)
        bits.put(n - 11 if n > 10 else n - 3, 7 if n > 10 else 3)
        zeros -= n


# --- RAR 5 ------------------------------------------------------------------------------------

MARK5 = b"Rar!\x1a\x07\x01\x00"


def vint(n):
    out = bytearray()
    while n > 0x7F:
        out.append(n & 0x7F | 0x80)
        n >>= 7
    out.append(n)
    return bytes(out)


def block5(kind, fields=b"", extra=b"", data=None, flags=0, data_size=None, extra_size=None,
           bad_crc=False):
    if data is not None and data_size is None:
        data_size = len(data)
    flags |= (1 if extra else 0) | (2 if data_size is not None else 0)
    head = vint(kind) + vint(flags)
    if extra:
        head += vint(len(extra) if extra_size is None else extra_size)
    if data_size is not None:
        head += vint(data_size)
    head += fields + extra
    head = vint(len(head)) + head
    sum_ = crc(head) ^ (1 if bad_crc else 0)
    return struct.pack("<I", sum_) + head + (data or b"")


def record(kind, body):
    body = vint(kind) + body
    return vint(len(body)) + body


LOCK5 = record(1, vint(0) + vint(1) + b"\x0f" + NOISE[:16] + NOISE[16:32] + NOISE[32:44])


def pack5(content):
    """One block: flags, check, size, then lengths of 430 symbols, then the bytes."""
    bits = Bits()
    put_lengths(bits, 8, 0, 306 - 256 + 64 + 16 + 44)
    for byte in content:
        bits.put(byte, 8)
    body = bits.bytes()
    last = (len(bits.text) - 1) % 8
    size = struct.pack("<H", len(body))
    flags = 0xC0 | 1 << 3 | last
    return bytes([flags, 0x5A ^ flags ^ size[0] ^ size[1]]) + size + body


def main5(flags=0, volume=None):
    return block5(1, vint(flags) + (vint(volume) if volume is not None else b""))


def entry5(name, content, lock=False, kind=2, flags=0, folder=False, extra=b"", packed=False,
           no_data=False, **more):
    data = pack5(content) if packed else content if not lock else (NOISE * (len(content) // 64 + 1))[:(len(content) + 15) // 16 * 16]
    if not isinstance(name, bytes):
        name = name.encode()
    fields = vint((1 if folder else 0) | (0 if folder else 4)) + vint(len(content)) + vint(
        0o40755 if folder else 0o100644)
    if not folder:
        fields += struct.pack("<I", crc(content))
    fields += vint(3 << 7 if packed else 0) + vint(1) + vint(len(name)) + name
    return block5(kind, fields, extra=extra + (LOCK5 if lock else b""),
                  data=None if no_data else data, flags=flags, **more)


def end5(flags=0):
    return block5(5, vint(flags))


def headers_locked5():
    check = NOISE[:8]
    return MARK5 + block5(4, vint(0) + vint(1) + b"\x0f" + NOISE[:16] + check + NOISE[8:12]) + NOISE * 3


# --- RAR 1.5 to 4 -----------------------------------------------------------------------------

MARK4 = b"Rar!\x1a\x07\x00"


def block4(kind, flags, body=b"", data=b"", bad_crc=False):
    head = struct.pack("<BHH", kind, flags, 7 + len(body)) + body
    sum_ = crc(head) & 0xFFFF ^ (1 if bad_crc else 0)
    return struct.pack("<H", sum_) + head + data


def pack4(content):
    """One block, LZ, new lengths of 404 symbols, then the bytes, then the end of the block, with as many
    bits to spare as a reader may look ahead."""
    bits = Bits()
    bits.put(0, 2)
    put_lengths(bits, 9, 1, 299 - 257 + 60 + 17 + 28)
    for byte in content:
        bits.put(0x100 | byte, 9)
    bits.put(0, 3)
    return bits.bytes() + bytes(4)


def main4(flags=0):
    return block4(0x73, flags, bytes(6))


def entry4(name, content, lock=False, kind=0x74, flags=0, version=29, folder=False,
           size=None, large=False, packed=False, **more):
    data = pack4(content) if packed else content if not lock else (NOISE * (len(content) // 64 + 1))[:(len(content) + 15) // 16 * 16]
    if not isinstance(name, bytes):
        name = name.encode("ascii")
    size = len(data) if size is None else size
    flags |= 0x8000 | (4 if lock else 0) | (0xE0 if folder else 0) | (0x100 if large else 0)
    flags |= 0x400 if lock and version >= 29 else 0
    body = struct.pack("<IIBIIBBHI", size & 0xFFFFFFFF, len(content), 2, crc(content), 0x58000000,
                       version, 0x33 if packed else 0x30, len(name), 0x10 if folder else 0x20)
    if large:
        body += struct.pack("<II", size >> 32, 0)
    body += name
    if lock and version >= 29:
        body += NOISE[:8]
    return block4(kind, flags, body, data, **more)


def end4(flags=0):
    return block4(0x7B, 0x4000 | flags)


def old_comment4():
    """A main header of RAR 2 with a comment in it: the checksum covers the first part only."""
    text = b"a comment"
    inner = struct.pack("<BHHHBBH", 0x75, 0, 13 + len(text), len(text), 20, 0x30,
                        crc(text) & 0xFFFF)
    inner = struct.pack("<H", crc(inner) & 0xFFFF) + inner + text
    head = struct.pack("<BHH", 0x73, 2, 13 + len(inner)) + bytes(6)
    return struct.pack("<H", crc(head) & 0xFFFF) + head + inner


def unicode_name4():
    """\u65e5\u672c.txt, as RAR 3 has it: old name, NUL, high byte, then flags for four units."""
    old = b"__.txt"
    code = bytes([0x65, 0b10_10_11_00, 0xE5, 0x65, 0x2C, 0x67, 0x02])
    return old + b"\0" + code


# --- RAR 1.4 ----------------------------------------------------------------------------------


def entry14(name, content, flags=0, method=0, size=None):
    name = name.encode("ascii")
    return struct.pack("<IIHHIBBBBB", len(content) if size is None else size, len(content),
                       sum(content) & 0xFFFF, 21 + len(name), 0x58000000, 0x20, flags, 2,
                       len(name), method) + name + content


def rar14(*entries, flags=0):
    return b"RE~^" + struct.pack("<HB", 7, flags) + b"".join(entries)


# --- the cases --------------------------------------------------------------------------------

# An encrypted archive inside: only who opened the outer one can say so.
INNER = MARK5 + main5() + entry5("secret.txt", HELLO, lock=True) + end5()


def cases():
    yield "rar5-plain", "plain.rar", "- / err / -", MARK5 + main5() + entry5(
        "a.txt", HELLO) + entry5("folder", b"", folder=True) + entry5(
        "empty.txt", b"") + entry5("inner.rar", INNER) + end5()
    yield "rar5-packed", "packed.rar", "- / err / -", MARK5 + main5() + entry5(
        "folder", b"", folder=True) + entry5("a.txt", HELLO) + entry5(
        "inner.rar", INNER, packed=True) + end5()
    yield "rar5-packed-beside-encrypted", "packed.rar", "+ / - / +", MARK5 + main5() + entry5(
        "b.txt", HELLO, lock=True) + entry5("inner.rar", INNER, packed=True) + end5()
    yield "rar5-packed-broken", "packed.rar", "- / err / -", MARK5 + main5() + entry5(
        "inner.rar", INNER, packed=True)[:-1] + b"\xff" + end5()
    yield "rar5-stored-wrong-checksum", "stored.rar", "- / - / -", MARK5 + main5() + entry5(
        "a.txt", HELLO)[:-1] + b"?" + end5()
    yield "rar5-no-data", "empty.rar", "- / err / -", MARK5 + main5() + entry5(
        "empty.txt", b"", no_data=True) + entry5("inner.rar", INNER) + end5()
    yield "rar5-encrypted-all", "locked.rar", "+ / - / +", MARK5 + main5() + entry5(
        "a.txt", HELLO, lock=True) + entry5("b.txt", HELLO * 3, lock=True) + end5()
    yield "rar5-encrypted-some", "mixed.rar", "+ / - / +", MARK5 + main5() + entry5(
        "a.txt", HELLO) + entry5("b.txt", HELLO, lock=True) + entry5("inner.rar", INNER) + end5()
    yield "rar5-encrypted-headers", "headers.rar", "list / err / list", headers_locked5()
    yield "rar5-encrypted-comment", "comment.rar", "- / - / -", MARK5 + main5() + entry5(
        "CMT", b"a comment", kind=3, lock=True) + entry5("a.txt", HELLO) + end5()
    yield "rar5-comment", "comment.rar", "- / - / -", MARK5 + main5() + entry5(
        "CMT", b"a comment", kind=3) + entry5("a.txt", HELLO) + end5()
    yield "rar5-encrypted-behind-record", "record.rar", "+ / - / +", MARK5 + main5() + entry5(
        "a.txt", HELLO, lock=True, extra=record(3, vint(2) + bytes(8))) + end5()
    yield "rar5-encrypted-folder-only", "folder.rar", "- / err / -", MARK5 + main5() + entry5(
        "folder", b"", folder=True) + end5()
    yield "rar5-volume-first", "volume.part1.rar", "err / - / -", MARK5 + main5(1) + entry5(
        "a.bin", HELLO, flags=0x10) + end5(1)
    yield "rar5-volume-later", "volume.part2.rar", "err / - / -", MARK5 + main5(3, 1) + entry5(
        "a.bin", HELLO, flags=8) + entry5("inner.rar", INNER, packed=True) + end5()
    yield "rar5-truncated-data", "cut.rar", "err / err / -", (MARK5 + main5() + entry5(
        "a.txt", HELLO) + entry5("b.txt", HELLO * 9))[:-20]
    yield "rar5-truncated-header", "cut.rar", "err / - / err", (MARK5 + main5() + entry5(
        "a.txt", HELLO) + entry5("b.txt", HELLO)[:9])
    yield "rar5-no-end", "cut.rar", "err / - / -", MARK5 + main5() + entry5("a.txt", HELLO)
    yield "rar5-wrong-checksum-encrypted", "sum.rar", "err / err / +", MARK5 + main5() + entry5(
        "a.txt", HELLO, lock=True, bad_crc=True) + end5()
    yield "rar5-lying-data-size", "size.rar", "err / err / err", MARK5 + main5() + entry5(
        "a.txt", HELLO, data_size=2**63 + 5) + end5()
    yield "rar5-lying-extra-size", "extra.rar", "err / err / +", MARK5 + main5() + entry5(
        "a.txt", HELLO, lock=True, extra_size=2**40) + end5()
    yield "rar5-lying-record-size", "record.rar", "err / - / -", MARK5 + main5() + entry5(
        "a.txt", HELLO, extra=vint(2**50) + vint(3) + bytes(5)) + end5()
    yield "rar5-vint-overflow", "vint.rar", "err / err / -", MARK5 + main5() + struct.pack(
        "<I", 0) + b"\xff" * 12 + end5()
    yield "rar5-huge-header-size", "vint.rar", "none / err / err", MARK5 + struct.pack(
        "<I", 0) + vint(2**31) + HELLO
    yield "rar5-name-cp932", "name.rar", "- / err / -", MARK5 + main5() + entry5(
        "\u8868.txt".encode("cp932"), HELLO) + entry5("inner.rar", INNER) + end5()

    yield "rar4-plain", "plain.rar", "- / - / -", MARK4 + main4() + entry4(
        "a.txt", HELLO) + entry4("folder", b"", folder=True) + entry4(
        "empty.txt", b"") + entry4("inner.rar", INNER) + end4()
    yield "rar4-packed", "packed.rar", "- / - / -", MARK4 + main4() + entry4(
        "folder", b"", folder=True) + entry4("a.txt", HELLO) + entry4(
        "inner.rar", INNER, packed=True) + end4()
    yield "rar4-packed-beside-encrypted", "packed.rar", "+ / - / +", MARK4 + main4() + entry4(
        "b.txt", HELLO, lock=True) + entry4("CMT", b"a comment", kind=0x7A) + entry4(
        "inner.rar", INNER, packed=True) + end4()
    yield "rar4-volume-later", "volume.r00", "- / - / -", MARK4 + main4(1) + entry4(
        "a.bin", HELLO, flags=1) + entry4("inner.rar", INNER, packed=True) + end4()
    yield "rar4-encrypted-all", "locked.rar", "+ / - / +", MARK4 + main4() + entry4(
        "a.txt", HELLO, lock=True) + end4()
    yield "rar4-encrypted-some", "mixed.rar", "+ / - / +", MARK4 + main4() + entry4(
        "a.txt", HELLO) + entry4("b.txt", HELLO, lock=True) + entry4("inner.rar", INNER) + end4()
    yield "rar4-encrypted-headers", "headers.rar", "list / + / list", MARK4 + main4(
        0x80) + NOISE * 3
    yield "rar4-encrypted-comment", "comment.rar", "- / - / -", MARK4 + main4() + entry4(
        "CMT", b"a comment", kind=0x7A, lock=True) + entry4("a.txt", HELLO) + end4()
    yield "rar2-comment", "old.rar", "- / err / err", MARK4 + old_comment4() + entry4(
        "inner.rar", INNER, version=20)
    yield "rar2-encrypted", "old.rar", "+ / - / +", MARK4 + main4() + entry4(
        "a.txt", HELLO, lock=True, version=20)
    yield "rar4-volume", "volume.rar", "err / - / -", MARK4 + main4(0x101) + entry4(
        "a.bin", HELLO, flags=2) + end4(1)
    yield "rar4-unicode-name", "name.rar", "- / - / -", MARK4 + main4() + entry4(
        unicode_name4(), INNER, flags=0x200) + end4()
    yield "rar4-name-cp932", "name.rar", "- / - / -", MARK4 + main4() + entry4(
        "\u8868.rar".encode("cp932"), INNER) + end4()
    yield "rar4-large", "large.rar", "- / - / -", MARK4 + main4() + entry4(
        "inner.rar", INNER, large=True) + end4()
    yield "rar4-lying-large-size", "large.rar", "- / err / err", MARK4 + main4() + entry4(
        "a.txt", HELLO, large=True, size=2**63 + 13) + end4()
    yield "rar4-truncated", "cut.rar", "err / err / -", (MARK4 + main4() + entry4(
        "a.txt", HELLO * 9))[:-20]
    yield "rar4-no-end", "cut.rar", "- / - / -", MARK4 + main4() + entry4("a.txt", HELLO)
    yield "rar4-wrong-checksum-encrypted", "sum.rar", "err / err / +", MARK4 + main4() + entry4(
        "a.txt", HELLO, lock=True, bad_crc=True) + end4()

    yield "rar14-plain", "old.rar", "none / none / err", rar14(
        entry14("A.TXT", HELLO), entry14("INNER.RAR", INNER))
    yield "rar14-encrypted", "old.rar", "none / none / err", rar14(entry14("A.TXT", HELLO, flags=4))
    yield "rar14-packed", "old.rar", "none / none / err", rar14(entry14("A.TXT", HELLO, method=3))
    yield "rar14-truncated", "old.rar", "none / none / err", rar14(
        entry14("A.TXT", HELLO, size=5000))


def write(folder):
    for case, name, _, content in cases():
        os.makedirs(os.path.join(folder, case), exist_ok=True)
        with open(os.path.join(folder, case, name), "wb") as out:
            out.write(content)


def run(*command):
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              errors="replace", timeout=5, check=False)
    except subprocess.TimeoutExpired:
        return 1, "hangs"
    return done.returncode, done.stdout + done.stderr


def judge_7z(path):
    code, text = run("7z", "l", "-slt", "-p-", path)
    if "Wrong password" in text:
        return "list"
    if "Cannot open the file as" in text or "Can not open" in text:
        return "none"
    if "Encrypted = +" in text:
        return "+"
    return "err" if code or "ERROR" in text else "-"


def judge_bsdtar(path):
    code, text = run("bsdtar", "xOf", path)
    if "Unrecognized archive" in text:
        return "none"
    if "encryption support unavailable" in text:
        return "+"
    if text == "hangs":
        return text
    return "err" if code else "-"


def judge_lsar(path):
    code, text = run("lsar", "-l", path)
    flags = [line.split()[1] for line in text.splitlines() if line.strip()[:1].isdigit()
             and line.split()[0].endswith(".")]
    if "password" in text.lower():
        return "list"
    if "Couldn't recognize" in text:
        return "none"
    if any("E" in flag for flag in flags):
        return "+"
    return "err" if code else "-"


def judge():
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        write(folder)
        for case, name, noted, _ in cases():
            path = os.path.join(folder, case, name)
            seen = " / ".join((judge_7z(path), judge_bsdtar(path), judge_lsar(path)))
            wrong += seen != noted
            print(f"{case}: {seen}" + ("" if seen == noted else f"   (noted: {noted})"))
    return 1 if wrong else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    if sys.argv[1] == "--judge":
        sys.exit(judge())
    write(sys.argv[1])
