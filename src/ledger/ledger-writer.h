/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * ledger-writer - writes passages from a thread of its own, many in one transaction
 *
 * Whoever decides about mail hands passages over and goes on. A batch is written a second after
 * its first passage came, or at once when a passage is urgent: a refused sender may ask at once
 * what his id means. When the database is locked, full or away the batch is tried again, ever
 * more slowly; meanwhile passages wait here, and when there are too many, the next is refused
 * and its message has to wait, too (451).
 *
 * Limits: SK_LIMIT_LEDGER_QUEUE messages and recipients, added up.
 * Errors: none; trouble and its end are told to the report function.
 */

#include "ledger/passage.h"
#include "port/db.h"

#define SK_LEDGER_HASH_KEY_LEN 32

typedef struct SkLedgerWriter SkLedgerWriter;

typedef struct {
    uint64_t written; /* passages, since the start */
    uint64_t refused; /* there was no room */
    uint64_t lost;    /* the database will never take them, or did not until the stop */
    unsigned waiting; /* messages and recipients, added up */
    bool failing;     /* the last try failed */
} SkLedgerState;

typedef struct {
    /* Opens the database; called in the writer's thread, again after an error of code IO. */
    SkDb *(*open)(void *data, GError **error);
    /* TROUBLE: what began to be wrong; NULL: it works again. LOST passages were given up. From
     * the writer's thread. */
    void (*report)(const GError *trouble, unsigned lost, void *data);
    void *data;
    /* Of the site: then who takes part in which conversation is remembered as well. Asked for
     * each batch, from the writer's thread; false: there is none (yet). NULL: never. */
    bool (*hash_key)(uint8_t ret_key[SK_LEDGER_HASH_KEY_LEN], void *data);
    int64_t batch_ms;  /* how long the first passage of a batch waits; 0: 1000 */
    int64_t retry_ms;  /* after the first failure; doubles up to 64 times; 0: 100 */
    int64_t drain_ms;  /* how long the end waits for the database; 0: 5000 */
    unsigned capacity; /* 0: SK_LIMIT_LEDGER_QUEUE */
} SkLedgerOptions;

SkLedgerWriter *sk_ledger_writer_new(const SkLedgerOptions *options);
/* Writes what waits, for drain_ms at most, and ends the thread. */
void sk_ledger_writer_free(SkLedgerWriter *writer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkLedgerWriter, sk_ledger_writer_free)

/* Takes PASSAGE over, even when there is no room and the answer is false. From any thread. */
bool sk_ledger_writer_take(SkLedgerWriter *writer,
                           SkPassage *passage,
                           bool urgent) G_GNUC_WARN_UNUSED_RESULT;
/* Whether the next passage with N recipients would find room: to be asked before a message is
 * accepted. */
bool sk_ledger_writer_has_room(SkLedgerWriter *writer, unsigned n_recipients);
SkLedgerState sk_ledger_writer_get_state(SkLedgerWriter *writer);
