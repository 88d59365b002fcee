/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * attach-archives - whether an archive really starts at a place inside a file
 *
 * For the search behind self-extracting stubs and other prefixes. A mark alone is a few bytes
 * that turn up in any program; each of these asks for the checksum of the header behind the
 * mark as well, or, for RAR 1.4, which has none, for a first entry that holds together.
 *
 * Errors: none; whatever does not verify is no archive.
 * Security: AT may be any value.
 */

#include "base/bytes.h"

bool sk_attach_7z_is_at(SkBytes bytes, size_t at);
/* Any of RAR 1.4, 1.5 to 4, and 5. */
bool sk_attach_rar_is_at(SkBytes bytes, size_t at);
bool sk_attach_rar14_is_at(SkBytes bytes, size_t at);
bool sk_attach_rar4_is_at(SkBytes bytes, size_t at);
bool sk_attach_rar5_is_at(SkBytes bytes, size_t at);
bool sk_attach_arj_is_at(SkBytes bytes, size_t at);
/* AT is where the header starts, seven bytes before "**ACE**". */
bool sk_attach_ace_is_at(SkBytes bytes, size_t at);
