#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""make-zip-cases.py - writes tests/corpus/attach/zip-*/: ZIP archives and the tricks played with them.

Each function below makes one case; its text says which trick it is, and who falls for it. The same bytes come out of
every run. `expect` is not written: SK_CORPUS_WRITE=1 corpus-test does that, for review.
"""
import io
import lzma
import os
import struct
import tarfile
import zipfile
import zlib

from zipkit import (AES_EXTRA, RANDOM, STRONG_CERTIFICATE, STRONG_PASSWORD, Entry, archive, cipher_text, deflate, descriptor,
                    end_record, extra)

HERE = os.path.dirname(os.path.abspath(__file__))
CASES = {}
LETTER = b"Dear customer,\r\nplease find the quotation below.\r\n" * 8
NOTES = "議事録\n次回は来週。\n".encode() * 10


def case(file):
    """Registers a function that returns the bytes of FILE."""
    def register(function):
        CASES["zip-" + function.__name__.replace("_", "-")] = (file, function)
        return function
    return register


def letter(**more):
    return Entry("letter.txt", LETTER, **more)


def notes(**more):
    return Entry("notes.txt", NOTES, **more)


# --- encrypted, plainly said ---------------------------------------------------------------------

@case("a.zip")
def classic():
    """Bit 0 of every entry."""
    return archive([letter().locked(), notes().locked()])


@case("a.zip")
def some():
    """One entry of two."""
    return archive([letter(), notes().locked()])


@case("a.zip")
def aes_flag_clear():
    """Method 99 with bit 0 clear: some writers forget it, and readers that ask for the flag see nothing."""
    n = notes()
    return archive([Entry(n.name, packed=cipher_text(60), size=n.size, crc=0, method=99, flags=0, extra=AES_EXTRA)])


@case("a.zip")
def aes_without_extra():
    """Method 99 without the field that says how: nothing can open it, which is what counts."""
    return archive([Entry("a.txt", packed=cipher_text(60), size=32, crc=0, method=99, flags=1)])


@case("a.zip")
def aes_extra_short():
    """Method 99 with a field of two bytes."""
    return archive([Entry("a.txt", packed=cipher_text(60), size=32, crc=0, method=99, flags=1,
                          extra=extra(0x9901, b"\2\0"))])


@case("a.zip")
def strong():
    """Bits 0 and 6: PKWARE's strong encryption, by password."""
    return archive([letter().locked(0x41, extra=STRONG_PASSWORD)])


@case("a.zip")
def strong_bit_6_only():
    """Bit 6 without bit 0."""
    return archive([letter().locked(0x40)])


@case("a.zip")
def certificate():
    """Strong encryption for the owners of certificates: no password exists."""
    return archive([letter().locked(0x41, extra=STRONG_CERTIFICATE)])


def masked_end(size, offset):
    """The ZIP64 end record, version 2, of an encrypted directory, its locator, and the old end record."""
    tail = struct.pack("<HQQHHHHH", 8, size, size + 40, 0x660E, 256, 1, 0x8004, 0)
    record = struct.pack("<4sQHHIIQQQQ", b"PK\6\6", 44 + len(tail), 62, 62, 0, 0, 1, 1, size, offset) + tail
    locator = struct.pack("<4sIQI", b"PK\6\7", 0, offset + size, 1)
    return record + locator + end_record(1, size, offset)


@case("a.zip")
def masked_directory():
    """Bit 13: the names in the local headers are masked, the directory is cipher text behind a decryption header."""
    entry = Entry("1", packed=cipher_text(90), size=0, crc=0, method=8, flags=0x2041, packed_size=0)
    out = entry.local_header() + entry.packed
    directory = b"PK\6\10" + struct.pack("<I", 24) + extra(0x0017, cipher_text(20)) + cipher_text(80)
    return out + directory + masked_end(len(directory), len(out))


@case("a.zip")
def masked_directory_mute():
    """The same, and the end record says nothing of it: only the local headers tell."""
    entry = Entry("1", packed=cipher_text(90), size=0, crc=0, method=8, flags=0x2041, packed_size=0)
    out = entry.local_header() + entry.packed
    directory = cipher_text(80)
    return out + directory + end_record(1, len(directory), len(out))


@case("a.zip")
def hidden_directory_entry():
    """minizip's way: one encrypted entry called __cdcd__ holds the real directory; listers see no file at all."""
    return archive([Entry("__cdcd__", packed=cipher_text(120), size=100, crc=1, method=8, flags=1)])


