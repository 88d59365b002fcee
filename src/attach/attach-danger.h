/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * attach-danger - what a file does to the one who opens it
 *
 * Errors: none.
 */

#include "attach/attach-file.h"

/* States the danger of FILE's type, and whether its name disguises it. */
void sk_attach_danger_state(SkAttachScan *scan, SkAttachFile *file);

/* States what FILE's name does to hide something. */
void sk_attach_danger_state_name(SkAttachScan *scan, SkAttachFile *file);
