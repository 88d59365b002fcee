/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/engine-policy-load.h"

#include <sys/stat.h>

#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "port/faulty-db.h"
#include "store/store-migrate.h"
#include "store/store-postgres-testing.h"

#define ATTACHED "any when attach.any then reject\n"
#define LISTED   "inbound when from list \"blocked\" then reject\n"

typedef struct {
    SkTestDir dir;
    char *path, *list, *place;
    SkDb *keep;
} Fixture;

static void
set_up(Fixture *f, const void *data)
{
    const SkTestEngine *engine = data;

    sk_test_dir_init(&f->dir);
    f->path = sk_test_dir_file(&f->dir, "policy");
    f->list = sk_test_dir_file(&f->dir, "blocked");
    f->place = sk_test_place_new(*engine, &f->dir, "keep.db");
    f->keep = sk_test_place_open(f->place, NULL);
    g_assert_true(
        sk_store_migrate(f->keep, sk_policy_tables.name, sk_policy_tables.steps, NULL));
}

static void
tear_down(Fixture *f, const void *data)
{
    (void)data;
    sk_db_close(f->keep);
    sk_test_dir_clear(&f->dir);
    g_free(f->path);
    g_free(f->list);
    g_free(f->place);
}

static void
put(const char *path, const char *text)
{
    g_assert_true(g_file_set_contents(path, text, -1, NULL));
}

static void
expect_file(const char *path, const char *want)
{
    g_autofree char *text = NULL;

    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    g_assert_cmpstr(text, ==, want);
}

static bool
load(Fixture *f, SkDb *keep, int64_t *ret_version, bool *ret_new, GError **error)
{
    const SkPolicyReading reading = {0};
    const SkPolicyLoading loading = {.by = "hanako", .note = "why"};
    g_autoptr(SkPolicy) policy =
        sk_engine_policy_load(keep, f->path, &loading, &reading, ret_version, ret_new, error);

    return policy != NULL;
}

static void
expect_load(Fixture *f, int64_t version, bool is_new)
{
    g_autoptr(GError) error = NULL;
    int64_t got = 0;
    bool got_new = !is_new;

    g_assert_true(load(f, f->keep, &got, &got_new, &error));
    g_assert_cmpint(got, ==, version);
    g_assert_true(got_new == is_new);
}

static void
test_load(Fixture *f, const void *data)
{
    g_autoptr(GError) error = NULL;
    int64_t version = 0;
    bool is_new;

    (void)data;
    put(f->path, LISTED);
    put(f->list, "@worse.example\n");
    expect_load(f, 1, true);
    expect_load(f, 1, false);
    put(f->list, "@worse.example\n@worst.example\n");
    expect_load(f, 2, true);
    put(f->path, "any when nonsense then reject\n");
    g_assert_false(load(f, f->keep, &version, &is_new, &error));
    g_assert_error(error, SK_ERROR, SK_ERROR_CONFIG);
    put(f->path, LISTED);
    expect_load(f, 2, false);
}

static void
test_conflict(Fixture *f, const void *data)
{
    const SkPolicyReading reading = {0};
    const int64_t expected = 1;
    const SkPolicyLoading loading = {.by = "jiro", .expected = &expected};
    g_auto(SkPolicyRead) read = {0};
    g_autoptr(GError) error = NULL;
    int64_t version = 0;
    bool is_new;

    (void)data;
    put(f->path, "# 1\n" ATTACHED);
    expect_load(f, 1, true);
    put(f->path, "# 2\n" ATTACHED);
    expect_load(f, 2, true);
    put(f->path, "# 3\n" ATTACHED);
    g_assert_true(sk_engine_policy_read_all(f->path, &reading, &read, NULL));
    g_assert_false(sk_engine_policy_store(f->keep, &read, &loading, &version, &is_new, &error));
    g_assert_error(error, SK_ERROR, SK_ERROR_CONFLICT);
    g_assert_nonnull(strstr(error->message, "hanako has put version 2 in force"));
}

