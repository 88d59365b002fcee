#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""make-mail-cases.py - writes tests/corpus/mail/*/message.eml

clean-*: what real programs send (written after their habits, with example domains): no finding but the attachment's own.
zip-*:   one ZIP archive that needs a password, wrapped in every way that some mail program opens.
odd-*:   what is neither.

Each function makes one case; its text says what it shows. The same bytes come out of every run. `expect` is not
written: SK_CORPUS_WRITE=1 corpus-test does that, for review.
"""
import base64
import binascii
import os

import struct

HERE = os.path.dirname(os.path.abspath(__file__))
CASES = {}

# secret.txt, password "password"; made by 7-Zip 16.02 (7z a -tzip -ppassword -mem=ZipCrypto).
LOCKED = base64.b64decode(
    "UEsDBBQAAQAAAG2adV3YE4uTGgAAAA4AAAAKAAAAc2VjcmV0LnR4dCJmstSzyEVEM6S5udtMF6ZuXPrJjt91B4yKUEsBAj8DFAABAAAAbZp1"
    "XdgTi5MaAAAADgAAAAoAJAAAAAAAAAAggKSBAAAAAHNlY3JldC50eHQKACAAAAAAAAEAGAAF3PE37XndAQAAAAAAAAAAAAAAAAAAAABQSwUG"
    "AAAAAAEAAQBcAAAAQgAAAAAA")
PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==")
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n" \
      b"xref\n0 3\n0000000000 65535 f \n0000000009 00000 n \n0000000052 00000 n \n" \
      b"trailer<</Size 3/Root 1 0 R>>\nstartxref\n97\n%%EOF\n"


def case(function):
    CASES[function.__name__.replace("_", "-")] = function
    return function


def b64(data):
    return base64.encodebytes(data).decode()


def uu(data, name="secret.zip"):
    lines = [binascii.b2a_uu(data[i:i + 45], backtick=True).decode() for i in range(0, len(data), 45)]
    return f"begin 644 {name}\n" + "".join(lines) + "`\nend\n"


def crlf(text):
    """As it comes over SMTP. Text is str, or bytes that are taken as they are."""
    return text.encode("utf-8", "surrogateescape").replace(b"\n", b"\r\n")


def raw(data):
    """Bytes inside a str, to come out of crlf() again."""
    return data.decode("utf-8", "surrogateescape")


HEAD = """\
Received: from mail.example.com (mail.example.com [192.0.2.1])
\tby mx.example.jp (Postfix) with ESMTPS id 4Tb1Qy3Hh0z1
\tfor <sato@example.jp>; Mon, 15 Jan 2024 10:00:00 +0900 (JST)
From: Alice Example <alice@example.com>
To: sato@example.jp
Subject: The file
Date: Mon, 15 Jan 2024 10:00:00 +0900
Message-ID: <20240115100000.1234@example.com>
MIME-Version: 1.0
"""
TEXT = "Content-Type: text/plain; charset=us-ascii\nContent-Transfer-Encoding: 7bit\n\nHere is the file.\n"


def mixed(*parts, boundary="=_bound_7f3a", header="", end=True):
    return HEAD + header + f'Content-Type: multipart/mixed; boundary="{boundary}"\n\n' + \
        "".join(f"--{boundary}\n{part}\n" for part in parts) + (f"--{boundary}--\n" if end else "")


ZIP_TYPE = "Content-Type: application/zip; name=\"secret.zip\"\n"
ZIP_PART = ZIP_TYPE + "Content-Disposition: attachment; filename=\"secret.zip\"\n" \
    "Content-Transfer-Encoding: base64\n\n" + b64(LOCKED)


# --- clean -----------------------------------------------------------------------------------------

@case
def clean_plain():
    """No MIME at all."""
    return HEAD.replace("MIME-Version: 1.0\n", "") + "\nHello,\n\nsee you tomorrow.\n-- \nAlice\n"


@case
def clean_outlook():
    """Outlook: alternative in related in mixed, an inline picture, a signature that begins with dashes."""
    return HEAD.replace("Alice Example", "\"Example, Alice\"") + """\
X-Mailer: Microsoft Outlook 16.0
Thread-Index: AQHaR1example==
Content-Language: en-us
Content-Type: multipart/mixed;
\tboundary="----=_NextPart_000_0012_01DA478E.5C3F0A10"

