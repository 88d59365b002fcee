/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-type.h"

#include <glib.h>

#include "attach/attach-format.h"

typedef struct {
    SkAttachType type;
    const char *name;
    const char *head;
    size_t len;
} Case;

#define FILE_OF(type, name, head)                                                              \
    {                                                                                          \
        SK_ATTACH_##type, name, head, sizeof(head) - 1                                         \
    }

/* clang-format off */
static const Case by_mark[] = {
    FILE_OF(EMPTY, "a.txt", ""),
    FILE_OF(ZIP, NULL, "PK\3\4\24\0\0\0"), FILE_OF(ZIP, "a.docx", "PK\5\6\0\0\0\0"), FILE_OF(ZIP, "a.zip", "PK\7\10PK\3\4"),
    FILE_OF(7Z, NULL, "7z\xbc\xaf\x27\x1c\0\4"), FILE_OF(RAR5, NULL, "Rar!\x1a\7\1\0"), FILE_OF(RAR4, NULL, "Rar!\x1a\7\0"), FILE_OF(RAR14, NULL, "RE\x7e\x5e\7\0"),
    FILE_OF(ACE, NULL, "\x15\x49\x2b\0\0\x10\x10**ACE**\x14\x14"), FILE_OF(CAB, NULL, "MSCF\0\0\0\0\x57\0\0\0"), FILE_OF(LHA, NULL, "\x15\xed-lh0-\0\0\0\0\0\0\0\0\x21\x5a\x21\x5a\x20\0\1x"),
    FILE_OF(GZIP, NULL, "\x1f\x8b\x08\0\0\0\0\0\0\3"), FILE_OF(BZIP2, NULL, "BZh91AY&SY"), FILE_OF(XZ, NULL, "\xfd""7zXZ\0\0\4"), FILE_OF(ZSTD, NULL, "\x28\xb5\x2f\xfd\4"),
    FILE_OF(LZ4, NULL, "\x04\x22\x4d\x18\x64"), FILE_OF(LZIP, NULL, "LZIP\1\x0c"), FILE_OF(COMPRESS, NULL, "\x1f\x9d\x90\x48"), FILE_OF(LZMA, NULL, "\x5d\0\0\x80\0\xff\xff\xff\xff\xff\xff\xff\xff\0\x24\x19\x49\x98\x6f\x10"),
    FILE_OF(CPIO, NULL, "070701000000"), FILE_OF(CPIO, NULL, "070707000000"), FILE_OF(AR, "a.a", "!<arch>\nletter.txt/     "), FILE_OF(PACKAGE, "a.deb", "!<arch>\ndebian-binary   "),
    FILE_OF(PACKAGE, "a.rpm", "\xed\xab\xee\xdb\3\0"), FILE_OF(PACKAGE, "a.pkg", "xar!\0\x1c"), FILE_OF(OTHER_ARCHIVE, "a.egg", "EGGA\0\1\0\0"), FILE_OF(OTHER_ARCHIVE, "a.alz", "ALZ\1\x0a\0"),
    FILE_OF(CFB, "a.doc", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), FILE_OF(BIFF, "a.xls", "\x09\x08\x08\0\0\5\5\0\x10\x10\x10\x10\x0a\0\0\0"), FILE_OF(PDF, NULL, "%PDF-1.7\n"), FILE_OF(PDF, NULL, "\0\0junk\0%PDF-1.7\n"),
    FILE_OF(RTF, "a.doc", "{\\rtf1"), FILE_OF(ONENOTE, NULL, "\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d\xae\xb1\x53\x78\xd0\x29\x96\xd3"), FILE_OF(TNEF, NULL, "\x78\x9f\x3e\x22\1\0"),
    FILE_OF(ACCESS, NULL, "\0\1\0\0Standard ACE DB\0"), FILE_OF(ACCESS, NULL, "\0\1\0\0Standard Jet DB\0"), FILE_OF(ACTIVEMIME, NULL, "ActiveMime\0\0"),
    FILE_OF(DOS_EXE, NULL, "MZ\x90\0\3\0\0\0\4\0\0\0"), FILE_OF(ELF, NULL, "\x7f""ELF\2\1\1"), FILE_OF(MACHO, NULL, "\xcf\xfa\xed\xfe\7\0\0\1"), FILE_OF(MACHO, NULL, "\xca\xfe\xba\xbe\0\0\0\2"),
    FILE_OF(JAVA_CLASS, NULL, "\xca\xfe\xba\xbe\0\0\0\x34"), FILE_OF(DEX, NULL, "dex\n035\0"), FILE_OF(LNK, "a.lnk", "L\0\0\0\1\x14\2\0\0\0\0\0\xc0\0\0\0\0\0\0\x46"),
    FILE_OF(CHM, NULL, "ITSF\3\0\0\0"), FILE_OF(HLP, NULL, "\x3f\x5f\3\0\0\0"), FILE_OF(SWF, NULL, "CWS\x0a\0\0\0\0"), FILE_OF(ADD_ON, "a.crx", "Cr24\3\0\0\0"),
    FILE_OF(VHD, NULL, "conectix\0\0"), FILE_OF(VHDX, NULL, "vhdxfile\0"), FILE_OF(VMDK, NULL, "KDMV\1\0\0\0"), FILE_OF(QCOW, NULL, "QFI\xfb\0\0\0\3"), FILE_OF(WIM, NULL, "MSWIM\0\0\0"),
    FILE_OF(NTFS, NULL, "\xeb\x52\x90NTFS    \0\2"), FILE_OF(FAT, NULL, "\xeb\x76\x90""EXFAT   \0\0"), FILE_OF(DMG, NULL, "encrcdsa\0"),
    FILE_OF(PKCS7, NULL, "\x30\x82\1\0\x06\x09\x2a\x86\x48\x86\xf7\x0d\1\7\3\xa0"), FILE_OF(PKCS7, NULL, "\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\1\7\2\xa0\x80"),
    FILE_OF(CERTIFICATE, NULL, "\x30\x82\1\0\x30\x81\xf0\xa0\3\2\1\2\2\1\1\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\1\1\x0b\5\0\x30\0\x30\0"), FILE_OF(CERTIFICATE, "a.p12", "\x30\x82\1\0\2\1\3\x30\x82\0\xf0\6\x09\x2a\x86\x48\x86\xf7\x0d\1\7\1\xa0\x82\0\xf0\0\0\0\0\0\0\0"),
    FILE_OF(PGP, NULL, "\x8c\x0d\4\x09\3\2abcdefgh\xff\xd2\x05\1abcd"), /* a key from a password, sealed data */
};

