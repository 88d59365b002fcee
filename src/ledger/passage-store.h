/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * passage-store - passages in the database `know`
 *
 * One row a passage: columns for what is searched by, and the document of passage-json for
 * everything else. Rows are only added.
 *
 * Limits: addresses beyond SK_LIMIT_PASSAGE_SEARCH bytes of a passage cannot be searched by.
 * Errors: those of port/db.h and passage-json.
 */

#include "ledger/passage.h"
#include "port/tables.h"

/* What makes an id short enough to be typed, and long enough to be meant. */
#define SK_PASSAGE_PREFIX_MIN 6

extern const SkTables sk_passage_tables;

/* Statements for adding many; of one connection. */
typedef struct SkPassageAdder SkPassageAdder;
SkPassageAdder *sk_passage_adder_new(SkDb *db, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void sk_passage_adder_free(SkPassageAdder *adder);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkPassageAdder, sk_passage_adder_free)

/* Adding what is already there changes nothing, so that after UNCERTAIN it may be tried again.
 */
bool sk_passage_adder_add(SkPassageAdder *adder,
                          const SkPassage *passage,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool sk_passage_store_add(SkDb *db,
                          const SkPassage *passage,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* ID is an id or the first SK_PASSAGE_PREFIX_MIN or more letters of one, as typed: capitals and
 * Crockford's i, l, o are understood. RET_PASSAGE is NULL when there is none; CONFLICT when it
 * could be several, USAGE when it is too short. */
bool sk_passage_store_load(SkDb *db, const char *id, SkPassage **ret_passage, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* Which passages are wanted; zero and NULL: all. */
typedef struct {
    int64_t since_us;    /* at or after */
    int64_t until_us;    /* before; 0: no end */
    const char *fate;    /* "reject"; "held" */
    const char *address; /* part of the sender's, the From's or a recipient's; any case */
    const char *finding; /* an id, and those below it */
    bool observed;       /* those with which observed rules would have done something else */
    int64_t limit;       /* the newest so many; 0: all */
} SkPassageFilter;

/* The columns; borrowed, and foreign, but safe to be shown. */
typedef struct {
    const char *id;
    int64_t received_us;
    const char *origin;
    const char *sender; /* NULL: none was given */
    const char *from;   /* NULL: none that can be read */
    const char *subject;
    const char *message_id;
    const char *fate; /* "held": it waits, or waited */
    int64_t size;
    const char *recipients; /* with blanks between */
    const char *findings;   /* ids with blanks between */
    const char *observed;   /* what observed rules would have done: "reject"; "": the same */
    const char *document;   /* for sk_passage_json_read() */
} SkPassageRow;

/* How many there are between two times (UNTIL_US 0: no end). */
bool sk_passage_store_count(SkDb *db,
                            int64_t since_us,
                            int64_t until_us,
                            int64_t *ret_count,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* False: enough. */
typedef bool (*SkPassageFunc)(const SkPassageRow *row, void *data);

/* Calls FUNC for each, the newest first. */
bool sk_passage_store_list(SkDb *db,
                           const SkPassageFilter *filter,
                           SkPassageFunc func,
                           void *data,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* When the oldest and the newest passage came; 0: there is none. */
bool sk_passage_store_span(SkDb *db,
                           int64_t *ret_oldest_us,
                           int64_t *ret_newest_us,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* What a check of all rows tells; DATA comes last in each. */
typedef struct {
    void (*trouble)(const char *id, const char *what, void *data);
    void (*progress)(int64_t done, int64_t total, void *data); /* or NULL */
    void *data;
} SkPassageWatcher;
/* Whether every document can be read and belongs to its row. RET_CHECKED: how many there are.
 */
bool sk_passage_store_verify(SkDb *db,
                             const SkPassageWatcher *watcher,
                             int64_t *ret_checked,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;
