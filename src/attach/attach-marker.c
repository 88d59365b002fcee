/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-marker.h"

#include <glib.h>

/* It has no checksum: its fields must fit one another. */
static bool
is_cab_at(SkBytes bytes, size_t at)
{
    SkBytes b = sk_bytes_from(bytes, at);
    uint32_t size = sk_bytes_le32(b, 8), files = sk_bytes_le32(b, 16);

    return sk_bytes_is(b, 0, "MSCF\0\0\0\0") && sk_bytes_le32(b, 12) == 0 && size >= 36 &&
           size <= b.len && files >= 36 && files < size && sk_bytes_u8(b, 25) == 1 &&
           sk_bytes_le16(b, 26) > 0;
}

typedef struct {
    SkAttachType type;
    uint8_t first;
    uint8_t back; /* bytes between the archive's start and FIRST */
    bool weak;
    uint64_t reach; /* bytes that are judged */
    bool (*is_at)(SkBytes bytes, size_t at);
} Marker;

/* One search a distinct first byte: memchr passes over the rest at memory speed. */
static const Marker markers[] = {
    {SK_ATTACH_7Z, '7', 0, false, SK_MARKER_HEADER, sk_attach_7z_is_at},
    {SK_ATTACH_RAR5, 'R', 0, false, SK_MARKER_HEADER, sk_attach_rar5_is_at},
    {SK_ATTACH_RAR4, 'R', 0, false, SK_MARKER_HEADER, sk_attach_rar4_is_at},
    {SK_ATTACH_RAR14, 'R', 0, true, SK_MARKER_HEADER, sk_attach_rar14_is_at},
    {SK_ATTACH_ARJ, 0x60, 0, true, SK_MARKER_HEADER, sk_attach_arj_is_at},
    {SK_ATTACH_ACE, '*', 7, true, SK_MARKER_HEADER, sk_attach_ace_is_at},
    {SK_ATTACH_CAB, 'M', 0, true, UINT64_MAX, is_cab_at},
};

/* The first place of MARKER in FROM..END-1, or SK_BYTES_NONE. */
static size_t
find_one(SkBytes b, size_t from, size_t end, const Marker *marker)
{
    SkBytes window = sk_bytes_slice(b, 0, end);
    size_t at = from + marker->back;

    while ((at = sk_bytes_find(window, &marker->first, 1, at)) != SK_BYTES_NONE) {
        size_t start = at - marker->back;

        if (marker->is_at(sk_bytes_slice(b, start, marker->reach), 0))
            return start;
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

    for (size_t i = 0; i < G_N_ELEMENTS(markers); i++) {
        size_t at;

        if (markers[i].weak && !behind_program)
            continue;
        at = find_one(b, from, best != SK_BYTES_NONE ? best : end, &markers[i]);
        if (at == SK_BYTES_NONE)
            continue;
        best = at;
        *ret_type = markers[i].type;
    }
    return best;
}
