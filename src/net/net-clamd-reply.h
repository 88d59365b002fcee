/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * net-clamd-reply - what clamd answers to INSTREAM
 *
 * Strict: an answer that is not exactly one of the known ones is no answer, so that nothing but
 * "stream: OK" ever passes as clean.
 *
 * Limits: SK_CLAMD_REPLY_MAX bytes.
 * Errors: none: what is no answer is SK_SCAN_TEMPERROR, with the text quoted.
 * Standards: clamd(8), commands INSTREAM and z.
 */

#include "port/scan.h"

/* Names of signatures have some 50 bytes; texts of errors have the path of a file in them. */
#define SK_CLAMD_REPLY_MAX 1024

/* REPLY: without the NUL at its end. RET_NAME: for people, NULL when clean; the caller's. */
SkScanVerdict sk_clamd_reply_read(SkBytes reply, char **ret_name);