# --- two answers ---------------------------------------------------------------------------------

@case("a.zip")
def directory_says_clear():
    """The directory clears the flag, the local header has it: readers of the directory pass it as clean."""
    return archive([letter().locked(central={"flags": 0})])


@case("a.zip")
def local_says_clear():
    """The other way round: readers of the local header pass it."""
    return archive([letter().locked(local={"flags": 0})])


@case("a.zip")
def two_names():
    """The directory calls it a text, the local header a program: scanner and unpacker may each read another one."""
    return archive([letter(local={"name": b"letter.exe"})])


@case("a.zip")
def two_sizes():
    """The local header ends the data earlier: what follows is read as another entry by some."""
    return archive([letter(local={"packed_size": 10})])


@case("a.zip")
def two_methods():
    """Stored by the local header, deflated by the directory."""
    return archive([letter(local={"method": 0})])


@case("a.zip")
def unlisted():
    """An encrypted file between two listed ones, which no directory mentions; readers of streams unpack it."""
    hidden = notes().locked()
    return archive([letter(), Entry("b.txt", b"nothing to see")],
                   gaps={1: hidden.local_header() + hidden.packed})


@case("a.zip")
def unlisted_clear():
    """The same, not encrypted: still a contradiction."""
    return archive([letter()], between=notes().local_header() + notes().packed)


@case("a.zip")
def count_too_small():
    """Two files, of which the end record counts one."""
    return archive([letter(), notes().locked()], count=1)


@case("a.zip")
def overlapping():
    """Two names for one encrypted body: how small bombs get large."""
    one = letter().locked()
    out = one.local_header() + one.packed
    start = len(out)
    two = letter().locked()
    two.name = b"other.txt"
    out += one.central_header(0) + two.central_header(0)
    return out + end_record(2, len(out) - start, start)


@case("a.zip")
def concat_plain_then_locked():
    """Two archives in one file: readers from the front see the plain one only."""
    return archive([letter()]) + archive([notes().locked()])


@case("a.zip")
def concat_locked_then_plain():
    """Readers from the back see the plain one only."""
    return archive([notes().locked()]) + archive([letter()])


@case("a.zip")
def end_in_comment():
    """The comment of an encrypted archive holds a whole plain one: who searches from the back takes that one."""
    return archive([notes().locked()], comment=archive([letter()]))


@case("a.zip")
def end_mark_in_comment():
    """The comment only mentions an end record."""
    return archive([notes().locked()], comment=b"about PK\5\6 records, which end archives of this kind")


# --- before and behind ---------------------------------------------------------------------------

@case("a.zip")
def prefix():
    """A thousand bytes of anything in front; offsets count from the archive's own start."""
    return archive([notes().locked()], prefix=cipher_text(1000), adjust=False)


@case("a.zip")
def prefix_adjusted():
    """The same, and offsets count from the file's start."""
    return archive([notes().locked()], prefix=cipher_text(1000))


@case("setup.exe")
def behind_inert_program():
    """The letters MZ and nothing that runs, in front of an encrypted archive."""
    return archive([notes().locked()], prefix=b"MZ\x90\0\3\0\0\0\4\0\0\0" + bytes(500), adjust=False)


@case("report.pdf")
def behind_pdf():
    """A PDF with an archive after it: opens as either."""
    pdf = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n" \
          b"trailer<</Root 1 0 R>>\n%%EOF\n"
    return archive([notes().locked()], prefix=pdf, adjust=False)


PIXEL = bytes.fromhex("47494638396101000100800000ffffff00000021f90401000000002c00000000010001000002024401003b")


@case("photo.gif")
def behind_picture():
    """A picture with an encrypted archive after it."""
    return archive([notes().locked()], prefix=PIXEL, adjust=False)


@case("a.zip.xz")
def trailing():
    """70,000 bytes behind the archive: farther than most readers look for its end. Packed to be small here."""
    return lzma.compress(archive([notes().locked()]) + b" " * 70000)


@case("a.zip")
def truncated():
    """Cut in the second file: no directory, so only local headers tell."""
    return archive([letter().locked(), notes().locked()])[:250]


@case("a.zip")
def truncated_clear():
    """The same, not encrypted: damaged."""
    return archive([letter(), Entry("b.bin", cipher_text(300), method=0)])[:300]


