#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""make-file-cases.py - writes tests/corpus/attach/*: archives other than ZIP, dangers, cryptography, ordinary files.

Where a tool makes the format (bsdtar, 7z, gzip, openssl, gpg), it is made by it, and a case that exists is left as it
is, since tools put times and random numbers in. What no tool here makes is written by hand. `expect` is not written:
SK_CORPUS_WRITE=1 corpus-test does that, for review.
"""
import base64
import gzip
import io
import lzma
import os
import struct
import subprocess
import tarfile
import tempfile
import zlib

import importlib.util

from zipkit import Entry, archive, cipher_text

HERE = os.path.dirname(os.path.abspath(__file__))
spec = importlib.util.spec_from_file_location("zip_cases", os.path.join(HERE, "make-zip-cases.py"))
zips = importlib.util.module_from_spec(spec)
spec.loader.exec_module(zips)
LETTER, NOTES, PROGRAM, PIXEL = zips.LETTER, zips.NOTES, zips.PROGRAM, zips.PIXEL
LOCKED = zips.classic()
CASES = {}


def case(file):
    """Registers a function that returns the bytes of FILE."""
    def register(function):
        CASES[function.__name__.replace("_", "-").strip("-")] = (file, function)
        return function
    return register


def constant(name, file, data):
    CASES[name] = (file, lambda: data)


def tool(command, files, result):
    """Runs COMMAND in a folder with FILES and returns what it wrote to RESULT."""
    with tempfile.TemporaryDirectory() as folder:
        for name, data in files.items():
            os.makedirs(os.path.dirname(os.path.join(folder, name)), exist_ok=True)
            with open(os.path.join(folder, name), "wb") as out:
                out.write(data)
        subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        with open(os.path.join(folder, result), "rb") as made:
            return made.read()


# --- ZIP by other people's tools -------------------------------------------------------------------

@case("a.zip")
def tool_zip_e():
    """Info-ZIP's zip -e."""
    return tool(["zip", "-q", "-P", "geheim", "a.zip", "letter.txt", "notes.txt"], {"letter.txt": LETTER, "notes.txt": NOTES}, "a.zip")


@case("a.zip")
def tool_zip_plain():
    """Info-ZIP without a password."""
    return tool(["zip", "-q", "a.zip", "letter.txt", "notes.txt"], {"letter.txt": LETTER, "notes.txt": NOTES}, "a.zip")


@case("a.zip")
def tool_7z_aes256():
    """7-Zip, WinZip AES."""
    return tool(["7z", "a", "-tzip", "-mem=AES256", "-pgeheim", "a.zip", "letter.txt", "notes.txt"], {"letter.txt": LETTER, "notes.txt": NOTES}, "a.zip")


@case("a.zip")
def tool_7z_deflate64():
    """A method that is not read here."""
    return tool(["7z", "a", "-tzip", "-mm=Deflate64", "a.zip", "letter.txt"], {"letter.txt": LETTER * 4}, "a.zip")


@case("a.zip")
def tool_7z_ppmd():
    """PPMd."""
    return tool(["7z", "a", "-tzip", "-mm=PPMd", "a.zip", "letter.txt"], {"letter.txt": LETTER * 4}, "a.zip")


@case("a.zip")
def tool_7z_xz():
    """XZ inside ZIP."""
    return tool(["7z", "a", "-tzip", "-mm=xz", "a.zip", "letter.txt"], {"letter.txt": LETTER * 4}, "a.zip")


@case("a.zip")
def tool_bsdtar_zip():
    """libarchive's writer: ZIP64 fields and descriptors where nobody needs them."""
    return tool(["bsdtar", "-cf", "a.zip", "--format", "zip", "letter.txt", "notes.txt"], {"letter.txt": LETTER, "notes.txt": NOTES}, "a.zip")


@case("a.zip")
def tool_bsdtar_zip_aes():
    """libarchive's AES-128."""
    return tool(["bsdtar", "-cf", "a.zip", "--format", "zip", "--options", "zip:encryption=aes128", "--passphrase", "geheim", "letter.txt"], {"letter.txt": LETTER}, "a.zip")


@case("tool.jar")
def tool_jar():
    """The JDK's jar, with a descriptor after each entry and 0xCAFE in the first extra field."""
    return tool(["jar", "cf", "tool.jar", "A.class"], {"A.class": zips.CLASS_FILE}, "tool.jar")


