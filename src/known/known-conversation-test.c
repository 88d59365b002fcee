/* SPDX-License-Identifier: Apache-2.0 */
#include "known/known-conversation.h"

#include "store/store-migrate.h"
#include "store/store-postgres-testing.h"

#define SECOND 1000000LL
#define NOW    (1700000000 * SECOND)

typedef struct {
    SkTestDir dir;
    char *place;
    SkDb *db;
} Fixture;

static SkBytes
key(void)
{
    return sk_bytes("0123456789abcdef0123456789abcdef", 32);
}

static void
set_up(void *fixture, const void *data)
{
    Fixture *f = fixture;
    g_autoptr(GError) error = NULL;

    sk_test_dir_init(&f->dir);
    f->place = sk_test_place_new(*(const SkTestEngine *)data, &f->dir, "know.db");
    f->db = sk_test_place_open(f->place, &error);
    g_assert_no_error(error);
    g_assert_true(sk_store_migrate(f->db, sk_known_conversation_tables.name,
                                   sk_known_conversation_tables.steps, NULL));
}

static void
tear_down(void *fixture, const void *data)
{
    Fixture *f = fixture;

    (void)data;
    sk_db_close(f->db);
    sk_test_dir_clear(&f->dir);
    g_free(f->place);
}

static void
add(SkDb *db, const char *id, const char *people, int64_t at_us)
{
    g_auto(GStrv) list = g_strsplit(people, " ", -1);
    const SkKnownMessage message = {id, NULL, (const char *const *)list, at_us};
    g_autoptr(GError) error = NULL;
    g_autoptr(SkKnownAdder) adder = sk_known_adder_new(db, &error);

    g_assert_no_error(error);
    g_assert_true(sk_known_conversation_add(adder, &message, key(), &error));
    g_assert_no_error(error);
}

static bool
is_fresh(SkDb *db, const char *references, const char *people, int64_t at_us)
{
    g_auto(GStrv) list = g_strsplit(people, " ", -1), ids = g_strsplit(references, " ", -1);
    const SkKnownMessage message = {NULL, (const char *const *)ids, (const char *const *)list,
                                    at_us};
    g_autoptr(GError) error = NULL;
    bool fresh = false;

    g_assert_true(sk_known_conversation_is_fresh(db, &message, key(), &fresh, &error));
    g_assert_no_error(error);
    return fresh;
}

typedef struct {
    const char *what, *references, *people;
    int64_t after_s;
    bool fresh;
} Case;

static const Case cases[] = {
    {"a reply", "<a@x>", "p@example.com me@ours.example", 60, true},
    {"to one of them", "<a@x>", "q@example.net", 60, true},
    {"in other letters", "<a@x>", "P@Example.COM", 60, true},
    {"somebody new", "<a@x>", "p@example.com new@example.org", 60, false},
    {"a day later", "<a@x>", "p@example.com", 86399, true},
    {"more than a day later", "<a@x>", "p@example.com", 86401, false},
    {"to something unknown", "<b@x>", "p@example.com", 60, false},
    {"the second reference", "<b@x> <a@x>", "p@example.com", 60, true},
    {"no reference", "", "p@example.com", 60, false},
    {"the id of another case", "<A@x>", "p@example.com", 60, false},
    {"nobody at all", "<a@x>", "", 60, false},
};

static void
test_fresh(void *fixture, const void *data)
{
    Fixture *f = fixture;

    (void)data;
    add(f->db, "<a@x>", "p@example.com q@example.net me@ours.example", NOW);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("%s", cases[i].what);
        g_assert_cmpint(is_fresh(f->db, cases[i].references, cases[i].people,
                                 NOW + cases[i].after_s * SECOND),
                        ==, cases[i].fresh);
    }
}

/* A later message cannot put its own people into an earlier one's conversation. */
static void
test_first_wins(void *fixture, const void *data)
{
    Fixture *f = fixture;

    (void)data;
    add(f->db, "<a@x>", "p@example.com", NOW);
    add(f->db, "<a@x>", "p@example.com thief@example.org", NOW + SECOND);
    g_assert_true(is_fresh(f->db, "<a@x>", "p@example.com", NOW + 2 * SECOND));
    g_assert_false(is_fresh(f->db, "<a@x>", "thief@example.org", NOW + 2 * SECOND));
}

/* A list with a hundred thousand references, or people, costs no more than a few. */
static void
test_limits(void *fixture, const void *data)
{
    Fixture *f = fixture;
    g_autoptr(GString) many = g_string_new("p@example.com"), ids = g_string_new("<0@x>");

    (void)data;
    for (int i = 1; i <= SK_KNOWN_PEOPLE; i++)
        g_string_append_printf(many, " p%d@example.com", i);
    add(f->db, "<many@x>", many->str, NOW);
    g_assert_false(is_fresh(f->db, "<many@x>", "p@example.com", NOW + SECOND));
    add(f->db, "<a@x>", "p@example.com", NOW);
    for (int i = 1; i < SK_KNOWN_REFERENCES; i++)
        g_string_append_printf(ids, " <%d@x>", i);
    g_string_append(ids, " <a@x>");
    g_assert_false(is_fresh(f->db, ids->str, "p@example.com", NOW + SECOND));
}

/* Whoever gets hold of the table reads no address and no Message-ID in it. */
static void
test_names_nobody(void *fixture, const void *data)
{
    Fixture *f = fixture;
    g_autoptr(SkStmt) stmt = NULL;
    bool row = false;
    SkBytes people;

    (void)data;
    add(f->db, "<a@x>", "p@example.com", NOW);
    stmt = sk_db_prepare(f->db, "SELECT id, people FROM conversation", NULL);
    g_assert_true(sk_stmt_next(stmt, &row, NULL) && row);
    g_assert_cmpuint(sk_stmt_peek_blob(stmt, 0).len, ==, 32);
    people = sk_stmt_peek_blob(stmt, 1);
    g_assert_cmpuint(people.len, ==, 8);
    g_assert_null(g_strstr_len((const char *)people.data, (gssize)people.len, "p@"));
    sk_stmt_reset(stmt);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    sk_test_add_both("known-conversation", "fresh", sizeof(Fixture), set_up, test_fresh,
                     tear_down);
    sk_test_add_both("known-conversation", "first-wins", sizeof(Fixture), set_up,
                     test_first_wins, tear_down);
    sk_test_add_both("known-conversation", "limits", sizeof(Fixture), set_up, test_limits,
                     tear_down);
    sk_test_add_both("known-conversation", "names-nobody", sizeof(Fixture), set_up,
                     test_names_nobody, tear_down);
    return sk_test_postgres_run_tests();
}
