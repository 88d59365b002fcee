/* SPDX-License-Identifier: Apache-2.0 */

/* What each program does with all tables, as the role that it has on a server, and what a
 * program that was broken into cannot do. */

#include <string.h>

#include "base/error.h"
#include "blob/blob-testing.h"
#include "blob/blob-verify.h"
#include "engine/engine-commit.h"
#include "engine/engine-judge.h"
#include "engine/engine-settings.h"
#include "engine/engine-tables.h"
#include "hold/hold-person.h"
#include "hold/hold-store.h"
#include "hold/hold-token.h"
#include "job/job-store.h"
#include "ledger/passage-store.h"
#include "ledger/passage-testing.h"
#include "policy/policy-store.h"
#include "seal/seal-store.h"
#include "store/store-postgres-testing.h"

#define DAY_US   (INT64_C(86400) * G_USEC_PER_SEC)
#define LEASE_US (60 * G_USEC_PER_SEC)

typedef enum {
    GATE,
    CLERK,
    READER,
    OWNER,
    N_ROLES
} Role;

static const struct {
    const char *program;
    const char *role;
} roles[] = {
    [GATE] = {"sekisho-gate", "sekisho_gate"},
    [CLERK] = {"sekisho-clerk", "sekisho_clerk"},
    [READER] = {"sekisho-read", "sekisho_read"},
};

typedef struct {
    SkBlobTest blobs; /* without a database */
    char *admin;      /* URL of the owner */
    SkDb *db[N_ROLES][2];
    int64_t now_us;
} Fixture;

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

static SkDb *
open_as(const Fixture *f, Role role, SkDatabase which)
{
    g_autofree char *nobody = sk_test_postgres_url_of(f->admin, "");
    g_autoptr(GError) error = NULL;
    g_autoptr(SkStore) store =
        role == OWNER
            ? sk_test_store_new(f->admin, NULL, "sekisho-owner", sk_engine_tables, &error)
            : sk_test_store_new(nobody, NULL, roles[role].program, sk_engine_tables, &error);
    SkDb *db;

    g_assert_no_error(error);
    /* A reader opens to read; here its rights are to refuse what it may not. */
    db = sk_store_open(store, which, role == OWNER ? SK_STORE_OWNER : SK_STORE_WRITE, &error);
    g_assert_no_error(error);
    return db;
}

static void
set_up(Fixture *f, const void *data)
{
    sk_blob_test_init(&f->blobs, NULL);
    f->admin = sk_test_postgres_database();
    for (int role = OWNER; role >= GATE; role--) {
        f->db[role][SK_KEEP] = open_as(f, (Role)role, SK_KEEP);
        f->db[role][SK_KNOW] = open_as(f, (Role)role, SK_KNOW);
    }
    MUST(sk_db_now_us(f->db[OWNER][SK_KEEP], &f->now_us, &error));
}

static void
tear_down(Fixture *f, const void *data)
{
    for (int role = GATE; role < N_ROLES; role++) {
        sk_db_close(f->db[role][SK_KEEP]);
        sk_db_close(f->db[role][SK_KNOW]);
    }
    sk_blob_test_clear(&f->blobs);
    g_free(f->admin);
}

static void
activate_key(const Fixture *f, const SkSealPair *pair, const char *expected)
{
    g_autoptr(SkSiteKey) key = g_new0(SkSiteKey, 1);
    g_autofree char *id = NULL;

    key->public = sk_seal_pair_get_public(pair);
    id = sk_seal_id(&key->public);
    g_strlcpy(key->id, id, sizeof key->id);
    key->wrapped = g_bytes_new("wrapped", 7);
    key->made_us = f->now_us;
    MUST(sk_seal_store_activate(f->db[OWNER][SK_KEEP], key, expected, &error));
}

