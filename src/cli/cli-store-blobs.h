/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cli-store-blobs - `sekisho store verify`: every stored file against its row, and every row
 * against its file
 *
 * Errors: those of port/db.h and port/blob.h.
 */

#include "cli/cli-store-verify.h"

/* Makes no folder: one that is missing is trouble, if files should lie in it. */
bool sk_verify_blobs(SkVerify *verify, GError **error) G_GNUC_WARN_UNUSED_RESULT;