@case("a.zip.001")
def first_volume():
    """The first piece of an encrypted archive that was cut into files."""
    return archive([Entry("a.bin", packed=cipher_text(1500), size=1488, method=8, flags=1)])[:800]


@case("a.zip.002")
def later_volume():
    """A later piece: no header of any kind."""
    return cipher_text(800)


@case("a.zip")
def spanned():
    """The last of three volumes, with the directory."""
    out = archive([notes().locked()], end=False)
    start = out.index(b"PK\1\2")
    return out + end_record(1, len(out) - start, start, disk=2)


# --- sizes said elsewhere ------------------------------------------------------------------------

@case("a.zip")
def descriptors():
    """Bit 3: sizes stand behind the data, with a mark or without; one of the files is encrypted."""
    one, two, three = letter(), notes(), Entry("c.txt", packed=cipher_text(50), size=38, flags=1)
    zero = dict(crc=0, size=0, packed_size=0)
    for entry, mark in ((one, True), (two, False), (three, True)):
        entry.flags |= 8
        entry.local = zero
        entry.descriptor = descriptor(entry.crc, entry.packed_size, entry.size, mark)
    return archive([one, two, three])


@case("a.zip")
def descriptors_no_directory():
    """The same without a directory: the headers in between are found by their marks."""
    whole = descriptors()
    return whole[:whole.index(b"PK\1\2")]


def zip64(entry, version=45, lock=b""):
    """An archive whose sizes and offset all stand in ZIP64 fields."""
    wide = extra(1, struct.pack("<QQQ", entry.size, entry.packed_size, 0))
    near = extra(1, struct.pack("<QQ", entry.size, entry.packed_size))
    ones = dict(size=0xFFFFFFFF, packed_size=0xFFFFFFFF)
    entry.local = dict(ones, extra=near)
    entry.central = dict(ones, extra=wide, offset=0xFFFFFFFF)
    out = entry.local_header() + entry.packed
    start = len(out)
    out += entry.central_header(0)
    record = struct.pack("<4sQHHIIQQQQ", b"PK\6\6", 44, version, version, 0, 0, 1, 1, len(out) - start, start)
    locator = struct.pack("<4sIQI", b"PK\6\7", 0, len(out), 1)
    return out + record + locator + end_record(0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF)


@case("a.zip")
def zip64_locked():
    """Everything in ZIP64 fields."""
    return zip64(notes().locked())


@case("a.zip")
def zip64_clear():
    """The same, readable."""
    return zip64(notes())


@case("a.zip")
def zip64_prefix():
    """ZIP64 behind a thousand bytes, offsets not adjusted."""
    return cipher_text(1000) + zip64(notes().locked())


# --- flags that mean nothing ---------------------------------------------------------------------

@case("a.zip")
def folders_locked():
    """A directory entry with bit 0 and a readable file: nothing is encrypted."""
    return archive([Entry("sub/", method=0, flags=1), letter()])


@case("a.zip")
def empty_files_locked():
    """Encrypted empty files only: no content that a password would open."""
    return archive([Entry("a.txt", packed=cipher_text(12), size=0, crc=0, method=0, flags=1)])


@case("a.zip")
def all_but_empty():
    """An empty readable file beside an encrypted one: all of the content is encrypted."""
    return archive([Entry("empty.txt", method=0), Entry("sub/", method=0), notes().locked()])


@case("a.zip")
def flag_on_plain():
    """Bit 0 on data that is not encrypted: unpackers ask for a password all the same."""
    return archive([notes(flags=1)])


@case("a.zip")
def cipher_text_no_flag():
    """Cipher text that both headers call plain: it does not unpack."""
    return archive([Entry("a.txt", packed=cipher_text(400), size=900, crc=77)])


@case("a.zip")
def cipher_text_stored():
    """The same, stored: of no known format, and the checksum is wrong."""
    return archive([Entry("a.doc", packed=cipher_text(400), size=400, crc=77, method=0)])


# --- amounts -------------------------------------------------------------------------------------

@case("many.zip.xz")
def last_of_12001():
    """12,001 files, the last one encrypted; packed once more to be small here."""
    files = [Entry("%05d" % i, b"x", method=0) for i in range(12000)]
    return lzma.compress(archive(files + [notes().locked()]))


@case("many.zip.xz")
def too_many():
    """More entries than are listed."""
    return lzma.compress(archive([Entry("%05d" % i, b"x", method=0) for i in range(20100)]))