# --- other archives --------------------------------------------------------------------------------

def bsd(name, format, files, *more):
    return tool(["bsdtar", "-cf", name, "--format", format, *more, *files], files, name)


@case("a.tar")
def tar():
    """ustar."""
    return bsd("a.tar", "ustar", {"letter.txt": LETTER, "pixel.gif": PIXEL})


@case("a.tar.gz")
def tar_gz():
    """Two levels, three extensions, nothing wrong."""
    return gzip.compress(tar(), mtime=0)


@case("a.tar.gz")
def tar_gz_locked_zip():
    """An encrypted ZIP two levels down."""
    return gzip.compress(bsd("a.tar", "ustar", {"docs/a.zip": LOCKED}), mtime=0)


@case("a.tar")
def tar_pax_japanese():
    """pax headers have names in UTF-8."""
    return bsd("a.tar", "pax", {"見積書.exe": PROGRAM})


@case("a.tar")
def tar_cp932():
    """Names as they are."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT, encoding="cp932") as t:
        info = tarfile.TarInfo("表.exe")
        info.size = len(PROGRAM)
        t.addfile(info, io.BytesIO(PROGRAM))
    return out.getvalue()


@case("a.tar")
def tar_cut():
    """Ends inside a file."""
    return bsd("a.tar", "ustar", {"a.bin": cipher_text(3000)})[:1700]


@case("a.cpio")
def cpio():
    return bsd("a.cpio", "newc", {"letter.txt": LETTER, "run.sh": b"#!/bin/sh\nls\n"})


@case("a.cpio")
def cpio_old():
    return bsd("a.cpio", "odc", {"a.zip": LOCKED})


@case("a.a")
def ar():
    return bsd("a.a", "ar", {"letter.txt": LETTER, "a.zip": LOCKED})


@case("a.deb")
def deb():
    """An ar whose first member says so."""
    return bsd("a.deb", "ar", {"debian-binary": b"2.0\n", "control.txt": LETTER})


@case("a.iso")
def iso_joliet():
    """Joliet and Rock Ridge, a Japanese name, an encrypted ZIP. Packed to be small here."""
    return bsd("a.iso", "iso9660", {"見積書.zip": LOCKED, "letter.txt": LETTER})


CASES["iso-joliet"] = ("a.iso.xz", lambda: lzma.compress(iso_joliet()))


@case("a.iso.xz")
def iso_with_udf():
    """Both file systems announced: Windows mounts the other one."""
    disk = bytearray(lzma.decompress(CASES["iso-joliet"][1]()))
    at = disk.index(b"\xffCD001") // 2048 * 2048 + 2048 # bsdtar notes its version there
    disk[at:at + 2048] = b"\0NSR02\1" + bytes(2041)
    return lzma.compress(bytes(disk))


@case("a.zip")
def zip_office_xml_macros():
    """Word's XML of 2003 in an archive: known by its head, its macros further in."""
    text = b"<?xml version=\"1.0\"?><?mso-application progid=\"Word.Document\"?><w:wordDocument " + b" " * 9000
    return archive([Entry("a.xml", text + b"w:macrosPresent=\"yes\"/>")])


@case("a.zip")
def zip_pgp_in_text():
    """A text with an armoured message in it, in an archive."""
    return archive([Entry("mail.txt", b"Hi,\n\n-----BEGIN PGP MESSAGE-----\n\nwcBMA0AAAAAAAAAA\n-----END PGP MESSAGE-----\n")])


def odt(*more):
    manifest = b'<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    return archive([Entry("mimetype", b"application/vnd.oasis.opendocument.text", method=0),
                    Entry("content.xml", b"<office:document-content/>"), *more, Entry("META-INF/manifest.xml", manifest)])


@case("letter.odt")
def odf_basic():
    return odt(Entry("Basic/Standard/script-lb.xml", b"<library/>"), Entry("Basic/Standard/Module1.xml", b"<module/>"))


@case("letter.odt")
def odf_script():
    return odt(Entry("Scripts/python/a.py", b"import os\n"))


@case("letter.odt")
def odf_empty_library():
    """Every document that had a library once lists it: that is no macro."""
    return odt(Entry("Basic/Standard/script-lb.xml", b"<library/>"), Entry("Basic/script-lc.xml", b"<libraries/>"))