This is a multipart message in MIME format.

------=_NextPart_000_0012_01DA478E.5C3F0A10
Content-Type: multipart/related;
\tboundary="----=_NextPart_001_0013_01DA478E.5C3F0A10"


------=_NextPart_001_0013_01DA478E.5C3F0A10
Content-Type: multipart/alternative;
\tboundary="----=_NextPart_002_0014_01DA478E.5C3F0A10"


------=_NextPart_002_0014_01DA478E.5C3F0A10
Content-Type: text/plain;
\tcharset="us-ascii"
Content-Transfer-Encoding: 7bit

Please find the report attached.

--
Alice
-----Original Message-----

------=_NextPart_002_0014_01DA478E.5C3F0A10
Content-Type: text/html;
\tcharset="us-ascii"
Content-Transfer-Encoding: quoted-printable

<html><body><p>Please find the report attached.</p><img =
src=3D"cid:image001.png@01DA478E.5C3F0A10"></body></html>

------=_NextPart_002_0014_01DA478E.5C3F0A10--

------=_NextPart_001_0013_01DA478E.5C3F0A10
Content-Type: image/png;
\tname="image001.png"
Content-Transfer-Encoding: base64
Content-ID: <image001.png@01DA478E.5C3F0A10>

""" + b64(PNG) + """
------=_NextPart_001_0013_01DA478E.5C3F0A10--

------=_NextPart_000_0012_01DA478E.5C3F0A10
Content-Type: application/pdf;
\tname="report.pdf"
Content-Transfer-Encoding: base64
Content-Disposition: attachment;
\tfilename="report.pdf"

""" + b64(PDF) + """
------=_NextPart_000_0012_01DA478E.5C3F0A10--

"""


@case
def clean_apple_mail():
    """Apple Mail: a name in NFD as RFC 2231, x-unix-mode, a text behind the attachment."""
    return HEAD + """\
Content-Type: multipart/alternative;
\tboundary="Apple-Mail=_2F0C7C1E-1F6E-4C54-9A7F-0E7B5B7F9E11"
Mime-Version: 1.0 (Mac OS X Mail 16.0 \\(3731.700.6\\))
X-Mailer: Apple Mail (2.3731.700.6)


--Apple-Mail=_2F0C7C1E-1F6E-4C54-9A7F-0E7B5B7F9E11
Content-Transfer-Encoding: quoted-printable
Content-Type: text/plain;
\tcharset=utf-8

Caf=C3=A9 at noon?=20

--Apple-Mail=_2F0C7C1E-1F6E-4C54-9A7F-0E7B5B7F9E11
Content-Type: multipart/mixed;
\tboundary="Apple-Mail=_D1B0A8A2-5E8B-4F39-8C7B-36A5F7B1C0DE"


--Apple-Mail=_D1B0A8A2-5E8B-4F39-8C7B-36A5F7B1C0DE
Content-Transfer-Encoding: 7bit
Content-Type: text/html;
\tcharset=us-ascii

<html><body>Cafe at noon?</body></html>
--Apple-Mail=_D1B0A8A2-5E8B-4F39-8C7B-36A5F7B1C0DE
Content-Disposition: attachment;
\tfilename*=utf-8''%E8%B3%87%E6%96%99%E3%82%AB%E3%82%99.pdf
Content-Type: application/pdf;
\tx-unix-mode=0644;
\tname="=?utf-8?B?6LOH5paZ44Kr44KZLnBkZg==?="
Content-Transfer-Encoding: base64

""" + b64(PDF) + """
--Apple-Mail=_D1B0A8A2-5E8B-4F39-8C7B-36A5F7B1C0DE--

--Apple-Mail=_2F0C7C1E-1F6E-4C54-9A7F-0E7B5B7F9E11--
"""


@case
def clean_thunderbird():
    """Thunderbird: format=flowed, a name in RFC 2231 pieces beside encoded words."""
    return HEAD + """\
User-Agent: Mozilla Thunderbird
Content-Language: en-US
Content-Type: multipart/mixed; boundary="------------M7Zc1Qf0o0lX0R9qL1q0xqkE"

This is a multi-part message in MIME format.
--------------M7Zc1Qf0o0lX0R9qL1q0xqkE
Content-Type: text/plain; charset=UTF-8; format=flowed
Content-Transfer-Encoding: 8bit