@case("bomb.zip")
def bomb():
    """A thousand to one."""
    return archive([Entry("zeros.bin", bytes(12 << 20))])


@case("bomb.zip")
def bomb_nested():
    """A hundred and twenty archives of one MiB each: none is remarkable, all together are."""
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w") as out:
        info = tarfile.TarInfo("a.txt")
        info.size = 1 << 20
        out.addfile(info, io.BytesIO(b"a" * (1 << 20)))
    inner = archive([Entry("a.tar", tar.getvalue())])
    return archive([Entry("%02d.zip" % i, inner) for i in range(120)])


@case("bomb.zip")
def bomb_overlapping():
    """Fifield's: forty names for one body, each a MiB."""
    body = Entry("a.bin", bytes(2 << 20))
    out = body.local_header() + body.packed
    start = len(out)
    for i in range(90):
        body.central = {"name": b"a.bin"}
        out += body.central_header(0)
    return out + end_record(90, len(out) - start, start)


@case("deep.zip")
def deep():
    """An archive in an archive, twelve times."""
    data = archive([notes().locked()])
    for _ in range(12):
        data = archive([Entry("inner.zip", data)])
    return data


@case("deep.zip")
def deep_beside_locked():
    """What is too deep does not hide what stands beside it."""
    data = archive([notes()])
    for _ in range(12):
        data = archive([Entry("inner.zip", data)])
    return archive([Entry("inner.zip", data), notes().locked(), Entry("b.zip", classic())])


# --- names ---------------------------------------------------------------------------------------

@case("a.zip")
def name_cp932():
    """Windows in Japan, no flag; the second byte of 表 is a backslash, and separates nothing."""
    return archive([Entry("表/見積書.exe".encode("cp932"), b"MZ\x90\0\3\0\0\0\4\0\0\0\xff\xff" + bytes(60))])


@case("a.zip")
def name_flag_lies():
    """Bit 11 says UTF-8, the bytes are none."""
    return archive([Entry(b"\xff\xfe\x81.txt", LETTER, flags=0x800)])


@case("a.zip")
def name_unicode_extra():
    """Info-ZIP's field has the true name."""
    plain = b"mitsumori.js"
    field = extra(0x7075, struct.pack("<BI", 1, zlib.crc32(plain)) + "見積\u202Efdp.js".encode())
    return archive([Entry(plain, b"var a = 1;\n", extra=field)])


@case("a.zip")
def name_unicode_extra_stale():
    """The same field left behind by a rename: its checksum is of another name."""
    field = extra(0x7075, struct.pack("<BI", 1, 12345) + b"harmless.txt")
    return archive([Entry("run.js", b"var a = 1;\n", extra=field)])


@case("a.zip")
def name_tricks_locked():
    """What is encrypted still has a name."""
    return archive([Entry("invoice.pdf        .exe", LETTER).locked()])


# --- methods -------------------------------------------------------------------------------------

@case("a.zip")
def method_lzma_bomb():
    """LZMA entry that claims a dictionary of 3 GiB."""
    packed = b"\x10\5\5\0\x5d" + struct.pack("<I", 0xC0000000) + cipher_text(64)
    return archive([Entry("a.txt", packed=packed, size=900, crc=77, method=14)])


@case("a.zip")
def method_unknown():
    """A method nobody has."""
    return archive([Entry("a.txt", packed=cipher_text(64), size=90, crc=77, method=77)])


def by_python(method):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as z:
        z.writestr(zipfile.ZipInfo("letter.txt", (2026, 1, 2, 3, 4, 6)), LETTER * 20, method)
        z.writestr(zipfile.ZipInfo("pixel.gif", (2026, 1, 2, 3, 4, 6)), PIXEL, method)
    return out.getvalue()


@case("a.zip")
def method_bzip2():
    """bzip2, as Python writes it."""
    return by_python(zipfile.ZIP_BZIP2)


@case("a.zip")
def method_lzma():
    """LZMA, as Python writes it."""
    return by_python(zipfile.ZIP_LZMA)