static const Case media[] = {
    FILE_OF(MEDIA, NULL, "\xff\xd8\xff\xe0\0\x10JFIF"), FILE_OF(MEDIA, NULL, "\x89PNG\r\n\x1a\n\0"), FILE_OF(MEDIA, NULL, "GIF89a\1\0"), FILE_OF(MEDIA, NULL, "II*\0\10\0"), FILE_OF(MEDIA, NULL, "8BPS\0\1"),
    FILE_OF(MEDIA, NULL, "BM\x3a\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0"), FILE_OF(MEDIA, NULL, "RIFF\0\0\0\0WEBPVP8 "), FILE_OF(MEDIA, NULL, "RIFF\0\0\0\0WAVEfmt "), FILE_OF(MEDIA, NULL, "\0\0\0\x18""ftypheic"),
    FILE_OF(MEDIA, NULL, "OggS\0\2"), FILE_OF(MEDIA, NULL, "fLaC\0\0"), FILE_OF(MEDIA, NULL, "ID3\3\0\0"), FILE_OF(MEDIA, NULL, "\x1a\x45\xdf\xa3\1"), FILE_OF(MEDIA, NULL, "wOF2\0\1"), FILE_OF(MEDIA, NULL, "OTTO\0\x0c\0\x80"),
    FILE_OF(MEDIA, NULL, "%!PS-Adobe-3.0\n"), FILE_OF(DATA, NULL, "SQLite format 3\0"), FILE_OF(DATA, NULL, "AC1032\0\0\0"), FILE_OF(DATA, NULL, "\x89HDF\r\n\x1a\n"), FILE_OF(DATA, NULL, "\0\5\x16\7\0\2"),
    FILE_OF(UNKNOWN, NULL, "\1\2\3\4\0\0\0\0"), FILE_OF(UNKNOWN, "a.zip", "\1\2\3\4\0\0\0\0"),
};

