/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * tri - yes, no, or nobody could tell
 */

typedef enum {
    SK_TRI_FALSE,
    SK_TRI_TRUE,
    SK_TRI_UNKNOWN, /* no check could tell */
} SkTri;
