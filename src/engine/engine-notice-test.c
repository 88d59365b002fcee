/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/engine-notice.h"

#include "job/job-testing.h"

/* Borrows: an order's texts are its owner's, and here nobody clears it. */
static SkNoticeOrder
make(SkNoticeKind kind,
     const char *message,
     const char *copy,
     const char *who,
     const char *text)
{
    return (SkNoticeOrder){kind, (char *)message, (char *)copy, (char *)who, (char *)text};
}

static void
order(SkDb *db, const SkNoticeOrder *what)
{
    g_autoptr(GError) error = NULL;

    g_assert_true(sk_engine_notice_add(db, what, test_now_us, &error));
    g_assert_no_error(error);
}

static void
assert_order(const SkNoticeOrder *a, const SkNoticeOrder *b)
{
    g_assert_cmpint(a->kind, ==, b->kind);
    g_assert_cmpstr(a->message, ==, b->message);
    g_assert_cmpstr(a->copy, ==, b->copy);
    g_assert_cmpstr(a->who, ==, b->who);
    g_assert_cmpstr(a->text, ==, b->text);
}

/* What the only job there is orders. */
static void
read_only_one(SkDb *db, SkNoticeOrder *ret_order)
{
    g_autoptr(GPtrArray) jobs = claim(db, SK_NOTICE_JOB, 9);

    g_assert_cmpuint(jobs->len, ==, 1);
    g_assert_true(sk_engine_notice_read(((SkJob *)jobs->pdata[0])->payload, ret_order));
    run(db, "DELETE FROM job");
}

static void
test_there_and_back(Fixture *f, const void *data)
{
    const SkNoticeOrder orders[] = {
        make(SK_NOTICE_HELD, "01kaj", NULL, NULL, NULL),
        make(SK_NOTICE_STOPPED, "01kaj", "01kaj-2", "hanako@ours.example", "宛先が違います"),
        make(SK_NOTICE_REFUSED, "01kaj", "01kaj-2", NULL, "a@example.com 550 \"no\"\nb@\\ 554"),
        make(SK_NOTICE_TOO_LATE, "01kaj", NULL, "\"a\nb\"@ours.example", "sent"),
    };
    SkDbEngine calls;

    use_test_clock(f->db, &calls);
    for (size_t i = 0; i < G_N_ELEMENTS(orders); i++) {
        g_auto(SkNoticeOrder) back = {0};

        order(f->db, &orders[i]);
        read_only_one(f->db, &back);
        assert_order(&back, &orders[i]);
    }
}

static void
test_the_same_is_one(Fixture *f, const void *data)
{
    static const char who[] = "hanako@ours.example";
    const SkNoticeOrder orders[] = {
        make(SK_NOTICE_DONE, "01kaj", "01kaj-2", who, "text"),
        make(SK_NOTICE_DONE, "01kaj", "01kaj-2", who, "text"),
        /* Whatever differs makes another one. */
        make(SK_NOTICE_TOO_LATE, "01kaj", "01kaj-2", who, "text"),
        make(SK_NOTICE_DONE, "01kaj", "01kaj-2", who, NULL),
        make(SK_NOTICE_DONE, "01kaj", "01kaj-2", who, ""),
        make(SK_NOTICE_DONE, "01kaj", NULL, who, "text"),
        make(SK_NOTICE_DONE, "01kaj", "01kaj-2", "taro@ours.example", "text"),
        make(SK_NOTICE_DONE, "01kak", "01kaj-2", who, "text"),
    };

    for (size_t i = 0; i < G_N_ELEMENTS(orders); i++)
        order(f->db, &orders[i]);
    g_assert_cmpint(ask(f->db, "SELECT count(*) FROM job"), ==, 7);
}

static void
test_rolled_back(Fixture *f, const void *data)
{
    const SkNoticeOrder what = make(SK_NOTICE_HELD, "01kaj", NULL, NULL, NULL);

    g_assert_true(sk_db_begin(f->db, NULL));
    order(f->db, &what);
    sk_db_rollback(f->db);
    g_assert_cmpint(ask(f->db, "SELECT count(*) FROM job"), ==, 0);
}

