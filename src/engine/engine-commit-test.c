/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/engine-commit.h"

#include "base/error.h"
#include "blob/blob-testing.h"
#include "engine/engine-judge.h"
#include "engine/engine-notice.h"
#include "engine/engine-reply.h"
#include "engine/engine-settings.h"
#include "engine/engine-tables.h"
#include "hold/hold-person.h"
#include "hold/hold-store.h"
#include "job/job-store.h"
#include "ledger/passage-json.h"
#include "port/faulty-db.h"

#define ID    "01j8zk3fa7s4wq9m2xet"
#define AGAIN "01j8zk3fa7s4wq9m2xeu"

typedef struct {
    SkBlobTest t;
    SkSettings *settings;
    SkSite *site;
} Fixture;

#define MUST(call)                                                                             \
    G_STMT_START                                                                               \
    {                                                                                          \
        g_autoptr(GError) error = NULL;                                                        \
        bool ok = (call);                                                                      \
                                                                                               \
        g_assert_no_error(error);                                                              \
        g_assert_true(ok);                                                                     \
    }                                                                                          \
    G_STMT_END

static void
set_up(Fixture *f, const void *data)
{
    static const char config[] = "[site]\nown_domains = ours.example\ntime_zone = UTC\n";

    sk_blob_test_init(&f->t, data);
    for (const SkTables *const *t = sk_engine_tables; *t != NULL; t++) {
        if ((*t)->database == SK_KEEP && *t != &sk_blob_tables)
            MUST(sk_store_migrate(f->t.keep, (*t)->name, (*t)->steps, &error));
    }
    f->settings =
        sk_settings_parse("t", config, strlen(config), sk_engine_setting_tables, NULL);
    f->site = sk_site_new(f->settings, NULL);
}

static void
tear_down(Fixture *f, const void *data)
{
    (void)data;
    sk_site_free(f->site);
    sk_settings_free(f->settings);
    sk_blob_test_clear(&f->t);
}

/* From hanako to one outside and one inside, judged by RULES. */
static SkPassage *
passage_new(const Fixture *f, const char *id, const char *rules)
{
    const SkPolicyWorld world = {.built_edits = ~0U, .built_waits = ~0U, .built_notify = true};
    g_autoptr(SkPolicy) policy = sk_policy_new("t", rules, strlen(rules), &world, NULL);
    SkPassage *passage = sk_passage_new();

    passage->id = g_strdup(id);
    passage->origin = SK_ORIGIN_OUTBOUND;
    passage->from = g_strdup("hanako@ours.example");
    passage->message_id = g_strdup("<1@ours.example>");
    passage->envelope = sk_envelope_new();
    g_assert_true(sk_envelope_set_sender(passage->envelope, "hanako@ours.example", NULL));
    g_assert_true(sk_envelope_add_recipient(passage->envelope, "a@theirs.example", NULL));
    g_assert_true(sk_envelope_add_recipient(passage->envelope, "i@ours.example", NULL));
    sk_engine_judge(f->site, policy, 0, passage);
    return passage;
}

typedef struct {
    SkCommit commit;
    bool stored;
} Work;

static bool
commit_all(SkDb *keep, void *data, GError **error)
{
    Work *work = data;

    return sk_engine_commit(keep, &work->commit, &work->stored, error);
}

static SkCommit
commit_of(const Fixture *f, SkPassage *passage, const SkBlobRow *blob)
{
    SkCommit commit = {.settings = f->settings,
                       .site = f->site,
                       .passage = passage,
                       .hold = true,
                       .blob = blob};

    memset(commit.body, 'b', sizeof commit.body);
    return commit;
}

static int64_t
ask(SkDb *db, const char *sql)
{
    g_autoptr(SkStmt) stmt = sk_db_prepare(db, sql, NULL);
    bool row = false;

    g_assert_true(sk_stmt_next(stmt, &row, NULL) && row);
    return sk_stmt_get_int(stmt, 0);
}

