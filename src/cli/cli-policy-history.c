/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/cli-diff.h"
#include "cli/cli-json.h"
#include "cli/cli-policy.h"
#include "cli/cli-versions.h"
#include "cli/cli-words.h"

static char *
safe_dup(const char *text)
{
    return sk_text_safe(sk_bytes(text, strlen(text)), 1000);
}

/* Columns that the longest name takes. */
static glong
measure_names(const GPtrArray *versions)
{
    glong width = 0;

    for (guint i = 0; i < versions->len; i++) {
        const SkPolicyVersion *version = versions->pdata[i];
        g_autofree char *by = safe_dup(version->loaded_by);

        width = MAX(width, g_utf8_strlen(by, -1));
    }
    return width;
}

static void
print_version(const SkPolicyVersion *version, glong width)
{
    g_autofree char *when = sk_cli_time(version->loaded_us);
    g_autofree char *rules = sk_cli_count(version->rules, "rules");
    g_autofree char *by = safe_dup(version->loaded_by);
    g_autofree char *note = safe_dup(version->note);
    int pad = *note != '\0' ? (int)(width - g_utf8_strlen(by, -1)) + 2 : 0;

    printf("%s %4" PRId64 "  %s  %9s  %s%*s%s\n", version->in_force ? "*" : " ",
           version->version, when, rules, by, pad, "", note);
}

static void
print_json(const SkPolicyVersion *version)
{
    g_autofree char *by = safe_dup(version->loaded_by);
    g_autofree char *note = safe_dup(version->note);

    sk_cli_print_json(
        json_pack("{s:I, s:I, s:s, s:s, s:I, s:b}", "version", (json_int_t)version->version,
                  "loaded_us", (json_int_t)version->loaded_us, "loaded_by", by, "note", note,
                  "rules", (json_int_t)version->rules, "in_force", version->in_force));
}

int
sk_cli_policy_history(int argc, char **argv)
{
    g_auto(SkCliVersions) v = {0};
    gboolean json = FALSE;
    gint limit = 20;
    const GOptionEntry entries[] = {
        {"config", 'c', 0, G_OPTION_ARG_FILENAME, &v.config, "Configuration file", "FILE"},
        {"limit", 'n', 0, G_OPTION_ARG_INT, &limit, "At most so many (20); 0: all", "N"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &json, "One JSON object a line", NULL},
        {NULL},
    };
    g_autoptr(GPtrArray) versions = NULL;
    g_autoptr(GError) error = NULL;
    glong width;

    if (!sk_cli_options(&argc, &argv, entries, "policy history [OPTION…]",
                        "Lists the versions of the policy, the newest first: when and by whom "
                        "each was loaded, and why.\nThe one in force has a star."))
        return SK_EXIT_TROUBLE;
    if (argc > 1)
        return sk_cli_fail("policy history takes no \"%s\"", argv[1]);
    if (limit < 0)
        return sk_cli_fail("--limit is a number, or 0 for all");
    if (!sk_cli_versions_open(&v, SK_STORE_READ, &error) ||
        !sk_policy_store_list(v.keep, limit, &versions, &error))
        return sk_cli_fail_error(error);
    width = measure_names(versions);
    for (guint i = 0; i < versions->len; i++) {
        if (json)
            print_json(versions->pdata[i]);
        else
            print_version(versions->pdata[i], width);
    }
    return SK_EXIT_CLEAN;
}

/* One side of a comparison. */
typedef struct {
    char *name; /* "version 7", or the path of the file */
    SkPolicySource *source;
} Side;

static void
side_clear(Side *side)
{
    g_free(side->name);
    sk_policy_source_free(side->source);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Side, side_clear)

static bool
read_version(SkCliVersions *v, int64_t number, Side *side, GError **error)
{
    g_autoptr(SkPolicyVersion) version = NULL;

    if (!sk_policy_store_get(v->keep, number, &version, error))
        return false;
    if (version == NULL) {
        g_set_error(error, SK_ERROR, SK_ERROR_NOT_FOUND,
                    "there is no policy version %" PRId64
                    ": `sekisho policy history` lists them",
                    number);
        return false;
    }
    side->name = g_strdup_printf("version %" PRId64, number);
    side->source = g_steal_pointer(&version->source);
    return true;
}

