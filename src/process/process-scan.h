/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * process-scan - the port inspect with a virus scan beside it
 *
 * Has another inspect carry out each job and, side by side, a scanner look at the same bytes;
 * the answer comes when both are back. What the scanner says is a finding about the whole job:
 * malware.found, malware.temperror. Large ones are read from their memfd piece by piece.
 *
 * Limits: those of the two.
 * Errors: those of the inspection; a scan that fails is a finding.
 */

#include "port/inspect.h"
#include "port/scan.h"
#include "verdict/finding.h"

/* Takes INSPECT; SCAN is borrowed, belongs to the same loop, and is freed afterwards. Not freed
 * from inside an SkInspectFunc. */
SkInspect *sk_process_scan_new(SkInspect *inspect, SkScan *scan) G_GNUC_WARN_UNUSED_RESULT;