@case("a.zip")
def zip_picture_with_locked_zip():
    """Deflated, a picture's head does not show what stands behind it."""
    return archive([Entry("a.jpg", b"\xff\xd8\xff\xe1\0\x10Exif\0\0" + b"pixels" * 2000 + b"\xff\xd9" + LOCKED)])


@case("a.zip")
def zip_text_with_uuencode_far_on():
    import binascii
    lines = b"".join(binascii.b2a_uu(LOCKED[i:i + 45]) for i in range(0, len(LOCKED), 45))
    return archive([Entry("mail.txt", b"A line of a letter.\n" * 500 + b"begin 644 b.zip\n" + lines + b"`\nend\n")])


@case("a.zip")
def zip_blank_picture():
    """Ordinary, though it packs better than a bomb: it is not unpacked for what may stand behind it."""
    return archive([Entry("a.bmp", b"BM" + struct.pack("<IIIIII", 8 << 20, 0, 54, 40, 1920, 1080) + b"\xff" * (8 << 20))])


@case("a.zip")
def zip_uuencode_in_text():
    """A text with a uuencoded encrypted archive in it, in an archive."""
    import binascii
    lines = b"".join(binascii.b2a_uu(LOCKED[i:i + 45]) for i in range(0, len(LOCKED), 45))
    return archive([Entry("mail.txt", b"Hi,\n\nbegin 644 b.zip\n" + lines + b"`\nend\n")])


def cab(name, data, name_utf8=False):
    """One stored file in one folder ([MS-CAB])."""
    raw = name.encode("utf-8" if name_utf8 else "cp932") + b"\0"
    files = struct.pack("<IIHHHH", len(data), 0, 0, 0x5A21, 0, 0xA0 if name_utf8 else 0x20) + raw
    block = struct.pack("<IHH", 0, len(data), len(data)) + data
    first = 36 + 8
    folder = struct.pack("<IHH", first + len(files), 1, 0)
    size = first + len(files) + len(block)
    head = struct.pack("<4sIIIIIBBHHHHH", b"MSCF", 0, size, 0, first, 0, 3, 1, 1, 1, 0, 0, 0)
    return head + folder + files + block


@case("a.cab")
def cab_program():
    return cab("setup.exe", PROGRAM)


@case("a.cab")
def cab_cp932():
    """A name in CP932, and an encrypted ZIP behind it."""
    return cab("見積表.zip", LOCKED)


def lha(name, data, level=0):
    """Level 0, stored."""
    raw = name.encode("cp932")
    body = b"-lh0-" + struct.pack("<IIIBB", len(data), len(data), 0x5A215A21, 0x20, level)
    body += bytes([len(raw)]) + raw + struct.pack("<H", crc16(data))
    return bytes([len(body), sum(body) & 0xFF]) + body + data + b"\0"


def crc16(data):
    value = 0
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0xA001 if value & 1 else 0)
    return value


@case("a.lzh")
def lha_locked_zip():
    """LHA, still met in Japan."""
    return lha("書類.zip", LOCKED)


@case("a.lzh")
def lha_plain():
    return lha("letter.txt", LETTER)


@case("a.txt.gz")
def gz_text():
    return gzip.compress(LETTER, mtime=0)


@case("invoice.pdf.gz")
def gz_program():
    """A program packed alone under a document's name."""
    return gzip.compress(PROGRAM, mtime=0)


@case("a.zip.gz")
def gz_locked_zip():
    return gzip.compress(LOCKED, mtime=0)


@case("a.gz")
def gz_cut():
    return gzip.compress(cipher_text(500), mtime=0)[:300]


@case("bomb.gz")
def gz_bomb():
    """Twelve MiB of nothing."""
    return gzip.compress(b"\0PE" + bytes(12 << 20), mtime=0)


@case("a.zip.bz2")
def bz2_locked_zip():
    return tool(["bzip2", "a.zip"], {"a.zip": LOCKED}, "a.zip.bz2")


@case("a.zip.zst")
def zst_locked_zip():
    return tool(["zstd", "-q", "a.zip"], {"a.zip": LOCKED}, "a.zip.zst")


@case("a.zip.lz4")
def lz4_locked_zip():
    return tool(["lz4", "-q", "a.zip", "a.zip.lz4"], {"a.zip": LOCKED}, "a.zip.lz4")


