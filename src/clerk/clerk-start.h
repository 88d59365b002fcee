/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * clerk-start - the program: options, settings, standing jobs, workers, the wait for the end
 */

#include "clerk/clerk-duty.h"

/* main() of a clerk with these DUTIES. */
int sk_clerk_start(int argc, char **argv, const SkDuty *duties);
