/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cli-store-verify - `sekisho store verify`: whether everything that is kept can be read
 *
 * Changes nothing. Each trouble is one line when it is found; the sums come last.
 */

#include <jansson.h>

#include "cli/cli-open.h"
#include "cli/cli-progress.h"

typedef struct {
    const SkCliStore *store;
    SkDb *db[2]; /* by SkDatabase; NULL: not there, or of another version */
    bool as_json;
    const char *where; /* what is being looked at: "know", "ledger", "blobs" */
    SkProgress *progress;
    uint64_t troubles;
    json_t *checked; /* how many of what */
} SkVerify;

int sk_cli_store_verify(int argc, char **argv);

/* WHAT (NULL: the thing as a whole) is damaged, and how. Foreign texts may be anything. */
void sk_verify_trouble(SkVerify *verify, const char *what, const char *trouble);
/* The bar, on a terminal; WHAT: "messages". */
void sk_verify_progress(SkVerify *verify, const char *what, uint64_t done, uint64_t total);
/* N of WHAT were looked at; ends the bar. */
void sk_verify_checked(SkVerify *verify, const char *what, int64_t n);
