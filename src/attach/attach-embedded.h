/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * attach-embedded - archives behind something else
 *
 * Self-extracting programs, and pictures or documents with an archive after them: the program
 * that opens archives finds it, so we do. A mark alone is not believed; see attach-marker.
 *
 * Errors: none.
 */

#include "attach/attach-file.h"

/* Opens what is found as a member of FILE. */
void sk_attach_embedded_open(SkAttachScan *scan, SkAttachFile *file);
