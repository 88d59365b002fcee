# SPDX-License-Identifier: Apache-2.0
"""Real messages for the demonstration and the end-to-end tests, made by real tools.

Each sample is bytes of a message with CRLF line ends. Archives are made by zip, 7z and qpdf in a temporary folder; what no free
tool can write (RAR, encrypted Office) is taken from the corpus beside.
"""
import base64
import email.message
import email.policy
import io
import os
import subprocess
import tempfile
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
CORPUS = os.path.join(os.path.dirname(HERE), "corpus", "attach")
PASSWORD = "p4ssw0rd"
TEXT = "Minutes of the meeting on Tuesday.\nWe agreed on the delivery in March.\n" * 20


def run_in_folder(files, argv, result):
    """The file RESULT that ARGV makes in a folder that holds FILES."""
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            with open(os.path.join(folder, name), "wb") as f:
                f.write(content if isinstance(content, bytes) else content.encode())
        subprocess.run(argv, cwd=folder, check=True, stdout=subprocess.DEVNULL)
        with open(os.path.join(folder, result), "rb") as f:
            return f.read()


def plain_zip(name="minutes.txt", content=TEXT):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr(name, content)
    return out.getvalue()


def encrypted_zip(method="AES256"):
    return run_in_folder({"minutes.txt": TEXT}, ["7z", "a", "-tzip", "-mem=" + method, "-p" + PASSWORD, "a.zip", "minutes.txt"], "a.zip")


def encrypted_7z(headers=False):
    return run_in_folder({"minutes.txt": TEXT}, ["7z", "a", "-mhe=" + ("on" if headers else "off"), "-p" + PASSWORD, "a.7z", "minutes.txt"], "a.7z")


def plain_pdf():
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
               b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >>"]
    out, offsets = b"%PDF-1.4\n", []
    for n, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (n, body)
    xref = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % o for o in offsets)
    return out + b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, xref)


def encrypted_pdf(user=PASSWORD):
    return run_in_folder({"plain.pdf": plain_pdf()},
                         ["qpdf", "--encrypt", user, "owner", "256", "--", "plain.pdf", "a.pdf"], "a.pdf")


def corpus_file(case):
    """The input of a corpus case."""
    folder = os.path.join(CORPUS, case)
    name, = [name for name in os.listdir(folder) if name not in ("expect", "NOTE")]
    with open(os.path.join(folder, name), "rb") as f:
        return f.read()


def message(sender, recipients, subject, attachments=(), text="Please find the minutes attached.\n", extra=()):
    """A message as an ordinary mail program would write it. ATTACHMENTS: (name, bytes)."""
    m = email.message.EmailMessage(policy=email.policy.SMTP)
    m["From"] = sender
    m["To"] = ", ".join(recipients)
    m["Subject"] = subject
    m["Date"] = "Tue, 03 Nov 2026 10:00:00 +0900"
    m["Message-ID"] = "<%s@mail.example>" % base64.b32encode(os.urandom(10)).decode().lower()
    for name, value in extra:
        m[name] = value
    m.set_content(text)
    for name, content in attachments:
        m.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return m.as_bytes()


def japanese_message(sender, recipients):
    """ISO-2022-JP with the characters only Windows' variant has, as Outlook writes them."""
    body = "株式会社例 ①髙橋様\r\nいつもお世話になっております。㈱\r\n".encode("iso2022_jp_ext", "replace")
    subject = "=?iso-2022-jp?B?%s?=" % base64.b64encode("議事録の送付".encode("iso2022_jp")).decode()
    head = ("From: %s\r\nTo: %s\r\nSubject: %s\r\nDate: Tue, 03 Nov 2026 10:00:00 +0900\r\nMessage-ID: <%s@mail.example>\r\n"
            "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=ISO-2022-JP\r\nContent-Transfer-Encoding: 7bit\r\n\r\n"
            % (sender, ", ".join(recipients), subject, os.urandom(8).hex()))
    return head.encode() + body
