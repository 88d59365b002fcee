/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * clerk-notice-testing - a clerk with mail that waits, whose notices go to a list instead of
 * Postfix; on every engine, on a server with the rights of the clerk's role only
 */

#include <string.h>

#include "base/error.h"
#include "clerk/clerk-audience.h"
#include "clerk/clerk-duties.h"
#include "clerk/clerk-work.h"
#include "engine/engine-hold.h"
#include "engine/engine-settings.h"
#include "engine/engine-tables.h"
#include "hold/hold-store.h"
#include "hold/hold-token.h"
#include "ledger/passage-testing.h"
#include "store/store-postgres-testing.h"

#define SECOND   INT64_C(1000000)
#define LEASE_US (60 * SECOND)
/* 2026-11-22 15:42 in Tokyo. */
#define START_US (INT64_C(1795329720) * SECOND)

#define OWNER "taro@ours.example"

/* Any call that must work. */
#define MUST(call)                                                                             \
    G_STMT_START                                                                               \
    {                                                                                          \
        g_autoptr(GError) error = NULL;                                                        \
        bool done = (call);                                                                    \
                                                                                               \
        g_assert_no_error(error);                                                              \
        g_assert_true(done);                                                                   \
    }                                                                                          \
    G_STMT_END

static int64_t test_now_us;

typedef struct {
    SkTestDir dir;
    SkSettings *settings;
    SkClerkShared *shared;
    SkClerkWorld world;
    SkDbEngine calls;
    SkSite *site;
} Fixture;

/* What was sent, and what Postfix answers. */
typedef struct {
    char *id, *to, *text;
} Sent;

static struct {
    GPtrArray *sent; /* of Sent */
    int code;        /* of SkError, while `trouble` is left */
    unsigned trouble;
    size_t limit; /* larger ones are refused; 0: none is */
    const char *original;
    int read_code; /* of SkError: the original cannot be read; -1: it can */
} postfix;

static inline void
free_sent(void *data)
{
    Sent *sent = data;

    g_free(sent->id);
    g_free(sent->to);
    g_free(sent->text);
    g_free(sent);
}

static inline bool
fake_post(const SkSettings *settings,
          const char *id,
          const char *recipient,
          GBytes *message,
          GError **error)
{
    gsize len;
    const char *text = g_bytes_get_data(message, &len);
    Sent *sent = g_new0(Sent, 1);

    (void)settings;
    *sent = (Sent){g_strdup(id), g_strdup(recipient), g_strndup(text, len)};
    g_ptr_array_add(postfix.sent, sent);
    if (postfix.limit > 0 && len > postfix.limit) {
        g_set_error(error, SK_ERROR, SK_ERROR_DENIED, "552 too large");
        return false;
    }
    if (postfix.trouble == 0)
        return true;
    postfix.trouble--;
    g_set_error(error, SK_ERROR, postfix.code, "nobody home");
    return false;
}

static inline bool
fake_read(const SkClerkWorld *world,
          const SkHeldMessage *message,
          uint64_t max,
          GBytes **ret_bytes,
          GError **error)
{
    (void)world;
    (void)message;
    if (postfix.read_code >= 0) {
        g_set_error(error, SK_ERROR, postfix.read_code, "no keeper");
        return false;
    }
    *ret_bytes = g_bytes_new(postfix.original, MIN(strlen(postfix.original), max));
    return true;
}

static const SkClerkTools fake_tools = {fake_post, fake_read};

static inline bool
tell_step(const SkClerkWorld *world, SkJob *job, SkDutyState *ret_state, GError **error)
{
    return sk_clerk_tell(world, &fake_tools, job, ret_state, error);
}

static const SkDuty duties[] = {
    {"notice", 0, sk_clerk_notice_step},
    {"notice.tell", 0, tell_step},
    {"notice.digest", 86400, sk_clerk_digest_step},
    {"hold.reply", 0, sk_clerk_reply_step},
    {0},
};

static inline bool
ask_test_clock(SkDb *db, int64_t *ret_now_us, GError **error)
{
    (void)db;
    (void)error;
    *ret_now_us = test_now_us;
    return true;
}

static inline void
run(SkDb *db, const char *sql)
{
    MUST(sk_db_run(db, sql, &error));
}