いつもお世話になっております。

--------------M7Zc1Qf0o0lX0R9qL1q0xqkE
Content-Type: application/pdf;
 name="=?UTF-8?B?5LqM44Kx5pyI5YiG44Gu6KuL5rGC5pu444Go5piO57Sw5pu4LnBkZg==?="
Content-Disposition: attachment;
 filename*0*=UTF-8''%E4%BA%8C%E3%82%B1%E6%9C%88%E5%88%86%E3%81%AE%E8%AB%8B;
 filename*1*=%E6%B1%82%E6%9B%B8%E3%81%A8%E6%98%8E%E7%B4%B0%E6%9B%B8%2E%70%64;
 filename*2*=%66
Content-Transfer-Encoding: base64

""" + b64(PDF) + """
--------------M7Zc1Qf0o0lX0R9qL1q0xqkE--
"""


@case
def clean_iso_2022_jp():
    """Becky!-like: ISO-2022-JP with characters of Windows, a name in ISO-2022-JP words."""
    body = b"\x1b$B\"#-!3t<02q<R-j;38}Mj\x1b(B\n\x1b(I6E\x1b(B\n"
    name = base64.b64encode(b"\x1b$B@A5a=q\x1b(B.pdf").decode()
    return HEAD.replace("Alice Example", "=?ISO-2022-JP?B?GyRCO3NFREJATzobKEI=?=") + f"""\
X-Mailer: Becky! ver. 2.75.04 [ja]
Content-Type: multipart/mixed; boundary="------_65A4A0E5000000001234_MULTIPART_MIXED_"
Content-Transfer-Encoding: 7bit

--------_65A4A0E5000000001234_MULTIPART_MIXED_
Content-Type: text/plain; charset="ISO-2022-JP"
Content-Transfer-Encoding: 7bit

""" + raw(body) + f"""
--------_65A4A0E5000000001234_MULTIPART_MIXED_
Content-Type: application/octet-stream;
 name="=?ISO-2022-JP?B?{name}?="
Content-Disposition: attachment;
 filename="=?ISO-2022-JP?B?{name}?="
Content-Transfer-Encoding: base64

""" + b64(PDF) + """
--------_65A4A0E5000000001234_MULTIPART_MIXED_--

"""


@case
def clean_list_footer():
    """Mailman: a footer as a part of its own, around a signed message's bytes."""
    return mixed(TEXT, "Content-Type: text/plain; charset=\"us-ascii\"\nMIME-Version: 1.0\n"
                 "Content-Transfer-Encoding: 7bit\nContent-Disposition: inline\n\n"
                 "_______________________________________________\nlist mailing list\nlist@example.org\n",
                 boundary="===============6127419470313041542==",
                 header="List-Id: <list.example.org>\nPrecedence: list\n")


@case
def clean_list_epilogue():
    """A list that appends its footer behind the last boundary."""
    return mixed(TEXT) + "--\nTo leave this list write to leave@example.org\n"


@case
def clean_dsn():
    """Postfix: a notice with the whole message."""
    return HEAD.replace("Alice Example <alice@example.com>", "MAILER-DAEMON@mx.example.com (Mail Delivery System)") + \
        """\
Auto-Submitted: auto-replied
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="4Tb1Qy3Hh0z1.1705280400/mx.example.com"
Content-Transfer-Encoding: 8bit

This is a MIME-encapsulated message.

--4Tb1Qy3Hh0z1.1705280400/mx.example.com
Content-Description: Notification
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

This is the mail system at host mx.example.com.

--4Tb1Qy3Hh0z1.1705280400/mx.example.com
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.com

Final-Recipient: rfc822; nobody@example.com
Action: failed
Status: 5.1.1

--4Tb1Qy3Hh0z1.1705280400/mx.example.com
Content-Description: Undelivered Message
Content-Type: message/rfc822
Content-Transfer-Encoding: 8bit

""" + mixed(TEXT, boundary="inner_1") + """
--4Tb1Qy3Hh0z1.1705280400/mx.example.com--
"""


@case
def clean_dsn_cut():
    """A notice that quotes the first bytes of the message: its multipart does not end."""
    whole = clean_dsn()
    start = whole.index("--inner_1--")
    return whole[:start - 20] + whole[start + len("--inner_1--\n"):]


