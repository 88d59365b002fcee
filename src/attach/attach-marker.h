/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * attach-marker - whether an archive really starts at a place inside a file, and where one does
 *
 * Behind the stub of a self-extracting program, or behind a picture, a mark of a few equal
 * bytes proves nothing: it turns up in any program that knows archives. Each reader asks for
 * the checksum of the header behind its mark as well; where the format has none, for fields
 * that hold together.
 *
 * Limits: SK_MARKER_REACH bytes from where the search begins; the unpacking programs look no
 * further. So many marks that do not verify that summing their headers would take long count as
 * an archive, for the reader to call broken; headers longer than SK_MARKER_HEADER (real ones
 * have 13 to 100 bytes) bring that about sooner.
 * Errors: none; whatever does not verify is no archive.
 * Security: AT may be any value.
 */

#include "attach/attach-type.h"

#define SK_MARKER_REACH  (4ULL << 20)
#define SK_MARKER_HEADER 4096

/* Where at or after FROM the first archive begins that is no ZIP, or SK_BYTES_NONE. Those whose
 * marks are weak are looked for only if BEHIND_PROGRAM. */
size_t sk_marker_find(SkBytes bytes, size_t from, bool behind_program, SkAttachType *ret_type);

/* By the readers of these formats. */
bool sk_attach_7z_is_at(SkBytes bytes, size_t at);
bool sk_attach_rar14_is_at(SkBytes bytes, size_t at);
bool sk_attach_rar4_is_at(SkBytes bytes, size_t at);
bool sk_attach_rar5_is_at(SkBytes bytes, size_t at);
bool sk_attach_arj_is_at(SkBytes bytes, size_t at);
/* AT is where the header starts, seven bytes before "**ACE**". */
bool sk_attach_ace_is_at(SkBytes bytes, size_t at);
