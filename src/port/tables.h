/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * tables - what a capability says about the tables it keeps
 *
 * One SkTables a capability and database, in its X-store.c; engine-tables lists them. So that
 * migrations, rights, retention and requests of a person need no knowledge of any table.
 *
 * Security: all SQL is a constant.
 */

#include "port/db.h"

/* No transaction spans both. */
typedef enum {
    SK_KEEP, /* every commit is on the disk: held mail, keys, jobs, policy */
    SK_KNOW, /* batched; a crash may take the last second: passages, acquaintances, logins */
} SkDatabase;

/* One step of a schema. Forward only, never edited after a release. A list ends with a step
 * without SQL. */
typedef struct {
    int version;      /* 1, 2, 3 … */
    const char *what; /* "ledger: passages" */
    const char *sql;  /* statements with ";" between, which no text in quotes contains */
} SkMigration;

/* How long rows are kept. A list ends with one without `what`. */
typedef struct {
    const char *setting; /* key of section [retention], a time */
    const char *what;    /* "passages" */
    /* Deletes at most $2 of the rows older than $1 (microseconds), returns a row for each. */
    const char *sql;
    /* Or, where only a part of a row goes, or more than rows: the same, in the caller's
     * transaction. It may do fewer at a time; RET_ROWS 0: none is left. */
    bool (
        *forget)(SkDb *db, int64_t before_us, unsigned max, int64_t *ret_rows, GError **error);
} SkRetention;

/* How many rows there are, for people. A list ends with one without SQL. */
typedef struct {
    const char *what; /* "passages" */
    /* One row with their number, which counts no further than $1. */
    const char *sql;
} SkCount;

/* Who asks, and whom to tell how far it is. */
typedef struct {
    const char *address;
    /* DONE rows of about TOTAL were looked at; or NULL. */
    void (*progress)(int64_t done, int64_t total, void *data);
    void *data;
} SkPersonRequest;

/* What was found about a person, one JSON text a record, borrowed. False: enough. */
typedef bool (*SkPersonFunc)(const char *json, void *data);

/* Requests of a person (GDPR 15 and 17; APPI 33 and 35), by address; in small transactions.
 * USAGE for what is no address. */
typedef struct {
    bool (*export_to)(SkDb *db,
                      const SkPersonRequest *request,
                      SkPersonFunc func,
                      void *data,
                      GError **error);
    /* Nothing that names him is left; RET_ROWS counts the changed and deleted ones. */
    bool (*erase)(SkDb *db, const SkPersonRequest *request, int64_t *ret_rows, GError **error);
} SkPersonTables;

typedef struct {
    const char *name; /* of the folder, and of the module in schema_version */
    SkDatabase database;
    const SkMigration *steps;
    /* For databases with a role for each program, ended by NULL: "GRANT SELECT, INSERT ON
     * passage TO sekisho_gate". The roles are sekisho_gate, sekisho_clerk, sekisho_read (the
     * command line). Run after each migration; all of them may be repeated. */
    const char *const *grants;
    const SkCount *counts;        /* or NULL */
    const SkRetention *retention; /* or NULL */
    const SkPersonTables *person; /* or NULL */
} SkTables;
