/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * store-postgres-testing - a PostgreSQL of a test's own, and databases of either engine
 *
 * The server of Debian in a temporary directory, reached by a UNIX socket, one a test program;
 * as user postgres when root runs the test, since it refuses root. It ends with the program,
 * also with one that crashes.
 */

#include "store/store-open.h"
#include "store/store-testing.h"

/* Whether there is one to start. */
bool sk_test_postgres_is_installed(void);
/* Skips CASE if not; true: go on. */
bool sk_test_postgres_or_skip(void);

/* URL of a new, empty database on the server, which is started for the first one; its owner
 * is role postgres. Caller owns. */
char *sk_test_postgres_database(void);
/* The URL for another role; roles come in without a password. Caller owns. */
char *sk_test_postgres_url_of(const char *url, const char *role);
/* The folder of the socket. */
const char *sk_test_postgres_folder(void);
/* As its administrator. */
void sk_test_postgres_run(const char *url, const char *sql);

/* To be called by the main thread, with whose end the server would end. */
void sk_test_postgres_stop(void); /* like an administrator */
void sk_test_postgres_kill(void); /* like a power cut */
void sk_test_postgres_start(void);
/* All its processes stand still, until thawed. */
void sk_test_postgres_freeze(void);
void sk_test_postgres_thaw(void);
/* Runs the tests, then stops and removes the server if one was started. */
int sk_test_postgres_run_tests(void);

/* One test for both engines: a place is the path of a SQLite file or the URL of a database. */
typedef enum {
    SK_TEST_SQLITE,
    SK_TEST_POSTGRES,
} SkTestEngine;

/* A new, empty one, for NAME.db in DIR. Caller owns. */
char *sk_test_place_new(SkTestEngine engine, const SkTestDir *dir, const char *name);
SkDb *sk_test_place_open(const char *place, GError **error);
/* Adds a case for each engine, /NAME/CASE and /NAME/postgresql/CASE: what g_test_add() takes,
 * with the engine as data; without a server the case is skipped, visibly. */
typedef void (*SkTestFunc)(void *fixture, const void *data);
void sk_test_add_both(const char *name,
                      const char *what,
                      size_t fixture_size,
                      SkTestFunc set_up,
                      SkTestFunc test,
                      SkTestFunc tear_down);
/* The same for functions that take a FIXTURE *, checked as g_test_add() does. */
#define SK_TEST_ADD_BOTH(fixture, name, what, set_up, test, tear_down)                         \
    G_STMT_START                                                                               \
    {                                                                                          \
        typedef void (*Func)(fixture *, const void *);                                         \
        void (*add_both)(const char *, const char *, size_t, Func, Func, Func) =               \
            (void (*)(const char *, const char *, size_t, Func, Func, Func))sk_test_add_both;  \
        add_both(name, what, sizeof(fixture), set_up, test, tear_down);                        \
    }                                                                                          \
    G_STMT_END

/* A store on URL as settings would say it; PASSWORD_DIR may be NULL. Caller owns. */
SkStore *sk_test_store_new(const char *url,
                           const char *password_dir,
                           const char *program,
                           const SkTables *const *tables,
                           GError **error);
