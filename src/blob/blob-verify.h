/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * blob-verify - whether every stored file is what its row says, and what no row names
 *
 * Needs no key: the digest of the ciphertext is in the row. Memory: one page of rows or of
 * names, however many there are. Others may write and remove meanwhile: what is found is asked
 * about again before it is called trouble.
 *
 * Errors: those of port/db.h and port/blob.h; trouble with a single blob is no error.
 */

#include "blob/blob-store.h"

typedef enum {
    SK_BLOB_FINE,
    SK_BLOB_MISSING,    /* a row names it, and it is not at its place */
    SK_BLOB_CUT,        /* shorter than its row says */
    SK_BLOB_TOO_LONG,   /* longer */
    SK_BLOB_DAMAGED,    /* as long, and something else */
    SK_BLOB_UNREADABLE, /* the system refuses to read it */
    SK_BLOB_ORPHAN,     /* no row names it, though it is older than SK_LIMIT_BLOB_ORPHAN_S */
    SK_BLOB_FOREIGN,    /* at the place, and no blob */
} SkBlobState;

/* "damaged": for people. */
const char *sk_blob_state_name(SkBlobState state);

/* PLACE against ROW, whose data were loaded if it is in_row. */
bool sk_blob_verify_row(SkBlobPlace *place,
                        const SkBlobRow *row,
                        SkBlobState *ret_state,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Counted so far. */
typedef struct {
    uint64_t rows;    /* checked against their blobs */
    uint64_t bytes;   /* of ciphertext read for that */
    uint64_t blobs;   /* old enough, and looked for among the rows */
    uint64_t trouble; /* told */
} SkBlobTally;

typedef struct {
    /* NAME: an id, or, of what is FOREIGN, a foreign name, to be quoted. */
    void (*trouble)(SkBlobState state, const char *name, void *data);
    /* Now and then; may be NULL. False: stop, which is no error. */
    bool (*progress)(const SkBlobTally *tally, void *data);
    void *data;
} SkBlobWatcher;

/* Every row against its blob, then every blob against the rows. */
bool sk_blob_verify(SkDb *keep,
                    SkBlobPlace *place,
                    int64_t now_us,
                    const SkBlobWatcher *watcher,
                    SkBlobTally *ret_tally,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* One step of a round: looks at up to N blobs after the id CURSOR ("" begins a round) that are
 * older than SK_LIMIT_BLOB_ORPHAN_S, and removes those that no row names. CURSOR becomes where
 * the next step goes on; "": the round is complete. Harmless when it is done twice. What is
 * older than the database's first round stays: with a wrong or a new database in the settings
 * all blobs look like orphans. */
bool sk_blob_remove_orphans(SkDb *keep,
                            SkBlobPlace *place,
                            int64_t now_us,
                            unsigned n,
                            char cursor[SK_BLOB_ID_LEN + 1],
                            unsigned *ret_removed,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;
