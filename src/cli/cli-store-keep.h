/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cli-store-keep - what status says of database keep: the site's key, jobs, stored files
 *
 * Errors: those of port/db.h.
 */

#include "cli/cli-store-status.h"

bool sk_status_add_key(SkStatus *status, GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool sk_status_add_jobs(SkStatus *status, GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool sk_status_add_blobs(SkStatus *status, GError **error) G_GNUC_WARN_UNUSED_RESULT;
