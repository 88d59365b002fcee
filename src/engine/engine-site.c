/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/engine-site.h"

#include <string.h>

#include <gio/gio.h>

#include "base/error.h"
#include "base/limit.h"
#include "base/text.h"

struct SkSite {
    GHashTable *domains; /* lower case, without trailing dot; ".example.com": its subdomains */
    GPtrArray *networks; /* of GInetAddressMask */
    GTimeZone *zone;
    char *help_url;
};

/* Labels of letters, digits, "-" and "_" with single dots between, after a leading dot if any.
 */
static bool
is_domain(const char *text)
{
    const char *previous = ".";

    for (const char *p = text + (*text == '.'); *p != '\0'; previous = p++) {
        if (*p == '.' ? *previous == '.' : !g_ascii_isalnum(*p) && strchr("-_", *p) == NULL)
            return false;
    }
    return *previous != '.';
}

static bool
add_domains(SkSite *site, const char *const *domains, GError **error)
{
    site->domains = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (; *domains != NULL; domains++) {
        if (!is_domain(*domains)) {
            g_set_error(error, SK_ERROR, SK_ERROR_CONFIG,
                        "[site] own_domains: \"%s\" is not a domain like example.com, or "
                        ".example.com for its subdomains (names in other scripts are written "
                        "in their xn-- form)",
                        *domains);
            return false;
        }
        g_hash_table_add(site->domains, g_ascii_strdown(*domains, -1));
    }
    return true;
}

static bool
add_networks(SkSite *site, const char *const *networks, GError **error)
{
    site->networks = g_ptr_array_new_with_free_func(g_object_unref);
    for (; *networks != NULL; networks++) {
        GInetAddressMask *mask = g_inet_address_mask_new_from_string(*networks, NULL);

        if (mask == NULL) {
            g_set_error(error, SK_ERROR, SK_ERROR_CONFIG,
                        "[site] own_networks: \"%s\" is not a network like 192.0.2.0/24",
                        *networks);
            return false;
        }
        g_ptr_array_add(site->networks, mask);
    }
    return true;
}

static bool
set_zone(SkSite *site, const char *name, GError **error)
{
    if (*name == '\0') {
        site->zone = g_time_zone_new_local();
        return true;
    }
    site->zone = g_time_zone_new_identifier(name);
    if (site->zone == NULL)
        g_set_error(error, SK_ERROR, SK_ERROR_CONFIG,
                    "[site] time_zone: there is no \"%s\" in /usr/share/zoneinfo", name);
    return site->zone != NULL;
}

/* It stands in SMTP answers, where there is only ASCII and little room. */
static bool
set_help_url(SkSite *site, const char *url, GError **error)
{
    size_t len = strlen(url);

    for (size_t i = 0; i < len; i++) {
        if (!g_ascii_isgraph(url[i])) {
            g_set_error(
                error, SK_ERROR, SK_ERROR_CONFIG,
                "[site] help_url: only ASCII without blanks can stand in an SMTP answer");
            return false;
        }
    }
    if (len > SK_LIMIT_HELP_URL) {
        g_set_error(error, SK_ERROR, SK_ERROR_CONFIG,
                    "[site] help_url: an SMTP answer has room for %d characters of it",
                    SK_LIMIT_HELP_URL);
        return false;
    }
    site->help_url = len > 0 ? g_strdup(url) : NULL;
    return true;
}

SkSite *
sk_site_new(const SkSettings *settings, GError **error)
{
    g_autoptr(SkSite) site = g_new0(SkSite, 1);

    if (!add_domains(site, sk_settings_peek_list(settings, "site", "own_domains"), error) ||
        !set_help_url(site, sk_settings_peek_text(settings, "site", "help_url"), error) ||
        !add_networks(site, sk_settings_peek_list(settings, "site", "own_networks"), error) ||
        !set_zone(site, sk_settings_peek_text(settings, "site", "time_zone"), error))
        return NULL;
    return g_steal_pointer(&site);
}

void
sk_site_free(SkSite *site)
{
    if (site == NULL)
        return;
    g_clear_pointer(&site->domains, g_hash_table_unref);
    g_clear_pointer(&site->networks, g_ptr_array_unref);
    g_clear_pointer(&site->zone, g_time_zone_unref);
    g_free(site->help_url);
    g_free(site);
}

bool
sk_site_is_ours(const SkSite *site, const char *address)
{
    const char *domain = address != NULL ? sk_text_domain_peek(address) : NULL;
    g_autofree char *lower = NULL;
    size_t len;

    if (domain == NULL)
        return false;
    lower = g_ascii_strdown(domain, -1);
    len = strlen(lower);
    if (lower[len - 1] == '.')
        lower[len - 1] = '\0';
    if (g_hash_table_contains(site->domains, lower))
        return true;
    for (const char *dot = strchr(lower, '.'); dot != NULL; dot = strchr(dot + 1, '.')) {
        if (g_hash_table_contains(site->domains, dot))
            return true;
    }
    return false;
}

bool
sk_site_is_own_network(const SkSite *site, const char *client_address)
{
    g_autoptr(GInetAddress) address = NULL;

    if (client_address == NULL || site->networks->len == 0)
        return false;
    address = g_inet_address_new_from_string(client_address);
    for (guint i = 0; address != NULL && i < site->networks->len; i++) {
        if (g_inet_address_mask_matches(site->networks->pdata[i], address))
            return true;
    }
    return false;
}

const char *
sk_site_peek_help_url(const SkSite *site)
{
    return site->help_url;
}

char *
sk_site_today(const SkSite *site, int64_t now_us)
{
    g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(now_us / G_USEC_PER_SEC);
    g_autoptr(GDateTime) local = g_date_time_to_timezone(utc, site->zone);

    return g_date_time_format(local, "%Y-%m-%d");
}

GTimeZone *
sk_site_peek_zone(const SkSite *site)
{
    return site->zone;
}
