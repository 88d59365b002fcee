/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/engine-groups.h"

#include <string.h>

#include <glib/gstdio.h>

#include "base/error.h"
#include "base/limit.h"
#include "engine/engine-settings.h"

typedef struct {
    char *dir, *path;
    SkSettings *settings;
} Fixture;

static void
set_up(Fixture *f, const void *data)
{
    g_autofree char *text = NULL;

    f->dir = g_dir_make_tmp("sekisho-XXXXXX", NULL);
    f->path = g_build_filename(f->dir, "groups", NULL);
    text = g_strdup_printf("[hold]\ngroups = %s\n", f->path);
    f->settings = sk_settings_parse("conf", text, strlen(text), sk_engine_setting_tables, NULL);
    g_assert_nonnull(f->settings);
}

static void
tear_down(Fixture *f, const void *data)
{
    sk_settings_free(f->settings);
    g_remove(f->path);
    g_rmdir(f->dir);
    g_free(f->path);
    g_free(f->dir);
}

static void
test_load(Fixture *f, const void *data)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(SkHoldGroups) groups = NULL, none = sk_engine_groups_load(f->settings, &error);

    g_assert_no_error(error);
    g_assert_null(sk_hold_groups_names(none)[0]);
    g_assert_true(g_file_set_contents(f->path, "sales: anna@ours.example\n", -1, NULL));
    groups = sk_engine_groups_load(f->settings, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(sk_hold_groups_names(groups)[0], ==, "sales");
    g_assert_null(sk_hold_groups_names(groups)[1]);
}

static void
test_bad(Fixture *f, const void *data)
{
    g_autofree char *large = g_strnfill(SK_LIMIT_CONFIG + 100, '\n');
    g_autofree char *place = g_strdup_printf("%s:2: ", f->path);
    g_autoptr(GError) wrong = NULL, too_large = NULL, folder = NULL;

    g_assert_true(g_file_set_contents(f->path, "\nsales\n", -1, NULL));
    g_assert_null(sk_engine_groups_load(f->settings, &wrong));
    g_assert_error(wrong, SK_ERROR, SK_ERROR_CONFIG);
    g_assert_true(g_str_has_prefix(wrong->message, place));
    g_assert_true(g_file_set_contents(f->path, large, -1, NULL));
    g_assert_null(sk_engine_groups_load(f->settings, &too_large));
    g_assert_error(too_large, SK_ERROR, SK_ERROR_CONFIG);
    g_remove(f->path);
    g_assert_cmpint(g_mkdir(f->path, 0700), ==, 0);
    g_assert_null(sk_engine_groups_load(f->settings, &folder));
    g_assert_error(folder, SK_ERROR, SK_ERROR_IO);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add("/engine/groups/load", Fixture, NULL, set_up, test_load, tear_down);
    g_test_add("/engine/groups/bad", Fixture, NULL, set_up, test_bad, tear_down);
    return g_test_run();
}