/* Its errors do not matter here: it is shown, not judged by. */
static bool
read_file(SkCliVersions *v, Side *side, GError **error)
{
    const SkPolicyReading reading = {0};
    g_autoptr(GError) trouble = NULL;
    g_autoptr(SkPolicy) policy =
        sk_engine_policy_read(v->file, &reading, &side->source, &trouble);

    side->name = g_strdup(v->file);
    if (side->source != NULL)
        return true;
    g_propagate_error(error, g_steal_pointer(&trouble));
    return false;
}

static bool
read_side(SkCliVersions *v, const char *what, Side *side, GError **error)
{
    SkPolicyInForce now;
    int64_t number = 0;

    if (strcmp(what, "file") == 0)
        return read_file(v, side, error);
    if (strcmp(what, "active") != 0 && !sk_text_to_int(what, 1, INT64_MAX, &number)) {
        g_set_error(error, SK_ERROR, SK_ERROR_USAGE,
                    "policy diff compares numbers of versions, \"active\" and \"file\", not "
                    "\"%s\"",
                    what);
        return false;
    }
    if (number != 0)
        return read_version(v, number, side, error);
    if (!sk_policy_store_in_force(v->keep, &now, error))
        return false;
    if (now.version != 0)
        return read_version(v, now.version, side, error);
    g_set_error(error, SK_ERROR, SK_ERROR_NOT_FOUND,
                "no policy has been loaded: `sekisho policy load`");
    return false;
}

static SkBytes
bytes_of(GBytes *bytes)
{
    gsize len = 0;
    const void *data = bytes != NULL ? g_bytes_get_data(bytes, &len) : NULL;

    return sk_bytes(data != NULL ? data : "", len);
}

static bool
diff_part(GString *out,
          const Side *a,
          GBytes *a_bytes,
          const Side *b,
          GBytes *b_bytes,
          const char *list)
{
    g_autofree char *part = list != NULL ? g_strdup_printf(" list %s", list) : g_strdup("");
    g_autofree char *left = g_strdup_printf("%s%s", a->name, part);
    g_autofree char *right = g_strdup_printf("%s%s", b->name, part);

    return sk_cli_diff(out, left, bytes_of(a_bytes), right, bytes_of(b_bytes));
}

static GBytes *
list_of(const Side *side, const char *name)
{
    const SkPolicyList *list = sk_policy_source_find(side->source, name);

    return list != NULL ? list->content : NULL;
}

/* The text, the lists of A, and those that only B has. */
static bool
diff_sides(GString *out, const Side *a, const Side *b)
{
    bool differ = diff_part(out, a, a->source->text, b, b->source->text, NULL);

    for (guint i = 0; i < a->source->lists->len; i++) {
        const SkPolicyList *list = a->source->lists->pdata[i];

        differ |= diff_part(out, a, list->content, b, list_of(b, list->name), list->name);
    }
    for (guint i = 0; i < b->source->lists->len; i++) {
        const SkPolicyList *list = b->source->lists->pdata[i];

        if (sk_policy_source_find(a->source, list->name) == NULL)
            differ |= diff_part(out, a, NULL, b, list->content, list->name);
    }
    return differ;
}

int
sk_cli_policy_diff(int argc, char **argv)
{
    g_auto(SkCliVersions) v = {0};
    const GOptionEntry entries[] = {
        {"config", 'c', 0, G_OPTION_ARG_FILENAME, &v.config, "Configuration file", "FILE"},
        {NULL},
    };
    g_auto(Side) a = {0}, b = {0};
    g_autoptr(GString) out = g_string_new(NULL);
    g_autoptr(GError) error = NULL;
    bool differ;

    if (!sk_cli_options(
            &argc, &argv, entries, "policy diff [OPTION…] [A [B]]",
            "Shows what changes from A to B, texts and lists: numbers of versions, \"active\" "
            "for the one in force, \"file\" for the policy file.\nWithout B it is the one in "
            "force; without both, what changes from that to the file.\nExit status: 0 nothing, "
            "1 something, 2 trouble."))
        return SK_EXIT_TROUBLE;
    if (argc > 3)
        return sk_cli_fail("policy diff compares two versions");
    if (!sk_cli_versions_open(&v, SK_STORE_READ, &error) ||
        !read_side(&v, argc > 1 ? argv[1] : "active", &a, &error) ||
        !read_side(&v,
                   argc > 2   ? argv[2]
                   : argc > 1 ? "active"
                              : "file",
                   &b, &error))
        return sk_cli_fail_error(error);
    differ = diff_sides(out, &a, &b);
    fputs(out->str, stdout);
    return differ ? SK_EXIT_FOUND : SK_EXIT_CLEAN;
}
