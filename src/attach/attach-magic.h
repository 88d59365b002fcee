/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * attach-magic - the tables of marks by which binary formats are known
 *
 * Errors: none; SK_ATTACH_UNKNOWN: no mark matches.
 */

#include "attach/attach-type.h"

/* By marks at or near the start. */
SkAttachType sk_attach_magic_of_head(SkBytes bytes);

/* By marks that stand far into a file or at its end: ISO 9660, disk images. */
SkAttachType sk_attach_magic_of_body(SkBytes bytes);