@case("a.zip.lzma")
def lzma_locked_zip():
    return lzma.compress(LOCKED, format=lzma.FORMAT_ALONE)


@case("a.zip.Z")
def compress_locked_zip():
    return tool(["bsdtar", "-cZf", "a.zip.Z", "--format", "ustar", "a.zip"], {"a.zip": LOCKED}, "a.zip.Z")


constant("egg", "a.egg", b"EGGA\0\1" + cipher_text(100))
constant("alz", "a.alz", b"ALZ\1\x0a\0\0\0BLZ\1" + cipher_text(100))
constant("xar-pkg", "a.pkg", b"xar!\0\x1c\0\1" + cipher_text(100))
constant("rpm", "a.rpm", b"\xed\xab\xee\xdb\3\0\0\0\0\1" + cipher_text(100))

# --- programs and what starts them -----------------------------------------------------------------

constant("program-disguised", "invoice.pdf", PROGRAM)
constant("program-padded", "invoice.pdf" + "_" * 20 + ".exe", PROGRAM)
constant("program-trailing-dot", "invoice.pdf.exe.", PROGRAM)
constant("program-called-right", "setup.exe", PROGRAM)
constant("program-elf", "tool", b"\x7fELF\2\1\1" + bytes(60))
constant("program-macho", "tool", b"\xcf\xfa\xed\xfe\7\0\0\1" + bytes(60))
constant("java-class", "A.class", zips.CLASS_FILE)
constant("shortcut-lnk", "photo.jpg.lnk", struct.pack("<I", 0x4C) + bytes.fromhex("0114020000000000c000000000000046") + bytes(60))
constant("shortcut-url", "a.url", b"[InternetShortcut]\r\nURL=https://www.example.com/\r\n")
constant("shortcut-desktop", "a.desktop", b"[Desktop Entry]\nType=Application\nExec=xterm\n")
constant("shortcut-library", "a.library-ms", b"<?xml version=\"1.0\"?><libraryDescription xmlns=\"http://schemas.microsoft.com/windows/2009/library\"/>")
constant("shortcut-settings", "a.settingcontent-ms", b"<?xml version=\"1.0\"?><PCSettings/>")
constant("script-js", "a.js", b"var a = 1;")
constant("script-encoded", "readme.dat", b"#@~^BgAAAA==\\ko4K6,F0gMAAA==^#~@")
constant("script-utf16", "a.ps1", "\ufeffGet-Date\r\n".encode("utf-16-le"))
constant("script-hta-in-picture", "a.hta", PIXEL + b"<hta:application><script>1</script>")
constant("script-wsf", "a.xml", b"<?xml version=\"1.0\"?>\n<job><script language=\"JScript\">1</script></job>")
constant("script-slk", "a.slk", b"ID;PWXL;N;E\r\nP;PGeneral\r\nC;Y1;X1;K1\r\nE\r\n")
constant("script-svg", "logo.svg", b"<?xml version=\"1.0\"?><svg xmlns=\"http://www.w3.org/2000/svg\">" + b" " * 20000 + b"<script>location='https://www.example.com'</script></svg>")
constant("help-chm", "a.chm", b"ITSF\3\0\0\0" + cipher_text(100))
constant("word-2003-xml-macros", "a.xml", b"<?xml version=\"1.0\"?><?mso-application progid=\"Word.Document\"?><w:wordDocument w:macrosPresent=\"yes\" xmlns:w=\"http://schemas.microsoft.com/office/word/2003/wordml\"/>")
constant("activemime", "editdata.mso", b"ActiveMime\0\0\1\xf0\4\0\0\0\xff\xff\xff\xff\0\0\0\0" + bytes(26) + zlib.compress(PROGRAM))

# --- disks -----------------------------------------------------------------------------------------

constant("disk-vhd", "a.vhd", bytes(1024) + b"conectix" + bytes(504))
constant("disk-vhdx", "a.vhdx", b"vhdxfile" + bytes(504))
constant("disk-fat", "a.img", b"\xeb\x3c\x90MSDOS5.0" + struct.pack("<HBHBHHB", 512, 1, 1, 2, 224, 2880, 0xF0) + bytes(488) + b"\x55\xaa" + bytes(512))
constant("disk-partitions", "a.img", bytes(446) + b"\x80\1\1\0\7\xfe\xff\xff" + struct.pack("<II", 63, 1000) + bytes(48) + b"\x55\xaa" + bytes(512))
constant("disk-wim", "a.wim", b"MSWIM\0\0\0" + bytes(200))
constant("disk-dmg", "a.dmg", cipher_text(600) + b"koly" + bytes(508))