/* "1 messages, 2 copies, 1 blobs; jobs hold.tend notice" */
static char *
describe(SkDb *db)
{
    static const char *const kinds[] = {SK_TEND_JOB, SK_NOTICE_JOB, SK_REPLY_JOB};
    GString *out = g_string_new(NULL);

    g_string_printf(out, "%d messages, %d copies, %d blobs; jobs",
                    (int)ask(db, "SELECT count(*) FROM held_message"),
                    (int)ask(db, "SELECT count(*) FROM held_copy"),
                    (int)ask(db, "SELECT count(*) FROM blob"));
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        int64_t due_us;

        MUST(sk_job_next_due(db, kinds[i], &due_us, &error));
        if (due_us != INT64_MAX)
            g_string_append_printf(out, " %s", kinds[i]);
    }
    return g_string_free(out, FALSE);
}

static void
expect(SkDb *db, const char *want)
{
    g_autofree char *got = describe(db);

    g_assert_cmpstr(got, ==, want);
}

static void
test_hold(Fixture *f, const void *data)
{
    g_autoptr(SkPassage) passage =
        passage_new(f, ID, "outbound when not attach.any then hold for confirm\n");
    g_autoptr(SkBlobRow) blob = sk_blob_test_store(&f->t, 1000, 1);
    Work work = {commit_of(f, passage, blob), false};

    (void)data;
    MUST(sk_db_transact(f->t.keep, commit_all, &work, &error));
    g_assert_true(work.stored);
    g_assert_cmpstr(passage->held, ==, ID);
    g_assert_cmpuint(passage->copies, ==, 2);
    expect(f->t.keep, "1 messages, 2 copies, 1 blobs; jobs hold.tend notice");
}

/* Who waits for time only, or not at all, needs nobody to look after him. */
static void
test_nobody_to_tell(Fixture *f, const void *data)
{
    g_autoptr(SkPassage) passage =
        passage_new(f, ID, "outbound when not attach.any then mark \"X\"\n");
    g_autoptr(SkBlobRow) blob = sk_blob_test_store(&f->t, 1000, 1);
    Work work = {commit_of(f, passage, blob), false};

    (void)data;
    MUST(sk_db_transact(f->t.keep, commit_all, &work, &error));
    expect(f->t.keep, "1 messages, 2 copies, 1 blobs; jobs");
}

static void
test_repeated(Fixture *f, const void *data)
{
    static const char rules[] = "outbound when not attach.any then hold for confirm\n";
    g_autoptr(SkPassage) first = passage_new(f, ID, rules),
                         second = passage_new(f, AGAIN, rules);
    g_autoptr(SkBlobRow) blob = sk_blob_test_store(&f->t, 1000, 1);
    g_autoptr(SkBlobRow) other = sk_blob_test_store(&f->t, 1000, 2);
    Work work = {commit_of(f, first, blob), false},
         again = {commit_of(f, second, other), false};

    (void)data;
    MUST(sk_db_transact(f->t.keep, commit_all, &work, &error));
    MUST(sk_db_transact(f->t.keep, commit_all, &again, &error));
    g_assert_false(again.stored);
    g_assert_cmpstr(second->held, ==, ID);
    g_assert_cmpuint(second->copies, ==, 0);
    expect(f->t.keep, "1 messages, 2 copies, 1 blobs; jobs hold.tend notice");
    /* Another text. */
    again.commit.body[0] = 'c';
    MUST(sk_db_transact(f->t.keep, commit_all, &again, &error));
    g_assert_true(again.stored);
    expect(f->t.keep, "2 messages, 4 copies, 2 blobs; jobs hold.tend notice");
}

/* Whichever call fails, and how: there is all of it or nothing, and doing it again ends with
 * one. What may have happened is known again. */
static void
test_faults(Fixture *f, const void *data)
{
    static const char rules[] = "outbound when not attach.any then hold for confirm\n";
    static const char all[] = "1 messages, 2 copies, 1 blobs; jobs hold.tend notice";
    SkFaults faults = {0};
    g_autoptr(SkDb) faulty = sk_faulty_db_new(sk_blob_test_open_keep(&f->t), &faults);
    g_autoptr(SkBlobRow) blob = sk_blob_test_store(&f->t, 1000, 1);
    unsigned failed = 0;

    (void)data;
    for (faults.every = 1; faults.every < 60; faults.every++) {
        g_autofree char *id = g_strdup_printf("01j8zk3fa7s4wq9m2x%02u", faults.every);
        g_autoptr(SkPassage) passage = passage_new(f, id, rules);
        g_autoptr(GError) error = NULL;
        g_autofree char *state = NULL;
        Work work = {commit_of(f, passage, blob), false};

        faults.calls = 0;
        failed += !sk_db_transact(faulty, commit_all, &work, &error);
        state = describe(f->t.keep);
        if (strcmp(state, "0 messages, 0 copies, 0 blobs; jobs") != 0)
            g_assert_cmpstr(state, ==, all);
        else
            g_assert_nonnull(error);
    }
    g_assert_cmpuint(failed, >, 0);
    expect(f->t.keep, all);
}

