/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * attach-structure - formats whose mark is too weak to be believed alone
 *
 * Each looks at several fields that must fit one another.
 *
 * Errors: none.
 */

#include "base/bytes.h"

bool sk_structure_is_pe(SkBytes bytes);
bool sk_structure_is_dos_exe(SkBytes bytes);
bool sk_structure_is_java_class(SkBytes bytes);
bool sk_structure_is_fat_macho(SkBytes bytes);
bool sk_structure_is_tar(SkBytes bytes);
bool sk_structure_is_binary_cpio(SkBytes bytes);
bool sk_structure_is_lha(SkBytes bytes);
bool sk_structure_is_bzip2(SkBytes bytes);
bool sk_structure_is_lzma(SkBytes bytes);
bool sk_structure_is_biff(SkBytes bytes);
bool sk_structure_is_fat(SkBytes bytes);
bool sk_structure_is_partitioned(SkBytes bytes);
bool sk_structure_is_mpeg_audio(SkBytes bytes);
bool sk_structure_is_certificate(SkBytes bytes);
bool sk_structure_is_cms(SkBytes bytes);