# --- behind something else ---------------------------------------------------------------------------


@case("photo.jpg")
def picture_7z_behind():
    """A picture with a 7z archive after it; its first header's checksum proves it."""
    picture = b"\xff\xd8\xff\xe0\0\x10JFIF\0" + cipher_text(600) + b"\xff\xd9"
    return picture + tool(["7z", "a", "-pgeheim", "a.7z", "letter.txt"], {"letter.txt": LETTER}, "a.7z")


constant("picture-7z-mark", "photo.jpg", b"\xff\xd8\xff\xe0\0\x10JFIF\0" + b"7z\xbc\xaf\x27\x1c\0\4" + cipher_text(600) + b"Rar!\x1a\7\0" + cipher_text(300))


@case("setup.exe")
def sfx_cab():
    """A CAB behind a program."""
    return PROGRAM + bytes(300) + cab("setup.exe", PROGRAM)


@case("setup.exe")
def sfx_zip():
    """unzip's way: a program, and offsets that count from its start."""
    return zips.archive([zips.notes().locked()], prefix=PROGRAM + bytes(300))


# --- cryptography ------------------------------------------------------------------------------------

CERT = {}


def certificate():
    if not CERT:
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "cert.pem", "-days", "3650", "-subj", "/CN=test.example"],
                           cwd=folder, check=True, stderr=subprocess.DEVNULL)
            for name in ("key.pem", "cert.pem"):
                with open(os.path.join(folder, name), "rb") as f:
                    CERT[name] = f.read()
    return CERT


def mime(data, name):
    return b"Content-Type: application/octet-stream; name=\"%s\"\r\nContent-Transfer-Encoding: base64\r\n" \
           b"Content-Disposition: attachment; filename=\"%s\"\r\n\r\n" % (name, name) + base64.encodebytes(data).replace(b"\n", b"\r\n")


def openssl(*arguments, data, **more):
    return tool(["openssl", *arguments, "-in", "in", "-out", "out"], dict(certificate(), **{"in": data}, **more), "out")


def encrypt(form, *cipher):
    """OpenSSL wants the certificate last."""
    return tool(["openssl", "cms", "-encrypt", "-binary", "-outform", form, *cipher, "-in", "in", "-out", "out", "cert.pem"],
                dict(certificate(), **{"in": LETTER}), "out")


CASES["smime-enveloped"] = ("smime.p7m", lambda: encrypt("DER", "-aes256"))
CASES["smime-enveloped-pem"] = ("message.pem", lambda: encrypt("PEM", "-aes256"))
CASES["smime-auth-enveloped"] = ("smime.p7m", lambda: encrypt("DER", "-aes-256-gcm"))


def sign(data, *more):
    return openssl("cms", "-sign", "-binary", "-outform", "DER", "-signer", "cert.pem", "-inkey", "key.pem", *more, data=data)


CASES["smime-opaque-locked-zip"] = ("smime.p7m", lambda: sign(mime(LOCKED, b"a.zip"), "-nodetach"))
CASES["smime-opaque-stream"] = ("smime.p7m", lambda: sign(mime(LOCKED, b"a.zip"), "-nodetach", "-stream"))
CASES["smime-opaque-text"] = ("smime.p7m", lambda: sign(b"Content-Type: text/plain\r\n\r\n" + LETTER, "-nodetach"))
CASES["smime-signed-file"] = ("a.zip.p7m", lambda: sign(LOCKED, "-nodetach"))
CASES["smime-detached"] = ("smime.p7s", lambda: sign(LETTER))
CASES["certificate-pem"] = ("cert.pem", lambda: certificate()["cert.pem"])
CASES["certificate-der"] = ("cert.cer", lambda: tool(["openssl", "x509", "-outform", "DER", "-in", "cert.pem", "-out", "out"], certificate(), "out"))
CASES["certificate-p12"] = ("key.p12", lambda: tool(["openssl", "pkcs12", "-export", "-in", "cert.pem", "-inkey", "key.pem", "-passout", "pass:x", "-out", "out"], certificate(), "out"))


