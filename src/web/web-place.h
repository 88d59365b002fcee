/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * web-place - where the pages are, and whom they ask: the settings of sekisho-web, read once
 *
 * Errors: CONFIG: [web] url is no address of pages; those of engine-site.
 */

#include "base/clock.h"
#include "engine/engine-site.h"
#include "web/web-language.h"

typedef struct {
    char *desk;      /* socket of the clerk */
    char *prefix;    /* path of [web] url, without a slash at its end: "/sekisho", or "" */
    char *origin;    /* "https://mail.example.com" of it; NULL: not set */
    bool tls;        /* we do TLS ourselves: nobody stands before us */
    GTimeZone *zone; /* the site's */
    SkWebLanguage language; /* of those who want none of ours */
    SkSite *site;
    const SkClock *clock;
} SkWebPlace;

SkWebPlace *sk_web_place_new(const SkSettings *settings, GError **error);
void sk_web_place_free(SkWebPlace *place);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkWebPlace, sk_web_place_free)
