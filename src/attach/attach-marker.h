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

/* Whether BYTES begin with the format's mark and an intact first header. */
bool sk_marker_is_7z(SkBytes bytes);
bool sk_marker_is_rar14(SkBytes bytes);
bool sk_marker_is_rar4(SkBytes bytes);
bool sk_marker_is_rar5(SkBytes bytes);
bool sk_marker_is_arj(SkBytes bytes);
bool sk_marker_is_ace(SkBytes bytes);
bool sk_marker_is_cab(SkBytes bytes); /* has no checksum: its fields must fit one another */

/* Where at or after FROM the first of these archives begins, or SK_BYTES_NONE. CABs and RAR 1.4
 * archives are looked for only if BEHIND_PROGRAM: their marks are too weak elsewhere.
 * Limits: SK_MARKER_REACH bytes from FROM; the unpacking programs look no further. */
#define SK_MARKER_REACH (4ULL << 20)
size_t sk_marker_find(SkBytes bytes, size_t from, bool behind_program, SkAttachType *ret_type);
