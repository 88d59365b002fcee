/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * engine-commit - what a message leaves in database keep before Postfix gets its answer
 *
 * Held copies with the row of their original, the orders to tell people and to tend to what
 * waits for them, answers to notices: all in one transaction of the caller, or nothing.
 *
 * A program that did not hear our answer sends its message again. Recipients that wait already
 * in a copy of the same message from the same sender are not held a second time.
 *
 * Errors: those of hold-store, job-store and blob-store.
 */

#include "base/settings.h"
#include "blob/blob-store.h"
#include "engine/engine-site.h"
#include "hold/hold-copy.h"
#include "ledger/passage.h"

#define SK_TEND_JOB "hold.tend"

typedef struct {
    const SkSettings *settings;
    const SkSite *site;
    SkPassage *passage; /* its `held` and `copies` are filled in */
    bool hold;
    const SkBlobRow *blob;          /* with `hold`: the original */
    uint8_t body[SK_HOLD_BODY_LEN]; /* and the digest of who says what */
    const GPtrArray *tokens;        /* of char *: of answers to notices; or NULL */
} SkCommit;

/* In the caller's transaction. RET_STORED: whether the row of the original was added; it is not
 * when all recipients wait already. */
bool sk_engine_commit(SkDb *keep, const SkCommit *commit, bool *ret_stored, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* Whether somebody is to be told of PASSAGE though it is delivered: that is committed, too. */
bool sk_engine_commit_tells(const SkPassage *passage);
