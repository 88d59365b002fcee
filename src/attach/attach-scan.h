/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * attach-scan - what files are, and whether anything in them cannot be opened
 *
 * Takes each file for what its bytes are, never for what its name or Content-Type claims, opens
 * containers down to the budget's depth, and states findings. Never writes to disk.
 *
 * Limits: the budget; what runs out is attach.limit.*
 * Errors: none: whatever is wrong with a file is a finding.
 * Security: every byte is hostile. Runs in the inspector only.
 */

#include "base/budget.h"
#include "base/bytes.h"
#include "mail/mail-walk.h"
#include "port/inspect.h"
#include "port/scan-now.h"
#include "verdict/finding.h"

typedef struct SkAttachScan SkAttachScan;

/* Findings are added to FINDINGS; both must outlive the scan. */
SkAttachScan *sk_attach_scan_new(SkBudget *budget, SkFindings *findings);
void sk_attach_scan_free(SkAttachScan *scan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkAttachScan, sk_attach_scan_free)

/* From now on TRY's password is tried on encrypted files, and TRY says how often it came to
 * what; not on files inside of what it opened. It stays the caller's, and must outlive the
 * scan. */
void sk_attach_scan_set_try(SkAttachScan *scan, SkInspectTry *try);

/* From now on SCANNER (borrowed) looks at files inside of others, too. */
void sk_attach_scan_set_scanner(SkAttachScan *scan, SkScanNow *scanner);

/* Judges one MIME part. */
void sk_attach_scan_part(SkAttachScan *scan, const SkMailPart *part);

/* Judges a bare file and says what it is, in the words of doc/schemata.md. */
void sk_attach_scan_file(SkAttachScan *scan, const char *name, SkBytes bytes);

/* Of the last file judged: its type (static), how much of it is encrypted, and whether
 * everything in it was opened. */
const char *sk_attach_scan_type(const SkAttachScan *scan);
SkEncrypted sk_attach_scan_encrypted(const SkAttachScan *scan);
bool sk_attach_scan_inspected(const SkAttachScan *scan);
