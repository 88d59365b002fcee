/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * engine-inspect - one inspection from bytes to findings: what an inspector's worker runs
 *
 * Walks the message once and shows each part to every content check of this version; a new
 * content check is a line here.
 *
 * Limits: LIMITS, for the whole message.
 * Errors: none: everything is a finding.
 * Security: BYTES are hostile; to be called behind the sandbox.
 */

#include "base/budget.h"
#include "port/inspect.h"
#include "port/scan-now.h"

/* NAME: of a FILE, or NULL. SCANNER looks at what is unpacked; NULL: nobody does. Caller owns
 * the result. */
SkInspectResult *sk_engine_inspect(SkInspectKind kind,
                                   const char *name,
                                   SkBytes bytes,
                                   SkScanNow *scanner,
                                   const SkBudgetLimits *limits);
/* The same of a message, with a password for what is encrypted in it. What it opens is judged
 * as if it had not been encrypted; what is encrypted inside of that stays so. */
SkInspectResult *sk_engine_try_password(SkBytes message,
                                        SkInspectTry *try,
                                        const SkBudgetLimits *limits);
