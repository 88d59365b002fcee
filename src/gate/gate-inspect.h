/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * gate-inspect - who looks at the messages of one event loop: the inspector and, if there is
 * one, the virus scanner beside it
 *
 * Errors: CONFIG: the endpoint of clamd is none. That nobody answers there is no error: each
 * message finds out for itself (malware.temperror).
 */

#include "base/loop.h"
#include "base/settings.h"
#include "port/inspect.h"
#include "port/scan.h"

/* What the settings allow is divided by N_THREADS. RET_SCAN is the caller's, to be freed after
 * the inspect; NULL: no virus scan. */
SkInspect *sk_gate_inspect_new(SkLoop *loop,
                               const SkSettings *settings,
                               unsigned n_threads,
                               SkScan **ret_scan,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;
