/* SPDX-License-Identifier: Apache-2.0 */
#include "keeper/keeper-grants.h"

#include <string.h>

#include "base/error.h"

typedef struct {
    SkFakeClock clock;
    SkGrants *grants;
} Fixture;

static const SkKeeperAim unseal = {SK_KEEPER_UNSEAL, SK_SEAL_BLOB, (char *)"one"};

static void
set_up(Fixture *f, const void *data)
{
    sk_fake_clock_init(&f->clock, 0);
    f->grants = sk_grants_new(&f->clock.clock);
}

static void
tear_down(Fixture *f, const void *data)
{
    sk_grants_free(f->grants);
}

static uint64_t
open_grant(Fixture *f, uint32_t count, uint8_t token[SK_KEEPER_TOKEN_LEN])
{
    SkKeeperGrant grant = {unseal, (char *)"test", count};
    g_autoptr(GError) error = NULL;
    uint64_t number = 0;

    g_assert_true(sk_grants_open(f->grants, &grant, token, &number, &error));
    g_assert_no_error(error);
    return number;
}

static bool
use(Fixture *f, const uint8_t token[SK_KEEPER_TOKEN_LEN], const SkKeeperAim *aim)
{
    g_autoptr(GError) error = NULL;
    uint64_t number;
    bool ok = sk_grants_use(f->grants, token, aim, &number, &error);

    if (!ok)
        g_assert_error(error, SK_ERROR, SK_ERROR_DENIED);
    return ok;
}

static void
test_used_up(Fixture *f, const void *data)
{
    uint8_t token[SK_KEEPER_TOKEN_LEN];

    (void)open_grant(f, 3, token);
    for (unsigned i = 0; i < 3; i++)
        g_assert_true(use(f, token, &unseal));
    g_assert_false(use(f, token, &unseal));
    g_assert_cmpuint(sk_grants_count(f->grants), ==, 0);
}

static void
test_other_aim(Fixture *f, const void *data)
{
    static const SkKeeperAim others[] = {
        {SK_KEEPER_RESEAL, SK_SEAL_BLOB, (char *)"one"},
        {SK_KEEPER_UNSEAL, SK_SEAL_CHECK, (char *)"one"},
        {SK_KEEPER_UNSEAL, SK_SEAL_BLOB, (char *)"onE"},
        {SK_KEEPER_UNSEAL, SK_SEAL_BLOB, (char *)"one "},
        {SK_KEEPER_UNSEAL, SK_SEAL_BLOB, (char *)""},
    };
    uint8_t token[SK_KEEPER_TOKEN_LEN];

    (void)open_grant(f, 1, token);
    for (size_t i = 0; i < G_N_ELEMENTS(others); i++)
        g_assert_false(use(f, token, &others[i]));
    g_assert_true(use(f, token, &unseal));
}

static void
test_other_token(Fixture *f, const void *data)
{
    uint8_t token[SK_KEEPER_TOKEN_LEN], other[SK_KEEPER_TOKEN_LEN] = {0};

    (void)open_grant(f, 1, token);
    g_assert_false(use(f, other, &unseal));
    for (unsigned bit = 0; bit < 8 * sizeof other; bit++) {
        memcpy(other, token, sizeof other);
        other[bit / 8] ^= (uint8_t)(1 << bit % 8);
        g_assert_false(use(f, other, &unseal));
    }
    g_assert_true(use(f, token, &unseal));
}

static void
test_expires(Fixture *f, const void *data)
{
    uint8_t first[SK_KEEPER_TOKEN_LEN], second[SK_KEEPER_TOKEN_LEN];

    (void)open_grant(f, 9, first);
    f->clock.mono_ms += 30000;
    (void)open_grant(f, 9, second);
    f->clock.mono_ms += 29999;
    g_assert_true(use(f, first, &unseal));
    f->clock.mono_ms += 1;
    g_assert_false(use(f, first, &unseal));
    g_assert_true(use(f, second, &unseal));
    f->clock.mono_ms += 30000;
    g_assert_false(use(f, second, &unseal));
    g_assert_cmpuint(sk_grants_count(f->grants), ==, 0);
}

/* Time set back or forward by an administrator neither ends nor prolongs anything. */
static void
test_other_clock(Fixture *f, const void *data)
{
    uint8_t token[SK_KEEPER_TOKEN_LEN];

    (void)open_grant(f, 2, token);
    f->clock.now_us += (int64_t)3600 * G_USEC_PER_SEC;
    g_assert_true(use(f, token, &unseal));
}

static void
test_too_many(Fixture *f, const void *data)
{
    SkKeeperGrant grant = {unseal, (char *)"test", 1};
    g_autoptr(GError) error = NULL;
    uint8_t token[SK_KEEPER_TOKEN_LEN];
    uint64_t number = 0;

    for (unsigned i = 0; i < SK_GRANTS_MAX; i++)
        g_assert_cmpuint(open_grant(f, 1, token), ==, i + 1);
    g_assert_false(sk_grants_open(f->grants, &grant, token, &number, &error));
    g_assert_error(error, SK_ERROR, SK_ERROR_LIMIT);
    f->clock.mono_ms += SK_GRANT_LIFE_MS;
    g_assert_cmpuint(open_grant(f, 1, token), ==, SK_GRANTS_MAX + 1);
    g_assert_cmpuint(sk_grants_count(f->grants), ==, 1);
    g_assert_true(use(f, token, &unseal));
}

static void
test_tokens_differ(Fixture *f, const void *data)
{
    uint8_t one[SK_KEEPER_TOKEN_LEN], two[SK_KEEPER_TOKEN_LEN];

    (void)open_grant(f, 1, one);
    (void)open_grant(f, 1, two);
    g_assert_cmpint(memcmp(one, two, sizeof one), !=, 0);
    g_assert_true(use(f, one, &unseal));
    g_assert_false(use(f, one, &unseal));
    g_assert_true(use(f, two, &unseal));
}

#define ADD(name, func)                                                                        \
    g_test_add("/keeper-grants/" name, Fixture, NULL, set_up, func, tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("used-up", test_used_up);
    ADD("other-aim", test_other_aim);
    ADD("other-token", test_other_token);
    ADD("expires", test_expires);
    ADD("other-clock", test_other_clock);
    ADD("too-many", test_too_many);
    ADD("tokens-differ", test_tokens_differ);
    return g_test_run();
}
