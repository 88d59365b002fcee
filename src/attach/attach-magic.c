/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-magic.h"

#include <glib.h>

#include "attach/attach-marker.h"
#include "attach/attach-structure.h"

typedef struct {
    SkAttachType type;
    uint32_t at;
    const char *mark; /* NULL: IS decides alone */
    uint8_t len;
    bool (*is)(SkBytes bytes); /* NULL: the mark is enough */
} Magic;

#define MARK(type, at, mark)                                                                   \
    {                                                                                          \
        SK_ATTACH_##type, at, mark, sizeof(mark) - 1, NULL                                     \
    }
#define MARK_IF(type, at, mark, is_)                                                           \
    {                                                                                          \
        SK_ATTACH_##type, at, mark, sizeof(mark) - 1, is_                                      \
    }
#define SHAPE(type, is_)                                                                       \
    {                                                                                          \
        SK_ATTACH_##type, 0, NULL, 0, is_                                                      \
    }

static bool
is_riff_media(SkBytes b)
{
    return sk_bytes_is(b, 8, "WAVE") || sk_bytes_is(b, 8, "AVI ") ||
           sk_bytes_is(b, 8, "WEBP") || sk_bytes_is(b, 8, "ACON") ||
           sk_bytes_is(b, 8, "RMID") || sk_bytes_is(b, 8, "CDR") || sk_bytes_is(b, 8, "sfbk");
}

/* Marks that could be words count only in front of binary data. */
static bool
is_binary(SkBytes b)
{
    for (size_t i = 0; i < b.len && i < 64; i++) {
        if (b.data[i] < 9)
            return true;
    }
    return false;
}

static bool
is_iff(SkBytes b)
{
    return sk_bytes_is(b, 8, "AIF") || sk_bytes_is(b, 8, "8SVX") || sk_bytes_is(b, 8, "ILBM") ||
           sk_bytes_is(b, 8, "DJV");
}

static bool
is_bmp(SkBytes b)
{
    uint32_t header = sk_bytes_le32(b, 14);

    return sk_bytes_le32(b, 6) == 0 && header >= 12 && header <= 124;
}

static bool
is_ico(SkBytes b)
{
    return sk_bytes_le16(b, 4) > 0 && sk_bytes_le16(b, 4) < 256 && sk_bytes_u8(b, 9) == 0 &&
           sk_bytes_le32(b, 18) >= 22;
}

static bool
is_font(SkBytes b)
{
    return sk_bytes_be16(b, 4) > 0 && sk_bytes_be16(b, 4) < 64;
}

static bool
is_emf(SkBytes b)
{
    return sk_bytes_is(b, 40, " EMF");
}

static bool
is_wmf(SkBytes b)
{
    return sk_bytes_le16(b, 2) == 9 &&
           (sk_bytes_le16(b, 4) == 0x300 || sk_bytes_le16(b, 4) == 0x100);
}

static bool
is_mpeg_ts(SkBytes b)
{
    return sk_bytes_u8(b, 188) == 0x47 && sk_bytes_u8(b, 376) == 0x47;
}

static bool
is_deb(SkBytes b)
{
    return sk_bytes_is(b, 8, "debian-binary");
}

static bool
is_dbf(SkBytes b)
{
    return sk_bytes_u8(b, 2) >= 1 && sk_bytes_u8(b, 2) <= 12 && sk_bytes_u8(b, 3) >= 1 &&
           sk_bytes_u8(b, 3) <= 31 && sk_bytes_le16(b, 8) % 32 == 1 &&
           sk_bytes_le16(b, 10) > 0 && sk_bytes_u8(b, sk_bytes_le16(b, 8) - 1u) == 0x0d;
}

static bool
is_swf(SkBytes b)
{
    return sk_bytes_u8(b, 3) > 0 && sk_bytes_u8(b, 3) < 60;
}

static bool
is_lnk(SkBytes b)
{
    return sk_bytes_is(b, 4,
                       "\x01\x14\x02\x00\x00\x00\x00\x00\xc0\x00\x00\x00\x00\x00\x00\x46");
}

