/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * inspector-start - the program around the master: options, settings, priming, signals
 */

#include "inspector/inspector-worker.h"

/* Runs until it is told to stop; returns the exit status of the program. */
int sk_inspector_start(int argc, char **argv, const SkInspectorWork *work);