static const Case texts[] = {
    FILE_OF(TEXT, "a.txt", "Dear customer,\r\n"), FILE_OF(TEXT, NULL, "\xe8\xad\xb0\xe4\xba\x8b\xe9\x8c\xb2\n"), FILE_OF(TEXT, NULL, "\x8b\x63\x8e\x96\x98\x5e\r\n"), FILE_OF(TEXT, NULL, "\x1b$B5D;vO?\x1b(B\n"),
    FILE_OF(TEXT, NULL, "\xff\xfe""D\0e\0a\0r\0"), FILE_OF(TEXT, NULL, "D\0e\0a\0r\0 \0a\0l\0l\0"),
    FILE_OF(TEXT, "a.txt", "MZ is how programs begin"), FILE_OF(TEXT, "a.csv", "BM,II,RIFF\n"), FILE_OF(TEXT, "a.txt", "FORM of address"), FILE_OF(TEXT, "a.csv", "ID;Price\n1;2\n"), FILE_OF(TEXT, "a.txt", "From: here on nothing\n\n"),
    FILE_OF(HTML, "a.html", "<!DOCTYPE html>\n<html>"), FILE_OF(HTML, NULL, "\xef\xbb\xbf<html>"), FILE_OF(HTML, "a.htm", "<p>Hi</p>"), FILE_OF(XML, "a.xml", "<?xml version='1.0'?><a/>"), FILE_OF(SVG, "a.svg", "<svg xmlns='x'/>"),
    FILE_OF(MAIL, "a.eml", "X: y\n\nz"), FILE_OF(MAIL, NULL, "Received: from a\n by b\nFrom: c@example.com\n\nHi"), FILE_OF(MAIL, NULL, "Content-Type: text/plain\r\n\r\nHi"), FILE_OF(MAIL, NULL, "From a@example.com Sat Jan  1\nFrom: a\nTo: b\n\n"),
    FILE_OF(CALENDAR, "a.ics", "BEGIN:VCALENDAR\r\n"), FILE_OF(PGP, NULL, "-----BEGIN PGP MESSAGE-----\n"), FILE_OF(PKCS7, NULL, "-----BEGIN PKCS7-----\n"), FILE_OF(CERTIFICATE, NULL, "-----BEGIN CERTIFICATE-----\n"), FILE_OF(CERTIFICATE, NULL, "-----BEGIN PGP PUBLIC KEY BLOCK-----\n"),
};

static const Case scripts[] = {
    FILE_OF(SCRIPT, "a.js", "x"), FILE_OF(SCRIPT, "a.JSE", "x"), FILE_OF(SCRIPT, "a.vbs", "x"), FILE_OF(SCRIPT, "a.vbe", "#@~^AA=="), FILE_OF(SCRIPT, "a.wsf", "x"), FILE_OF(SCRIPT, "a.wsh", "x"), FILE_OF(SCRIPT, "a.hta", "<html>"),
    FILE_OF(SCRIPT, "a.bat", "x"), FILE_OF(SCRIPT, "a.cmd", "x"), FILE_OF(SCRIPT, "a.ps1", "x"), FILE_OF(SCRIPT, "a.psm1", "x"), FILE_OF(SCRIPT, "a.sct", "x"), FILE_OF(SCRIPT, "a.reg", "x"), FILE_OF(SCRIPT, "a.inf", "x"), FILE_OF(SCRIPT, "a.vb", "x"),
    FILE_OF(SCRIPT, "a.py", "x"), FILE_OF(SCRIPT, "a.sh", "x"), FILE_OF(SCRIPT, "a.jnlp", "<jnlp/>"), FILE_OF(SCRIPT, "a.iqy", "x"), FILE_OF(SCRIPT, "a.slk", "x"), FILE_OF(SCRIPT, "a.js. ", "x"), FILE_OF(SCRIPT, "a.js::$DATA", "x"),
    FILE_OF(SCRIPT, "a.txt", "#!/bin/sh\n"), FILE_OF(SCRIPT, "a.txt", "\r\n@ECHO OFF\r\n"), FILE_OF(SCRIPT, "a.dat", "#@~^AA=="), FILE_OF(SCRIPT, NULL, "Set s = CreateObject(\"WScript.Shell\")\n"), FILE_OF(SCRIPT, NULL, "start powershell -enc AAAA"),
    FILE_OF(SCRIPT, "a.html", "<html><hta:application id=x>"), FILE_OF(SCRIPT, "a.xml", "<?xml version='1.0'?><job><script/></job>"), FILE_OF(SCRIPT, "a.txt", "REGEDIT4\r\n"), FILE_OF(SCRIPT, "a.csv", "ID;PWXL;N;E\r\nP;PGeneral\r\n"), FILE_OF(SCRIPT, NULL, "WEB\r\n1\r\nhttp://www.example.com/\r\n"),
    FILE_OF(SCRIPT, "a.js", "GIF89a=1;"), FILE_OF(SCRIPT, "a.hta", "\xff\xd8\xff\xe0\0\0<hta:application>"), FILE_OF(SCRIPT, "a.ps1", "\xff\xfe""d\0i\0r\0"),
    FILE_OF(SHORTCUT_TEXT, "a.url", "x"), FILE_OF(SHORTCUT_TEXT, "a.txt", "[InternetShortcut]\r\nURL=x"), FILE_OF(SHORTCUT_TEXT, NULL, "[Desktop Entry]\n"), FILE_OF(SHORTCUT_TEXT, "a.settingcontent-ms", "<?xml version='1.0'?>"), FILE_OF(SHORTCUT_TEXT, "a.library-ms", "x"),
    FILE_OF(SHORTCUT_TEXT, "a.search-ms", "x"), FILE_OF(SHORTCUT_TEXT, "a.application", "<?xml version='1.0'?>"), FILE_OF(SHORTCUT_TEXT, "a.appref-ms", "x"), FILE_OF(SHORTCUT_TEXT, "a.xml", "<?xml version='1.0'?><libraryDescription>"), FILE_OF(DOS_EXE, "a.com", "X5O!P%"),
    FILE_OF(TEXT, "howto.txt", "never run powershell -enc from a mail"), FILE_OF(TEXT, "a.md", "call CreateObject(\"WScript.Shell\")"),
};
/* clang-format on */