def compressed_data():
    """CompressedData (RFC 3274) around a MIME entity; OpenSSL here has no zlib."""
    def der(tag, *parts):
        body = b"".join(parts)
        n = len(body)
        return bytes([tag]) + (bytes([n]) if n < 128 else bytes([0x82, n >> 8, n & 255])) + body
    oid = lambda text: der(6, bytes.fromhex(text))
    content = der(0x30, oid("2a864886f70d010701"), der(0xA0, der(4, zlib.compress(mime(LOCKED, b"a.zip")))))
    return der(0x30, oid("2a864886f70d0109100109"), der(0xA0, der(0x30, der(2, b"\0"), der(0x30, oid("2a864886f70d0109100308")), content)))


CASES["smime-compressed"] = ("smime.p7z", compressed_data)


def gpg(*arguments, data=LETTER, name="a.txt"):
    with tempfile.TemporaryDirectory() as home:
        with open(os.path.join(home, name), "wb") as f:
            f.write(data)
        common = ["gpg", "--homedir", home, "--batch", "--yes", "--pinentry-mode", "loopback", "--passphrase", "x" if "-c" in arguments else ""]
        if "-c" not in arguments:
            subprocess.run(common + ["--quick-gen-key", "test@example.com", "default", "default"], check=True, stderr=subprocess.DEVNULL)
        subprocess.run(common + ["--trust-model", "always", *arguments, "-o", os.path.join(home, "out"), os.path.join(home, name)],
                       check=True, stderr=subprocess.DEVNULL)
        with open(os.path.join(home, "out"), "rb") as f:
            return f.read()


CASES["pgp-password"] = ("a.txt.gpg", lambda: gpg("-c"))
CASES["pgp-password-armour"] = ("a.txt.asc", lambda: gpg("-c", "-a"))
CASES["pgp-public-key-encrypted"] = ("a.txt.gpg", lambda: gpg("-e", "-r", "test@example.com"))
CASES["pgp-signed-locked-zip"] = ("a.zip.gpg", lambda: gpg("-s", data=LOCKED, name="a.zip"))
CASES["pgp-signed-armour"] = ("a.txt.asc", lambda: gpg("-s", "-a"))
CASES["pgp-stored-locked-zip"] = ("a.zip.gpg", lambda: gpg("--store", "-z", "0", data=LOCKED, name="a.zip"))
CASES["pgp-signature"] = ("a.txt.sig.asc", lambda: gpg("-b", "-a"))
CASES["pgp-clear-signed"] = ("a.txt.asc", lambda: gpg("--clearsign"))
CASES["pgp-in-text"] = ("mail.txt", lambda: b"Hello,\n\n" + gpg("-c", "-a") + b"\nbye\n")

# --- made to cost much, or to end before what counts -------------------------------------------------

STUB = (b"MZ" + bytes(58) + struct.pack("<I", 64) + b"PE\0\0").ljust(512, b"\0")
SEALED = b"\x85\1\x0c\3" + bytes(8) + b"\1" + bytes(259) + b"\xd2\x40\1" + bytes(63)

for name, file, data in (
        ("sfx-many-rar5-marks", "setup.exe", STUB + (b"Rar!\x1a\7\1\0SSSS\xff\x7f\1" * 4000)),
        ("sfx-many-arj-marks", "setup.exe", STUB + (b"\x60\xea\x28\x0a" * 16000)),
        ("pdf-many-blank-lines", "a.pdf", b"%PDF-1.4\n" + b" \n" * 20000),
        ("pdf-many-open-trailers", "a.pdf", b"%PDF-1.4\n" + b"trailer (\n" * 6000),
        ("pgp-many-packets-then-sealed", "a.pgp", b"\xcb\7b\0\0\0\0\0a" * 300 + SEALED),
        ("pgp-literal-cut", "a.pgp", b"\xcb\x40b\0\0\0\0\0abc"),
        ("zip-behind-picture-cut", "photo.gif", PIXEL + LOCKED[:-22]),
        ("rar14-cut", "a.rar", b"RE~^\x07\0\0"[:6])):
    constant(name, file, data)

CASES["smime-opaque-cut"] = ("smime.p7m", lambda: CASES["smime-opaque-locked-zip"][1]()[:96])

# --- ordinary files -----------------------------------------------------------------------------------

