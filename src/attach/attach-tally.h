/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * attach-tally - how much of an archive is encrypted, said once all of it has been listed
 *
 * When every file is encrypted that is one finding about the archive; when some are, one about
 * each of them.
 *
 * Limits: SK_ATTACH_TALLY_NAMES files are named; a thousand of them must not crowd out other
 * findings.
 */

#include "attach/attach-file.h"

#define SK_ATTACH_TALLY_NAMES 16

typedef struct {
    SkFindingId id; /* attach.encrypted.rar … */
    uint32_t files; /* that have content */
    uint32_t encrypted;
    const char *why; /* of the first, static */
    char *names[SK_ATTACH_TALLY_NAMES];
    const char *other; /* static; something that is no file is encrypted: a comment */
} SkAttachTally;

void sk_attach_tally_clear(SkAttachTally *tally);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SkAttachTally, sk_attach_tally_clear)

/* Counts a file that has content. WHY is static text, or NULL: it is not encrypted. */
void sk_attach_tally_add(SkAttachTally *tally, const char *name, const char *why);
/* Notes that something which is no file is encrypted; NAME and WHY are static. */
void sk_attach_tally_add_other(SkAttachTally *tally, const char *name, const char *why);
/* States what was counted. */
void sk_attach_tally_state(const SkAttachTally *tally, SkAttachScan *scan, SkAttachFile *file);