/* Whatever call fails, what is said to be in force is, and nothing is there twice. */
static void
test_faults(Fixture *f, const void *data)
{
    SkFaults faults = {0};
    g_autoptr(SkDb) faulty = sk_faulty_db_new(sk_test_place_open(f->place, NULL), &faults);
    unsigned done = 0, failed = 0;

    (void)data;
    for (unsigned i = 0; i < 200; i++) {
        g_autofree char *text = g_strdup_printf("# %u\n" ATTACHED, i);
        int64_t version = 0;
        bool is_new = false, ok;
        SkPolicyInForce now;

        put(f->path, text);
        faults.every = 3 + i % 17;
        ok = load(f, faulty, &version, &is_new, NULL);
        g_assert_true(sk_policy_store_in_force(f->keep, &now, NULL));
        if (ok)
            g_assert_cmpint(version, ==, now.version);
        done += ok;
        failed += !ok;
        faults.every = 0;
        g_assert_true(load(f, faulty, &version, &is_new, NULL));
        g_assert_cmpint(version, ==, i + 1);
    }
    g_assert_cmpuint(done, >, 0);
    g_assert_cmpuint(failed, >, 0);
}

static void
test_fetch(Fixture *f, const void *data)
{
    const SkPolicyReading reading = {0};
    g_autoptr(SkPolicyVersion) version = NULL;
    g_autoptr(SkPolicy) policy = NULL, none = NULL;
    g_autoptr(GError) error = NULL;

    (void)data;
    put(f->path, LISTED);
    put(f->list, "@worse.example\n");
    expect_load(f, 1, true);
    g_assert_cmpint(unlink(f->list), ==, 0);
    policy = sk_engine_policy_fetch(f->keep, 1, &reading, &version, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(sk_policy_count(policy), ==, 1);
    g_assert_cmpstr(version->note, ==, "why");
    none = sk_engine_policy_fetch(f->keep, 2, &reading, NULL, &error);
    g_assert_null(none);
    g_assert_error(error, SK_ERROR, SK_ERROR_NOT_FOUND);
    g_assert_nonnull(strstr(error->message, "there is no policy version 2"));
}

static SkPolicySource *
source_new(const char *text, const char *name, const char *list)
{
    SkPolicySource *source = sk_policy_source_new(g_bytes_new(text, strlen(text)));

    if (name != NULL)
        sk_policy_source_add(source, name, g_bytes_new(list, strlen(list)));
    return source;
}

static bool
write_back(Fixture *f, const SkPolicySource *source, GError **error)
{
    const SkPolicyReading reading = {0};
    g_autoptr(SkPolicySource) there = NULL;
    g_autoptr(SkPolicy) policy = sk_engine_policy_read(f->path, &reading, &there, NULL);

    return sk_engine_policy_write(f->path, source, there, error);
}

static unsigned
count_files(const Fixture *f)
{
    g_autoptr(GDir) dir = g_dir_open(f->dir.path, 0, NULL);
    unsigned n = 0;

    while (g_dir_read_name(dir) != NULL)
        n++;
    return n;
}

static void
test_write(Fixture *f, const void *data)
{
    g_autoptr(SkPolicySource) source = source_new(LISTED "# old\n", "blocked", "@a.example\n");
    g_autoptr(GError) error = NULL;
    struct stat before, after;
    unsigned files;

    (void)data;
    put(f->path, LISTED);
    put(f->list, "@b.example\n");
    g_assert_cmpint(chmod(f->path, 0604), ==, 0);
    g_assert_cmpint(chmod(f->list, 0640), ==, 0);
    if (geteuid() == 0)
        g_assert_cmpint(chown(f->list, 1, 2), ==, 0);
    g_assert_cmpint(stat(f->list, &before), ==, 0);
    files = count_files(f);
    g_assert_true(write_back(f, source, &error));
    expect_file(f->path, LISTED "# old\n");
    expect_file(f->list, "@a.example\n");
    g_assert_cmpint(stat(f->list, &after), ==, 0);
    g_assert_cmpuint(after.st_mode, ==, before.st_mode);
    g_assert_cmpuint(after.st_uid, ==, before.st_uid);
    g_assert_cmpuint(after.st_gid, ==, before.st_gid);
    g_assert_cmpuint(after.st_ino, !=, before.st_ino);
    g_assert_cmpint(stat(f->path, &after), ==, 0);
    g_assert_cmpuint(after.st_mode & 0777, ==, 0604);
    g_assert_cmpuint(count_files(f), ==, files);
    /* Nothing to do: not even a new inode. */
    g_assert_true(write_back(f, source, NULL));
    g_assert_cmpint(stat(f->path, &before), ==, 0);
    g_assert_cmpuint(after.st_ino, ==, before.st_ino);
}

/* A database that a program may write to must not tell root which files to overwrite. */
static void
test_write_refuses(Fixture *f, const void *data)
{
    g_autofree char *config = sk_test_dir_file(&f->dir, "sekisho.conf");
    g_autofree char *outside = g_strdup_printf("../%s-outside", f->dir.path + strlen("/tmp/"));
    const char *const names[] = {"sekisho.conf", config, outside, "/etc/sekisho-of-a-test"};

    (void)data;
    put(f->path, ATTACHED);
    put(config, "[site]\n");
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autoptr(SkPolicySource) source = source_new(LISTED, names[i], "@a.example\n");
        g_autoptr(GError) error = NULL;

        g_assert_false(write_back(f, source, &error));
        g_assert_error(error, SK_ERROR, SK_ERROR_DENIED);
        expect_file(f->path, ATTACHED);
        expect_file(config, "[site]\n");
    }
    g_assert_false(g_file_test("/etc/sekisho-of-a-test", G_FILE_TEST_EXISTS));
}