static int64_t
load_policy(SkDb *keep, const char *text, int64_t expected)
{
    g_autoptr(SkPolicySource) source = sk_policy_source_new(g_bytes_new(text, strlen(text)));
    const SkPolicyEntry entry = {.source = source, .by = "hanako", .rules = 1};
    int64_t version = 0;

    sk_policy_source_add(source, "sales", g_bytes_new("@sales.example\n", 15));
    MUST(sk_policy_store_load(keep, &entry, expected, &version, &error));
    return version;
}

static void
read_policy(SkDb *keep, int64_t expected)
{
    g_autoptr(SkPolicyVersion) version = NULL;
    SkPolicyInForce now;

    MUST(sk_policy_store_in_force(keep, &now, &error));
    g_assert_cmpint(now.version, ==, expected);
    MUST(sk_policy_store_get(keep, now.version, &version, &error));
    g_assert_cmpuint(version->source->lists->len, ==, 1);
}

/* Holds a mail whose original is ROW; one like it comes again. */
static void
commit_as_gate(SkDb *keep, const SkBlobRow *row)
{
    static const char config[] = "[site]\nown_domains = ours.example\n";
    g_autoptr(SkSettings) settings =
        sk_settings_parse("t", config, strlen(config), sk_engine_setting_tables, NULL);
    g_autoptr(SkSite) site = sk_site_new(settings, NULL);
    g_autoptr(SkPassage) passage = sk_passage_new();
    SkCommit commit = {settings, site, passage, true, row, {0}, NULL};
    bool stored;

    passage->id = g_strdup("01j8zk3fa7s4wq9m2xex");
    passage->origin = SK_ORIGIN_OUTBOUND;
    passage->from = g_strdup("saburo@ours.example");
    passage->message_id = g_strdup("<1@ours.example>");
    passage->envelope = sk_envelope_new();
    g_assert_true(sk_envelope_set_sender(passage->envelope, passage->from, NULL));
    g_assert_true(sk_envelope_add_recipient(passage->envelope, "x@other.example", NULL));
    sk_engine_add_unjudged(site, passage, SK_FATE_DELIVER);
    MUST(sk_engine_commit(keep, &commit, &stored, &error));
    g_assert_true(stored);
    MUST(sk_engine_commit(keep, &commit, &stored, &error));
    g_assert_false(stored);
}

static void
free_copy(void *copy)
{
    sk_held_copy_free(copy);
}

/* Held by the gate: a message of one copy that is due, and what belongs to it, in one
 * transaction with its file and the job to tell of it. */
static void
hold_message(Fixture *f, const char *id)
{
    SkDb *keep = f->db[GATE][SK_KEEP];
    g_autoptr(SkHeldMessage) message = sk_held_message_new();
    g_autoptr(GPtrArray) copies = g_ptr_array_new_with_free_func(free_copy);
    g_autoptr(SkBlobRow) blob = sk_blob_test_store(&f->blobs, 500, 1);
    SkHeldCopy *copy = sk_held_copy_new();

    message->id = g_strdup(id);
    message->made_us = f->now_us;
    message->owner = g_strdup("hanako@ours.example");
    message->sender = g_strdup("hanako@ours.example");
    message->message_id = g_strdup("<1@ours.example>");
    message->blob = g_strdup(blob->id);
    message->document = g_strdup("{}");
    copy->id = g_strconcat(id, "-1", NULL);
    copy->message = g_strdup(id);
    copy->waits = copy->open = SK_WAIT_TIME;
    copy->due_us = f->now_us;
    sk_held_copy_add_recipient(copy, "bob@example.net", NULL);
    g_ptr_array_add(copies, copy);
    MUST(sk_db_begin(keep, &error));
    MUST(sk_blob_store_add(keep, blob, &error));
    MUST(sk_hold_add(keep, message, copies, &error));
    MUST(sk_job_add(keep, id, "notice", "{}", 0, &error));
    MUST(sk_db_commit(keep, &error));
}

