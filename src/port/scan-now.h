/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * scan-now - asking a virus scanner about bytes, and waiting for what it says
 *
 * For an inspection, which has nothing else to do meanwhile; others use port/scan.h.
 */

#include "port/scan.h"

typedef struct SkScanNow SkScanNow;

struct SkScanNow {
    /* RET_NAME as that of SkScanFunc, but the caller's. */
    SkScanVerdict (*scan)(SkScanNow *now, SkBytes bytes, char **ret_name);
};
