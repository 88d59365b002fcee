/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli-store-backup.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/cli-backup-make.h"
#include "cli/cli-backup-restore.h"
#include "cli/cli.h"
#include "engine/engine-tables.h"

/* Bytes of a path on the terminal. */
#define PATH_SHOWN 4096

typedef struct {
    char *config;
    char *dir; /* without "/" at its end */
    SkSettings *settings;
    SkStore *store;
} Command;

static void
command_clear(Command *c)
{
    g_free(c->config);
    g_free(c->dir);
    sk_store_free(c->store);
    sk_settings_free(c->settings);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Command, command_clear)

static bool
read_command(Command *c, int argc, char **argv, const char *usage, const char *summary)
{
    const GOptionEntry entries[] = {
        {"config", 'c', 0, G_OPTION_ARG_FILENAME, &c->config, "Configuration file", "FILE"},
        {NULL},
    };
    g_autoptr(GError) error = NULL;

    if (!sk_cli_options(&argc, &argv, entries, usage, summary))
        return false;
    if (argc != 2 || *argv[1] == '\0') {
        (void)sk_cli_fail("%s takes one folder", argv[0]);
        return false;
    }
    c->dir = g_strdup(argv[1]);
    for (size_t n = strlen(c->dir); n > 1 && c->dir[n - 1] == '/'; n--)
        c->dir[n - 1] = '\0';
    c->settings = sk_cli_read_settings(c->config, &error);
    if (c->settings != NULL)
        c->store = sk_store_new(c->settings, "sekisho-read", sk_engine_tables, &error);
    if (c->store == NULL)
        (void)sk_cli_fail_error(error);
    return c->store != NULL;
}

static const char *
password_dir(const Command *c)
{
    const char *dir = sk_settings_peek_text(c->settings, "store", "password_dir");

    return *dir != '\0' ? dir : NULL;
}

static void
complain(const char *id, const char *why, void *data)
{
    (void)data;
    (void)sk_cli_fail("stored file %s is not in the backup: %s", id, why);
}

static void
print_summary(const Command *c, const char *done, const SkManifest *manifest)
{
    g_autofree char *size = g_format_size_full(manifest->blob_bytes, G_FORMAT_SIZE_IEC_UNITS);
    g_autofree char *dir = sk_text_safe(sk_bytes(c->dir, strlen(c->dir)), PATH_SHOWN);

    printf("%s: %s %u %s and %" PRIu64 " %s (%s)\n", dir, done, manifest->files->len - 1,
           manifest->shared            ? "dump"
           : manifest->files->len == 2 ? "database"
                                       : "databases",
           manifest->blobs, manifest->blobs == 1 ? "stored file" : "stored files", size);
}

static void
print_keys(const Command *c, const char *words)
{
    printf("%s\n  %s ([keeper] secret)\n  %s ([store] hash_key)\n", words,
           sk_settings_peek_text(c->settings, "keeper", "secret"),
           sk_settings_peek_text(c->settings, "store", "hash_key"));
}

int
sk_cli_store_backup(int argc, char **argv)
{
    g_auto(Command) c = {0};
    g_autoptr(SkManifest) manifest = NULL;
    g_autoptr(GError) error = NULL;

    if (!read_command(
            &c, argc, argv, "store backup [OPTION…] DIR",
            "Copies all that is stored to a new folder, while everything runs.\nExit "
            "status: 0 done, 1 done, but stored files are missing, 2 trouble, no backup."))
        return SK_EXIT_TROUBLE;
    manifest = sk_backup_make(&(SkBackupOrder){.store = c.store,
                                               .password_dir = password_dir(&c),
                                               .dir = c.dir,
                                               .complain = complain},
                              &error);
    if (manifest == NULL)
        return sk_cli_fail_error(error);
    print_summary(&c, "backup of", manifest);
    print_keys(&c,
               "Not in it, on purpose, are the keys without which no stored file can be read; "
               "keep copies of them elsewhere:");
    if (manifest->missing == 0)
        return SK_EXIT_CLEAN;
    (void)sk_cli_fail("%" PRIu64 " stored files are missing or damaged; `sekisho store verify` "
                      "says more",
                      manifest->missing);
    return SK_EXIT_FOUND;
}

int
sk_cli_store_restore(int argc, char **argv)
{
    g_auto(Command) c = {0};
    g_autoptr(SkManifest) manifest = NULL;
    g_autoptr(GError) error = NULL;

    if (!read_command(&c, argc, argv, "store restore [OPTION…] DIR",
                      "Puts a backup into a store that is empty; no program may be "
                      "running.\nExit status: 0 done, 1 done, but the backup was made without "
                      "some stored files, 2 trouble."))
        return SK_EXIT_TROUBLE;
    manifest = sk_backup_restore(
        &(SkRestoreOrder){.store = c.store, .password_dir = password_dir(&c), .dir = c.dir},
        &error);
    if (manifest == NULL)
        return sk_cli_fail_error(error);
    print_summary(&c, "restored", manifest);
    print_keys(&c, "The keys belong to it that were in use when it was made:");
    if (manifest->missing == 0)
        return SK_EXIT_CLEAN;
    (void)sk_cli_fail("%" PRIu64
                      " stored files were missing or damaged when the backup was made",
                      manifest->missing);
    return SK_EXIT_FOUND;
}
