/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/error.h"
#include "store/store-postgres-testing.h"

/* What people write who know other programs; an error goes to a log, a password must not. */
static void
test_no_password_in_errors(void)
{
    static const char *const urls[] = {
        "postgres://sekisho:hunter2@db.example.net/sekisho",
        "postgresql://sekisho:hunter2@db.example.net/sekisho",
        "postgresql:sekisho:hunter2@db.example.net/sekisho",
        "mysql://sekisho:hunter2@db.example.net/sekisho",
        "host=db.example.net dbname=sekisho password=hunter2",
    };
    static const SkTables *const none[] = {NULL};

    for (size_t i = 0; i < G_N_ELEMENTS(urls); i++) {
        g_autoptr(GError) error = NULL;

        g_assert_null(sk_test_store_new(urls[i], NULL, "sekisho-test", none, &error));
        g_test_message("%s", error->message);
        g_assert_error(error, SK_ERROR, SK_ERROR_CONFIG);
        g_assert_null(strstr(error->message, "hunter2"));
        g_assert_nonnull(strstr(error->message, "[store] store"));
    }
}

static void
test_wrong_value_is_shown(void)
{
    static const SkTables *const none[] = {NULL};
    g_autoptr(GError) error = NULL;

    g_assert_null(sk_test_store_new("sqlite:relative", NULL, "sekisho-test", none, &error));
    g_assert_error(error, SK_ERROR, SK_ERROR_CONFIG);
    g_assert_nonnull(strstr(error->message, "not \"sqlite:relative\""));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/store-open/no-password-in-errors", test_no_password_in_errors);
    g_test_add_func("/store-open/wrong-value-is-shown", test_wrong_value_is_shown);
    return g_test_run();
}
