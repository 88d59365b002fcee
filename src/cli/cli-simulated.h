/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cli-simulated - what a simulation found, for people and as JSON (doc/schemata.md)
 *
 * Security: addresses pass sk_text_safe().
 */

#include "engine/engine-simulate.h"

typedef struct {
    const SkSimulation *simulation;
    int64_t version; /* it was compared with; 0: with the file, as none is in force */
    bool recorded;   /* with what was recorded */
    guint people;    /* shown of each kind */
} SkSimulatedReport;

void sk_cli_print_simulated(const SkSimulatedReport *report);
void sk_cli_json_simulated(const SkSimulatedReport *report);
