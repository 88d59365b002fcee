/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * engine-site - who we are: our domains, our networks, our day
 *
 * Errors: CONFIG for a network or time zone that is none, for a help page whose address does
 * not fit an SMTP answer.
 */

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/settings.h"

typedef struct SkSite SkSite;

SkSite *sk_site_new(const SkSettings *settings, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void sk_site_free(SkSite *site);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkSite, sk_site_free)

/* Whether ADDRESS (NULL: no) is in one of our domains. */
bool sk_site_is_ours(const SkSite *site, const char *address);
/* Whether a client at this IP address (NULL: no) is one of our own servers. */
bool sk_site_is_own_network(const SkSite *site, const char *client_address);
/* The page that explains refusals, or NULL. */
const char *sk_site_peek_help_url(const SkSite *site);
/* "2027-03-31", the site's date at NOW_US. Caller owns. */
char *sk_site_today(const SkSite *site, int64_t now_us);
/* Borrowed. */
GTimeZone *sk_site_peek_zone(const SkSite *site);