/* Delivered in place; who is to be told gets the passage, as much of it as a job carries. */
static void
test_told(Fixture *f, const void *data)
{
    g_autoptr(SkPassage) passage =
        passage_new(f, ID, "outbound when not attach.any then notify sender\n");
    Work work = {commit_of(f, passage, NULL), false};
    g_autoptr(GPtrArray) jobs = NULL;
    g_auto(SkNoticeOrder) order = {0};
    g_autoptr(SkPassage) told = NULL;

    (void)data;
    g_assert_true(sk_engine_commit_tells(passage));
    work.commit.hold = false;
    for (unsigned i = 0; i < 400; i++) {
        g_autofree char *subject = g_strdup_printf("%u\"%s", i, "\"\"\"\"\"\"\"\"\"\"\"\"\"\"");
        g_autofree char *name = g_strnfill(400, 'n');

        sk_findings_add(passage->findings, SK_FINDING_ATTACH_UNKNOWN, "1", subject, name);
    }
    MUST(sk_db_transact(f->t.keep, commit_all, &work, &error));
    g_assert_null(passage->held);
    expect(f->t.keep, "0 messages, 0 copies, 0 blobs; jobs notice");
    MUST(sk_job_claim(f->t.keep, SK_NOTICE_JOB, "t", G_USEC_PER_SEC, 1, &jobs, &error));
    g_assert_true(sk_engine_notice_read(((SkJob *)jobs->pdata[0])->payload, &order));
    told = sk_passage_json_read(order.text, NULL);
    g_assert_cmpuint(told->recipients->len, ==, 2);
    g_assert_cmpuint(sk_findings_count(told->findings), >, 10);
}

static void
test_answers(Fixture *f, const void *data)
{
    g_autoptr(SkPassage) passage = passage_new(f, ID, "");
    g_autoptr(GPtrArray) tokens = g_ptr_array_new_with_free_func(g_free), jobs = NULL;
    Work work = {commit_of(f, passage, NULL), false};

    (void)data;
    g_assert_false(sk_engine_commit_tells(passage));
    g_ptr_array_add(tokens, g_strdup("0abcdefghjkmnpqrstvwxyz234"));
    g_ptr_array_add(tokens, g_strdup("1abcdefghjkmnpqrstvwxyz234"));
    work.commit.hold = false;
    work.commit.tokens = tokens;
    g_free(passage->from);
    passage->from = g_strdup("\xff\"@theirs.example");
    MUST(sk_db_transact(f->t.keep, commit_all, &work, &error));
    MUST(sk_job_claim(f->t.keep, SK_REPLY_JOB, "t", G_USEC_PER_SEC, 9, &jobs, &error));
    g_assert_cmpuint(jobs->len, ==, 2);
    for (guint i = 0; i < jobs->len; i++) {
        const SkJob *job = jobs->pdata[i];

        /* Ids are seen where payloads are not. */
        g_assert_null(strstr(job->id, "abcdefghjkmnpqrstvwxyz"));
        g_assert_nonnull(strstr(job->payload, "abcdefghjkmnpqrstvwxyz"));
        g_assert_nonnull(strstr(job->payload, "\"id\":\"" ID "\""));
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    SK_TEST_ADD_BOTH(Fixture, "/engine/commit", "hold", set_up, test_hold, tear_down);
    SK_TEST_ADD_BOTH(Fixture, "/engine/commit", "nobody-to-tell", set_up, test_nobody_to_tell,
                     tear_down);
    SK_TEST_ADD_BOTH(Fixture, "/engine/commit", "repeated", set_up, test_repeated, tear_down);
    SK_TEST_ADD_BOTH(Fixture, "/engine/commit", "faults", set_up, test_faults, tear_down);
    SK_TEST_ADD_BOTH(Fixture, "/engine/commit", "told", set_up, test_told, tear_down);
    SK_TEST_ADD_BOTH(Fixture, "/engine/commit", "answers", set_up, test_answers, tear_down);
    return sk_test_postgres_run_tests();
}
