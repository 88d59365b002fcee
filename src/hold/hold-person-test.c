/* SPDX-License-Identifier: Apache-2.0 */
#include "hold/hold-testing.h"

static SkHoldPerson
load_person(Fixture *f, const char *address)
{
    SkHoldPerson person = {0};

    MUST(sk_hold_person_load(f->db, address, &person, &error));
    return person;
}

static void
save(Fixture *f, const char *address, int64_t hold_s, const char *deputy)
{
    const SkHoldPerson person = {.hold_s = hold_s,
                                 .tell = SK_TELL_DIGEST,
                                 .language = "ja",
                                 .away_from_us = 1,
                                 .away_until_us = INT64_MAX,
                                 .deputy = (char *)deputy};

    MUST(sk_hold_person_save(f->db, address, &person, &error));
}

static void
test_round_trip(Fixture *f, const void *data)
{
    g_auto(SkHoldPerson) nobody = load_person(f, "hanako@ours.example"), found = {0},
                         changed = {0};

    g_assert_cmpint(nobody.hold_s, ==, 0);
    g_assert_cmpint(nobody.tell, ==, SK_TELL_SITE);
    g_assert_cmpstr(nobody.language, ==, "");
    g_assert_null(nobody.deputy);
    save(f, "Hanako@OURS.example", 600, "Jiro.\xff@ours.example");
    found = load_person(f, "hanako@ours.EXAMPLE");
    g_assert_cmpint(found.hold_s, ==, 600);
    g_assert_cmpint(found.tell, ==, SK_TELL_DIGEST);
    g_assert_cmpstr(found.language, ==, "ja");
    g_assert_cmpint(found.away_from_us, ==, 1);
    g_assert_cmpint(found.away_until_us, ==, INT64_MAX);
    g_assert_cmpstr(found.deputy, ==, "Jiro.\xff@ours.example");
    save(f, "hanako@ours.example", 0, NULL);
    changed = load_person(f, "hanako@ours.example");
    g_assert_cmpint(changed.hold_s, ==, 0);
    g_assert_null(changed.deputy);
    g_assert_cmpint(ask(f->db, "SELECT count(*) FROM hold_person"), ==, 1);
}

static void
test_no_address(Fixture *f, const void *data)
{
    static const char *const cases[] = {"", "hanako", "@ours.example", "hanako@"};

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) load = NULL, keep = NULL;
        SkHoldPerson person = {0};

        g_assert_false(sk_hold_person_load(f->db, cases[i], &person, &load));
        g_assert_error(load, SK_ERROR, SK_ERROR_USAGE);
        g_assert_false(sk_hold_person_save(f->db, cases[i], &person, &keep));
        g_assert_error(keep, SK_ERROR, SK_ERROR_USAGE);
    }
}

static bool
append_record(const char *json, void *data)
{
    g_string_append_printf(data, "%s\n", json);
    return true;
}

static void
assert_export(Fixture *f, const char *address, const char *expected)
{
    const SkPersonRequest request = {.address = address};
    g_autoptr(GString) text = g_string_new(NULL);

    MUST(sk_hold_person_tables.person->export_to(f->db, &request, append_record, text, &error));
    g_assert_cmpstr(text->str, ==, expected);
}

/* Hanako's deputy is Jiro. */
static void
test_requests(Fixture *f, const void *data)
{
    const SkPersonRequest request = {.address = "Jiro@ours.example"};
    const SkPersonTables *person = sk_hold_person_tables.person;
    g_auto(SkHoldPerson) his = {0}, hers = {0};
    int64_t rows = 0;

    save(f, "hanako@ours.example", 600, "jiro@ours.example");
    save(f, "jiro@ours.example", 60, NULL);
    save(f, "hijiro@ours.example", 60, "jiro@ours.example.net");
    assert_export(f, "hanako@ours.example",
                  "{\"is\":[\"owner\"],\"hold_s\":600,\"tell\":\"digest\",\"language\":\"ja\","
                  "\"away_from_us\":1,\"away_until_us\":9223372036854775807,"
                  "\"deputy\":\"jiro@ours.example\"}\n");
    assert_export(f, "nobody@ours.example", "");
    MUST(person->erase(f->db, &request, &rows, &error));
    g_assert_cmpint(rows, ==, 2);
    assert_export(f, "jiro@ours.example", "");
    his = load_person(f, "jiro@ours.example");
    g_assert_cmpint(his.hold_s, ==, 0);
    hers = load_person(f, "hanako@ours.example");
    g_assert_cmpint(hers.hold_s, ==, 600);
    g_assert_null(hers.deputy);
    MUST(person->erase(f->db, &request, &rows, &error));
    g_assert_cmpint(rows, ==, 0);
    g_assert_cmpint(ask(f->db, "SELECT count(*) FROM hold_person"), ==, 2);
}

static void
test_deputy_record(Fixture *f, const void *data)
{
    save(f, "hanako@ours.example", 600, "jiro@ours.example");
    assert_export(f, "JIRO@ours.example", "{\"is\":[\"deputy\"]}\n");
}

static void
test_names(void)
{
    for (SkTell tell = 0; tell < SK_N_TELLS; tell++) {
        SkTell again;

        g_assert_true(sk_tell_parse(sk_tell_name(tell), &again));
        g_assert_cmpint(again, ==, tell);
        g_assert_false(sk_tell_parse("Never", &again));
    }
}

int
main(int argc, char **argv)
{
    static const HoldCase cases[] = {
        {"round-trip", test_round_trip},
        {"no-address", test_no_address},
        {"requests", test_requests},
        {"deputy-record", test_deputy_record},
        {NULL, NULL},
    };

    g_test_init(&argc, &argv, NULL);
    add_cases("hold-person", cases);
    g_test_add_func("/hold-person/names", test_names);
    return sk_test_postgres_run_tests();
}