static void
check(const Case *table, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        g_autofree uint8_t *exact = g_memdup2(table[i].head, table[i].len);
        SkAttachType got = sk_attach_type_of(sk_bytes(exact, table[i].len), table[i].name);

        if (got != table[i].type)
            g_test_message("case %zu, %s: \"%.20s\"", i, table[i].name, table[i].head);
        g_assert_cmpstr(sk_attach_format(got)->name, ==, sk_attach_format(table[i].type)->name);
    }
}

static void
test_marks(void)
{
    check(by_mark, G_N_ELEMENTS(by_mark));
}

static void
test_media(void)
{
    check(media, G_N_ELEMENTS(media));
}

static void
test_texts(void)
{
    check(texts, G_N_ELEMENTS(texts));
}

static void
test_scripts(void)
{
    check(scripts, G_N_ELEMENTS(scripts));
}

/* Marks that stand far into the file; a head does not show them. */
static void
test_marks_far_in(void)
{
    static const struct {
        SkAttachType type;
        size_t at;
        const char *mark;
    } table[] = {
        {SK_ATTACH_ISO, 0x8001, "CD001"},          {SK_ATTACH_UDF, 0x8001, "BEA01"},
        {SK_ATTACH_VHD, 0x9000 - 512, "conectix"}, {SK_ATTACH_DMG, 0x9000 - 512, "koly"},
        {SK_ATTACH_FILESYSTEM, 0x438, "\x53\xef"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
        g_autofree uint8_t *bytes = g_malloc0(0x9000);

        memcpy(bytes + table[i].at, table[i].mark, strlen(table[i].mark));
        g_assert_cmpint(sk_attach_type_of(sk_bytes(bytes, 0x9000), NULL), ==, table[i].type);
        g_assert_cmpint(sk_attach_type_of_head(sk_bytes(bytes, 0x400), NULL), ==,
                        SK_ATTACH_UNKNOWN);
    }
}

/* A text sample may be cut anywhere. */
static void
test_text_is_cut(void)
{
    static const char text[] = "\xe8\xad\xb0\xe4\xba\x8b\xe9\x8c\xb2\xe8\xad\xb0\xe4\xba\x8b";

    for (size_t n = 1; n < sizeof text; n++)
        g_assert_cmpint(sk_attach_type_of_head(sk_bytes(text, n), NULL), ==, SK_ATTACH_TEXT);
}

/* Every type has a row. */
static void
test_formats_are_complete(void)
{
    for (int type = 0; type < SK_ATTACH_N_TYPES; type++)
        g_assert_nonnull(sk_attach_format((SkAttachType)type)->name);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/type/marks", test_marks);
    g_test_add_func("/type/media", test_media);
    g_test_add_func("/type/texts", test_texts);
    g_test_add_func("/type/scripts", test_scripts);
    g_test_add_func("/type/marks-far-in", test_marks_far_in);
    g_test_add_func("/type/text-is-cut", test_text_is_cut);
    g_test_add_func("/type/formats-are-complete", test_formats_are_complete);
    return g_test_run();
}