static inline int64_t
ask(SkDb *db, const char *sql)
{
    g_autoptr(SkStmt) stmt = sk_db_prepare(db, sql, NULL);
    bool row = false;

    g_assert_true(sk_stmt_next(stmt, &row, NULL) && row);
    return sk_stmt_get_int(stmt, 0);
}

/* ---- the clerk ---- */

static inline char *
make_store(SkTestEngine engine, const SkTestDir *dir)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(SkStore) store = NULL;
    g_autofree char *url = NULL;

    if (engine == SK_TEST_SQLITE)
        return g_strdup_printf("sqlite:%s", dir->path);
    url = sk_test_postgres_database();
    store = sk_test_store_new(url, NULL, "sekisho-owner", sk_engine_tables, &error);
    for (SkDatabase which = SK_KEEP; which <= SK_KNOW; which++) {
        sk_db_close(sk_store_open(store, which, SK_STORE_OWNER, &error));
        g_assert_no_error(error);
    }
    return sk_test_postgres_url_of(url, "");
}

static inline SkSettings *
read_settings(const char *store, const char *groups)
{
    g_autofree char *text = g_strdup_printf(
        "[store]\nstore = %s\n[site]\nown_domains = ours.example\ntime_zone = Asia/Tokyo\n"
        "[notice]\nlanguage = en\nreply = stop@ours.example\n"
        "[web]\nurl = https://mail.ours.example/\n"
        "[hold]\nadmins = admin@ours.example\ngroups = %s\n",
        store, groups);
    g_autoptr(GError) error = NULL;
    SkSettings *settings =
        sk_settings_parse("test", text, strlen(text), sk_engine_setting_tables, &error);

    g_assert_no_error(error);
    return settings;
}

static inline void
set_up(Fixture *f, const void *data)
{
    g_autofree char *store = NULL;
    g_autofree char *groups = NULL;
    g_autoptr(GError) error = NULL;

    sk_test_dir_init(&f->dir);
    store = make_store(*(const SkTestEngine *)data, &f->dir);
    groups = sk_test_dir_file(&f->dir, "groups");
    g_assert_true(g_file_set_contents(
        groups, "sales: chief@ours.example, " OWNER ", away@ours.example\n", -1, NULL));
    f->settings = read_settings(store, groups);
    f->shared = sk_clerk_shared_new(f->settings, duties, &error);
    g_assert_no_error(error);
    f->world = (SkClerkWorld){
        .keep = sk_store_open(f->shared->store, SK_KEEP, SK_STORE_WRITE, NULL),
        .store = f->shared->store,
        .settings = f->settings,
        .tally = sk_clerk_tally_new(),
    };
    f->site = sk_site_new(f->settings, NULL);
    f->calls = *f->world.keep->engine;
    f->calls.now_us = ask_test_clock;
    f->world.keep->engine = &f->calls;
    test_now_us = START_US;
    memset(&postfix, 0, sizeof postfix);
    postfix.sent = g_ptr_array_new_with_free_func(free_sent);
    postfix.original = "";
    postfix.read_code = -1;
}

static inline void
tear_down(Fixture *f, const void *data)
{
    (void)data;
    g_ptr_array_unref(postfix.sent);
    sk_db_close(f->world.keep);
    sk_clerk_tally_free(f->world.tally);
    sk_clerk_shared_free(f->shared);
    sk_site_free(f->site);
    sk_settings_free(f->settings);
    sk_test_dir_clear(&f->dir);
}

/* Does one job of DUTY if one is due. */
static inline bool
do_one(Fixture *f, const SkDuty *duty)
{
    g_autoptr(GPtrArray) jobs = NULL;

    MUST(sk_job_claim(f->world.keep, duty->kind, "test", LEASE_US, 1, &jobs, &error));
    if (jobs->len > 0)
        MUST(sk_clerk_work(f->shared, &f->world, duty, jobs->pdata[0], &error));
    return jobs->len > 0;
}

/* Does all that is due now. */
static inline void
work(Fixture *f)
{
    bool more = true;

    while (more) {
        more = false;
        for (const SkDuty *duty = duties; duty->kind != NULL; duty++)
            more = do_one(f, duty) || more;
    }
}
