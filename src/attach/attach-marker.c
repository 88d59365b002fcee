/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-marker.h"

#include <glib.h>
#include <zlib.h>

/* Bytes that checksums of headers may run over. A mark costs an attacker eight bytes, and the
 * header it announces may be of two MiB: without this a file of marks takes minutes. */
typedef struct {
    uint64_t left;
    bool spent;
} Work;

#define ALL_WORK ((Work){UINT64_MAX, false})

/* Whether the N bytes at AT have the checksum WANTED, as far as MASK says. With no work left
 * the answer is yes: who hides an archive among too many marks is not to be believed. */
static bool
sum_is(SkBytes b, uint64_t at, uint64_t n, uint32_t wanted, uint32_t mask, Work *work)
{
    SkBytes part = sk_bytes_slice(b, at, n);

    if (part.len < n)
        return false;
    work->spent |= n > work->left;
    if (work->spent)
        return true;
    work->left -= n;
    return (((uint32_t)crc32(0, part.data, (uInt)part.len) ^ wanted) & mask) == 0;
}

static bool
is_7z(SkBytes b, Work *work)
{
    return sk_bytes_is(b, 0, "7z\xbc\xaf\x27\x1c") &&
           sum_is(b, 12, 20, sk_bytes_le32(b, 8), UINT32_MAX, work);
}

/* RAR 1.4: mark, size of the archive header, flags; a file header follows. */
static bool
is_rar14(SkBytes b, Work *work)
{
    uint16_t head = sk_bytes_le16(b, 4);
    uint8_t name = sk_bytes_u8(b, head + 19);

    (void)work;
    return sk_bytes_is(b, 0, "RE\x7e\x5e") && head >= 7 && name > 0 &&
           sk_bytes_le16(b, head + 10) == 21u + name;
}

static bool
is_rar4(SkBytes b, Work *work)
{
    uint16_t size = sk_bytes_le16(b, 12);

    return sk_bytes_is(b, 0, "Rar!\x1a\x07\x00") && sk_bytes_u8(b, 9) == 0x73 && size >= 13 &&
           sum_is(b, 9, size - 2u, sk_bytes_le16(b, 7), UINT16_MAX, work);
}

static bool
is_rar5(SkBytes b, Work *work)
{
    uint64_t size = 0, at = 12;

    if (!sk_bytes_is(b, 0, "Rar!\x1a\x07\x01\x00"))
        return false;
    for (int shift = 0; shift < 21; shift += 7, at++) {
        size |= (uint64_t)(sk_bytes_u8(b, at) & 0x7f) << shift;
        if ((sk_bytes_u8(b, at) & 0x80) == 0)
            break;
    }
    at++;
    return size > 0 && sum_is(b, 12, at - 12 + size, sk_bytes_le32(b, 8), UINT32_MAX, work);
}

static bool
is_arj(SkBytes b, Work *work)
{
    uint16_t size = sk_bytes_le16(b, 2);

    return sk_bytes_is(b, 0, "\x60\xea") && size >= 30 && size <= 2600 &&
           sk_bytes_has(b, 4, size + 4u) &&
           sum_is(b, 4, size, sk_bytes_le32(b, 4u + size), UINT32_MAX, work);
}

/* ACE's checksum is a CRC-32 without its final inversion, cut to 16 bits. */
static bool
is_ace(SkBytes b, Work *work)
{
    uint16_t size = sk_bytes_le16(b, 2);

    return sk_bytes_is(b, 7, "**ACE**") && size >= 20 &&
           sum_is(b, 4, size, ~(uint32_t)sk_bytes_le16(b, 0), UINT16_MAX, work);
}

static bool
is_cab(SkBytes b, Work *work)
{
    uint32_t size = sk_bytes_le32(b, 8), files = sk_bytes_le32(b, 16);

    (void)work;
    return sk_bytes_is(b, 0, "MSCF\0\0\0\0") && sk_bytes_le32(b, 12) == 0 && size >= 36 &&
           size <= b.len && files >= 36 && files < size && sk_bytes_u8(b, 25) == 1 &&
           sk_bytes_le16(b, 26) > 0;
}

bool
sk_marker_is_arj(SkBytes bytes)
{
    return is_arj(bytes, &ALL_WORK);
}

typedef struct {
    uint8_t first;
    uint8_t back; /* bytes between the archive's start and FIRST */
    bool weak;
    bool (*is)(SkBytes bytes, Work *work);
    SkAttachType type;
} Marker;

/* One search a distinct first byte: memchr passes over the rest at memory speed. */
static const Marker markers[] = {
    {'7', 0, false, is_7z, SK_ATTACH_7Z},     {'R', 0, false, is_rar5, SK_ATTACH_RAR5},
    {'R', 0, false, is_rar4, SK_ATTACH_RAR4}, {'R', 0, true, is_rar14, SK_ATTACH_RAR14},
    {0x60, 0, true, is_arj, SK_ATTACH_ARJ},   {'*', 7, true, is_ace, SK_ATTACH_ACE},
    {'M', 0, true, is_cab, SK_ATTACH_CAB},
};

/* The first place of MARKER in FROM..END-1, or SK_BYTES_NONE. */
static size_t
find_one(SkBytes b, size_t from, size_t end, const Marker *marker, Work *work)
{
    SkBytes window = sk_bytes_slice(b, 0, end);
    size_t at = from + marker->back;

    while ((at = sk_bytes_find(window, &marker->first, 1, at)) != SK_BYTES_NONE) {
        if (marker->is(sk_bytes_from(b, at - marker->back), work))
            return at - marker->back;
        at++;
    }
    return SK_BYTES_NONE;
}

size_t
sk_marker_find(SkBytes b, size_t from, bool behind_program, SkAttachType *ret_type)
{
    size_t best = SK_BYTES_NONE;
    size_t end =
        from < b.len && b.len - from > SK_MARKER_REACH ? from + SK_MARKER_REACH : b.len;
    Work work = {SK_MARKER_WORK, false};

    for (size_t i = 0; i < G_N_ELEMENTS(markers); i++) {
        size_t at;

        if (markers[i].weak && !behind_program)
            continue;
        at = find_one(b, from, best != SK_BYTES_NONE ? best : end, &markers[i], &work);
        if (at == SK_BYTES_NONE)
            continue;
        best = at;
        *ret_type = markers[i].type;
    }
    return best;
}
