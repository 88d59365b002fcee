/* SPDX-License-Identifier: Apache-2.0 */
#include "clerk/clerk-duties.h"

const SkDuty sk_clerk_duties[] = {
    {"retention", 3600, sk_clerk_retention_step},
    {0},
};