static void
hold_as_gate(Fixture *f, const char *id)
{
    SkDb *keep = f->db[GATE][SK_KEEP];
    const SkHoldEvent joined = {.what = "joined"};
    static const uint8_t body[SK_HOLD_BODY_LEN];
    g_auto(SkHoldPerson) person = {0};
    g_autoptr(SkHeldMessage) message = NULL;
    g_autoptr(SkHeldCopy) copy = NULL;
    g_autoptr(GPtrArray) same = NULL;
    g_autofree char *copy_id = g_strconcat(id, "-1", NULL);

    MUST(sk_hold_person_load(keep, "hanako@ours.example", &person, &error));
    hold_message(f, id);
    MUST(sk_hold_find_same(keep, "hanako@ours.example", "<1@ours.example>", body, &same,
                           &error));
    g_assert_cmpuint(same->len, ==, 1);
    MUST(sk_hold_event_add(keep, id, &joined, &error));
    MUST(sk_hold_check(keep, copy_id, 1, &copy, &error));
    g_assert_null(copy);
    MUST(sk_hold_load_message(keep, id, &message, &error));
    g_assert_nonnull(message);
}

/* Ends with a blob in its row, one at its place, a job and a passage. */
static void
work_as_gate(Fixture *f)
{
    SkDb *keep = f->db[GATE][SK_KEEP];
    g_autoptr(SkSiteKey) key = NULL;
    g_autoptr(SkPassage) passage = sk_test_passage_full("01j8zk3fa7s4wq9m2xet", f->now_us);
    static const uint64_t sizes[] = {1000, 300000};

    read_policy(keep, 1);
    MUST(sk_policy_store_note_findings(keep, NULL, &error));
    MUST(sk_seal_store_load_active(keep, &key, &error));
    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
        g_autoptr(SkBlobRow) row = sk_blob_test_store(&f->blobs, sizes[i], 1);

        MUST(sk_blob_store_add(keep, row, &error));
    }
    MUST(sk_db_begin(keep, &error));
    MUST(sk_job_add(keep, "job", "kind", "payload", 0, &error));
    MUST(sk_job_add(keep, "job", "kind", "again", 0, &error));
    MUST(sk_db_commit(keep, &error));
    MUST(sk_passage_store_add(f->db[GATE][SK_KNOW], passage, &error));
    MUST(sk_passage_store_add(f->db[GATE][SK_KNOW], passage, &error));
}

static void
fill(Fixture *f)
{
    activate_key(f, f->blobs.pair, NULL);
    g_assert_cmpint(load_policy(f->db[CLERK][SK_KEEP], "# one\n", 0), ==, 1);
    work_as_gate(f);
}

#define HELD "01kaj000000000000001"

static void
test_gate(Fixture *f, const void *data)
{
    g_autoptr(SkBlobRow) row = NULL;

    fill(f);
    hold_as_gate(f, HELD);
    row = sk_blob_test_store(&f->blobs, 1000, 1);
    commit_as_gate(f->db[GATE][SK_KEEP], row);
}

static SkJob *
claim_job(SkDb *keep)
{
    g_autoptr(GPtrArray) jobs = NULL;

    MUST(sk_job_claim(keep, "kind", "test", LEASE_US, 1, &jobs, &error));
    g_assert_cmpuint(jobs->len, ==, 1);
    return g_ptr_array_steal_index(jobs, 0);
}

static void
do_jobs(SkDb *keep)
{
    g_autoptr(SkJob) first = claim_job(keep), second = NULL, third = NULL;
    int64_t due = 0;

    MUST(sk_job_renew(keep, first, LEASE_US, &error));
    MUST(sk_job_repeat(keep, first, "next", 0, &error));
    second = claim_job(keep);
    MUST(sk_job_fail(keep, second, "why", 0, &error));
    MUST(sk_job_hasten(keep, "job", 0, &error));
    MUST(sk_job_next_due(keep, "kind", &due, &error));
    third = claim_job(keep);
    MUST(sk_db_begin(keep, &error));
    MUST(sk_job_hold(keep, third, &error));
    MUST(sk_job_finish(keep, third, &error));
    MUST(sk_db_commit(keep, &error));
    MUST(sk_job_add(keep, "standing", "kind", NULL, 0, &error));
}

