/* SPDX-License-Identifier: Apache-2.0 */
#include "base/random.h"
#include "hold/hold-testing.h"

#define EXPIRES_US (START_US + 3600 * SECOND)

static char *
add_token(Fixture *f, SkTokenPurpose purpose, const char *target, const char *person)
{
    const SkHoldToken token = {.purpose = purpose,
                               .target = (char *)target,
                               .person = (char *)person,
                               .expires_us = EXPIRES_US};
    char *text = NULL;

    MUST(sk_hold_token_add(f->db, &token, &text, &error));
    g_assert_cmpuint(strlen(text), ==, SK_HOLD_TOKEN_LEN);
    return text;
}

static SkHoldToken *
load_token(Fixture *f, const char *text)
{
    SkHoldToken *token = NULL;

    MUST(sk_hold_token_load(f->db, text, &token, &error));
    return token;
}

static void
assert_nothing(Fixture *f, const char *text)
{
    g_autoptr(SkHoldToken) token = load_token(f, text);

    g_assert_null(token);
}

static void
test_round_trip(Fixture *f, const void *data)
{
    static const char *const targets[] = {"01kaj000000000000001-1", "01kaj000000000000001"};

    hold(f->db, 1, 1, SK_WAIT_TIME, START_US);
    for (unsigned i = 0; i < 2U * SK_N_TOKEN_PURPOSES; i++) {
        SkTokenPurpose purpose = i / 2;
        g_autofree char *text = add_token(f, purpose, targets[i % 2], "\xff@ours.example");
        g_autofree char *upper = g_ascii_strup(text, -1);
        g_autoptr(SkHoldToken) token = load_token(f, text), shouted = load_token(f, upper);

        g_assert_cmpint(token->purpose, ==, purpose);
        g_assert_cmpstr(token->target, ==, targets[i % 2]);
        g_assert_cmpstr(token->person, ==, "\xff@ours.example");
        g_assert_cmpint(token->expires_us, ==, EXPIRES_US);
        g_assert_nonnull(shouted);
    }
}

/* The same nothing for all of them. */
static void
test_nothing(Fixture *f, const void *data)
{
    g_autofree char *text = NULL, *longer = NULL, *forged = sk_random_long_id();
    g_autofree char *much = g_strnfill(1000000, 'x');
    g_autoptr(SkHoldToken) last = NULL;

    hold(f->db, 1, 1, SK_WAIT_TIME, START_US);
    text = add_token(f, SK_TOKEN_STOP, "01kaj000000000000001-1", "hanako@ours.example");
    longer = g_strconcat(text, "0", NULL);
    assert_nothing(f, "");
    assert_nothing(f, "\xff\xfe");
    assert_nothing(f, "' OR 1 = 1 --");
    assert_nothing(f, forged);
    assert_nothing(f, longer);
    assert_nothing(f, much);
    for (size_t i = 0; i < SK_HOLD_TOKEN_LEN; i++) {
        g_autofree char *other = g_strdup(text);

        other[i] = other[i] == '0' ? '1' : '0';
        assert_nothing(f, other);
    }
    test_now_us = EXPIRES_US - 1;
    last = load_token(f, text);
    g_assert_nonnull(last);
    test_now_us = EXPIRES_US;
    assert_nothing(f, text);
}

static void
test_end(Fixture *f, const void *data)
{
    g_autofree char *one = NULL, *two = NULL;
    g_autoptr(SkHoldToken) kept = NULL;

    hold(f->db, 1, 1, SK_WAIT_TIME, START_US);
    one = add_token(f, SK_TOKEN_PASSWORD, "01kaj000000000000001-1", "anna@partner.example");
    two = add_token(f, SK_TOKEN_PASSWORD, "01kaj000000000000001-1", "anna@partner.example");
    g_assert_cmpstr(one, !=, two);
    MUST(sk_hold_token_end(f->db, one, &error));
    MUST(sk_hold_token_end(f->db, one, &error));
    assert_nothing(f, one);
    kept = load_token(f, two);
    g_assert_nonnull(kept);
}

/* Nothing in the database opens anything. */
static void
test_not_stored(Fixture *f, const void *data)
{
    g_autofree char *text = NULL, *digest = NULL, *stored = NULL;
    g_autoptr(SkStmt) stmt = NULL;
    SkBytes found;
    bool row = false;

    hold(f->db, 1, 1, SK_WAIT_TIME, START_US);
    text = add_token(f, SK_TOKEN_ASK, "01kaj000000000000001-1", "anna@partner.example");
    MUST((stmt = sk_db_prepare(f->db, "SELECT digest FROM held_token", &error)) != NULL);
    MUST(sk_stmt_next(stmt, &row, &error));
    found = sk_stmt_peek_blob(stmt, 0);
    stored = g_strndup((const char *)found.data, found.len);
    digest = g_compute_checksum_for_string(G_CHECKSUM_SHA256, text, -1);
    for (size_t i = 0; i < found.len; i++) {
        g_autofree char *hex = g_strdup_printf("%02x", found.data[i]);

        g_assert_cmpmem(hex, 2, digest + 2 * i, 2);
    }
    sk_stmt_reset(stmt);
    assert_nothing(f, stored);
    assert_nothing(f, digest);
}

static void
test_names(void)
{
    for (SkTokenPurpose purpose = 0; purpose < SK_N_TOKEN_PURPOSES; purpose++) {
        SkTokenPurpose again;

        g_assert_true(sk_token_purpose_parse(sk_token_purpose_name(purpose), &again));
        g_assert_cmpint(again, ==, purpose);
        g_assert_false(sk_token_purpose_parse("Stop", &again));
    }
}

int
main(int argc, char **argv)
{
    static const HoldCase cases[] = {
        {"round-trip", test_round_trip},
        {"nothing", test_nothing},
        {"end", test_end},
        {"not-stored", test_not_stored},
        {NULL, NULL},
    };

    g_test_init(&argc, &argv, NULL);
    add_cases("hold-token", cases);
    g_test_add_func("/hold-token/names", test_names);
    return sk_test_postgres_run_tests();
}
