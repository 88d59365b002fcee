/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cli-hold-ask - one question of `sekisho hold` to the clerk, and what its answer means for the
 * exit status
 *
 * Errors: those of process-desk and hold-desk, said on standard error with what to do.
 */

#include "base/settings.h"
#include "hold/hold-desk.h"

/* The options that the commands share; all borrowed. */
typedef struct {
    char *config, *as, *reason;
    gboolean json;
    SkSettings *settings; /* owned */
} SkCliHold;

void sk_cli_hold_clear(SkCliHold *hold);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SkCliHold, sk_cli_hold_clear)

/* Who sits here, and --as and --reason, are added to QUESTION. NULL: no answer; the reason was
 * said. Caller owns. */
SkDeskAnswer *sk_cli_hold_ask(SkCliHold *hold, SkDeskQuestion *question);

/* 0: done; 1: too late, ended, nothing there; 2: refused, or trouble. */
int sk_cli_hold_status(const SkDeskAnswer *answer);
/* The answer in words on standard error, unless it is OK and says nothing; the status. */
int sk_cli_hold_explain(const SkDeskAnswer *answer);