static SkHeldCopy *
claim_copy(SkDb *keep)
{
    g_autoptr(GPtrArray) copies = NULL;

    MUST(sk_hold_claim(keep, "test", LEASE_US, 1, &copies, &error));
    g_assert_cmpuint(copies->len, ==, 1);
    return g_ptr_array_steal_index(copies, 0);
}

static void
use_token(SkDb *keep)
{
    const SkHoldToken token = {.target = (char *)HELD,
                               .person = (char *)"hanako@ours.example",
                               .expires_us = INT64_MAX};
    const SkHoldPerson choice = {.hold_s = 60};
    g_autofree char *text = NULL, *kept = NULL;
    g_autoptr(SkHoldToken) found = NULL;

    MUST(sk_hold_token_add(keep, &token, &text, &error));
    MUST(sk_hold_token_load(keep, text, &found, &error));
    g_assert_nonnull(found);
    MUST(sk_hold_token_end(keep, text, &error));
    MUST(sk_hold_token_add(keep, &token, &kept, &error));
    MUST(sk_hold_person_save(keep, "hanako@ours.example", &choice, &error));
}

/* Ends with the message sent, and its content gone. */
static void
release_held(SkDb *keep)
{
    g_autoptr(SkHeldCopy) first = claim_copy(keep), second = NULL, third = NULL;
    g_autofree char *blob = NULL;
    SkHoldOutcome outcome;
    SkHoldCounts counts;

    use_token(keep);
    MUST(sk_hold_renew(keep, first, LEASE_US, &error));
    MUST(sk_hold_retry(keep, first, first->recipients, 0, "busy", &error));
    second = claim_copy(keep);
    MUST(sk_hold_again(keep, second, NULL, SK_WAIT_REVIEW, SK_REVIEW_ADMIN, 0, "new", &error));
    MUST(sk_hold_stop(keep, HELD "-2", NULL, NULL, &outcome, &error));
    MUST(sk_hold_answer(keep, HELD "-1", SK_WAIT_REVIEW, NULL, NULL, &outcome, &error));
    MUST(sk_hold_count(keep, &counts, &error));
    g_assert_cmpint(counts.due, ==, 1);
    third = claim_copy(keep);
    MUST(sk_db_begin(keep, &error));
    MUST(sk_hold_finish(keep, third, SK_COPY_SENT, NULL, NULL, &error));
    MUST(sk_hold_drop_content(keep, HELD, &blob, &error));
    MUST(sk_blob_store_remove(keep, blob, &error));
    MUST(sk_db_commit(keep, &error));
}

/* As the duty does it. How many rows. */
static int64_t
delete_old(SkDb *db, const SkRetention *retention, int64_t before_us)
{
    g_autoptr(SkStmt) stmt = NULL;
    int64_t rows = 0;
    bool row = true;

    if (retention->forget != NULL) {
        MUST(sk_db_begin(db, &error));
        MUST(retention->forget(db, before_us, 500, &rows, &error));
        MUST(sk_db_commit(db, &error));
        return rows;
    }
    MUST((stmt = sk_db_prepare(db, retention->sql, &error)) != NULL);
    sk_stmt_bind_int(stmt, 1, before_us);
    sk_stmt_bind_int(stmt, 2, 500);
    while (row) {
        MUST(sk_stmt_next(stmt, &row, &error));
        rows += row ? 1 : 0;
    }
    return rows;
}

static void
retain_all(Fixture *f)
{
    for (const SkTables *const *t = sk_engine_tables; *t != NULL; t++) {
        for (const SkRetention *r = (*t)->retention; r != NULL && r->what != NULL; r++) {
            int64_t rows = delete_old(f->db[CLERK][(*t)->database], r, f->now_us + DAY_US);

            g_test_message("%s: %d rows", r->what, (int)rows);
        }
    }
}

