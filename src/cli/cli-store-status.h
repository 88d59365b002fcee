/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cli-store-status - `sekisho store status`: where everything is, how much, and what needs
 * somebody
 *
 * Each part of it adds to one document, and a line for people. A part whose tables are not
 * there, or of another version, says nothing: that was said before.
 */

#include <jansson.h>

#include "cli/cli-open.h"

typedef struct {
    const SkCliStore *store;
    SkDb *db[2];      /* by SkDatabase; NULL: not there, or of another version */
    json_t *json;     /* the document */
    GString *text;    /* lines */
    GPtrArray *needs; /* sentences (char *) about what needs somebody */
    GString *older;   /* names of tables that have to be migrated */
} SkStatus;

int sk_cli_store_status(int argc, char **argv);

/* "label      …" as the next line. */
void sk_status_line(SkStatus *status, const char *label, const char *format, ...)
    G_GNUC_PRINTF(3, 4);
void sk_status_need(SkStatus *status, const char *format, ...) G_GNUC_PRINTF(2, 3);
