/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * fake-scan - the port scan for tests: it finds one text, or answers as it was told
 *
 * Answers come from the loop, never from inside the port's functions, as with the real one.
 */

#include "base/loop.h"
#include "port/scan.h"

typedef struct SkFakeScan SkFakeScan;

/* Finds SIGNATURE (copied), and calls it "Fake.Signature". Freed through the port
 * (sk_scan_free), before LOOP. */
SkFakeScan *sk_fake_scan_new(SkLoop *loop, const char *signature);
SkScan *sk_fake_scan_port(SkFakeScan *fake);

/* From now on every scan comes to this; NAME is copied. SK_SCAN_CLEAN: back to looking. */
void sk_fake_scan_answer(SkFakeScan *fake, SkScanVerdict verdict, const char *name);
/* While held, scans stay without an answer. */
void sk_fake_scan_hold(SkFakeScan *fake, bool hold);
/* While blocked, nothing that is added is sent. */
void sk_fake_scan_block(SkFakeScan *fake, bool block);

/* Scans begun, and cancelled, so far; the most that was pending; the bytes of the last one that
 * was ended (borrowed until the next is). */
unsigned sk_fake_scan_count(const SkFakeScan *fake);
unsigned sk_fake_scan_count_cancelled(const SkFakeScan *fake);
size_t sk_fake_scan_peak(const SkFakeScan *fake);
SkBytes sk_fake_scan_last(const SkFakeScan *fake);