static void
reseal_all(Fixture *f)
{
    SkDb *keep = f->db[CLERK][SK_KEEP];
    g_autoptr(SkSealPair) pair = sk_seal_pair_new();
    SkSealPublic old_public = sk_seal_pair_get_public(f->blobs.pair);
    SkSealPublic new_public = sk_seal_pair_get_public(pair);
    g_autofree char *old = sk_seal_id(&old_public), *new = sk_seal_id(&new_public);
    g_autoptr(GPtrArray) rows = NULL;

    activate_key(f, pair, old);
    MUST(sk_blob_store_list_other(keep, new, "", 10, &rows, &error));
    g_assert_cmpuint(rows->len, ==, 2);
    for (guint i = 0; i < rows->len; i++) {
        const SkBlobRow *row = rows->pdata[i];

        MUST(sk_blob_store_reseal(keep, row->id, old, new, sk_bytes("anew", 4), &error));
    }
    MUST(sk_seal_store_remove(keep, old, &error));
}

static void
remove_blobs(Fixture *f)
{
    SkDb *keep = f->db[CLERK][SK_KEEP];
    char cursor[SK_BLOB_ID_LEN + 1] = "";
    g_autoptr(GPtrArray) rows = NULL;
    int64_t since_us = 0;
    unsigned removed = 0;

    MUST(sk_blob_store_since(keep, 0, &since_us, &error));
    MUST(sk_blob_store_list(keep, "", 10, &rows, &error));
    for (guint i = 0; i < rows->len; i++)
        MUST(sk_blob_store_remove(keep, ((SkBlobRow *)rows->pdata[i])->id, &error));
    MUST(sk_blob_remove_orphans(keep, f->blobs.place, g_get_real_time() + 2 * DAY_US, 10,
                                cursor, &removed, &error));
    g_assert_cmpuint(removed, ==, 1);
}

static int64_t
erase(Fixture *f, const char *address)
{
    const SkPersonRequest request = {.address = address};
    int64_t all = 0;

    for (const SkTables *const *t = sk_engine_tables; *t != NULL; t++) {
        int64_t rows = 0;

        if ((*t)->person == NULL)
            continue;
        MUST((*t)->person->erase(f->db[CLERK][(*t)->database], &request, &rows, &error));
        all += rows;
    }
    return all;
}

static void
test_clerk(Fixture *f, const void *data)
{
    fill(f);
    g_assert_cmpint(load_policy(f->db[CLERK][SK_KEEP], "# two\n", 1), ==, 2);
    do_jobs(f->db[CLERK][SK_KEEP]);
    reseal_all(f);
    remove_blobs(f);
    g_assert_cmpint(erase(f, "anna@example.net"), ==, 1);
    retain_all(f);
}

static int64_t
count_held(SkDb *keep)
{
    g_autoptr(SkStmt) stmt = NULL;
    bool row = false;

    MUST((stmt = sk_db_prepare(keep, "SELECT count(*) FROM held_message", &error)) != NULL);
    MUST(sk_stmt_next(stmt, &row, &error));
    return sk_stmt_get_int(stmt, 0);
}

static void
test_clerk_hold(Fixture *f, const void *data)
{
    SkDb *keep = f->db[CLERK][SK_KEEP];

    fill(f);
    hold_as_gate(f, HELD);
    release_held(keep);
    retain_all(f);
    g_assert_cmpint(count_held(keep), ==, 0);
    hold_as_gate(f, "01kaj000000000000002");
    sk_held_copy_free(claim_copy(keep));
    g_assert_cmpint(erase(f, "hanako@ours.example"), ==, 1); /* what she chose */
    g_assert_cmpint(count_held(keep), ==, 1);
}

static bool
note_record(const char *json, void *data)
{
    ++*(unsigned *)data;
    return true;
}

static bool
note_row(const SkPassageRow *row, void *data)
{
    ++*(unsigned *)data;
    return true;
}

static void
refuse_trouble(SkBlobState state, const char *name, void *data)
{
    g_test_message("%s %s", sk_blob_state_name(state), name);
    g_assert_not_reached();
}

