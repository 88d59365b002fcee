/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cli-run - has many files inspected side by side by a private inspector
 *
 * Starts an inspector for this command alone, keeps all processors busy, and reports in the
 * order of the files, whatever order the answers came in.
 *
 * A file that cannot be read, or is larger than the gate would take, is named on standard
 * error; the others go on.
 *
 * Limits: a few files a processor are in memory at a time.
 * Errors: said on standard error. Without an inspector, or when nobody takes the output, the
 * run ends.
 */

#include <glib.h>

#include "base/settings.h"
#include "mail/mail-spool.h"
#include "port/inspect.h"

/* For each file, in order. RESULT and SPOOL are borrowed. */
typedef void (*SkRunFunc)(const char *path,
                          SkSpool *spool,
                          SkInspectResult *result,
                          void *data);

/* FILES: of char *. SK_EXIT_CLEAN, or SK_EXIT_TROUBLE when there was any. */
int sk_cli_run(const SkSettings *settings,
               const char *config,
               SkInspectKind kind,
               const GPtrArray *files,
               SkRunFunc func,
               void *data) G_GNUC_WARN_UNUSED_RESULT;
