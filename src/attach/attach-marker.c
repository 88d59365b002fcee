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

/* Places with a mark whose header does not verify, and among them those whose header announces
 * more than SK_MARKER_HEADER bytes, that are looked at. A mark costs an attacker a few bytes,
 * its checksum us up to two MiB: without bounds a file of marks takes minutes. */
#define TRIES       4096
#define LARGE_TRIES 16

typedef struct {
    SkAttachType type;
    const char *mark;
    uint8_t len;
    uint8_t back; /* bytes between the archive's start and its mark */
    bool weak;
    bool large; /* its first header may be longer than SK_MARKER_HEADER */
    bool (*is_at)(SkBytes bytes, size_t at);
} Marker;

static const Marker markers[] = {
    {SK_ATTACH_7Z, "7z\xbc\xaf\x27\x1c", 6, 0, false, false, sk_attach_7z_is_at},
    {SK_ATTACH_RAR5, "Rar!\x1a\7\1", 7, 0, false, true, sk_attach_rar5_is_at},
    {SK_ATTACH_RAR4, "Rar!\x1a\7\0", 7, 0, false, true, sk_attach_rar4_is_at},
    {SK_ATTACH_RAR14, "RE~^", 4, 0, true, false, sk_attach_rar14_is_at},
    {SK_ATTACH_ARJ, "\x60\xea", 2, 0, true, false, sk_attach_arj_is_at},
    {SK_ATTACH_ACE, "**ACE**", 7, 7, true, true, sk_attach_ace_is_at},
    {SK_ATTACH_CAB, "MSCF\0\0\0\0", 8, 0, true, true, is_cab_at},
};

typedef struct {
    unsigned tries;
    unsigned large_tries;
} Work;

/* Whether the archive of a mark begins at START. With the tries used up the answer is yes: who
 * hides an archive among so many marks is not to be believed. */
static bool
is_archive(SkBytes b, size_t start, const Marker *marker, Work *work)
{
    if (work->tries == 0 || work->large_tries == 0)
        return true;
    if (marker->is_at(sk_bytes_slice(b, start, SK_MARKER_HEADER), 0))
        return true;
    work->tries--;
    if (!marker->large || b.len - start <= SK_MARKER_HEADER)
        return false;
    work->large_tries--;
    return marker->is_at(sk_bytes_from(b, start), 0);
}

/* The first place of MARKER in FROM..END-1, or SK_BYTES_NONE. */
static size_t
find_one(SkBytes b, size_t from, size_t end, const Marker *marker)
{
    SkBytes window = sk_bytes_slice(b, 0, end);
    Work work = {TRIES, LARGE_TRIES};
    size_t at = from + marker->back;

    while ((at = sk_bytes_find(window, marker->mark, marker->len, at)) != SK_BYTES_NONE) {
        if (is_archive(b, at - marker->back, marker, &work))
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