@case
def clean_smime_signed():
    """OpenSSL and Outlook: multipart/signed."""
    return HEAD + """\
Content-Type: multipart/signed; protocol="application/x-pkcs7-signature"; micalg="sha-256"; boundary="----306DE55672993F5"

This is an S/MIME signed message

------306DE55672993F5
""" + TEXT + """
------306DE55672993F5
Content-Type: application/x-pkcs7-signature; name="smime.p7s"
Content-Transfer-Encoding: base64
Content-Disposition: attachment; filename="smime.p7s"

""" + b64(bytes(range(90))) + """
------306DE55672993F5--

"""


@case
def clean_calendar():
    """An invitation: text/calendar as an alternative and as a file."""
    ics = "BEGIN:VCALENDAR\nVERSION:2.0\nMETHOD:REQUEST\nBEGIN:VEVENT\nUID:1@example.com\n" \
          "DTSTART:20240116T010000Z\nSUMMARY:Meeting\nEND:VEVENT\nEND:VCALENDAR\n"
    inner = "Content-Type: multipart/alternative; boundary=\"0000000000003c5e8f060ef00001\"\n\n" \
        "--0000000000003c5e8f060ef00001\nContent-Type: text/plain; charset=\"UTF-8\"; format=flowed; delsp=yes\n" \
        "Content-Transfer-Encoding: base64\n\n" + b64("会議\n".encode()) + \
        "--0000000000003c5e8f060ef00001\nContent-Type: text/calendar; charset=\"UTF-8\"; method=REQUEST\n" \
        "Content-Transfer-Encoding: 7bit\n\n" + ics + "--0000000000003c5e8f060ef00001--\n"
    return mixed(inner, "Content-Type: application/ics; name=\"invite.ics\"\nContent-Disposition: attachment; "
                 "filename=\"invite.ics\"\nContent-Transfer-Encoding: base64\n\n" + b64(ics.encode()),
                 boundary="0000000000003c5e93060ef00003")


@case
def clean_gmail():
    """Gmail: ids beside the attachment, an alternative in a mixed."""
    return mixed("Content-Type: multipart/alternative; boundary=\"000000000000a1b2c3060ef12345\"\n\n"
                 "--000000000000a1b2c3060ef12345\nContent-Type: text/plain; charset=\"UTF-8\"\n\nHi\n\n"
                 "--000000000000a1b2c3060ef12345\nContent-Type: text/html; charset=\"UTF-8\"\n\n"
                 "<div dir=\"ltr\">Hi</div>\n\n--000000000000a1b2c3060ef12345--",
                 "Content-Type: application/pdf; name=\"report.pdf\"\nContent-Disposition: attachment; "
                 "filename=\"report.pdf\"\nContent-Transfer-Encoding: base64\nContent-ID: <f_lrf0example0>\n"
                 "X-Attachment-Id: f_lrf0example0\n\n" + b64(PDF), boundary="000000000000a1b2c5060ef12347")


@case
def clean_forward():
    """A message forwarded as an attachment."""
    return mixed(TEXT, "Content-Type: message/rfc822; charset=UTF-8; name=\"The file.eml\"\nContent-Disposition: "
                 "attachment; filename=\"The file.eml\"\nContent-Transfer-Encoding: 7bit\n\n" +
                 mixed(TEXT, boundary="inner_2"))


@case
def clean_web_form():
    """A script: the real name beside an ASCII one, blanks in an unquoted name, raw UTF-8 in the subject."""
    return mixed(TEXT, "Content-Type: application/pdf; name=my report.pdf\nContent-Disposition: attachment; "
                 "filename=\"__.pdf\"; filename*=utf-8''%E8%B3%87%E6%96%99.pdf\n"
                 "Content-Transfer-Encoding: BASE64\n\n" + b64(PDF)).replace("The file", "資料", 1)


@case
def clean_prose():
    """Words that look like a uuencoded file and are none."""
    return HEAD + "\nLet us\nbegin 644 things today\nThe end\nend\n\nbegin with the first\n"


# --- an encrypted ZIP, wrapped -----------------------------------------------------------------------

@case
def zip_base64():
    """Plainly."""
    return mixed(TEXT, ZIP_PART)