/* Replies of a thousand recipients: the first ones get through, whole lines. */
static void
test_too_long(Fixture *f, const void *data)
{
    g_autoptr(GString) lines = g_string_new(NULL);
    g_auto(SkNoticeOrder) back = {0};
    SkDbEngine calls;
    SkNoticeOrder what;

    use_test_clock(f->db, &calls);
    for (int i = 0; i < 3000; i++)
        g_string_append_printf(lines, "recipient%d@example.com 550 5.1.1 \"unknown\"\n", i);
    what = make(SK_NOTICE_REFUSED, "01kaj", "01kaj-2", NULL, lines->str);
    order(f->db, &what);
    read_only_one(f->db, &back);
    g_assert_cmpuint(strlen(back.text), >, SK_JOB_PAYLOAD_MAX / 4);
    g_assert_true(g_str_has_prefix(lines->str, back.text));
    g_assert_true(g_str_has_suffix(back.text, "550 5.1.1 \"unknown\""));
}

/* A document of one line is none any more when it is cut; the order stands. */
static void
test_one_long_line(Fixture *f, const void *data)
{
    g_autofree char *text = g_strnfill(2 * SK_JOB_PAYLOAD_MAX, 'x');
    SkNoticeOrder what = make(SK_NOTICE_MATCHED, "01kaj", NULL, NULL, text);
    g_auto(SkNoticeOrder) back = {0};
    g_autoptr(GError) error = NULL;
    SkDbEngine calls;

    use_test_clock(f->db, &calls);
    order(f->db, &what);
    read_only_one(f->db, &back);
    g_assert_null(back.text);
    what.who = text;
    g_assert_false(sk_engine_notice_add(f->db, &what, 0, &error));
    g_assert_error(error, SK_ERROR, SK_ERROR_LIMIT);
}

static void
test_no_order(void)
{
    static const char *const payloads[] = {
        NULL,
        "",
        "payload",
        "[]",
        "{}",
        "{\"kind\":\"held\"}",
        "{\"kind\":\"held\",\"message\":7}",
        "{\"kind\":\"unheard\",\"message\":\"01kaj\"}",
        "{\"kind\":7,\"message\":\"01kaj\"}",
        "{\"kind\":\"held\",\"message\":\"01kaj\"} and more",
    };
    SkNoticeOrder back = {.kind = SK_N_NOTICE_KINDS};

    for (size_t i = 0; i < G_N_ELEMENTS(payloads); i++) {
        g_assert_false(sk_engine_notice_read(payloads[i], &back));
        g_assert_cmpint(back.kind, ==, SK_N_NOTICE_KINDS);
    }
}

static void
test_names(void)
{
    SkNoticeKind back;

    for (SkNoticeKind kind = 0; kind < SK_N_NOTICE_KINDS; kind++) {
        g_assert_true(sk_notice_kind_parse(sk_notice_kind_name(kind), &back));
        g_assert_cmpint(back, ==, kind);
    }
    g_assert_false(sk_notice_kind_parse("HELD", &back));
    g_assert_false(sk_notice_kind_parse(NULL, &back));
}

int
main(int argc, char **argv)
{
    static const JobCase cases[] = {
        {"there-and-back", test_there_and_back}, {"the-same-is-one", test_the_same_is_one},
        {"rolled-back", test_rolled_back},       {"too-long", test_too_long},
        {"one-long-line", test_one_long_line},   {NULL, NULL},
    };

    g_test_init(&argc, &argv, NULL);
    for (const JobCase *c = cases; c->name != NULL; c++)
        SK_TEST_ADD_BOTH(Fixture, "engine-notice", c->name, set_up, c->test, tear_down);
    g_test_add_func("/engine-notice/no-order", test_no_order);
    g_test_add_func("/engine-notice/names", test_names);
    return sk_test_postgres_run_tests();
}
