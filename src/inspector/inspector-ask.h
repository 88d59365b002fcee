/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * inspector-ask - has the client of a job scan what the inspection unpacked
 *
 * The port scan-now over the job's connection: sends the bytes, waits for the verdict. The
 * client answers each question in time (process-need); if it does not, the job takes too long,
 * as always.
 *
 * Limits: BYTES for one job; more is SK_SCAN_LIMIT.
 * Errors: none to return: without its client a worker ends.
 */

#include "base/buffer.h"
#include "port/scan-now.h"

typedef struct {
    SkScanNow port;
    uint32_t number; /* of the job */
    uint64_t bytes;
    uint64_t left; /* of them */
    SkBuffer out;
    SkBuffer in;
} SkInspectorAsk;

void sk_inspector_ask_init(SkInspectorAsk *ask, uint32_t number, uint64_t bytes);
void sk_inspector_ask_clear(SkInspectorAsk *ask);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SkInspectorAsk, sk_inspector_ask_clear)

/* Writes OUT to the client. */
void sk_inspector_send(const SkBuffer *out);