@case
def zip_single():
    """The message is nothing but the file."""
    return HEAD + ZIP_PART


@case
def zip_quoted_printable():
    return mixed(TEXT, ZIP_TYPE + "Content-Transfer-Encoding: quoted-printable\n\n" +
                 "".join(f"={byte:02X}" + ("=\n" if i % 24 == 23 else "") for i, byte in enumerate(LOCKED)))


@case
def zip_binary():
    """BINARYMIME (RFC 3030)."""
    return mixed(TEXT, ZIP_TYPE + "Content-Transfer-Encoding: binary\n\n" + "@@", end=True), {"@@": LOCKED}


@case
def zip_x_uuencode():
    return mixed(TEXT, ZIP_TYPE + "Content-Transfer-Encoding: x-uuencode\n\n" + uu(LOCKED))


@case
def zip_uuencode_in_text():
    return mixed(TEXT + "\n" + uu(LOCKED))


@case
def zip_uuencode_without_mime():
    return HEAD.replace("MIME-Version: 1.0\n", "") + "\nHere it is:\n\n" + uu(LOCKED) + "\nBye\n"


@case
def zip_uuencode_behind_decoy():
    """A first file without an end, which must not swallow the second."""
    return mixed(TEXT + "\nbegin 644 a.txt\n#0V%T\ncut here\n\n" + uu(LOCKED))


@case
def zip_uuencode_in_base64_text():
    return mixed("Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n" +
                 b64(("今日\n" + uu(LOCKED)).encode()))


@case
def zip_message():
    return mixed(TEXT, "Content-Type: message/rfc822\n\n" + mixed(TEXT, ZIP_PART, boundary="inner_3"))


@case
def zip_message_base64():
    """RFC 2046 5.2.1 forbids it; programs send and open it."""
    return mixed(TEXT, "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n" +
                 b64(crlf(mixed(TEXT, ZIP_PART, boundary="inner_4"))))


@case
def zip_message_in_message():
    inner = mixed(TEXT, ZIP_PART, boundary="inner_5")
    for n in range(3):
        inner = mixed(TEXT, "Content-Type: message/rfc822\n\n" + inner, boundary=f"outer_{n}")
    return inner


@case
def zip_digest():
    """A part without a type is a message there."""
    return HEAD + "Content-Type: multipart/digest; boundary=\"dig\"\n\n--dig\n\n" + \
        mixed(TEXT, ZIP_PART, boundary="inner_6") + "\n--dig--\n"


@case
def zip_no_file_name():
    return mixed(TEXT, "Content-Type: application/octet-stream\nContent-Transfer-Encoding: base64\n\n" + b64(LOCKED))


@case
def zip_name_2231_pieces():
    return mixed(TEXT, "Content-Type: application/octet-stream\nContent-Disposition: attachment;\n"
                 " filename*0*=utf-8''%E7%A7%98%E5%AF%86;\n filename*1=\".z\"; filename*2*=%69p\n"
                 "Content-Transfer-Encoding: base64\n\n" + b64(LOCKED))


@case
def zip_name_2047():
    return mixed(TEXT, "Content-Type: application/octet-stream;\n name=\"=?utf-8?B?56eY5a8=?=\n =?utf-8?B?hi56aXA=?=\"\n"
                 "Content-Transfer-Encoding: base64\n\n" + b64(LOCKED))


@case
def zip_name_raw_cp932():
    return mixed(TEXT, "Content-Type: application/octet-stream; name=\"" + raw("表示.zip".encode("cp932")) + "\"\n"
                 "Content-Transfer-Encoding: base64\n\n" + b64(LOCKED))


@case
def zip_name_raw_iso_2022_jp():
    return mixed(TEXT, "Content-Type: application/octet-stream; name=\"\x1b$B$\"$$\x1b(B.zip\"\n"
                 "Content-Transfer-Encoding: base64\n\n" + b64(LOCKED))


@case
def zip_wrong_type():
    return mixed(TEXT, "Content-Type: image/png; name=\"picture.png\"\nContent-Transfer-Encoding: base64\n\n" +
                 b64(LOCKED))


@case
def zip_as_text():
    return mixed(TEXT, "Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\n" + b64(LOCKED))


@case
def zip_in_alternative():
    return mixed(TEXT, ZIP_PART).replace("multipart/mixed", "multipart/alternative")