static void
refuse_passage(const char *id, const char *what, void *data)
{
    g_test_message("%s %s", id, what);
    g_assert_not_reached();
}

static void
count_all(Fixture *f)
{
    for (const SkTables *const *t = sk_engine_tables; *t != NULL; t++) {
        for (const SkCount *c = (*t)->counts; c != NULL && c->sql != NULL; c++) {
            g_autoptr(SkStmt) stmt = NULL;
            bool row = false;

            MUST((stmt = sk_db_prepare(f->db[READER][(*t)->database], c->sql, &error)) != NULL);
            sk_stmt_bind_int(stmt, 1, 100);
            MUST(sk_stmt_next(stmt, &row, &error));
            g_assert_true(row);
        }
    }
}

static void
look_at_keep(Fixture *f, SkDb *keep)
{
    SkBlobWatcher watcher = {.trouble = refuse_trouble};
    SkBlobTally tally = {0};
    g_autoptr(GPtrArray) keys = NULL, versions = NULL;
    int64_t n, bytes, since_us[SK_N_FINDINGS];
    SkJobCounts jobs;

    MUST(sk_job_count(keep, &jobs, &error));
    g_assert_cmpint(jobs.due, ==, 1);
    MUST(sk_blob_store_count(keep, NULL, &n, &bytes, &error));
    g_assert_cmpint(n, ==, 2);
    MUST(sk_seal_store_list(keep, &keys, &error));
    g_assert_cmpuint(keys->len, ==, 1);
    MUST(sk_policy_store_list(keep, 0, &versions, &error));
    g_assert_cmpuint(versions->len, ==, 1);
    MUST(sk_policy_store_read_findings(keep, since_us, &error));
    read_policy(keep, 1);
    MUST(sk_blob_verify(keep, f->blobs.place, f->now_us, &watcher, &tally, &error));
    g_assert_cmpuint(tally.rows, ==, 2);
}

static void
look_at_know(SkDb *know)
{
    const SkPassageWatcher watcher = {.trouble = refuse_passage};
    const SkPersonRequest request = {.address = "anna@example.net"};
    const SkPassageFilter all = {0};
    int64_t checked, oldest, newest;
    unsigned rows = 0, records = 0;

    MUST(sk_passage_store_list(know, &all, note_row, &rows, &error));
    g_assert_cmpuint(rows, ==, 1);
    MUST(sk_passage_store_span(know, &oldest, &newest, &error));
    MUST(sk_passage_store_verify(know, &watcher, &checked, &error));
    g_assert_cmpint(checked, ==, 1);
    for (const SkTables *const *t = sk_engine_tables; *t != NULL; t++) {
        if ((*t)->database == SK_KNOW && (*t)->person != NULL)
            MUST((*t)->person->export_to(know, &request, note_record, &records, &error));
    }
    g_assert_cmpuint(records, ==, 1);
}

static void
test_reader(Fixture *f, const void *data)
{
    fill(f);
    count_all(f);
    look_at_keep(f, f->db[READER][SK_KEEP]);
    look_at_know(f->db[READER][SK_KNOW]);
}

static bool
note_line(const SkHoldLine *line, void *data)
{
    ++*(unsigned *)data;
    return true;
}

static bool
note_event(const SkHoldEvent *event, void *data)
{
    ++*(unsigned *)data;
    return true;
}