for name, file, data in (
        ("text-utf8", "議事録.txt", NOTES),
        ("text-cp932", "議事録.txt", "議事録\r\n次回は来週。①㈱髙\r\n".encode("cp932")),
        ("text-euc", "a.txt", "議事録を送ります。\n".encode("euc_jp") * 5),
        ("text-jis", "a.txt", "議事録を送ります。\n".encode("iso2022_jp") * 5),
        ("text-utf16", "a.txt", "\ufeff議事録を送ります。\r\n".encode("utf-16-le")),
        ("text-latin1", "a.txt", "Grüße aus Köln, bis später\n".encode("latin-1") * 5),
        ("text-csv", "table.csv", b"ID;Price\r\n1;2\r\n2;3\r\n"),
        ("text-json", "a.json", b'{"a": [1, 2, 3]}\n'),
        ("text-markdown", "readme.md", b"# Build\n\n    #!/bin/sh\n    make\n\npowershell -enc is bad, @echo off too\n"),
        ("html-page", "a.html", b"<!DOCTYPE html>\n<html><head><title>x</title><script>var a;</script></head><body>Hi</body></html>"),
        ("xml-data", "a.xml", b"<?xml version=\"1.0\"?>\n<orders><order id=\"1\"/></orders>"),
        ("svg-picture", "logo.svg", b"<?xml version=\"1.0\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\"><rect width=\"9\" height=\"9\"/></svg>"),
        ("calendar", "a.ics", b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n"),
        ("vcard", "a.vcf", b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:A\r\nEND:VCARD\r\n"),
        ("rtf", "a.rtf", b"{\\rtf1\\ansi Hello}"),
        ("picture-gif", "a.gif", PIXEL),
        ("picture-png", "a.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\10\0\0\0\0" + cipher_text(40)),
        ("picture-jpeg", "a.jpg", b"\xff\xd8\xff\xe1\0\x10Exif\0\0" + cipher_text(2000) + b"\xff\xd9"),
        ("picture-bmp", "a.bmp", b"BM" + struct.pack("<IHHIIiiHHIIiiII", 58, 0, 0, 54, 40, 1, 1, 1, 24, 0, 4, 0, 0, 0, 0) + bytes(4)),
        ("picture-tiff", "a.tif", b"II*\0\10\0\0\0" + bytes(40)),
        ("picture-emf", "a.emf", struct.pack("<II", 1, 88) + bytes(32) + b" EMF" + bytes(60)),
        ("sound-wav", "a.wav", b"RIFF\x24\0\0\0WAVEfmt " + bytes(30)),
        ("sound-mp3", "a.mp3", b"ID3\3\0\0\0\0\0\0" + cipher_text(300)),
        ("film-mp4", "a.mp4", b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + cipher_text(300)),
        ("film-webm", "a.webm", b"\x1a\x45\xdf\xa3" + cipher_text(300)),
        ("font-ttf", "a.ttf", b"\0\1\0\0\0\x0c\0\x80\0\3\0\x40" + cipher_text(200)),
        ("font-woff2", "a.woff2", b"wOF2\0\1\0\0" + cipher_text(100)),
        ("data-sqlite", "a.db", b"SQLite format 3\0\x10\0\1\1" + bytes(80)),
        ("data-dwg", "plan.dwg", b"AC1032\0\0\0\0" + cipher_text(100)),
        ("empty", "a.txt", b""),
        ("name-dots", "report.2026.txt", LETTER),
        ("name-versions", "見積書.ver2.xlsx.txt", LETTER),
        ("name-long-japanese", "株式会社サンプル様　御見積書　第2版.txt", LETTER),
        ("unknown", "a.bin", b"\1\2\3\4\0\0\0\0" + cipher_text(400)),
        ("mail-file-locked-zip", "a.eml", b"From: a@example.com\r\nTo: b@example.com\r\nSubject: x\r\nMIME-Version: 1.0\r\n" + mime(LOCKED, b"a.zip")),
        ("mail-file-plain", "a.eml", b"From: a@example.com\r\nTo: b@example.com\r\nSubject: x\r\n\r\n" + LETTER)):
    constant(name, file, data)


def main():
    made = 0
    for name, (file, function) in CASES.items():
        folder = os.path.join(HERE, "attach", name)
        if os.path.exists(os.path.join(folder, file)):
            continue
        data = function()
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, file), "wb") as out:
            out.write(data)
        made += 1
    print(len(CASES), "cases,", made, "new")


if __name__ == "__main__":
    main()
