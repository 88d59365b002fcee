/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * inspector-fate - how a worker leaves word of why it ends
 *
 * Libraries end a process in many ways when memory is out: GLib logs and traps, its slices and
 * C++ abort, others follow a null pointer. All of them pass here, and what is known is written
 * on the board before the process ends. Whatever a worker prints goes nowhere.
 */

#include "inspector/inspector-worker.h"

void sk_inspector_fate_arrange(SkInspectorBoard *board);
