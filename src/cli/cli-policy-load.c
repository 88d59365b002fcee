/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/cli-policy.h"
#include "cli/cli-versions.h"

/* An error in a policy, or a version that is not there, is an answer. */
static int
end(const GError *error)
{
    (void)sk_cli_fail_error(error);
    return g_error_matches(error, SK_ERROR, SK_ERROR_CONFIG) ||
                   g_error_matches(error, SK_ERROR, SK_ERROR_NOT_FOUND)
               ? SK_EXIT_FOUND
               : SK_EXIT_TROUBLE;
}

/* Lists that could not be read have no content to be stored. */
static SkPolicySource *
readable_part(const SkPolicySource *source)
{
    SkPolicySource *part = sk_policy_source_new(g_bytes_ref(source->text));

    for (guint i = 0; i < source->lists->len; i++) {
        const SkPolicyList *list = source->lists->pdata[i];

        if (list->content != NULL)
            sk_policy_source_add(part, list->name, g_bytes_ref(list->content));
    }
    return part;
}

/* Keeps what the file holds now, unless some version has it already, since it is about to be
 * replaced. */
static bool
save_file(SkCliVersions *v, const char *by, const SkPolicyRead *there, GError **error)
{
    g_autoptr(SkPolicySource) part = readable_part(there->source);
    g_autofree char *note = g_strdup_printf("never in force: what %s held before it was "
                                            "replaced",
                                            v->file);
    const SkPolicyEntry entry = {.source = part,
                                 .by = by,
                                 .note = note,
                                 .rules = there->policy != NULL ? sk_policy_count(there->policy)
                                                                : 0};
    uint8_t digest[SK_POLICY_DIGEST_LEN];
    int64_t known = 0;

    sk_policy_source_digest(part, digest);
    if (!sk_policy_store_find(v->keep, digest, &known, error))
        return false;
    if (known != 0)
        return true;
    if (!sk_policy_store_save(v->keep, &entry, &known, error))
        return false;
    printf("what %s held is kept as version %" PRId64 "\n", v->file, known);
    return true;
}

static bool
is_same(const SkPolicySource *a, const SkPolicySource *b)
{
    uint8_t one[SK_POLICY_DIGEST_LEN], other[SK_POLICY_DIGEST_LEN];

    sk_policy_source_digest(a, one);
    sk_policy_source_digest(b, other);
    return memcmp(one, other, sizeof one) == 0;
}

/* A gate on this host takes the file for the latest word, so it has to say what is put in
 * force. It is written before the store: if we are killed in between, the gate loads it. */
static bool
write_back(SkCliVersions *v, const char *by, const SkPolicySource *source, GError **error)
{
    g_auto(SkPolicyRead) there = {0};
    const SkPolicyReading reading = {0};

    there.policy = sk_engine_policy_read(v->file, &reading, &there.source, NULL);
    if (there.source != NULL && is_same(there.source, source))
        return true;
    if (there.source != NULL && !save_file(v, by, &there, error))
        return false;
    if (!sk_engine_policy_write(v->file, source, there.source, error))
        return false;
    printf("%s was written%s\n", v->file, source->lists->len > 0 ? ", and its lists" : "");
    return true;
}

static int
put_in_force(SkCliVersions *v, const SkPolicyRead *read, const char *note)
{
    g_autofree char *by = sk_cli_person();
    g_autoptr(GError) error = NULL;
    SkPolicyInForce before;
    SkPolicyLoading loading = {.by = by, .note = note, .expected = &before.version};
    int64_t version = 0;
    bool is_new = false;

    if (!sk_policy_store_in_force(v->keep, &before, &error) ||
        (v->watched && !write_back(v, by, read->source, &error)) ||
        !sk_engine_policy_store(v->keep, read, &loading, &version, &is_new, &error))
        return end(error);
    if (is_new)
        printf("version %" PRId64 " is in force (%u rules)\n", version,
               sk_policy_count(read->policy));
    else
        printf("this is in force already, as version %" PRId64 "\n", version);
    return SK_EXIT_CLEAN;
}

