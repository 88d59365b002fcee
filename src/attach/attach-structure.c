/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-structure.h"

#include <glib.h>

bool
sk_structure_is_pe(SkBytes b)
{
    uint32_t at = sk_bytes_le32(b, 0x3c);

    return sk_bytes_is(b, 0, "MZ") && sk_bytes_is(b, at, "PE\0\0");
}

/* A header of 28 bytes that counts its pages, whatever else; NE, LE and LX are among these. A
 * text that begins with "MZ" has no control characters there. */
bool
sk_structure_is_dos_exe(SkBytes b)
{
    if (!sk_bytes_is(b, 0, "MZ") && !sk_bytes_is(b, 0, "ZM"))
        return false;
    for (size_t i = 2; i < 28 && i < b.len; i++) {
        if (b.data[i] < 9)
            return true;
    }
    return false;
}

/* CAFEBABE is both: a class file has a version there, 45 or more; a fat binary the number of
 * its parts, which is small. */
bool
sk_structure_is_java_class(SkBytes b)
{
    return sk_bytes_is(b, 0, "\xca\xfe\xba\xbe") && sk_bytes_be16(b, 6) >= 45 &&
           sk_bytes_be16(b, 6) < 200;
}

bool
sk_structure_is_fat_macho(SkBytes b)
{
    uint32_t parts = sk_bytes_be32(b, 4);

    return sk_bytes_is(b, 0, "\xca\xfe\xba\xbe") && parts > 0 && parts < 45;
}

static bool
read_octal(SkBytes field, uint32_t *ret_value)
{
    uint32_t value = 0;
    size_t i = 0, digits = 0;

    while (i < field.len && field.data[i] == ' ')
        i++;
    for (; i < field.len && field.data[i] >= '0' && field.data[i] <= '7'; i++, digits++)
        value = value * 8 + (field.data[i] - '0');
    *ret_value = value;
    return digits > 0;
}

/* The header's checksum is the sum of its bytes with blanks in the checksum's own place; old
 * tars summed signed bytes. */
bool
sk_structure_is_tar(SkBytes b)
{
    uint32_t want, sum = 8 * ' ';
    int32_t signed_sum = 8 * ' ';

    if (b.len < 512 || b.data[0] == 0 || !read_octal(sk_bytes_slice(b, 148, 8), &want))
        return false;
    for (size_t i = 0; i < 512; i++) {
        if (i >= 148 && i < 156)
            continue;
        sum += b.data[i];
        signed_sum += (int8_t)b.data[i];
    }
    return want == sum || (int32_t)want == signed_sum;
}

bool
sk_structure_is_binary_cpio(SkBytes b)
{
    bool little = sk_bytes_le16(b, 0) == 070707;
    uint16_t name = little ? sk_bytes_le16(b, 20) : sk_bytes_be16(b, 20);
    uint16_t links = little ? sk_bytes_le16(b, 12) : sk_bytes_be16(b, 12);

    if (!little && sk_bytes_be16(b, 0) != 070707)
        return false;
    return name >= 2 && name <= 1024 && links > 0 && links < 1000 &&
           sk_bytes_has(b, 26, name) && b.data[26 + name - 1] == 0;
}

/* "-lh5-" behind two bytes; level 0 and 1 headers sum their bytes. */
bool
sk_structure_is_lha(SkBytes b)
{
    uint8_t size = sk_bytes_u8(b, 0), level = sk_bytes_u8(b, 20), sum = 0;

    if (!sk_bytes_is(b, 2, "-l") || sk_bytes_u8(b, 6) != '-' ||
        (sk_bytes_u8(b, 4) != 'h' && sk_bytes_u8(b, 4) != 'z') || level > 3)
        return false;
    if (level >= 2)
        return sk_bytes_has(b, 0, 24);
    for (size_t i = 2; i < size + 2u; i++)
        sum = (uint8_t)(sum + sk_bytes_u8(b, i));
    return size >= 20 && sum == sk_bytes_u8(b, 1);
}

bool
sk_structure_is_bzip2(SkBytes b)
{
    return sk_bytes_is(b, 0, "BZh") && sk_bytes_u8(b, 3) >= '1' && sk_bytes_u8(b, 3) <= '9' &&
           (sk_bytes_is(b, 4, "1AY&SY") || sk_bytes_is(b, 4, "\x17\x72\x45\x38\x50\x90"));
}

/* LZMA alone has no mark: usual properties, a usual dictionary, and a size that is unknown or
 * believable. */
bool
sk_structure_is_lzma(SkBytes b)
{
    uint32_t dictionary = sk_bytes_le32(b, 1);
    uint64_t size = sk_bytes_le64(b, 5);

    return b.len > 18 && b.data[0] == 0x5d && dictionary >= 0x1000 &&
           (dictionary & (dictionary - 1)) == 0 && b.data[13] == 0 &&
           (size == UINT64_MAX || size < (1ULL << 38));
}

