#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Writes tests/corpus/password: files whose password is "secret", made by zip, 7z and qpdf. What becomes of
them stands in attach-password-test.c. The ciphers draw random numbers, so the bytes differ each time."""

import io
import pathlib
import subprocess
import tempfile
import zipfile

TOP = pathlib.Path(__file__).resolve().parent / "password"
TEXT = b"Der Inhalt: \xe5\xb1\xb1\xe5\xb7\x9d\n" * 40
PROGRAM = b"MZ" + bytes(58) + b"\x40\0\0\0" + b"PE\0\0\x4c\x01" + bytes(300)


def run(folder, *argv, data=None):
    return subprocess.run(argv, cwd=folder, input=data, check=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE).stdout


def make(*argv, **files):
    """The archive that ARGV leaves as x.zip, in a folder with FILES (two underlines for a dot)."""
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            (pathlib.Path(folder) / name.replace("__", ".")).write_bytes(content)
        for one in argv:
            run(folder, *one)
        return (pathlib.Path(folder) / "x.zip").read_bytes()


def info_zip(*more, **files):
    return make(["zip", "-q", "-X", "-P", "secret", *more, "x.zip", *(n.replace("__", ".") for n in files)], **files)


def seven_zip(*more, **files):
    return make(["7z", "a", "-tzip", "-psecret", *more, "x.zip", *(n.replace("__", ".") for n in files)], **files)


def streamed(content):
    return run(None, "zip", "-q", "-P", "secret", "-", "-", data=content)


def near_miss(archive):
    """A wrong password that ZipCrypto's check byte takes for right."""
    for i in range(100000):
        with zipfile.ZipFile(io.BytesIO(archive)) as z:
            try:
                z.open(z.infolist()[0], pwd=b"%d" % i)
                return b"%d" % i
            except RuntimeError:
                pass
    raise SystemExit("no such password")


def spoilt(archive):
    at = archive.index(b"PK\1\2") - 20
    return archive[:at] + bytes([archive[at] ^ 1]) + archive[at + 1:]


def pdf():
    plain = (b"%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R/OpenAction<</S/Launch/F(a.exe)>>>>\nendobj\n"
             b"2 0 obj\n<</Type/Pages/Kids[]/Count 0>>\nendobj\ntrailer\n<</Root 1 0 R/Size 3>>\n%%EOF\n")
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / "a.pdf").write_bytes(plain)
        subprocess.run(["qpdf", "--object-streams=generate", "--encrypt", "secret", "owner", "256", "--", "a.pdf", "b.pdf"],
                       cwd=folder, stderr=subprocess.DEVNULL)  # it warns about the missing table
        return (pathlib.Path(folder) / "b.pdf").read_bytes()


def main():
    classic = info_zip(a__txt=TEXT)
    cases = {
        "classic.zip": classic,
        "classic-stored.zip": info_zip("-0", a__txt=TEXT),
        "classic-tiny.zip": info_zip("-0", a__txt=b"x"),
        "classic-streamed.zip": streamed(TEXT),
        "classic-spoilt.zip": spoilt(classic),
        "classic-near-miss.zip": classic,
        "classic-program.zip": info_zip(a__exe=PROGRAM),
        "classic-nested.zip": info_zip(b__zip=classic),
        "classic-two-passwords.zip": make(["zip", "-q", "-X", "-P", "secret", "x.zip", "a.txt"],
                                          ["zip", "-q", "-X", "-P", "other", "x.zip", "b.txt"], a__txt=TEXT, b__txt=TEXT),
        "classic-some.zip": make(["zip", "-q", "-X", "x.zip", "b.exe"], ["zip", "-q", "-X", "-P", "secret", "x.zip", "a.txt"],
                                 a__txt=TEXT, b__exe=PROGRAM),
        "classic-lzma.zip": seven_zip("-mm=LZMA", "-mem=ZipCrypto", a__txt=TEXT),
        "classic-bomb.zip": info_zip("-9", a__txt=bytes(24 << 20)),
        "aes-128.zip": seven_zip("-mem=AES128", a__txt=TEXT),
        "aes-256.zip": seven_zip("-mem=AES256", a__txt=TEXT),
        "aes-256-stored.zip": seven_zip("-mem=AES256", "-mx0", a__txt=TEXT),
        "aes-256-spoilt.zip": spoilt(seven_zip("-mem=AES256", a__txt=TEXT)),
        "aes-256-bzip2.zip": seven_zip("-mem=AES256", "-mm=BZip2", a__txt=TEXT),
        "aes-256-deflate64.zip": seven_zip("-mem=AES256", "-mm=Deflate64", a__txt=TEXT),
        "aes-256-program.zip": seven_zip("-mem=AES256", a__exe=PROGRAM),
        "launch.pdf": pdf(),
    }
    TOP.mkdir(exist_ok=True)
    for name, content in cases.items():
        (TOP / name).write_bytes(content)
    (TOP / "classic-near-miss.password").write_bytes(near_miss(classic))


main()