static bool
is_jpeg(SkBytes b)
{
    return sk_bytes_u8(b, 3) >= 0xc0;
}

static bool
is_arj(SkBytes b)
{
    return sk_attach_arj_is_at(b, 0);
}

static bool
is_gzip(SkBytes b)
{
    return sk_bytes_u8(b, 2) == 8 && (sk_bytes_u8(b, 3) & 0xe0) == 0;
}

static bool
is_compress(SkBytes b)
{
    return (sk_bytes_u8(b, 2) & 0x1f) >= 9 && (sk_bytes_u8(b, 2) & 0x1f) <= 16;
}

static bool
is_crx(SkBytes b)
{
    return sk_bytes_le32(b, 4) == 2 || sk_bytes_le32(b, 4) == 3;
}

/* The first that matches decides: longer and stronger marks stand before weaker ones. */
/* clang-format off */
static const Magic heads[] = {
    /* archives; the header of a tar begins with a name, which may be any mark below */
    SHAPE(TAR, sk_structure_is_tar),
    MARK(ZIP, 0, "PK\3\4"), MARK(ZIP, 0, "PK\5\6"), MARK(ZIP, 0, "PK\7\10PK\3\4"), MARK(ZIP, 0, "PK00PK\3\4"),
    MARK(ZIP, 0, "PK\6\10"), MARK(ZIP, 0, "PK\1\2"),
    MARK(7Z, 0, "7z\xbc\xaf\x27\x1c"),
    MARK(RAR5, 0, "Rar!\x1a\7\1\0"), MARK(RAR4, 0, "Rar!\x1a\7\0"), MARK(RAR14, 0, "RE\x7e\x5e"),
    MARK(ACE, 7, "**ACE**"), SHAPE(ARJ, is_arj),
    MARK(CAB, 0, "MSCF\0\0\0\0"), SHAPE(LHA, sk_structure_is_lha),
    MARK_IF(GZIP, 0, "\x1f\x8b", is_gzip), SHAPE(BZIP2, sk_structure_is_bzip2),
    MARK(XZ, 0, "\xfd""7zXZ\0"), MARK(ZSTD, 0, "\x28\xb5\x2f\xfd"),
    MARK(LZ4, 0, "\x04\x22\x4d\x18"), MARK(LZ4, 0, "\x02\x21\x4c\x18"),
    MARK(LZIP, 0, "LZIP\1"), MARK_IF(COMPRESS, 0, "\x1f\x9d", is_compress),
    MARK(CPIO, 0, "070701"), MARK(CPIO, 0, "070702"), MARK(CPIO, 0, "070707"), SHAPE(CPIO, sk_structure_is_binary_cpio),
    MARK_IF(PACKAGE, 0, "!<arch>\n", is_deb), MARK(AR, 0, "!<arch>\n"),
    MARK(PACKAGE, 0, "\xed\xab\xee\xdb"), MARK(PACKAGE, 0, "xar!"),
    MARK(OTHER_ARCHIVE, 0, "!<thin>\n"), MARK(OTHER_ARCHIVE, 0, "ISc("), MARK_IF(OTHER_ARCHIVE, 0, "EGGA", is_binary),
    MARK_IF(OTHER_ARCHIVE, 0, "ALZ\1", is_binary), MARK_IF(OTHER_ARCHIVE, 0, "SIT!", is_binary), MARK(OTHER_ARCHIVE, 0, "StuffIt (c)"),
    MARK(OTHER_ARCHIVE, 20, "\xdc\xa7\xc4\xfd"), MARK(OTHER_ARCHIVE, 0, "\x89LZO\0"), MARK_IF(OTHER_ARCHIVE, 0, "LRZI", is_binary),
    MARK(OTHER_ARCHIVE, 7, "-sqx-"), MARK(OTHER_ARCHIVE, 0, "SZDD\x88\xf0\x27\x33"), MARK(OTHER_ARCHIVE, 0, "KWAJ\x88\xf0\x27\xd1"),
    MARK(OTHER_ARCHIVE, 0, "\x1f\xa0"), MARK_IF(OTHER_ARCHIVE, 0, "BlakHole", is_binary), MARK_IF(OTHER_ARCHIVE, 0, "DGCA", is_binary), MARK_IF(OTHER_ARCHIVE, 0, "GCAX", is_binary),
    MARK_IF(OTHER_ARCHIVE, 0, "zPQ", is_binary), MARK(OTHER_ARCHIVE, 0, "\x37\x6b\x53\x74"), MARK_IF(OTHER_ARCHIVE, 0, "ArC\1", is_binary),
    /* documents */
    MARK(CFB, 0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), MARK(CFB, 0, "\x0e\x11\xfc\x0d\xd0\xcf\x11\x0e"),
    MARK(PDF, 0, "%PDF-"), MARK(RTF, 0, "{\\rt"),
    MARK(ONENOTE, 0, "\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d\xae\xb1\x53\x78\xd0\x29\x96\xd3"),
    MARK(ONENOTE, 0, "\xa1\x2f\xff\x43\xd9\xef\x76\x4c\x9e\xe2\x10\xea\x57\x22\x76\x5f"),
    MARK(TNEF, 0, "\x78\x9f\x3e\x22"), MARK(ACTIVEMIME, 0, "ActiveMime"),
    MARK(ACCESS, 4, "Standard Jet DB"), MARK(ACCESS, 4, "Standard ACE DB"), MARK(ACCESS, 4, "Jet System DB"),
    SHAPE(BIFF, sk_structure_is_biff),
    /* programs */
    SHAPE(PE, sk_structure_is_pe), SHAPE(DOS_EXE, sk_structure_is_dos_exe),
    MARK(ELF, 0, "\x7f""ELF"), SHAPE(JAVA_CLASS, sk_structure_is_java_class), SHAPE(MACHO, sk_structure_is_fat_macho),
    MARK(MACHO, 0, "\xfe\xed\xfa\xce"), MARK(MACHO, 0, "\xfe\xed\xfa\xcf"), MARK(MACHO, 0, "\xce\xfa\xed\xfe"), MARK(MACHO, 0, "\xcf\xfa\xed\xfe"),
    MARK(DEX, 0, "dex\n03"), MARK(DEX, 0, "dex\n04"), MARK_IF(ADD_ON, 0, "Cr24", is_crx),
    MARK_IF(LNK, 0, "L\0\0\0", is_lnk), MARK(CHM, 0, "ITSF"), MARK(CHM, 0, "ITOLITLS"), MARK(HLP, 0, "\x3f\x5f\3\0"), MARK(HLP, 0, "LN\2\0"),
    MARK_IF(SWF, 0, "FWS", is_swf), MARK_IF(SWF, 0, "CWS", is_swf), MARK_IF(SWF, 0, "ZWS", is_swf),
    /* disk images */
    MARK(VHD, 0, "conectix"), MARK(VHDX, 0, "vhdxfile"), MARK(VMDK, 0, "KDMV"), MARK(VMDK, 0, "COWD"), MARK(VMDK, 0, "# Disk DescriptorFile"),
    MARK(VDI, 0x40, "\x7f\x10\xda\xbe"), MARK(QCOW, 0, "QFI\xfb"), MARK(WIM, 0, "MSWIM\0\0\0"), MARK(WIM, 0, "WLPWM\0\0\0"),
    MARK(NTFS, 3, "NTFS    "), MARK(FAT, 3, "EXFAT   "), MARK(FILESYSTEM, 0, "hsqs"), MARK(FILESYSTEM, 0, "sqsh"),
    MARK(DMG, 0, "encrcdsa"), MARK(DMG, 0, "cdsaencr"),
    /* cryptography; ASCII armour is text */
    SHAPE(PKCS7, sk_structure_is_cms), SHAPE(CERTIFICATE, sk_structure_is_certificate), MARK(CERTIFICATE, 0, "\xfe\xed\xfe\xed\0\0\0\2"),
    /* pictures */
    MARK_IF(MEDIA, 0, "\xff\xd8\xff", is_jpeg), MARK(MEDIA, 0, "\x89PNG\r\n\x1a\n"), MARK(MEDIA, 0, "\x8aMNG\r\n\x1a\n"), MARK(MEDIA, 0, "GIF87a"), MARK(MEDIA, 0, "GIF89a"),
    MARK(MEDIA, 0, "II*\0"), MARK(MEDIA, 0, "MM\0*"), MARK(MEDIA, 0, "II+\0"), MARK(MEDIA, 0, "MM\0+"), MARK(MEDIA, 0, "II\xbc\1"), MARK_IF(MEDIA, 0, "IIRO", is_binary), MARK(MEDIA, 0, "IIU\0"),
    MARK_IF(MEDIA, 0, "BM", is_bmp), MARK_IF(MEDIA, 0, "\0\0\1\0", is_ico), MARK_IF(MEDIA, 0, "\0\0\2\0", is_ico),
    MARK_IF(MEDIA, 0, "\1\0\0\0", is_emf), MARK(MEDIA, 0, "\xd7\xcd\xc6\x9a"), MARK_IF(MEDIA, 0, "\1\0", is_wmf),
    MARK(MEDIA, 0, "8BPS\0"), MARK(MEDIA, 0, "8BIM"), MARK(MEDIA, 0, "gimp xcf"), MARK(MEDIA, 0, "\0\0\0\x0cjP  \r\n\x87\n"), MARK(MEDIA, 0, "\xff\x4f\xff\x51"),
    MARK(MEDIA, 0, "\0\0\0\x0cJXL \r\n\x87\n"), MARK(MEDIA, 0, "%!PS"), MARK(MEDIA, 0, "\xc5\xd0\xd3\xc6"), MARK(MEDIA, 0, "AT&TFORM"), MARK_IF(MEDIA, 0, "DDS ", is_binary), MARK(MEDIA, 0, "qoif"),
    MARK(MEDIA, 0, "FUJIFILMCCD-RAW"), MARK(MEDIA, 0, "v/1\1"), MARK(MEDIA, 0, "#?RADIANCE"), MARK(MEDIA, 0, "P6\n"), MARK(MEDIA, 0, "P5\n"), MARK(MEDIA, 0, "P4\n"),
    /* film and sound */
    MARK(MEDIA, 4, "ftyp"), MARK(MEDIA, 4, "moov"), MARK(MEDIA, 4, "mdat"), MARK(MEDIA, 4, "wide"), MARK(MEDIA, 0, "\x1a\x45\xdf\xa3"),
    MARK_IF(MEDIA, 0, "RIFF", is_riff_media), MARK(MEDIA, 0, "RF64"), MARK_IF(MEDIA, 0, "FORM", is_iff), MARK(MEDIA, 0, "OggS"), MARK(MEDIA, 0, "fLaC"), MARK_IF(MEDIA, 0, "ID3", is_binary),
    MARK(MEDIA, 0, "MThd"), MARK(MEDIA, 0, ".snd"), MARK(MEDIA, 0, "#!AMR"), MARK_IF(MEDIA, 0, "caff", is_binary), MARK(MEDIA, 0, "FLV\1"), MARK_IF(MEDIA, 0, "MAC ", is_binary), MARK(MEDIA, 0, "wvpk"),
    MARK(MEDIA, 0, "\x30\x26\xb2\x75\x8e\x66\xcf\x11"), MARK(MEDIA, 0, "\0\0\1\xba"), MARK(MEDIA, 0, "\0\0\1\xb3"), MARK(MEDIA, 0, "\0\0\1\xb6"), MARK_IF(MEDIA, 0, "G", is_mpeg_ts),
    MARK(MEDIA, 0, ".RMF"), MARK(MEDIA, 0, "\xff\xf1"), MARK(MEDIA, 0, "\xff\xf9"), SHAPE(MEDIA, sk_structure_is_mpeg_audio),
    /* fonts */
    MARK_IF(MEDIA, 0, "\0\1\0\0", is_font), MARK_IF(MEDIA, 0, "true", is_font), MARK_IF(MEDIA, 0, "OTTO", is_font), MARK(MEDIA, 0, "ttcf\0"),
    MARK(MEDIA, 0, "wOFF"), MARK(MEDIA, 0, "wOF2"), MARK(MEDIA, 0, "\x80\1"), MARK(MEDIA, 0, "%!FontType"),
    /* data */
    MARK(DATA, 0, "SQLite format 3\0"), MARK(DATA, 0, "\0\5\x16\7"), MARK(DATA, 0, "\0\5\x16\0"), MARK(DATA, 0, "\0\0\0\1Bud1"), MARK(DATA, 0, "bplist0"),
    MARK(DATA, 0, "AC10"), MARK(DATA, 0, "(DWF V"), MARK(DATA, 0, "JwwData."), MARK(DATA, 0, "ISO-10303-21"), MARK(DATA, 0, "AutoCAD Binary DXF"),
    MARK(DATA, 0, "\0\0\x27\x0a"), MARK(DATA, 0, "\x89HDF\r\n\x1a\n"), MARK(DATA, 0, "CDF\1"), MARK(DATA, 0, "CDF\2"), MARK(DATA, 0, "SIMPLE  ="), MARK(DATA, 128, "DICM"),
    MARK(DATA, 0, "PAR1"), MARK(DATA, 0, "\xd4\xc3\xb2\xa1"), MARK(DATA, 0, "\xa1\xb2\xc3\xd4"), MARK(DATA, 0, "\x0a\x0d\x0d\x0a"), MARK(DATA, 0, "MATLAB 5.0"),
    MARK(DATA, 0, "\x93NUMPY"), MARK(DATA, 0, "\xde\x12\x04\x95"), MARK(DATA, 0, "\x95\x04\x12\xde"), MARK(DATA, 36, "acsp"), MARK(DATA, 0, "RIFX"),
    MARK(DATA, 0, "\0\0\2\0\6\4\6\0"), MARK(DATA, 0, "\0\0\x1a\0"), MARK(DATA, 0, "\xffWPC"), MARK(DATA, 0, "\0asm"),
    MARK_IF(DATA, 0, "\3", is_dbf), MARK_IF(DATA, 0, "\x83", is_dbf),
    /* weak ones last */
    SHAPE(LZMA, sk_structure_is_lzma),
};