@case
def zip_in_related():
    return mixed(TEXT, ZIP_PART).replace("multipart/mixed", "multipart/related")


@case
def zip_in_unknown_multipart():
    return mixed(TEXT, ZIP_PART).replace("multipart/mixed", "multipart/x-own")


@case
def zip_junk_in_base64():
    text = b64(LOCKED)
    return mixed(TEXT, ZIP_TYPE + "Content-Transfer-Encoding: base64\n\n" + text[:30] + "!*\n(-" + text[30:])


@case
def zip_behind_padding():
    """Some programs stop at the padding, others read on."""
    return mixed(TEXT, ZIP_TYPE + "Content-Transfer-Encoding: base64\n\n" + "AA==\n" + b64(LOCKED))


@case
def zip_no_close_boundary():
    return mixed(TEXT, ZIP_PART, end=False)


@case
def zip_boundary_twice():
    """Behind the closing boundary, where some programs read on."""
    return mixed(TEXT) + "--=_bound_7f3a\n" + ZIP_PART + "\n--=_bound_7f3a--\n"


@case
def zip_two_boundaries():
    return mixed(TEXT + "\n--second\n" + ZIP_PART + "\n--second--").replace(
        'boundary="=_bound_7f3a"', 'boundary="=_bound_7f3a"; boundary="second"')


@case
def zip_boundary_prefix():
    """A line that begins with the outer boundary and belongs to the inner multipart."""
    return mixed(TEXT, "Content-Type: multipart/mixed; boundary=\"=_bound_7f3a_1\"\n\n--=_bound_7f3a_1\n" + ZIP_PART +
                 "\n--=_bound_7f3a_1--")


@case
def zip_no_boundary():
    return mixed(TEXT, ZIP_PART).replace('; boundary="=_bound_7f3a"', "")


@case
def zip_boundary_in_pieces():
    return mixed(TEXT, ZIP_PART).replace('boundary="=_bound_7f3a"', 'boundary*0="=_bound"; boundary*1="_7f3a"')


@case
def zip_inner_not_closed():
    return mixed("Content-Type: multipart/mixed; boundary=\"inner_7\"\n\n--inner_7\n" + ZIP_PART, TEXT)


@case
def zip_two_types():
    return mixed(TEXT, ZIP_PART).replace("Content-Type: multipart", "Content-Type: text/plain\nContent-Type: multipart")


@case
def zip_two_encodings():
    return mixed(TEXT, ZIP_PART.replace("Content-Transfer-Encoding: base64",
                                        "Content-Transfer-Encoding: 7bit\nContent-Transfer-Encoding: base64"))


@case
def zip_behind_no_field():
    """The first line is no field: some programs see no header at all."""
    return "This is no field\n" + mixed(TEXT, ZIP_PART)


@case
def zip_no_field_in_part():
    return mixed(TEXT, ZIP_PART.replace("Content-Disposition", "This is no field\nContent-Disposition"))


@case
def zip_blank_before_colon():
    return mixed(TEXT, ZIP_PART.replace("Content-Transfer-Encoding:", "Content-Transfer-Encoding :"))


@case
def zip_encoded_multipart():
    """A multipart in base64, which RFC 2045 6.4 forbids."""
    body = "--=_bound_7f3a\n" + ZIP_PART + "\n--=_bound_7f3a--\n"
    return HEAD + "Content-Type: multipart/mixed; boundary=\"=_bound_7f3a\"\nContent-Transfer-Encoding: base64\n\n" + \
        b64(crlf(body))


@case
def zip_comment_in_type():
    return mixed(TEXT, ZIP_PART.replace("application/zip;", "application/zip (a (nested; name=\"a.txt\") one);"))


def attribute(level, tag, data):
    return struct.pack("<BII", level, tag, len(data)) + data + struct.pack("<H", sum(data) & 0xffff)


def text_property(tag, text):
    data = (text + "\0").encode("utf-16-le")
    return struct.pack("<HHII", 0x1f, tag, 1, len(data)) + data + b"\0" * (-len(data) % 4)


def object_property(tag, data):
    return struct.pack("<HHII", 0x0d, tag, 1, len(data)) + data + b"\0" * (-len(data) % 4)


