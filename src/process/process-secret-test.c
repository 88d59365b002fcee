/* SPDX-License-Identifier: Apache-2.0 */
#include "process/process-secret.h"

#include <sys/stat.h>

#include <string.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "base/autofree.h"
#include "base/error.h"

#define SECRET "sixteen bytes, +"

typedef struct {
    char *dir, *path;
} Fixture;

static void
set_up(Fixture *f, const void *data)
{
    f->dir = g_dir_make_tmp("sekisho-XXXXXX", NULL);
    f->path = g_build_filename(f->dir, "keeper.secret", NULL);
    g_unsetenv("CREDENTIALS_DIRECTORY");
}

static void
tear_down(Fixture *f, const void *data)
{
    g_unlink(f->path);
    g_rmdir(f->dir);
    g_free(f->path);
    g_free(f->dir);
}

static void
write_file(const char *path, const char *content, mode_t mode)
{
    g_assert_true(g_file_set_contents(path, content, -1, NULL));
    g_assert_cmpint(g_chmod(path, mode), ==, 0);
}

/* CODE -1: it can be read, and is WANT. */
static void
assert_read(const char *path, int code, const char *want, bool want_group)
{
    g_autoptr(GError) error = NULL;
    bool group = !want_group;
    g_autoptr(SkSecret) secret = sk_process_secret_read(path, &group, &error);

    if (code >= 0) {
        g_assert_null(secret);
        g_assert_error(error, SK_ERROR, code);
        g_assert_nonnull(strstr(error->message, "secret"));
        return;
    }
    g_assert_no_error(error);
    g_assert_cmpmem(secret->data, secret->len, want, strlen(want));
    g_assert_cmpint(group, ==, want_group);
}

static void
test_content(Fixture *f, const void *data)
{
    g_autofree char *most = g_strnfill(SK_PROCESS_SECRET_MAX, 'm');
    g_autofree char *more = g_strnfill(SK_PROCESS_SECRET_MAX + 1, 'm');
    const struct {
        const char *content;
        int code;
        const char *want;
    } cases[] = {
        {SECRET, -1, SECRET},
        {SECRET "\n", -1, SECRET},
        {SECRET "\r\n", -1, SECRET},
        {" " SECRET " ", -1, " " SECRET " "},
        {SECRET "\n" SECRET, -1, SECRET "\n" SECRET},
        {most, -1, most},
        {more, SK_ERROR_CONFIG, NULL},
        {"fifteen bytes !\n", SK_ERROR_CONFIG, NULL},
        {"", SK_ERROR_CONFIG, NULL},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        write_file(f->path, cases[i].content, 0600);
        assert_read(f->path, cases[i].code, cases[i].want, false);
    }
}

static void
test_rights(Fixture *f, const void *data)
{
    static const struct {
        mode_t mode;
        int code;
        bool group;
    } cases[] = {
        {0600, -1, false},          {0400, -1, false},          {0640, -1, true},
        {0660, -1, true},           {0440, -1, true},           {0604, SK_ERROR_DENIED, 0},
        {0644, SK_ERROR_DENIED, 0}, {0602, SK_ERROR_DENIED, 0},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        write_file(f->path, SECRET, cases[i].mode);
        assert_read(f->path, cases[i].code, SECRET, cases[i].group);
    }
}

static void
test_no_file(Fixture *f, const void *data)
{
    g_autoptr(GError) error = NULL;
    bool group;

    g_assert_null(sk_process_secret_read(f->path, &group, &error));
    g_assert_error(error, SK_ERROR, SK_ERROR_NOT_FOUND);
    g_assert_nonnull(strstr(error->message, "sekisho key init"));
    assert_read(f->dir, SK_ERROR_CONFIG, NULL, false);
}

/* Before the file, whatever mode systemd gives it. */
static void
test_credential(Fixture *f, const void *data)
{
    g_autofree char *other = g_build_filename(f->dir, "credentials", NULL);
    g_autofree char *credential = g_build_filename(other, "keeper.secret", NULL);

    write_file(f->path, SECRET, 0600);
    g_assert_cmpint(g_mkdir(other, 0700), ==, 0);
    g_setenv("CREDENTIALS_DIRECTORY", other, TRUE);
    assert_read(f->path, -1, SECRET, false);
    write_file(credential, "that of the credential", 0444);
    assert_read(f->path, -1, "that of the credential", false);
    g_unsetenv("CREDENTIALS_DIRECTORY");
    g_unlink(credential);
    g_rmdir(other);
}

/* Lines of standard input, one a call. */
static void
test_passphrase(void)
{
    static const char lines[] =
        "the first passphrase\nthe second one, also\r\nshort\nwithout a line end";
    static const char *const wants[] = {"the first passphrase", "the second one, also", NULL,
                                        "without a line end"};
    sk_autofd int usual = dup(STDIN_FILENO);
    int fds[2];

    g_assert_cmpint(pipe(fds), ==, 0);
    g_assert_cmpint(write(fds[1], lines, strlen(lines)), ==, (gssize)strlen(lines));
    close(fds[1]);
    g_assert_cmpint(dup2(fds[0], STDIN_FILENO), ==, STDIN_FILENO);
    close(fds[0]);
    for (size_t i = 0; i < G_N_ELEMENTS(wants); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(SkSecret) secret = sk_process_passphrase_read("? ", &error);

        if (wants[i] == NULL) {
            g_assert_error(error, SK_ERROR, SK_ERROR_CONFIG);
            continue;
        }
        g_assert_no_error(error);
        g_assert_cmpmem(secret->data, secret->len, wants[i], strlen(wants[i]));
    }
    (void)dup2(usual, STDIN_FILENO);
}

#define ADD(name, func)                                                                        \
    g_test_add("/process-secret/" name, Fixture, NULL, set_up, func, tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("content", test_content);
    ADD("rights", test_rights);
    ADD("no-file", test_no_file);
    ADD("credential", test_credential);
    g_test_add_func("/process-secret/passphrase", test_passphrase);
    return g_test_run();
}
