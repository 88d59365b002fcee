/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli-key-rewrap.h"

#include <string.h>

#include "base/error.h"
#include "cli/cli-key-site.h"
#include "port/faulty-db.h"
#include "store/store-migrate.h"
#include "store/store-postgres-testing.h"

#define CHEAP ((SkSealCost){1, 8})

typedef struct {
    SkTestDir dir;
    char *place;
    SkDb *db;
    SkSecret *old, *new;
    char ids[2][SK_SEAL_ID_LEN + 1]; /* an old key, and the active one */
} Fixture;

static SkSecret *
secret_new(const char *text)
{
    SkSecret *secret = sk_secret_new(strlen(text));

    memcpy(secret->data, text, secret->len);
    return secret;
}

static void
add_key(Fixture *f, unsigned i)
{
    g_autoptr(SkSealPair) pair = sk_seal_pair_new();
    g_autoptr(SkSiteKey) key = g_new0(SkSiteKey, 1);
    g_autofree char *id = NULL;

    key->public = sk_seal_pair_get_public(pair);
    id = sk_seal_id(&key->public);
    g_strlcpy(key->id, id, sizeof key->id);
    key->wrapped = sk_seal_wrap(pair, sk_secret_bytes(f->old), CHEAP, NULL);
    g_strlcpy(f->ids[i], id, sizeof f->ids[i]);
    g_assert_true(sk_seal_store_activate(f->db, key, i > 0 ? f->ids[i - 1] : NULL, NULL));
}

static void
set_up(Fixture *f, const void *data)
{
    const SkTestEngine *engine = data;

    sk_test_dir_init(&f->dir);
    f->place = sk_test_place_new(*engine, &f->dir, "keep.db");
    f->db = sk_test_place_open(f->place, NULL);
    g_assert_true(sk_store_migrate(f->db, sk_seal_tables.name, sk_seal_tables.steps, NULL));
    f->old = secret_new("the opening secret until now");
    f->new = secret_new("the opening secret from now on");
    for (unsigned i = 0; i < 2; i++)
        add_key(f, i);
}

static void
tear_down(Fixture *f, const void *data)
{
    sk_secret_free(f->old);
    sk_secret_free(f->new);
    sk_db_close(f->db);
    sk_test_dir_clear(&f->dir);
    g_free(f->place);
}

/* How many of the keys SECRET opens. */
static unsigned
count_opened(Fixture *f, const SkSecret *secret)
{
    unsigned n = 0;

    for (unsigned i = 0; i < 2; i++) {
        g_autoptr(SkSealPair) pair = NULL;
        g_autoptr(SkSiteKey) key = NULL;

        g_assert_true(sk_seal_store_load(f->db, f->ids[i], &key, NULL));
        g_assert_cmpint(key->active, ==, i == 1);
        pair = sk_cli_site_key_unwrap(key, secret, NULL);
        n += pair != NULL ? 1 : 0;
    }
    return n;
}

static void
test_all(Fixture *f, const void *data)
{
    g_autoptr(GError) error = NULL;
    unsigned n = 0;

    g_assert_true(sk_cli_key_rewrap(f->db, f->old, f->new, CHEAP, &n, &error));
    g_assert_no_error(error);
    g_assert_cmpuint(n, ==, 2);
    g_assert_cmpuint(count_opened(f, f->old), ==, 0);
    g_assert_cmpuint(count_opened(f, f->new), ==, 2);
}

static void
test_other_secret(Fixture *f, const void *data)
{
    g_autoptr(SkSecret) other = secret_new("the secret of another site");
    g_autoptr(GError) error = NULL;
    unsigned n = 0;

    g_assert_false(sk_cli_key_rewrap(f->db, other, f->new, CHEAP, &n, &error));
    g_assert_error(error, SK_ERROR, SK_ERROR_DENIED);
    g_assert_cmpuint(count_opened(f, f->old), ==, 2);
}

/* Whichever call fails: all are opened by the one, or all by the other. */
static void
test_faults(Fixture *f, const void *data)
{
    unsigned failed = 0;

    for (unsigned every = 2; every < 30; every++) {
        SkFaults faults = {every, 0, 0};
        SkDb *faulty = sk_faulty_db_new(sk_test_place_open(f->place, NULL), &faults);
        g_autoptr(GError) error = NULL;
        unsigned n = 0;
        bool ok = sk_cli_key_rewrap(faulty, f->old, f->new, CHEAP, &n, &error);
        bool changed = count_opened(f, f->new) > 0;

        sk_db_close(faulty);
        failed += ok ? 0 : 1;
        g_assert_cmpuint(count_opened(f, f->old), ==, changed ? 0 : 2);
        g_assert_cmpuint(count_opened(f, f->new), ==, changed ? 2 : 0);
        g_assert_true(changed == ok || g_error_matches(error, SK_ERROR, SK_ERROR_UNCERTAIN));
        if (changed)
            g_assert_true(sk_cli_key_rewrap(f->db, f->new, f->old, CHEAP, &n, NULL));
    }
    g_assert_cmpuint(failed, >, 0);
}

#define ADD(name, func)                                                                        \
    SK_TEST_ADD_BOTH(Fixture, "cli-key-rewrap", name, set_up, func, tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("all", test_all);
    ADD("other-secret", test_other_secret);
    ADD("faults", test_faults);
    return sk_test_postgres_run_tests();
}
