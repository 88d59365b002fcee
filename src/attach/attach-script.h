/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * attach-script - what a text is for the system that opens it
 *
 * A text is a script if its extension makes Windows, macOS or Linux run it, or if it begins the
 * way only scripts do, whatever it is called. Phrases that articles about scripts have too
 * count only where the extension does not open a viewer.
 *
 * Limits: patterns are looked for in the first SK_ATTACH_SCRIPT_LOOK bytes.
 * Errors: none.
 */

#include "attach/attach-text.h"
#include "attach/attach-type.h"

#define SK_ATTACH_SCRIPT_LOOK 8192

/* BYTES are text of KIND. NAME may be NULL. */
SkAttachType sk_attach_script_type(SkBytes bytes, SkAttachTextKind kind, const char *name);
