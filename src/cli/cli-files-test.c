/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli-files.h"

#include <sys/stat.h>

#include <string.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "base/error.h"
#include "base/limit.h"

typedef struct {
    char *top;
} Fixture;

static char *
at(const Fixture *f, const char *name)
{
    return g_build_filename(f->top, name, NULL);
}

static void
put(const Fixture *f, const char *name, const char *text)
{
    g_autofree char *path = at(f, name);

    g_assert_true(g_file_set_contents(path, text, -1, NULL));
}

static void
put_folder(const Fixture *f, const char *name)
{
    g_autofree char *path = at(f, name);

    g_assert_cmpint(g_mkdir(path, 0700), ==, 0);
}

static void
put_link(const Fixture *f, const char *name, const char *target)
{
    g_autofree char *path = at(f, name);

    g_assert_cmpint(symlink(target, path), ==, 0);
}

static void
set_up(Fixture *f, const void *data)
{
    (void)data;
    f->top = g_dir_make_tmp("sekisho-files-XXXXXX", NULL);
    g_assert_nonnull(f->top);
}

static void
remove_all(const char *path)
{
    GStatBuf info;

    if (g_lstat(path, &info) == 0 && S_ISDIR(info.st_mode)) {
        g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
        const char *name;

        while ((name = g_dir_read_name(dir)) != NULL) {
            g_autofree char *inside = g_build_filename(path, name, NULL);

            remove_all(inside);
        }
    }
    g_assert_cmpint(g_remove(path), ==, 0);
}

static void
tear_down(Fixture *f, const void *data)
{
    (void)data;
    remove_all(f->top);
    g_free(f->top);
}

/* The names that are listed for the folder itself, with blanks between. */
static char *
list(const Fixture *f)
{
    char *arguments[] = {f->top, NULL};
    g_autoptr(GPtrArray) files = sk_cli_list_files(arguments, NULL);
    GString *names = g_string_new(NULL);

    for (guint i = 0; i < files->len; i++)
        g_string_append_printf(names, "%s%s", i > 0 ? " " : "",
                               (const char *)files->pdata[i] + strlen(f->top) + 1);
    return g_string_free(names, FALSE);
}

static void
test_order(Fixture *f, const void *data)
{
    g_autofree char *names = NULL;

    (void)data;
    put(f, "b", "");
    put_folder(f, "a");
    put(f, "a/2", "");
    put(f, "a/10", "");
    put(f, "c", "");
    names = list(f);
    g_assert_cmpstr(names, ==, "a/10 a/2 b c");
}

static void
test_what_is_no_file(Fixture *f, const void *data)
{
    g_autofree char *pipe = at(f, "pipe");
    g_autofree char *names = NULL;

    (void)data;
    put(f, "file", "");
    put_link(f, "link-to-file", "file");
    put_link(f, "loop", ".");
    put_link(f, "dangling", "/nowhere");
    g_assert_cmpint(mkfifo(pipe, 0600), ==, 0);
    names = list(f);
    /* What dangles is named, so that reading it says so. */
    g_assert_cmpstr(names, ==, "dangling file link-to-file");
}

static void
test_deep(Fixture *f, const void *data)
{
    g_autoptr(GString) name = g_string_new("d");
    g_autofree char *names = NULL;
    g_autofree char *path = NULL;
    g_autoptr(GError) error = NULL;

    (void)data;
    for (int i = 0; i < 70; i++) {
        put_folder(f, name->str);
        g_string_append(name, "/d");
    }
    names = list(f);
    /* The first folder that is too deep stands for what is in it, and cannot be read. */
    g_assert_cmpuint(strlen(names), ==, 2 * 65 - 1);
    path = at(f, names);
    g_assert_null(sk_cli_read_file(path, 100, &error));
    g_assert_nonnull(strstr(error->message, "Is a directory"));
}

static void
test_arguments(Fixture *f, const void *data)
{
    g_autofree char *missing = at(f, "missing");
    char *standard[] = {(char *)"-", NULL};
    char *wrong[] = {(char *)"-", missing, NULL};
    g_autoptr(GPtrArray) files = sk_cli_list_files(standard, NULL);
    g_autoptr(GError) error = NULL;

    (void)data;
    g_assert_cmpuint(files->len, ==, 1);
    g_assert_null(sk_cli_list_files(wrong, &error));
    g_assert_error(error, SK_ERROR, SK_ERROR_NOT_FOUND);
    g_assert_nonnull(strstr(error->message, missing));
}

static void
test_read(Fixture *f, const void *data)
{
    g_autofree char *path = at(f, "file");
    g_autofree char *missing = at(f, "missing");
    g_autoptr(SkSpool) spool = NULL;
    g_autoptr(GError) limit = NULL;
    g_autoptr(GError) none = NULL;

    (void)data;
    put(f, "file", "12345");
    spool = sk_cli_read_file(path, 5, NULL);
    g_assert_true(sk_bytes_is(sk_spool_peek_bytes(spool), 0, "12345"));
    g_assert_null(sk_cli_read_file(path, 4, &limit));
    g_assert_error(limit, SK_ERROR, SK_ERROR_LIMIT);
    g_assert_nonnull(strstr(limit->message, path));
    g_assert_null(sk_cli_read_file(missing, 4, &none));
    g_assert_error(none, SK_ERROR, SK_ERROR_NOT_FOUND);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add("/cli/files/order", Fixture, NULL, set_up, test_order, tear_down);
    g_test_add("/cli/files/no-file", Fixture, NULL, set_up, test_what_is_no_file, tear_down);
    g_test_add("/cli/files/deep", Fixture, NULL, set_up, test_deep, tear_down);
    g_test_add("/cli/files/arguments", Fixture, NULL, set_up, test_arguments, tear_down);
    g_test_add("/cli/files/read", Fixture, NULL, set_up, test_read, tear_down);
    return g_test_run();
}
