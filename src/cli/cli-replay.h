/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cli-replay - has the passages of the ledger judged again, on all processors
 *
 * The ledger is read in pages, so that no reader holds it open for minutes while mail is
 * written.
 *
 * Limits: some hundred passages a processor are in memory at a time.
 * Errors: those of port/db.h.
 */

#include "engine/engine-simulate.h"
#include "port/db.h"

/* Passages received from SINCE_US on, up to now. The result is the caller's. */
SkSimulation *sk_cli_replay(SkDb *know,
                            const SkSimulationOptions *options,
                            int64_t since_us,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;