/* BOF of BIFF 2, 3, 4, 5 and 8, with the lengths and kinds of stream they may have. */
bool
sk_structure_is_biff(SkBytes b)
{
    uint16_t record = sk_bytes_le16(b, 0), len = sk_bytes_le16(b, 2),
             kind = sk_bytes_le16(b, 6);
    bool known = record == 0x0009 || record == 0x0209 || record == 0x0409 || record == 0x0809;

    return known && len >= 4 && len <= 16 && sk_bytes_has(b, 4, len + 4u) &&
           (kind == 0x0005 || kind == 0x0006 || kind == 0x0010 || kind == 0x0020 ||
            kind == 0x0040 || kind == 0x0100);
}

static bool
is_power_of_two(uint32_t n)
{
    return n != 0 && (n & (n - 1)) == 0;
}

/* The BIOS parameter block: a jump, bytes a sector, sectors a cluster, copies of the table. */
bool
sk_structure_is_fat(SkBytes b)
{
    uint16_t sector = sk_bytes_le16(b, 11);
    uint8_t first = sk_bytes_u8(b, 0), fats = sk_bytes_u8(b, 16);

    return sk_bytes_is(b, 510, "\x55\xaa") && (first == 0xeb || first == 0xe9) &&
           sector >= 512 && sector <= 4096 && is_power_of_two(sector) &&
           is_power_of_two(sk_bytes_u8(b, 13)) && fats >= 1 && fats <= 2 &&
           sk_bytes_u8(b, 21) >= 0xf0;
}

/* A master boot record whose four entries are empty or say something possible. */
bool
sk_structure_is_partitioned(SkBytes b)
{
    unsigned used = 0;

    if (!sk_bytes_is(b, 510, "\x55\xaa"))
        return false;
    for (uint64_t at = 446; at < 510; at += 16) {
        uint8_t boot = sk_bytes_u8(b, at);

        if (boot != 0 && boot != 0x80)
            return false;
        if (sk_bytes_u8(b, at + 4) != 0 && sk_bytes_le32(b, at + 12) != 0)
            used++;
    }
    return used > 0;
}

static size_t
mpeg_frame_size(SkBytes b, uint64_t at)
{
    static const uint16_t RATES[] = {0,   32,  40,  48,  56,  64,  80,  96,
                                     112, 128, 160, 192, 224, 256, 320, 0};
    static const uint32_t HERTZ[] = {44100, 48000, 32000, 0};
    uint32_t h = sk_bytes_be32(b, at);
    uint32_t hertz = HERTZ[h >> 10 & 3], rate = RATES[h >> 12 & 15];

    if ((h & 0xffe60000) != 0xffe20000 || hertz == 0 || rate == 0) /* layer III */
        return 0;
    if ((h >> 19 & 3) == 3)
        return 144000 * rate / hertz + (h >> 9 & 1);
    return 0;
}

/* An MP3 without a tag: two frames, one right behind the other. */
bool
sk_structure_is_mpeg_audio(SkBytes b)
{
    size_t size = mpeg_frame_size(b, 0);

    return size > 0 && mpeg_frame_size(b, size) > 0;
}

/* Length of a DER header at AT, or 0; indefinite lengths are headers of two bytes. */
static size_t
der_header(SkBytes b, uint64_t at)
{
    uint8_t len = sk_bytes_u8(b, at + 1);

    if (!sk_bytes_has(b, at, 2))
        return 0;
    if (len < 0x80)
        return 2;
    return (len & 0x7f) <= 4 ? 2u + (len & 0x7f) : 0;
}

/* ContentInfo ::= SEQUENCE { OID 1.2.840.113549.1.7.x or 1.9.16.1.x, [0] … } */
bool
sk_structure_is_cms(SkBytes b)
{
    size_t head = der_header(b, 0);

    return head > 0 && sk_bytes_u8(b, 0) == 0x30 &&
           (sk_bytes_is(b, head, "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07") ||
            sk_bytes_is(b, head, "\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01"));
}

/* X.509 certificates and lists, PKCS#10 requests, PKCS#8 keys, PKCS#12: SEQUENCE { SEQUENCE or
 * INTEGER … and an object identifier soon after. */
bool
sk_structure_is_certificate(SkBytes b)
{
    size_t head = der_header(b, 0), inner;

    if (head == 0 || sk_bytes_u8(b, 0) != 0x30 || b.len < 32)
        return false;
    inner = der_header(b, head);
    if (sk_bytes_is(b, head, "\x02\x01") && sk_bytes_u8(b, head + 2) <= 3)
        return sk_bytes_u8(b, head + 3) == 0x30;
    if (inner == 0 || sk_bytes_u8(b, head) != 0x30)
        return false;
    return sk_bytes_is(b, head + inner, "\xa0\x03\x02\x01") ||
           sk_bytes_is(b, head + inner, "\x02\x01\x00\x30") ||
           sk_bytes_is(b, head + inner, "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01");
}