static void
test_reader_hold(Fixture *f, const void *data)
{
    SkDb *keep = f->db[READER][SK_KEEP];
    const SkPersonRequest request = {.address = "bob@example.net"};
    const SkHoldFilter filter = {.recipient = request.address};
    g_autoptr(GPtrArray) copies = NULL;
    unsigned lines = 0, events = 0, records = 0;
    SkHoldCounts counts;

    fill(f);
    hold_as_gate(f, HELD);
    MUST(sk_hold_list(keep, &filter, note_line, &lines, &error));
    g_assert_cmpuint(lines, ==, 1);
    MUST(sk_hold_load_copies(keep, HELD, &copies, &error));
    g_assert_cmpuint(copies->len, ==, 1);
    MUST(sk_hold_event_list(keep, HELD, note_event, &events, &error));
    g_assert_cmpuint(events, ==, 2);
    MUST(sk_hold_count(keep, &counts, &error));
    for (const SkTables *const *t = sk_engine_tables; *t != NULL; t++) {
        if ((*t)->database == SK_KEEP && (*t)->person != NULL)
            MUST((*t)->person->export_to(keep, &request, note_record, &records, &error));
    }
    g_assert_cmpuint(records, ==, 1);
}

/* With a row in every table, so that nothing is refused for want of one. */
static void
test_denied(Fixture *f, const void *data)
{
    static const struct {
        Role role;
        SkDatabase which;
        const char *sql;
    } cases[] = {
        {GATE, SK_KEEP, "SELECT sealed_key FROM blob"},
        {GATE, SK_KEEP, "DELETE FROM blob"},
        {GATE, SK_KEEP, "UPDATE blob SET seal_id = seal_id"},
        {GATE, SK_KEEP, "INSERT INTO blob_since (one, since_us) VALUES (1, 0)"},
        {GATE, SK_KEEP, "UPDATE held_message SET blob = NULL"},
        {GATE, SK_KEEP, "UPDATE held_copy SET state = 'sent'"},
        {GATE, SK_KEEP, "DELETE FROM held_copy"},
        {GATE, SK_KEEP, "SELECT address FROM held_recipient"},
        {GATE, SK_KEEP, "SELECT digest FROM held_token"},
        {GATE, SK_KEEP, "INSERT INTO held_token (digest) VALUES ('x')"},
        {GATE, SK_KEEP, "UPDATE hold_person SET hold_s = 0"},
        {GATE, SK_KEEP, "SELECT payload FROM job"},
        {GATE, SK_KEEP, "UPDATE job SET due_us = 0"},
        {GATE, SK_KEEP, "DELETE FROM job"},
        {GATE, SK_KEEP, "UPDATE site_key SET active = NULL"},
        {GATE, SK_KEEP, "DELETE FROM site_key"},
        {GATE, SK_KEEP, "UPDATE policy_active SET version = 1"},
        {GATE, SK_KEEP, "INSERT INTO policy_list (version, name) VALUES (1, 'x')"},
        {GATE, SK_KEEP, "UPDATE policy_version SET body = body"},
        {GATE, SK_KEEP, "UPDATE schema_version SET version = version"},
        {GATE, SK_KEEP, "CREATE TABLE other (id TEXT)"},
        {GATE, SK_KNOW, "DELETE FROM passage"},
        {GATE, SK_KNOW, "UPDATE passage SET fate = fate"},
        {CLERK, SK_KEEP, "UPDATE site_key SET wrapped = wrapped"},
        {CLERK, SK_KEEP, "UPDATE policy_version SET body = body"},
        {CLERK, SK_KEEP, "UPDATE policy_finding SET since_us = 0"},
        {CLERK, SK_KEEP, "UPDATE blob_since SET since_us = 0"},
        {CLERK, SK_KEEP, "DELETE FROM schema_version"},
        {CLERK, SK_KEEP, "ALTER TABLE blob ADD COLUMN x TEXT"},
        {CLERK, SK_KNOW, "INSERT INTO passage (id) VALUES ('forged')"},
        {CLERK, SK_KNOW, "DROP TABLE passage"},
        {READER, SK_KEEP, "UPDATE policy_active SET version = 1"},
        {READER, SK_KEEP, "DELETE FROM blob"},
        {READER, SK_KEEP, "SELECT digest FROM held_token"},
        {READER, SK_KEEP, "UPDATE held_copy SET state = 'stopped'"},
        {READER, SK_KEEP, "DELETE FROM held_message"},
        {READER, SK_KEEP, "DELETE FROM hold_person"},
        {READER, SK_KEEP, "DELETE FROM job"},
        {READER, SK_KEEP, "DELETE FROM site_key"},
        {READER, SK_KNOW, "DELETE FROM passage"},
        {READER, SK_KNOW, "CREATE TABLE other (id TEXT)"},
    };

    fill(f);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        bool done = sk_db_run(f->db[cases[i].role][cases[i].which], cases[i].sql, &error);

        g_test_message("%s: %s", cases[i].sql, done ? "done" : error->message);
        g_assert_false(done);
        g_assert_error(error, SK_ERROR, SK_ERROR_DENIED);
    }
}

