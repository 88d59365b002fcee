/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cli-run - has many files inspected side by side by a private inspector
 *
 * Starts an inspector for this command alone, keeps all processors busy, and reports in the
 * order of the files, whatever order the answers came in.
 *
 * Limits: a few files a processor are in memory at a time.
 * Errors: those of cli-files and port/inspect; a file that cannot be read ends the run.
 */

#include <glib.h>
#include <stdbool.h>

#include "base/settings.h"
#include "mail/mail-spool.h"
#include "port/inspect.h"

/* For each file, in order. RESULT and SPOOL are borrowed. */
typedef void (*SkRunFunc)(const char *path,
                          SkSpool *spool,
                          SkInspectResult *result,
                          void *data);

/* FILES: of char *. */
bool sk_cli_run(const SkSettings *settings,
                const char *config,
                SkInspectKind kind,
                const GPtrArray *files,
                SkRunFunc func,
                void *data,
                GError **error) G_GNUC_WARN_UNUSED_RESULT;