static const Magic bodies[] = {
    MARK(ISO, 0x8001, "CD001"), MARK(ISO, 0x8801, "CD001"), MARK(ISO, 0x9001, "CD001"), MARK(ISO, 0x9311, "CD001"),
    MARK(UDF, 0x8001, "BEA01"), MARK(UDF, 0x8001, "NSR0"), MARK(UDF, 0x8801, "NSR0"),
    SHAPE(FAT, sk_structure_is_fat), SHAPE(FILESYSTEM, sk_structure_is_partitioned),
    MARK(FILESYSTEM, 0x438, "\x53\xef"), MARK(FILESYSTEM, 0x400, "H+\0\4"), MARK(FILESYSTEM, 0x400, "HX\0\5"), MARK(FILESYSTEM, 0x20, "NXSB"),
};
/* clang-format on */

static SkAttachType
match(const Magic *table, size_t n, SkBytes b)
{
    for (size_t i = 0; i < n; i++) {
        const Magic *one = &table[i];

        if (one->mark != NULL && !sk_bytes_at(b, one->at, one->mark, one->len))
            continue;
        if (one->is == NULL || one->is(b))
            return one->type;
    }
    return SK_ATTACH_UNKNOWN;
}

SkAttachType
sk_attach_magic_of_head(SkBytes bytes)
{
    return match(heads, G_N_ELEMENTS(heads), bytes);
}

SkAttachType
sk_attach_magic_of_body(SkBytes bytes)
{
    if (bytes.len >= 512 && sk_bytes_is(bytes, bytes.len - 512, "conectix"))
        return SK_ATTACH_VHD;
    if (bytes.len >= 512 && sk_bytes_is(bytes, bytes.len - 512, "koly"))
        return SK_ATTACH_DMG;
    return match(bodies, G_N_ELEMENTS(bodies), bytes);
}
