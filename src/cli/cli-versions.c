/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli-versions.h"

#include <inttypes.h>
#include <pwd.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"
#include "cli/cli-open.h"
#include "cli/cli-words.h"
#include "engine/engine-settings.h"
#include "engine/engine-tables.h"

void
sk_cli_versions_clear(SkCliVersions *v)
{
    g_free(v->config);
    sk_db_close(v->keep);
    sk_store_free(v->store);
    sk_site_free(v->site);
    sk_settings_free(v->settings);
}

bool
sk_cli_versions_read(SkCliVersions *v, GError **error)
{
    if (v->settings == NULL)
        v->settings = sk_cli_read_settings(v->config, error);
    if (v->settings == NULL)
        return false;
    v->file = sk_settings_peek_text(v->settings, "policy", "file");
    if (v->site == NULL)
        v->site = sk_site_new(v->settings, error);
    return v->site != NULL;
}

/* A server's own words say where to look; of files, who makes and who may read them. */
static void
advise(const SkCliVersions *v, GError **error)
{
    const char *advice = "";

    if (!v->watched)
        return;
    if (g_error_matches(*error, SK_ERROR, SK_ERROR_NOT_FOUND))
        advice = "no gate has run with this configuration, it makes the store: ";
    else if (g_error_matches(*error, SK_ERROR, SK_ERROR_DENIED))
        advice = "only root and the user of the gate may use the store: ";
    g_prefix_error(error, "%s", advice);
}

bool
sk_cli_versions_open(SkCliVersions *v, SkStoreAccess access, GError **error)
{
    g_autoptr(GError) trouble = NULL;

    if (!sk_cli_versions_read(v, error))
        return false;
    v->store =
        sk_store_new(v->settings, access == SK_STORE_READ ? SK_CLI_READER : SK_CLI_WRITER,
                     sk_engine_tables, error);
    if (v->store == NULL)
        return false;
    v->watched = !sk_store_is_shared(v->store);
    v->keep = sk_store_open(v->store, SK_KEEP, access, &trouble);
    if (v->keep != NULL)
        return true;
    advise(v, &trouble);
    g_propagate_error(error, g_steal_pointer(&trouble));
    return false;
}

char *
sk_cli_person(void)
{
    const struct passwd *user = getpwuid(getuid());
    g_autofree char *name =
        user != NULL ? g_strdup(user->pw_name) : g_strdup_printf("user %d", (int)getuid());
    const char *by = geteuid() == 0 ? g_getenv("SUDO_USER") : NULL;

    if (by != NULL && *by != '\0')
        return g_strdup_printf("%s (as %s) on %s", by, name, g_get_host_name());
    return g_strdup_printf("%s on %s", name, g_get_host_name());
}

SkPolicy *
sk_cli_versions_fetch(SkCliVersions *v,
                      int64_t number,
                      SkWarnings warnings,
                      SkPolicyVersion **ret_version,
                      GError **error)
{
    g_autoptr(GPtrArray) complaints =
        g_ptr_array_new_with_free_func((GDestroyNotify)sk_complaint_free);
    g_autofree char *today = sk_site_today(v->site, sk_clock_now_us(sk_clock_real()));
    g_autofree char *name = sk_engine_policy_name(number);
    const SkPolicyReading reading = {.today = today,
                                     .disabled_checks =
                                         sk_engine_settings_disabled(v->settings),
                                     .complaints = complaints};
    SkPolicy *policy = sk_engine_policy_fetch(v->keep, number, &reading, ret_version, error);

    sk_cli_print_complaints(complaints, name, warnings);
    return policy;
}

static char *
describe_difference(const SkCliVersions *v, const SkPolicyVersion *now)
{
    g_autofree char *when = sk_cli_time(now->loaded_us);
    /* Out of a row that programs may write, for a person's terminal. */
    g_autofree char *by = sk_text_safe(sk_bytes(now->loaded_by, strlen(now->loaded_by)), 1000);

    return g_strdup_printf(
        "%s is not what is in force: that is version %" PRId64 ", loaded %s by %s; %s", v->file,
        now->version, when, by,
        v->watched
            ? "a running gate loads the file when it changes or at SIGHUP"
            : "`sekisho policy load` puts the file in force, `sekisho policy diff` shows "
              "what differs");
}

char *
sk_cli_versions_compare(SkCliVersions *v, const SkPolicySource *source, bool *ret_same)
{
    g_autoptr(SkPolicyVersion) version = NULL;
    SkPolicyInForce now;
    bool same;

    if (v->keep == NULL && !sk_cli_versions_open(v, SK_STORE_READ, NULL))
        return NULL;
    if (!sk_policy_store_in_force(v->keep, &now, NULL))
        return NULL;
    same = sk_engine_policy_is_in_force(source, &now);
    if (ret_same != NULL)
        *ret_same = same;
    if (now.version == 0)
        return g_strdup("no policy has been loaded: `sekisho policy load`");
    if (same)
        return g_strdup_printf("%s is in force, as version %" PRId64, v->file, now.version);
    if (!sk_policy_store_get(v->keep, now.version, &version, NULL) || version == NULL)
        return NULL;
    return describe_difference(v, version);
}
