#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the document cases of tests/corpus/attach: input files only, never `expect`.

    python3 tests/corpus/make-document-cases.py tests/corpus/attach

Needs qpdf and python3-cryptography. Everything is made of fixed salts and keys, so that a second
run changes nothing but PDF identifiers. The key derivations below are a second writing of
[MS-OFFCRYPTO], beside the one in C; they were compared with known answers that msoffcrypto-tool
publishes: RC4 40-bit key and verifier ("password1"), XOR verifier ("VelvetSweatshop"), standard
key and verifier and agile verifier and key ("Password1234_"). The XOR key was compared with the
standard's table of numbers for random passwords. `--self-test` repeats what needs no table.
PDFs are qpdf's own, save the ones that it refuses to write.
"""

import base64
import hashlib
import io
import os
import struct
import subprocess
import sys
import tempfile
import zipfile
import zlib

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

VELVET = "VelvetSweatshop"
HANNES = "/01Hannes Ruescher/01"
SALT = bytes(range(0x10, 0x20))
VERIFIER = bytes(range(0x40, 0x50))
FREE, END, FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


# Compound files ([MS-CFB]).
class Cfb:
    def __init__(self, clsid=bytes(16)):
        self.entries = [["Root Entry", 5, clsid, b"", 0]]  # name, kind, clsid, data, parent

    def storage(self, path, clsid=bytes(16)):
        parent = 0
        for name in path:
            found = [
                i
                for i, e in enumerate(self.entries)
                if i and e[0] == name and e[4] == parent and e[1] == 1
            ]
            if not found:
                self.entries.append([name, 1, clsid, b"", parent])
                found = [len(self.entries) - 1]
            parent = found[0]
        return parent

    def add(self, path, data):
        path = path if isinstance(path, tuple) else (path,)
        parent = self.storage(path[:-1])
        self.entries.append([path[-1], 2, bytes(16), data, parent])
        return self

    def bytes(self):
        sectors, fat = [], []

        def chain(data, n_sectors=None):
            n = (len(data) + 511) // 512 if n_sectors is None else n_sectors
            first = len(fat)
            for i in range(n):
                sectors.append(data[i * 512 : i * 512 + 512].ljust(512, b"\0"))
                fat.append(first + i + 1 if i < n - 1 else END)
            return first if n else END

        mini, mini_fat, starts = b"", [], {}
        for i, (_, kind, _, data, _) in enumerate(self.entries):
            if kind != 2 or not data:
                starts[i] = END
            elif len(data) >= 4096:
                starts[i] = chain(data)
            else:
                starts[i] = len(mini) // 64
                n = (len(data) + 63) // 64
                mini_fat += [len(mini_fat) + k + 1 for k in range(n - 1)] + [END]
                mini += data.ljust(n * 64, b"\0")
        starts[0] = chain(mini)
        mini_start = chain(struct.pack("<%dI" % len(mini_fat), *mini_fat)) if mini_fat else END
        n_mini = (len(mini_fat) * 4 + 511) // 512
        left, right, child = {}, {}, {}
        for parent in range(len(self.entries)):
            names = [i for i, e in enumerate(self.entries) if i and e[4] == parent]
            names.sort(key=lambda i: (len(self.entries[i][0]), self.entries[i][0].upper()))
            if names:
                child[parent] = self.tree(names, left, right)
        directory = b""
        for i, (name, kind, clsid, data, _) in enumerate(self.entries):
            wide = name.encode("utf-16le") + b"\0\0"
            size = len(mini) if i == 0 else len(data)
            directory += wide.ljust(64, b"\0") + struct.pack(
                "<HBBIII", len(wide), kind, 1, left.get(i, FREE), right.get(i, FREE), child.get(i, FREE)
            )
            directory += clsid + bytes(20) + struct.pack("<IQ", starts[i], size)
        while len(directory) % 512:
            directory += bytes(68) + struct.pack("<III", FREE, FREE, FREE) + bytes(48)
        dir_start = chain(directory)
        n_fat = 0
        while (len(fat) + n_fat + 127) // 128 > n_fat:
            n_fat += 1
        fat_at = len(fat)
        fat += [FAT] * n_fat
        fat += [FREE] * (n_fat * 128 - len(fat))
        header = bytes.fromhex("D0CF11E0A1B11AE1") + bytes(16)
        header += struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
        header += struct.pack("<IIIIIIIII", 0, n_fat, dir_start, 0, 4096, mini_start, n_mini, END, 0)
        difat = list(range(fat_at, fat_at + n_fat)) + [FREE] * (109 - n_fat)
        header += struct.pack("<109I", *difat)
        return header + b"".join(sectors) + struct.pack("<%dI" % len(fat), *fat)

    def tree(self, names, left, right):
        if not names:
            return FREE
        middle = len(names) // 2
        left[names[middle]] = self.tree(names[:middle], left, right)
        right[names[middle]] = self.tree(names[middle + 1 :], left, right)
        return names[middle]


# Cryptography ([MS-OFFCRYPTO]).
def rc4(key, data):
    s, j, out = list(range(256)), 0, bytearray()
    for i in range(256):
        j = (j + s[i] + key[i % len(key)]) & 255
        s[i], s[j] = s[j], s[i]
    i = j = 0
    for byte in data:
        i = (i + 1) & 255
        j = (j + s[i]) & 255
        s[i], s[j] = s[j], s[i]
        out.append(byte ^ s[(s[i] + s[j]) & 255])
    return bytes(out)


def aes(key, data, iv=None):
    data = data.ljust((len(data) + 15) // 16 * 16, b"\0")
    e = Cipher(algorithms.AES(key), modes.CBC(iv) if iv else modes.ECB()).encryptor()
    return e.update(data) + e.finalize()


def spin(algorithm, salt, password, n):
    h = hashlib.new(algorithm, salt + password.encode("utf-16le")).digest()
    for i in range(n):
        h = hashlib.new(algorithm, struct.pack("<I", i) + h).digest()
    return h


def md5_key(password, salt, block):
    h = hashlib.md5(password.encode("utf-16le")).digest()[:5]
    h = hashlib.md5((h + salt) * 16).digest()[:5]
    return hashlib.md5(h + struct.pack("<I", block)).digest()


def rc4_info(password):
    cover = rc4(md5_key(password, SALT, 0), VERIFIER + hashlib.md5(VERIFIER).digest())
    return struct.pack("<HH", 1, 1) + SALT + cover


def capi_key(password, salt, bits, block):
    h = hashlib.sha1(spin("sha1", salt, password, 0) + struct.pack("<I", block)).digest()
    return h[:5] + bytes(11) if bits == 40 else h[: bits // 8]


def capi_header(flags, algorithm, bits, provider):
    name = "Microsoft Enhanced Cryptographic Provider v1.0\0".encode("utf-16le")
    body = struct.pack("<IIIIIIII", flags, 0, algorithm, 0x8004, bits, provider, 0, 0) + name
    return struct.pack("<II", flags, len(body)) + body


def capi_info(password, bits=128):
    cover = rc4(capi_key(password, SALT, bits, 0), VERIFIER + hashlib.sha1(VERIFIER).digest())
    verifier = struct.pack("<I", 16) + SALT + cover[:16] + struct.pack("<I", 20) + cover[16:]
    return struct.pack("<HH", 4, 2) + capi_header(4, 0x6801, bits, 1) + verifier


def standard_key(password, salt, bits=128):
    h = hashlib.sha1(spin("sha1", salt, password, 50000) + bytes(4)).digest().ljust(64, b"\0")
    parts = [hashlib.sha1(bytes(x ^ pad for x in h)).digest() for pad in (0x36, 0x5C)]
    return b"".join(parts)[: bits // 8]


def standard(password, package):
    key = standard_key(password, SALT)
    verifier = struct.pack("<I", 16) + SALT + aes(key, VERIFIER) + struct.pack("<I", 20)
    verifier += aes(key, hashlib.sha1(VERIFIER).digest())
    info = struct.pack("<HH", 4, 2) + capi_header(0x24, 0x660E, 128, 0x18) + verifier
    return info, struct.pack("<Q", len(package)) + aes(key, package)


BLOCKS = {
    "input": bytes.fromhex("FEA7D2763B4B9E79"),
    "hash": bytes.fromhex("D7AA0F6D3061344E"),
    "key": bytes.fromhex("146E0BE7ABACD0D6"),
}


def agile(password, package, algorithm="sha512", bits=256, spins=1000, certificate=False):
    name = {"sha512": "SHA512", "sha1": "SHA1", "sha256": "SHA256", "sha384": "SHA384"}[algorithm]
    size = hashlib.new(algorithm).digest_size
    data_salt, secret = bytes(range(16)), bytes(range(0x80, 0x80 + bits // 8))
    base = spin(algorithm, SALT, password, spins)

    def lock(purpose, value):
        key = hashlib.new(algorithm, base + BLOCKS[purpose]).digest().ljust(64, b"\x36")
        return base64.b64encode(aes(key[: bits // 8], value, SALT)).decode()

    def b64(value):
        return base64.b64encode(value).decode()

    common = (
        'saltSize="16" blockSize="16" keyBits="%d" hashSize="%d" cipherAlgorithm="AES" '
        'cipherChaining="ChainingModeCBC" hashAlgorithm="%s"' % (bits, size, name)
    )
    ms = "http://schemas.microsoft.com/office/2006/"
    if certificate:
        lock_xml = (
            '<keyEncryptor uri="%skeyEncryptor/certificate"><c:encryptedKey encryptedKeyValue="%s" '
            'X509Certificate="%s" certVerifier="%s"/></keyEncryptor>'
            % (ms, b64(bytes(256)), b64(bytes(300)), b64(bytes(32)))
        )
    else:
        lock_xml = (
            '<keyEncryptor uri="%skeyEncryptor/password"><p:encryptedKey spinCount="%d" %s saltValue="%s" '
            'encryptedVerifierHashInput="%s" encryptedVerifierHashValue="%s" encryptedKeyValue="%s"/>'
            "</keyEncryptor>"
            % (
                ms,
                spins,
                common,
                b64(SALT),
                lock("input", VERIFIER),
                lock("hash", hashlib.new(algorithm, VERIFIER).digest()),
                lock("key", secret),
            )
        )
    xml = (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\r\n<encryption xmlns="%sencryption" '
        'xmlns:p="%skeyEncryptor/password" xmlns:c="%skeyEncryptor/certificate"><keyData %s '
        'saltValue="%s"/><dataIntegrity encryptedHmacKey="%s" encryptedHmacValue="%s"/>'
        "<keyEncryptors>%s</keyEncryptors></encryption>"
        % (ms, ms, ms, common, b64(data_salt), b64(bytes(64)), b64(bytes(64)), lock_xml)
    )
    cipher = b""
    for number, at in enumerate(range(0, len(package), 4096)):
        iv = hashlib.new(algorithm, data_salt + struct.pack("<I", number)).digest()[:16]
        cipher += aes(secret, package[at : at + 4096], iv)
    info = struct.pack("<HHI", 4, 4, 0x40) + xml.encode()
    return info, struct.pack("<Q", len(package)) + cipher


def encrypted(info_and_package):
    info, package = info_and_package
    cfb = Cfb()
    for path in (("\x06DataSpaces", "Version"), ("\x06DataSpaces", "DataSpaceMap")):
        cfb.add(path, bytes(76))
    cfb.add(("\x06DataSpaces", "DataSpaceInfo", "StrongEncryptionDataSpace"), bytes(64))
    return cfb.add("EncryptionInfo", info).add("EncryptedPackage", package)


def xor_key(password):
    def rotate(r):
        r = (r << 1 | r >> 15) & 0xFFFF
        return r ^ 0x1020 if r & 1 else r

    r, end, key = 0x8000, 0xFFFF, 0
    for letter in reversed(password):
        for bit in range(8):
            r, end = rotate(r), rotate(end)
            key ^= r if (ord(letter) & 0x7F) >> bit & 1 else 0
    return key ^ end


def xor_verifier(password):
    v = 0
    for value in [ord(c) for c in reversed(password)] + [len(password)]:
        v = (v >> 14 & 1) ^ (v << 1 & 0x7FFF) ^ value
    return v ^ 0xCE4B


def xor_array(password):
    pad = bytes.fromhex("BBFFFFBAFFFFB98000BE0F00BF0F00")
    key, out = xor_key(password), []
    for i, byte in enumerate((password.encode() + pad)[:16]):
        byte ^= key >> 8 if i % 2 else key & 0xFF
        out.append((byte >> 1 | byte << 7) & 0xFF)
    return out


# Excel ([MS-XLS]).
def record(kind, data=b""):
    return struct.pack("<HH", kind, len(data)) + data


BOF8 = record(0x0809, struct.pack("<HHHHII", 0x0600, 5, 0x0DBB, 0x07CC, 0, 6))
BOF5 = record(0x0809, struct.pack("<HHHH", 0x0500, 5, 0x096C, 0x07C9))


def sheet(kind=0):
    return record(0x0085, struct.pack("<IBB", 0x400, 0, kind) + b"\x06\0Sheet1")


def workbook(*records, bof=BOF8):
    stream = bof + b"".join(records) + record(0x0042, b"\xB0\x04") + record(0x000A)
    return stream.ljust(4096, b"\0")


def cover(stream, byte_at):
    """Encrypts record bodies, but BOF, FILEPASS and the place in BOUNDSHEET."""
    out, at = bytearray(stream), 0
    while at + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, at)
        at += 4
        if kind not in (0x0809, 0x002F):
            for i in range(at + (4 if kind == 0x0085 else 0), at + size):
                out[i] = byte_at(out[i], i, size)
        if kind == 0x000A:
            break
        at += size
    return bytes(out)


def xls_xor(password, *records):
    pass_record = record(0x002F, struct.pack("<HHH", 0, xor_key(password), xor_verifier(password)))
    array = xor_array(password)

    def byte_at(byte, i, size):
        byte = (byte << 5 | byte >> 3) & 0xFF
        return byte ^ array[(i + size) % 16]

    return Cfb().add("Workbook", cover(workbook(pass_record, *records), byte_at))


def xls_rc4(info, key_of, *records):
    stream = workbook(record(0x002F, struct.pack("<H", 1) + info), *records)
    streams = {}

    def byte_at(byte, i, size):
        block = i // 1024
        if block not in streams:
            streams[block] = rc4(key_of(block), bytes(1024))
        return byte ^ streams[block][i % 1024]

    return Cfb().add("Workbook", cover(stream, byte_at))


# Word ([MS-DOC]): the fixed part of the FIB is enough.
def word(flags=0, table=b"", magic=0xA5EC):
    fib = struct.pack("<HHHHHH", magic, 0xC1, 0, 0x409, 0, flags)
    cfb = Cfb().add("WordDocument", fib.ljust(4608, b"\0"))
    return cfb.add("1Table" if flags & 0x200 else "0Table", table.ljust(4096, b"\0"))


def with_vba(cfb, *path):
    cfb.add(path + ("VBA", "dir"), bytes(200))
    return cfb.add(path + ("VBA", "_VBA_PROJECT"), bytes(300))


# PowerPoint ([MS-PPT]).
def ppt_record(kind, data, version=0, instance=0):
    return struct.pack("<HHI", version | instance << 4, kind, len(data)) + data


def powerpoint(token, *records):
    user = ppt_record(0x0FF6, struct.pack("<IIIHHBBH", 20, token, 0, 4, 0x3F4, 3, 0, 0) + b"user\x08\0\0\0")
    body = ppt_record(0x03E8, b"".join(records), version=15)
    return Cfb().add("Current User", user).add("PowerPoint Document", body.ljust(4200, b"\0"))


def crypt_session(info):
    return ppt_record(0x2F14, info, version=15)


# Outlook ([MS-OXMSG]).
def attachment(cfb, number, name, data, *path):
    at = path + ("__attach_version1.0_#%08X" % number,)
    cfb.add(at + ("__properties_version1.0",), bytes(72))
    cfb.add(at + ("__substg1.0_3707001F",), name.encode("utf-16le"))
    return cfb.add(at + ("__substg1.0_37010102",), data)


def message():
    cfb = Cfb().add("__properties_version1.0", bytes(64))
    return cfb.add("__substg1.0_0037001F", "Hello".encode("utf-16le"))


# Embedded objects ([MS-OLEDS]).
def package(name, data):
    text = struct.pack("<H", 2) + name + b"\0C:\\Users\\user\\" + name + b"\0"
    path = b"C:\\Temp\\" + name + b"\0"
    return text + struct.pack("<HHI", 0, 3, len(path)) + path + struct.pack("<I", len(data)) + data


def native(name, data):
    body = package(name, data)
    return struct.pack("<I", len(body)) + body


def ole1(class_name, data):
    def text(value):
        return struct.pack("<I", len(value)) + value

    return struct.pack("<II", 0x501, 2) + text(class_name + b"\0") + text(b"") * 2 + text(data)


# PDF.
def pdf(objects, trailer=b""):
    out, offsets = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", []
    for i, body in enumerate(objects):
        offsets.append(len(out))
        out += b"%d 0 obj\n" % (i + 1) + body + b"\nendobj\n"
    at = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % o for o in offsets)
    return out + b"trailer\n<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, trailer, at)


PAGES = b"<</Type/Pages/Count 1/Kids[3 0 R]>>"
PAGE = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents 4 0 R>>"


def stream(data, extra=b""):
    return b"<</Length %d%s>>\nstream\n" % (len(data), extra) + data + b"\nendstream"


CONTENT = stream(b"BT /F1 12 Tf 20 100 Td (Hello) Tj ET")
PLAIN = pdf([b"<</Type/Catalog/Pages 2 0 R>>", PAGES, PAGE, CONTENT])


def catalog(extra, *more):
    return pdf([b"<</Type/Catalog/Pages 2 0 R%s>>" % extra, PAGES, PAGE, CONTENT, *more])


def qpdf(data, *args, files=()):
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files:
            with open(os.path.join(folder, name), "wb") as f:
                f.write(content)
        with open(os.path.join(folder, "in.pdf"), "wb") as f:
            f.write(data)
        subprocess.run(["qpdf", "--deterministic-id" if "--encrypt" not in args else "--static-id",
                        "--allow-weak-crypto", *args, "in.pdf", "out.pdf"], cwd=folder, check=True)
        with open(os.path.join(folder, "out.pdf"), "rb") as f:
            return f.read()


def locked(user, owner, bits, *more):
    return qpdf(PLAIN, "--encrypt", user, owner, bits, *more, "--")


def packed_pdf(root, kind, data):
    """Object 6, which the root points at, lies in the object stream 3."""
    objects = [b"<</Type/Catalog/Pages 2 0 R/X 6 0 R%s>>" % root, b"<</Type/Pages/Count 0/Kids[]>>",
               stream(data, kind + b"/N 1/First 4/Filter/FlateDecode")]
    out, offsets = b"%PDF-1.5\n", []
    for i, body in enumerate(objects):
        offsets.append(len(out))
        out += b"%d 0 obj\n" % (i + 1) + body + b"\nendobj\n"
    rows = [(0, 0, 65535)] + [(1, o, 0) for o in offsets] + [(1, len(out), 0), (0, 0, 0), (2, 3, 0)]
    table = b"".join(struct.pack(">BIH", *row) for row in rows)
    end = len(out)
    out += b"4 0 obj\n" + stream(table, b"/Type/XRef/Size 7/W[1 4 2]/Root 1 0 R") + b"\nendobj\n"
    return out + b"startxref\n%d\n%%%%EOF\n" % end


def spec(name, stream_number, extra=b""):
    return b"<</Type/Filespec/F(%s)/UF(%s)/EF<</F %d 0 R>>%s>>" % (name, name, stream_number, extra)


EFF = (
    b"<</Filter/Standard/V 4/R 4/Length 128/P -4/CF<</StdCF<</CFM/AESV2/AuthEvent/EFOpen/Length 16>>>>"
    b"/StmF/Identity/StrF/Identity/EFF/StdCF/O<%s>/U<%s>>>" % (b"1F" * 32, b"2E" * 32)
)
PUBSEC = (
    b"<</Filter/Adobe.PubSec/SubFilter/adbe.pkcs7.s5/V 4/Length 128/CF<</DefaultCryptFilter"
    b"<</CFM/AESV2/Recipients[<3000>]>>>>/StmF/DefaultCryptFilter/StrF/DefaultCryptFilter>>"
)
ID = b"/Encrypt %d 0 R/ID[<00112233445566778899AABBCCDDEEFF><00112233445566778899AABBCCDDEEFF>]"


# Access.
def access(version, password=b"", key=0, info=b"", date=38000.25, name=b"Standard Jet DB\0"):
    page = bytearray(4096)
    page[0:4] = b"\0\1\0\0"
    page[4 : 4 + len(name)] = name
    page[0x14] = version
    head = bytearray(128)
    struct.pack_into("<I", head, 0x3E - 0x18, key)
    struct.pack_into("<H", head, 0x3C - 0x18, 1252)
    field = bytearray(password.ljust(20 if version == 0 else 40, b"\0"))
    if version:
        struct.pack_into("<d", head, 0x72 - 0x18, date)
        mask = struct.pack("<i", int(date))
        field = bytearray(b ^ mask[i % 4] for i, b in enumerate(field))
    head[0x42 - 0x18 : 0x42 - 0x18 + len(field)] = field
    masked = 126 if version == 0 else 128
    page[0x18 : 0x18 + masked] = rc4(bytes.fromhex("C7DA396B"), bytes(head[:masked]))
    struct.pack_into("<H", page, 0x299, len(info))
    page[0x29B : 0x29B + len(info)] = info
    return bytes(page)


ACE = b"Standard ACE DB\0"


# OneNote ([MS-ONESTORE]).
def onenote(*files, extra=b""):
    out = bytes(820) + extra
    for data in files:
        out += bytes.fromhex("E716E3BD65261145A4C48D4D0B7A9EAC") + struct.pack("<QIQ", len(data), 0, 0)
        out += data + bytes(-len(data) % 8) + bytes.fromhex("22A7FB71790F0B4ABB13899256426B24")
    # 2.3.1: what it is, which format, how long.
    head = bytes.fromhex("E4525C7B8CD8A74DAEB15378D02996D3") + bytes(32)
    head += bytes.fromhex("3FDD9A101B91F549A5D01791EDC8AED8") + bytes(132)
    return head + struct.pack("<Q", len(head) + 8 + len(out)) + out


def rtf(*objects):
    groups = b"".join(b"{\\object\\objemb{\\*\\objclass Package}{\\*\\objdata " + o + b"}}\n" for o in objects)
    return b"{\\rtf1\\ansi{\\fonttbl{\\f0 Arial;}}\nHello\\par\n" + groups + b"}"


def hex_lines(data):
    text = data.hex().encode()
    return b"\n".join(text[i : i + 128] for i in range(0, len(text), 128))


def xlsx():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        for name, text in (
            ("[Content_Types].xml", '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'),
            ("xl/workbook.xml", "<workbook/>"),
            ("xl/worksheets/sheet1.xml", "<worksheet>%s</worksheet>" % "".join("<c>%d</c>" % i for i in range(3000))),
        ):
            info = zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0))
            z.writestr(info, text, zipfile.ZIP_DEFLATED)
    return out.getvalue()


PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0:~\x9bU\0\0\0\nIDATx\x9cc`\0\0\0\x02\0\x01H\xaf\xa4q\0\0\0\0IEND\xaeB`\x82"
MSI = bytes.fromhex("84100C0000000000C000000000000046")


def reversed_chains(cfb_bytes):
    """Puts the sectors in another order, so that no stream lies straight."""
    n = len(cfb_bytes) // 512 - 1
    new = {i: n - 1 - i for i in range(n)}

    def move(s):
        return new.get(s, s)

    sectors = [cfb_bytes[512 + i * 512 : 1024 + i * 512] for i in range(n)]
    header = bytearray(cfb_bytes[:512])
    n_fat = struct.unpack_from("<I", header, 0x2C)[0]
    fat_at = struct.unpack_from("<%dI" % n_fat, header, 0x4C)
    fat = [v for at in fat_at for v in struct.unpack("<128I", sectors[at])]
    moved = [FREE] * len(fat)
    for i in range(n):
        moved[new[i]] = move(fat[i])
    for k, at in enumerate(fat_at):
        sectors[at] = struct.pack("<128I", *moved[k * 128 : k * 128 + 128])
    for place in (0x30, 0x3C):
        struct.pack_into("<I", header, place, move(struct.unpack_from("<I", header, place)[0]))
    struct.pack_into("<%dI" % n_fat, header, 0x4C, *[move(a) for a in fat_at])
    out = [b""] * n
    directory, at = [], struct.unpack_from("<I", cfb_bytes, 0x30)[0]
    while at < n:
        directory.append(at)
        at = fat[at]
    for d in directory:
        page = bytearray(sectors[d])
        for e in range(0, 512, 128):
            kind, size = page[e + 66], struct.unpack_from("<Q", page, e + 120)[0]
            if kind == 5 or (kind == 2 and size >= 4096):
                struct.pack_into("<I", page, e + 116, move(struct.unpack_from("<I", page, e + 116)[0]))
        sectors[d] = bytes(page)
    for i in range(n):
        out[new[i]] = sectors[i]
    return bytes(header) + b"".join(out)


def cases():
    secret_pdf = locked("user", "owner", "256")
    big_pdf = qpdf(catalog(b"", stream(bytes(range(256)) * 40)), "--encrypt", "user", "owner", "256", "--")
    agile_cfb = encrypted(agile("secret", xlsx()))
    # Encrypted packages.
    yield "office-agile", "book.xlsx", agile_cfb.bytes()
    yield "office-agile-scattered", "book.xlsx", reversed_chains(agile_cfb.bytes())
    yield "office-agile-default", "book.xlsx", encrypted(agile(VELVET, xlsx(), spins=100000)).bytes()
    yield "office-agile-default-sees-inside", "book.xlsx", encrypted(agile(VELVET, big_pdf)).bytes()
    yield "office-agile-default-sha1", "book.xlsx", encrypted(agile(VELVET, secret_pdf, "sha1", 128)).bytes()
    yield "office-agile-default-sha384", "book.xlsx", encrypted(agile(VELVET, secret_pdf, "sha384", 192)).bytes()
    yield "office-agile-certificate", "a.docx", encrypted(agile("x", xlsx(), certificate=True)).bytes()
    info, body = agile("secret", xlsx())
    yield "office-agile-broken-xml", "a.docx", encrypted((info[:300], body)).bytes()
    yield "office-agile-many-spins", "a.docx", encrypted(
        (info.replace(b'spinCount="1000"', b'spinCount="4000000000"'), body)).bytes()
    yield "office-standard", "a.docx", encrypted(standard("secret", xlsx())).bytes()
    yield "office-standard-default", "a.xlsx", encrypted(standard(VELVET, secret_pdf)).bytes()
    yield "office-extensible", "a.docx", encrypted((struct.pack("<HHI", 4, 3, 0x10) + bytes(80), body)).bytes()
    yield "office-package-alone", "a.docx", Cfb().add("EncryptedPackage", body).bytes()
    upper = Cfb().add("ENCRYPTIONINFO", info).add("ENCRYPTEDPACKAGE", body)
    yield "office-upper-case", "a.docx", upper.bytes()
    yield "office-truncated", "a.docx", agile_cfb.bytes()[:3000]
    yield "office-truncated-fat", "a.docx", agile_cfb.bytes()[:-512]
    yield "office-broken-header", "a.docx", agile_cfb.bytes()[:0x1E] + b"\x0b" + agile_cfb.bytes()[0x1F:]
    rights = Cfb().add("EncryptedPackage", body)
    rights.add(("\x06DataSpaces", "TransformInfo", "DRMEncryptedTransform", "\x06Primary"), bytes(200))
    yield "office-rights", "a.docx", rights.bytes()
    yield "office-rights-old", "a.doc", word().add("\tDRMContent", bytes(5000)).bytes()
    # Word.
    yield "word-plain", "a.doc", word(0x0200).bytes()
    yield "word-write-reservation", "a.doc", word(0x0400 | 0x0800 | 0x0200).bytes()
    yield "word-rc4", "a.doc", word(0x0300, rc4_info("secret")).bytes()
    yield "word-cryptoapi", "a.doc", word(0x0100, capi_info("secret")).bytes()
    yield "word-xor", "a.doc", word(0x8300).bytes()
    yield "word-95", "a.doc", word(0x0100, magic=0xA5DC).bytes()
    yield "word-macro", "a.doc", with_vba(word(0x0200), "Macros").bytes()
    yield "word-package", "a.doc", word().add(
        ("ObjectPool", "_1234567890", "\x01Ole10Native"), native(b"offer.pdf", secret_pdf)).bytes()
    yield "word-embedded-package", "a.doc", word().add(
        ("ObjectPool", "_1234567890", "Package"), agile_cfb.bytes()).bytes()
    yield "word-equation", "a.doc", word().add(
        ("ObjectPool", "_1234567890", "\x01Ole10Native"), struct.pack("<I", 60) + bytes(range(60))).bytes()
    # Excel.
    protect = record(0x0012, b"\1\0") + record(0x0013, b"\x12\x34") + record(0x0019, b"\1\0")
    yield "excel-plain", "a.xls", Cfb().add("Workbook", workbook(sheet())).bytes()
    yield "excel-protected", "a.xls", Cfb().add("Workbook", workbook(protect, sheet())).bytes()
    yield "excel-macro-sheet", "a.xls", Cfb().add("Workbook", workbook(sheet(), sheet(1))).bytes()
    yield "excel-macro", "a.xls", with_vba(Cfb().add("Workbook", workbook(sheet())), "_VBA_PROJECT_CUR").bytes()
    yield "excel-xor", "a.xls", xls_xor("secret", sheet()).bytes()
    yield "excel-xor-default", "a.xls", xls_xor(VELVET, protect, sheet()).bytes()
    yield "excel-xor-default-macro", "a.xls", xls_xor(VELVET, sheet(), sheet(1)).bytes()
    yield "excel-rc4", "a.xls", xls_rc4(rc4_info("secret"), lambda b: md5_key("secret", SALT, b), sheet()).bytes()
    velvet = lambda b: md5_key(VELVET, SALT, b)
    yield "excel-rc4-default", "a.xls", xls_rc4(rc4_info(VELVET), velvet, sheet()).bytes()
    filler = record(0x00FC, bytes(1500))
    yield "excel-rc4-default-macro", "a.xls", xls_rc4(rc4_info(VELVET), velvet, filler, sheet(1)).bytes()
    for bits in (40, 128):
        key = lambda b, bits=bits: capi_key(VELVET, SALT, bits, b)
        yield "excel-cryptoapi%d-default-macro" % bits, "a.xls", xls_rc4(
            capi_info(VELVET, bits), key, sheet(), sheet(1)).bytes()
    yield "excel-cryptoapi", "a.xls", xls_rc4(
        capi_info("secret"), lambda b: capi_key("secret", SALT, 128, b), sheet()).bytes()
    xor5 = record(0x002F, struct.pack("<HH", xor_key("secret"), xor_verifier("secret")))
    yield "excel-95-xor", "a.xls", Cfb().add("Book", workbook(xor5, bof=BOF5)).bytes()
    yield "excel-write-protect-first", "a.xls", Cfb().add(
        "Workbook", workbook(record(0x0086), record(0x002F, b"\1\0" + rc4_info("x")))).bytes()
    yield "biff-plain", "a.xls", workbook(sheet(), bof=BOF5)
    yield "biff-xor", "a.xls", workbook(xor5, bof=BOF5)
    yield "biff-4-macro", "a.xlm", record(0x0409, struct.pack("<HHH", 0, 0x40, 0)) + record(0x000A)
    # PowerPoint.
    yield "powerpoint-plain", "a.ppt", powerpoint(0xE391C05F).bytes()
    yield "powerpoint-encrypted", "a.ppt", powerpoint(0xF3D1C4DF, crypt_session(capi_info("secret"))).bytes()
    yield "powerpoint-default", "a.ppt", powerpoint(0xF3D1C4DF, crypt_session(capi_info(HANNES))).bytes()
    yield "powerpoint-token-only", "a.ppt", powerpoint(0xF3D1C4DF).bytes()
    vba = ppt_record(0x03FF, ppt_record(0x0400, struct.pack("<III", 5, 1, 2), version=2), version=15)
    yield "powerpoint-macro", "a.ppt", powerpoint(0xE391C05F, vba).bytes()
    inner = Cfb().add("\x01Ole10Native", native(b"offer.pdf", secret_pdf)).bytes()
    packed = struct.pack("<I", len(inner)) + zlib.compress(inner)
    yield "powerpoint-object", "a.ppt", powerpoint(0xE391C05F, ppt_record(0x1011, packed, instance=1)).bytes()
    # Others in the same container.
    yield "msi", "setup.msi", Cfb(MSI).add("\u4840\u3f7f\u4164", bytes(100)).bytes()
    yield "msg-plain", "a.msg", attachment(message(), 0, "hello.pdf", PLAIN).bytes()
    yield "msg-encrypted-attachment", "a.msg", attachment(message(), 0, "見積.pdf", secret_pdf).bytes()
    nested = attachment(message(), 0, "offer.pdf", secret_pdf, "__attach_version1.0_#00000007", "__substg1.0_3701000D")
    yield "msg-in-msg", "a.msg", nested.bytes()
    yield "thumbs", "Thumbs.db", Cfb().add("Catalog", bytes(40)).add("256_1", bytes(20) + PNG).bytes()
    hwp = b"HWP Document File".ljust(32, b"\0") + struct.pack("<II", 0x05010001, 3)
    yield "hangul-encrypted", "a.hwp", Cfb().add("FileHeader", hwp.ljust(256, b"\0")).bytes()
    yield "hangul-plain", "a.hwp", Cfb().add(
        "FileHeader", (hwp[:36] + struct.pack("<I", 1)).ljust(256, b"\0")).bytes()
    yield "cfb-header-only", "a.doc", agile_cfb.bytes()[:512]
    loop = bytearray(Cfb().add("Workbook", workbook(sheet())).bytes())
    loop[-512:-508] = struct.pack("<I", 0)  # the first sector of Workbook follows itself
    yield "cfb-loop-stream", "a.xls", bytes(loop)
    loop = bytearray(Cfb().add("Workbook", workbook(sheet())).bytes())
    struct.pack_into("<I", loop, len(loop) - 512 + 8 * 4, 8)  # and that of the directory
    yield "cfb-loop-directory", "a.xls", bytes(loop)
    short = Cfb().add("Workbook", workbook(sheet())).bytes()
    yield "cfb-missing-sectors", "a.xls", short[:0x4C] + struct.pack("<I", 5000) + short[0x50:]
    # PDF.
    yield "pdf-plain", "a.pdf", PLAIN
    yield "pdf-junk-before", "a.pdf", b"From: user@example.com\r\n\r\n" * 20 + PLAIN
    yield "pdf-linearized", "a.pdf", qpdf(PLAIN, "--linearize")
    yield "pdf-objstm", "a.pdf", qpdf(PLAIN, "--object-streams=generate")
    for bits in ("40", "128", "256"):
        yield "pdf-password-%s" % bits, "a.pdf", locked("user", "owner", bits)
        yield "pdf-owner-only-%s" % bits, "a.pdf", locked("", "owner", bits)
    yield "pdf-password-128-aes", "a.pdf", locked("user", "owner", "128", "--use-aes=y")
    yield "pdf-password-r5", "a.pdf", locked("user", "owner", "256", "--force-R5")
    yield "pdf-empty-owner-r5", "a.pdf", locked("user", "", "256", "--force-R5", "--allow-insecure")
    yield "pdf-empty-owner-r6", "a.pdf", locked("user", "", "256", "--allow-insecure")
    yield "pdf-password-clear-metadata", "a.pdf", locked("user", "owner", "256", "--cleartext-metadata")
    yield "pdf-password-objstm", "a.pdf", qpdf(PLAIN, "--object-streams=generate", "--encrypt", "user", "owner", "256", "--")
    yield "pdf-certificate", "a.pdf", pdf([b"<</Type/Catalog/Pages 2 0 R>>", PAGES, PAGE, CONTENT, PUBSEC], ID % 5)
    yield "pdf-irm", "a.pdf", pdf(
        [b"<</Type/Catalog/Pages 2 0 R>>", PAGES, PAGE, CONTENT, b"<</Filter/MicrosoftIRMServices/V 1/MicrosoftIRMVersion 1>>"], ID % 5)
    yield "pdf-attachments-encrypted", "a.pdf", pdf([b"<</Type/Catalog/Pages 2 0 R>>", PAGES, PAGE, CONTENT, EFF], ID % 5)
    names = b"/Names<</EmbeddedFiles<</Names[(a) 5 0 R]>>>>"
    yield "pdf-wrapper", "a.pdf", catalog(
        names + b"/Collection<</Type/Collection/View/H/D(a)>>",
        spec(b"payload.pdf", 6, b"/AFRelationship/EncryptedPayload/EP<</Type/EncryptedPayload/Subtype/Example>>"),
        stream(b"cipher text", b"/Type/EmbeddedFile"))
    yield "pdf-attachment", "a.pdf", qpdf(PLAIN, "--add-attachment", "hello.txt", "--mimetype=text/plain",
                                          "--creationdate=D:20240101000000Z", "--moddate=D:20240101000000Z", "--",
                                          files=(("hello.txt", b"Hello\n" * 100),))
    yield "pdf-attachment-encrypted", "a.pdf", qpdf(PLAIN, "--object-streams=generate", "--add-attachment", "offer.pdf",
                                          "--creationdate=D:20240101000000Z", "--moddate=D:20240101000000Z", "--",
                                          files=(("offer.pdf", secret_pdf),))
    yield "pdf-attachment-a85", "a.pdf", catalog(
        names, spec(b"offer.pdf", 6),
        stream(base64.a85encode(zlib.compress(secret_pdf)) + b"~>", b"/Filter[/ASCII85Decode/FlateDecode]"))
    annotation = pdf([b"<</Type/Catalog/Pages 2 0 R>>", PAGES, PAGE[:-2] + b"/Annots[5 0 R]>>", CONTENT,
                      b"<</Type/Annot/Subtype/FileAttachment/Rect[0 0 9 9]/FS %s>>" % spec(b"offer.pdf", 6), stream(secret_pdf)])
    yield "pdf-attachment-annotation", "a.pdf", annotation
    launch = b"/OpenAction<</S/Launch/Win<</F(cmd.exe)>>>>"
    yield "pdf-launch", "a.pdf", catalog(launch)
    yield "pdf-launch-objstm", "a.pdf", qpdf(catalog(launch), "--object-streams=generate")
    yield "pdf-launch-escaped", "a.pdf", catalog(launch.replace(b"/Launch", b"/L#61unch"))
    yield "pdf-launch-in-text", "a.pdf", catalog(b"/Lang(see /Launch)")
    form = b"/AcroForm<</Fields[]>>/OpenAction<</S/JavaScript/JS(this.getField\\('a'\\).value = 1;)>>"
    yield "pdf-form-script", "a.pdf", catalog(form)
    yield "pdf-script-opens-attachment", "a.pdf", catalog(
        b"/OpenAction<</S/JavaScript/JS(this.exportDataObject\\({cName: 'a', nLaunch: 2}\\);)>>")
    yield "pdf-broken", "a.pdf", b"%PDF-1.4\n" + bytes(range(256)) * 4
    yield "pdf-broken-encrypted", "a.pdf", b"%PDF-1.4\ntrailer <</Encrypt 9 0 R /Root" + bytes(300)
    yield "pdf-bomb", "a.pdf", catalog(names, spec(b"zeros", 6), stream(zlib.compress(bytes(40 << 20), 9), b"/Filter/FlateDecode"))
    for name, entry in (("bomb", b""), ("bomb-launch", b"/Launch 1"), ("disguised", b"")):
        unpacked = b"6 0 <</S/Launch>>".ljust(40 << 20)
        kind = b"/Type/Obj#53tm" if name == "disguised" else b"/Type/ObjStm"
        yield "pdf-objstm-" + name, "a.pdf", packed_pdf(entry, kind, zlib.compress(unpacked, 9))
    decoy = packed_pdf(b"", b"/Type/ObjStm% 4 0 obj\n", zlib.compress(b"6 0 <</S/Launch>>"))
    yield "pdf-objstm-decoy", "a.pdf", decoy.replace(b"/Type/ObjStm% 4 0 obj\n", b"% 4 0 obj\n/Type/ObjStm")
    # Access.
    yield "access-jet3-plain", "a.mdb", access(0)
    yield "access-jet3-password", "a.mdb", access(0, b"secret")
    yield "access-jet4-plain", "a.mdb", access(1)
    yield "access-jet4-encoded", "a.mdb", access(1, key=0x12345678)
    yield "access-jet4-password", "a.mdb", access(1, "secret".encode("utf-16le"))
    yield "access-ace-plain", "a.accdb", access(2, name=ACE)
    yield "access-ace-agile", "a.accdb", access(3, key=0x12345678, info=agile("secret", b"")[0], name=ACE)
    yield "access-ace-cryptoapi", "a.accdb", access(2, key=0x12345678, info=capi_info("secret"), name=ACE)
    yield "access-short", "a.mdb", access(1)[:600]
    # OneNote.
    yield "onenote-file", "a.one", onenote(PNG, secret_pdf)
    yield "onenote-picture", "a.one", onenote(PNG)
    yield "onenote-encrypted", "a.one", onenote(extra=struct.pack("<Q", 0xFB6BA385DAD1A067) + bytes(200))
    yield "onenote-encrypted-cut", "a.one", onenote(extra=bytes(500) + struct.pack("<Q", 0xFB6BA385DAD1A067))[:1100]
    yield "onenote-cut", "a.one", onenote(secret_pdf)[:-600]
    # RTF.
    yield "rtf-plain", "a.rtf", rtf()
    yield "rtf-package", "a.rtf", rtf(hex_lines(ole1(b"Package", package(b"offer.pdf", secret_pdf))))
    compound = ole1(b"Word.Document.8", word(0x0300, rc4_info("secret")).bytes())
    yield "rtf-object", "a.rtf", rtf(hex_lines(compound))
    text = hex_lines(ole1(b"Package", package(b"offer.pdf", secret_pdf)))
    hidden = text[:9] + b"{\\*\\junk 4142{\\b 43}}" + text[9:40] + b"\\par -\\'41" + text[40:]
    yield "rtf-hidden-digits", "a.rtf", rtf(hidden)
    yield "rtf-broken-object", "a.rtf", rtf(b"0105000002000000ffffffff41")


def self_test():
    assert xor_verifier(VELVET) == 0x9A0A
    mask = rc4(bytes.fromhex("C7DA396B"), bytes(128))
    assert mask[0x42 - 0x18 :].startswith(bytes.fromhex("86FBEC375D449CFAC65E28E613"))


def main():
    self_test()
    if sys.argv[1] == "--self-test":
        return
    for name, file, data in cases():
        folder = os.path.join(sys.argv[1], name)
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, file), "wb") as f:
            f.write(data)


if __name__ == "__main__":
    main()