/* What lies elsewhere and is as it is to be stands in nobody's way. */
static void
test_write_leaves_others(Fixture *f, const void *data)
{
    g_autofree char *text =
        g_strdup_printf("inbound when from list \"%s\" then reject\n", f->list);
    g_autoptr(SkPolicySource) source = source_new(text, f->list, "@a.example\n");
    g_autoptr(GError) error = NULL;

    (void)data;
    put(f->path, ATTACHED);
    put(f->list, "@a.example\n");
    g_assert_true(write_back(f, source, &error));
    expect_file(f->path, text);
}

/* The policy may be a link to where it really lies. */
static void
test_write_through_link(Fixture *f, const void *data)
{
    g_autofree char *real = sk_test_dir_file(&f->dir, "real");
    g_autoptr(SkPolicySource) source = source_new(ATTACHED, NULL, NULL);

    (void)data;
    put(real, "# empty\n");
    g_assert_cmpint(symlink("real", f->path), ==, 0);
    g_assert_true(write_back(f, source, NULL));
    expect_file(real, ATTACHED);
    g_assert_true(g_file_test(f->path, G_FILE_TEST_IS_SYMLINK));
}

#define ADD(name, func)                                                                        \
    SK_TEST_ADD_BOTH(Fixture, "engine/policy-load", name, set_up, func, tear_down)
/* What looks at files only. */
#define ADD_ONCE(name, func)                                                                   \
    g_test_add("/engine/policy-load/" name, Fixture, &sqlite, set_up, func, tear_down)

int
main(int argc, char **argv)
{
    static const SkTestEngine sqlite = SK_TEST_SQLITE;

    g_test_init(&argc, &argv, NULL);
    ADD("load", test_load);
    ADD("conflict", test_conflict);
    ADD("faults", test_faults);
    ADD("fetch", test_fetch);
    ADD_ONCE("write", test_write);
    ADD_ONCE("write-refuses", test_write_refuses);
    ADD_ONCE("write-leaves-others", test_write_leaves_others);
    ADD_ONCE("write-through-link", test_write_through_link);
    return sk_test_postgres_run_tests();
}
