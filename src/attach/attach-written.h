/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * attach-written - files and messages that are written into texts as letters
 *
 * OpenPGP armour is readable by one person only, whatever stands around it. A uuencoded file is
 * opened; in a part of a message the MIME walk has done that.
 *
 * Limits: the scan's budget; SK_ATTACH_ARMOURED armoured messages of one text.
 * Errors: none; what is cut or damaged is attach.broken.
 */

#include "attach/attach-file.h"

#define SK_ATTACH_ARMOURED 16

void sk_attach_written_open(SkAttachScan *scan, SkAttachFile *file);

/* Whether the HEAD of a file of TYPE begins something that the rest of it goes on with. */
bool sk_attach_written_begins(SkAttachType type, SkBytes head);