def winmail(*attachments):
    out = b"\x78\x9f\x3e\x22\x01\x00" + attribute(1, 0x00089006, b"\0\0\1\0") + \
        attribute(1, 0x00069007, struct.pack("<II", 932, 0))
    for data in attachments:
        out += attribute(2, 0x00069002, b"\1" + b"\0" * 13) + data
    return out


def winmail_zip():
    return winmail(attribute(2, 0x00018010, b"SECRET~1.ZIP\0") + attribute(2, 0x0006800f, LOCKED) +
                   attribute(2, 0x00069005, struct.pack("<I", 1) + text_property(0x3707, "秘密の書類.zip")))


TNEF_PART = "Content-Type: application/ms-tnef; name=\"winmail.dat\"\nContent-Disposition: attachment; " \
    "filename=\"winmail.dat\"\nContent-Transfer-Encoding: base64\n\n"


@case
def zip_tnef():
    """[MS-OXTNEF], Outlook's winmail.dat."""
    return mixed(TEXT, TNEF_PART + b64(winmail_zip()))


@case
def zip_tnef_nested():
    """The file hangs on a message that hangs on the message."""
    message = bytes.fromhex("0703020000000000c000000000000046") + winmail_zip()
    return mixed(TEXT, TNEF_PART + b64(winmail(
        attribute(2, 0x00069005, struct.pack("<I", 1) + object_property(0x3701, message)))))


@case
def zip_tnef_wrong_type():
    return mixed(TEXT, "Content-Type: image/jpeg; name=\"a.jpg\"\nContent-Transfer-Encoding: base64\n\n" +
                 b64(winmail_zip()))


# --- neither -----------------------------------------------------------------------------------------

@case
def odd_tnef_cut():
    return mixed(TEXT, TNEF_PART + b64(winmail_zip()[:-150]))


@case
def odd_partial():
    return HEAD + "Content-Type: message/partial; id=\"x@example.com\"; number=1; total=2\n\n" + \
        mixed(TEXT, ZIP_PART, end=False)


@case
def odd_external_body():
    return mixed(TEXT, "Content-Type: message/external-body; access-type=URL;\n URL=\"https://example.com/a.zip\"\n\n"
                 "Content-Type: application/zip\n")


@case
def odd_nul_in_text():
    return HEAD + "\nHello @@ world\n", {"@@": b"\0"}


@case
def odd_bare_cr_in_header():
    return HEAD + "X-One: a@@X-Two: b\n\nHello\n", {"@@": b"\r"}


@case
def odd_mixed_line_ends():
    return HEAD + "X-One: a@@X-Two: b\n\nHello\n", {"@@": b"\n"}


@case
def odd_unknown_encoding():
    return mixed(TEXT, "Content-Type: application/octet-stream; name=a.bin\nContent-Transfer-Encoding: x-own\n\nabc\n")


@case
def odd_unknown_charset():
    return HEAD + "Content-Type: text/plain; charset=x-klingon\n\nHello\n"


@case
def odd_deep():
    """More levels than are looked at."""
    text = HEAD
    for n in range(40):
        text += f"Content-Type: multipart/mixed; boundary=\"level{n}.\"\n\n--level{n}.\n"
    return text + ZIP_PART


@case
def odd_two_names():
    """Two names with different extensions."""
    return mixed(TEXT, "Content-Type: application/octet-stream; name=\"a.txt\"\nContent-Disposition: attachment; "
                 "filename=\"a.exe\"\nContent-Transfer-Encoding: base64\n\n" + b64(b"text"))


@case
def odd_yenc():
    return HEAD + "\n=ybegin line=128 size=3 name=a.zip\nabc\n=yend size=3\n"


@case
def odd_lf_only():
    """A file from a mailbox, with its From line: nothing to find."""
    return clean_thunderbird(), None


def main():
    for name, function in CASES.items():
        made = function()
        text, changes = made if isinstance(made, tuple) else (made, {})
        data = crlf(text) if changes is not None else \
            b"From alice@example.com Mon Jan 15 10:00:00 2024\n" + text.encode()
        for mark, insert in (changes or {}).items():
            data = data.replace(mark.encode(), insert)
        folder = os.path.join(HERE, "mail", name)
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, "message.eml"), "wb") as out:
            out.write(data)


if __name__ == "__main__":
    main()