static bool
has_right(SkDb *db, const char *role, const char *table, const char *right)
{
    static const char sql[] =
        "SELECT CASE WHEN has_table_privilege(CAST($1 AS name), CAST($2 AS text), "
        "CAST($3 AS text)) THEN 1 ELSE 0 END";
    g_autoptr(SkStmt) stmt = NULL;
    bool row = false;

    MUST((stmt = sk_db_prepare(db, sql, &error)) != NULL);
    sk_stmt_bind_text(stmt, 1, role);
    sk_stmt_bind_text(stmt, 2, table);
    sk_stmt_bind_text(stmt, 3, right);
    MUST(sk_stmt_next(stmt, &row, &error));
    g_assert_true(row);
    return sk_stmt_get_int(stmt, 0) != 0;
}

static GPtrArray *
list_tables(SkDb *db, SkDatabase which)
{
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(SkStmt) stmt = NULL;
    bool row = true;

    MUST((stmt = sk_db_prepare(db,
                               "SELECT tablename FROM pg_tables WHERE schemaname = $1"
                               " ORDER BY tablename",
                               &error)) != NULL);
    sk_stmt_bind_text(stmt, 1, which == SK_KEEP ? "keep" : "know");
    while (row) {
        MUST(sk_stmt_next(stmt, &row, &error));
        if (row)
            g_ptr_array_add(names, g_strdup(sk_stmt_peek_text(stmt, 0)));
    }
    return names;
}

/* Whatever table comes, and whatever its grants say. */
static void
test_every_table(Fixture *f, const void *data)
{
    static const struct {
        Role role;
        const char *rights[7]; /* that it has on no table */
    } cases[] = {
        {GATE, {"DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"}},
        {CLERK, {"TRUNCATE", "REFERENCES", "TRIGGER"}},
        {READER, {"INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"}},
    };

    for (SkDatabase which = SK_KEEP; which <= SK_KNOW; which++) {
        SkDb *db = f->db[OWNER][which];
        g_autoptr(GPtrArray) tables = list_tables(db, which);

        g_assert_cmpuint(tables->len, >, 1);
        for (guint i = 0; i < tables->len * G_N_ELEMENTS(cases); i++) {
            const char *table = tables->pdata[i / G_N_ELEMENTS(cases)];
            size_t c = i % G_N_ELEMENTS(cases);

            for (const char *const *right = cases[c].rights; *right != NULL; right++) {
                g_test_message("%s %s %s", roles[cases[c].role].role, *right, table);
                g_assert_false(has_right(db, roles[cases[c].role].role, table, *right));
            }
        }
    }
}

static void
skip(void)
{
    (void)sk_test_postgres_or_skip();
}

int
main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*test)(Fixture *f, const void *data);
    } cases[] = {
        {"gate", test_gate},
        {"clerk", test_clerk},
        {"clerk-hold", test_clerk_hold},
        {"reader", test_reader},
        {"reader-hold", test_reader_hold},
        {"denied", test_denied},
        {"every-table", test_every_table},
    };

    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = g_strdup_printf("/engine/grants/%s", cases[i].name);

        if (sk_test_postgres_is_installed())
            g_test_add(path, Fixture, NULL, set_up, cases[i].test, tear_down);
        else
            g_test_add_func(path, skip);
    }
    return sk_test_postgres_run_tests();
}