int
sk_cli_policy_load(int argc, char **argv)
{
    g_auto(SkCliVersions) v = {0};
    g_autofree char *note = NULL;
    const GOptionEntry entries[] = {
        {"config", 'c', 0, G_OPTION_ARG_FILENAME, &v.config, "Configuration file", "FILE"},
        {"note", 0, 0, G_OPTION_ARG_STRING, &note, "Why, for the history", "TEXT"},
        {NULL},
    };
    g_auto(SkPolicyRead) read = {0};
    g_autoptr(GError) error = NULL;

    if (!sk_cli_options(
            &argc, &argv, entries, "policy load [OPTION…] [FILE]",
            "Puts a policy and its lists in force on every host of the store, as a new "
            "version.\nWithout FILE it is the one of the configuration. On a host that has its "
            "store to itself the gate does that itself when the file changes, and another FILE "
            "is also written in its place.\nExit status: 0 done, 1 it has errors, 2 trouble."))
        return SK_EXIT_TROUBLE;
    if (argc > 2)
        return sk_cli_fail("policy load takes one file");
    if (!sk_cli_versions_read(&v, &error))
        return sk_cli_fail_error(error);
    if (!sk_cli_read_source(argc > 1 ? argv[1] : NULL, v.settings, v.site, SK_WARNINGS_BRIEF,
                            false, &read, &error))
        return g_error_matches(error, SK_ERROR, SK_ERROR_CONFIG) ? end(error)
                                                                 : sk_cli_fail_error(error);
    if (!sk_cli_versions_open(&v, SK_STORE_WRITE, &error))
        return sk_cli_fail_error(error);
    return put_in_force(&v, &read, note);
}

static int
restore(SkCliVersions *v, int64_t number, const char *note)
{
    g_autofree char *whole =
        g_strdup_printf("version %" PRId64 " restored%s%s", number, note != NULL ? ": " : "",
                        note != NULL ? note : "");
    g_autoptr(SkPolicyVersion) version = NULL;
    g_auto(SkPolicyRead) read = {0};
    g_autoptr(GError) error = NULL;

    read.policy = sk_cli_versions_fetch(v, number, SK_WARNINGS_BRIEF, &version, &error);
    if (read.policy == NULL)
        return end(error);
    read.source = g_steal_pointer(&version->source);
    return put_in_force(v, &read, whole);
}

/* Opening to write would make what is missing. */
static bool
open_existing(SkCliVersions *v, GError **error)
{
    g_auto(SkCliVersions) look = {.config = g_strdup(v->config)};

    return sk_cli_versions_open(&look, SK_STORE_READ, error) &&
           sk_cli_versions_open(v, SK_STORE_WRITE, error);
}

int
sk_cli_policy_restore(int argc, char **argv)
{
    g_auto(SkCliVersions) v = {0};
    g_autofree char *note = NULL;
    const GOptionEntry entries[] = {
        {"config", 'c', 0, G_OPTION_ARG_FILENAME, &v.config, "Configuration file", "FILE"},
        {"note", 0, 0, G_OPTION_ARG_STRING, &note, "Why, for the history", "TEXT"},
        {NULL},
    };
    g_autoptr(GError) error = NULL;
    int64_t number = 0;

    if (!sk_cli_options(
            &argc, &argv, entries, "policy restore [OPTION…] VERSION",
            "Puts an older version in force again, as the newest one.\nOn a host that has its "
            "store to itself the policy file and its lists are written back, too; what they "
            "held is kept as a version.\nExit status: 0 done, 1 there is no such version or "
            "this program cannot read it, 2 trouble."))
        return SK_EXIT_TROUBLE;
    if (argc != 2 || !sk_text_to_int(argv[1], 1, INT64_MAX, &number))
        return sk_cli_fail("policy restore takes the number of one version; `sekisho policy "
                           "history` lists them");
    if (!open_existing(&v, &error))
        return sk_cli_fail_error(error);
    return restore(&v, number, note);
}