@case("a.zip")
def method_lzma_locked_inside():
    """An encrypted archive in an LZMA entry is found."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_LZMA) as z:
        z.writestr(zipfile.ZipInfo("inner.zip", (2026, 1, 2, 3, 4, 6)), classic(), zipfile.ZIP_LZMA)
    return out.getvalue()


# --- ordinary archives: nothing to find -----------------------------------------------------------

@case("a.zip")
def plain():
    """Two texts, a picture and a folder, as Python writes them."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        for name, data in (("docs/", b""), ("docs/letter.txt", LETTER), ("docs/議事録.txt", NOTES), ("pixel.gif", PIXEL)):
            z.writestr(zipfile.ZipInfo(name, (2026, 1, 2, 3, 4, 6)), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


@case("a.zip")
def plain_stored():
    """Stored, with a comment."""
    return archive([Entry("letter.txt", LETTER, method=0), Entry("p.gif", PIXEL, method=0)], comment=b"made by hand")


@case("a.zip")
def plain_streamed():
    """Written to a pipe: descriptors everywhere."""
    class Pipe(io.RawIOBase):
        def __init__(self):
            self.parts = []

        def writable(self):
            return True

        def write(self, data):
            self.parts.append(bytes(data))
            return len(data)
    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr(zipfile.ZipInfo("letter.txt", (2026, 1, 2, 3, 4, 6)), LETTER, zipfile.ZIP_DEFLATED)
        z.writestr(zipfile.ZipInfo("p.gif", (2026, 1, 2, 3, 4, 6)), PIXEL, zipfile.ZIP_DEFLATED)
    return b"".join(pipe.parts)


@case("a.zip")
def plain_nothing():
    """No file at all."""
    return archive([])


@case("a.zip")
def plain_nested():
    """A plain archive, stored, in a plain archive: its headers lie open inside, and are not the outer one's."""
    return archive([Entry("inner.zip", archive([letter(), notes()]), method=0), Entry("p.gif", PIXEL)])


@case("post.pdf.zip")
def plain_called_pdf_zip():
    """A ZIP of a PDF is often called that."""
    return archive([Entry("post.txt", LETTER)])


@case("見積書.ver2.zip")
def plain_dotted_name():
    """Dots in a name are no second extension."""
    return archive([Entry("見積書.ver2.txt", LETTER, flags=0x800), Entry("a.b.c.txt", LETTER), Entry("2026.01.txt", NOTES)])


@case("a.zip")
def plain_cp932_names():
    """Names as Explorer writes them in Japan."""
    return archive([Entry("資料/予定表.txt".encode("cp932"), NOTES), Entry("ソース能力.txt".encode("cp932"), LETTER)])


@case("a.zip")
def plain_newline_behind():
    """A line end that some mail program added."""
    return archive([letter()]) + b"\r\n"


CONTENT_TYPES = b'<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/' \
                b'content-types"><Default Extension="xml" ContentType="application/xml"/></Types>'


@case("letter.docx")
def plain_docx():
    """The frame of a Word document, with a picture and a binary part of Office's own."""
    return archive([Entry("[Content_Types].xml", CONTENT_TYPES), Entry("_rels/.rels", b"<?xml version='1.0'?><Relationships/>"),
                    Entry("word/document.xml", b"<?xml version='1.0'?><w:document/>" + LETTER),
                    Entry("word/media/image1.gif", PIXEL), Entry("word/printerSettings1.bin", cipher_text(300), method=0)])


@case("letter.docx")
def docx_with_locked_zip():
    """An encrypted archive among a document's embedded files."""
    return archive([Entry("[Content_Types].xml", CONTENT_TYPES), Entry("word/document.xml", b"<?xml version='1.0'?><w:document/>"),
                    Entry("word/embeddings/a.bin", classic())])


@case("book.epub")
def plain_epub():
    """mimetype first and stored."""
    return archive([Entry("mimetype", b"application/epub+zip", method=0), Entry("META-INF/container.xml", b"<?xml version='1.0'?><container/>"),
                    Entry("OEBPS/a.xhtml", b"<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'/>")])


@case("letter.odt")
def plain_odt():
    """An OpenDocument text."""
    return archive([Entry("mimetype", b"application/vnd.oasis.opendocument.text", method=0), Entry("content.xml", b"<?xml version='1.0'?><a/>"),
                    Entry("META-INF/manifest.xml", b"<?xml version='1.0'?><manifest:manifest/>")])


@case("contract.asice")
def plain_asice():
    """A signed container (ETSI EN 319 162): signatures around documents, nothing encrypted."""
    return archive([Entry("mimetype", b"application/vnd.etsi.asic-e+zip", method=0), Entry("contract.txt", LETTER),
                    Entry("META-INF/manifest.xml", b"<?xml version='1.0'?><manifest:manifest/>"),
                    Entry("META-INF/signatures0.xml", b"<?xml version='1.0'?><asic:XAdESSignatures/>")])


CLASS_FILE = bytes.fromhex("cafebabe00000034000d0a00030009") + bytes(40)


@case("tool.jar")
def jar():
    """A Java program."""
    return archive([Entry("META-INF/MANIFEST.MF", b"Manifest-Version: 1.0\r\nMain-Class: A\r\n"), Entry("A.class", CLASS_FILE)])


@case("readme.zip")
def jar_renamed():
    """A Java program by another name is still one."""
    return jar()


@case("app.apk")
def apk():
    """An Android package."""
    return archive([Entry("AndroidManifest.xml", b"\3\0\10\0" + bytes(40)), Entry("classes.dex", b"dex\n035\0" + bytes(60))])


@case("app.msix")
def msix():
    """A Windows app package."""
    return archive([Entry("AppxManifest.xml", b"<?xml version='1.0'?><Package/>"), Entry("a.exe", b"MZ\x90\0\3\0\0\0\4\0\0\0\xff\xff" + bytes(60))])


@case("a.xpi")
def xpi():
    """A browser's add-on."""
    return archive([Entry("manifest.json", b'{"manifest_version": 2}'), Entry("META-INF/mozilla.rsa", bytes(20))])


@case("talk.key")
def iwork_locked():
    """Keynote's password leaves the flags clear; an entry of its own verifies it."""
    return archive([Entry("Index.zip", cipher_text(200), method=0), Entry(".iwpv2", cipher_text(40), method=0),
                    Entry("Metadata/BuildVersionHistory.plist", b"<?xml version='1.0'?><plist/>")])


@case("talk.key")
def iwork():
    """Keynote without a password."""
    return archive([Entry("Index/Document.iwa", cipher_text(200), method=0),
                    Entry("Metadata/BuildVersionHistory.plist", b"<?xml version='1.0'?><plist/>")])


# --- dangers inside ------------------------------------------------------------------------------

PROGRAM = b"MZ\x90\0\3\0\0\0\4\0\0\0\xff\xff\0\0" + bytes(44) + struct.pack("<I", 64) + b"PE\0\0\x4c\1" + bytes(60)


@case("a.zip")
def program_disguised():
    """A program called a document, one with two extensions, one with its extension out of sight."""
    return archive([Entry("invoice.pdf", PROGRAM), Entry("invoice.pdf.exe", PROGRAM),
                    Entry("photo.jpg" + " " * 40 + ".scr", PROGRAM), Entry("invoice\u202Efdp.exe", PROGRAM, flags=0x800)])


@case("a.zip")
def scripts():
    """One of each kind that a double click runs, or that its content gives away."""
    return archive([Entry("a.js", b"WScript.Echo(1);"), Entry("b.vbs", b"MsgBox 1"), Entry("c.hta", b"<html></html>"),
                    Entry("d.bat", b"dir"), Entry("e.ps1", b"Get-Date"), Entry("f.txt", b"@echo off\r\ndir\r\n"),
                    Entry("g", b"#!/bin/sh\nls\n"), Entry("h.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>"),
                    Entry("i.url", b"[InternetShortcut]\r\nURL=file://203.0.113.5/a\r\n"), Entry("j.reg", b"REGEDIT4\r\n"),
                    Entry("k.gif.js", PIXEL + b"=1;")])


@case("a.zip")
def texts_about_scripts():
    """Texts that only talk about scripts."""
    return archive([Entry("howto.txt", b"Never run powershell -enc from a mail, nor CreateObject(\"WScript.Shell\").\n"),
                    Entry("notes.md", b"# Notes\nUse `#!/bin/sh` in the first line.\n"), Entry("table.csv", b"ID;Price\r\n1;2\r\n")])


@case("a.zip")
def picture_after_4_kib():
    """Large members of harmless kinds are known by their heads."""
    return archive([Entry("big.gif", PIXEL + bytes(30000)), Entry("long.txt", LETTER * 200)])


def main():
    for name, (file, function) in CASES.items():
        folder = os.path.join(HERE, "attach", name)
        os.makedirs(folder, exist_ok=True)
        # Each case draws numbers of its own, so that a new one leaves the others as they are.
        RANDOM.seed(name)
        with open(os.path.join(folder, file), "wb") as out:
            out.write(function())
    print(len(CASES), "cases")


if __name__ == "__main__":
    main()
