/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * attach-marker - archive marks that carry the proof of their own truth
 *
 * The first header of each of these formats has a checksum. Where an archive may start anywhere
 * (behind the stub of a self-extracting program, behind a picture), a few equal bytes prove
 * nothing; the checksum does.
 *
 * Errors: none: no mark is an answer.
 */

#include "attach/attach-type.h"

/* Whether BYTES begin with ARJ's mark and an intact first header. */
bool sk_marker_is_arj(SkBytes bytes);

/* Where at or after FROM the first of these archives begins, or SK_BYTES_NONE. CABs (which have
 * no checksum: their fields must fit one another) and RAR 1.4 archives are looked for only if
 * BEHIND_PROGRAM: their marks are too weak elsewhere.
 * Limits: SK_MARKER_REACH bytes from FROM; the unpacking programs look no further. Checksums
 * over SK_MARKER_WORK bytes, sixteen headers as large as RAR allows; the mark that would need
 * more is returned as if it were an archive, and its reader finds it broken. */
#define SK_MARKER_REACH (4ULL << 20)
#define SK_MARKER_WORK  (32ULL << 20)
size_t sk_marker_find(SkBytes bytes, size_t from, bool behind_program, SkAttachType *ret_type);
