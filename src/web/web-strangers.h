/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * web-strangers - who shows tokens that are none, and how often
 *
 * A token cannot be guessed; this spares the clerk the questions of those who try. A client has
 * SK_WEB_STRANGER_TRIES, and one more each second.
 *
 * Limits: SK_WEB_STRANGERS clients are remembered; of all others together only one is.
 * Errors: none. From any thread.
 */

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "web/web-client.h"

#define SK_WEB_STRANGER_TRIES 60
#define SK_WEB_STRANGERS      4096

typedef struct SkWebStrangers SkWebStrangers;

SkWebStrangers *sk_web_strangers_new(void);
void sk_web_strangers_free(SkWebStrangers *strangers);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkWebStrangers, sk_web_strangers_free)

/* Whether CLIENT may show another token. */
bool sk_web_strangers_may(SkWebStrangers *strangers, const SkWebClient *client, int64_t now_ms);
/* It was none. */
void sk_web_strangers_count(SkWebStrangers *strangers,
                            const SkWebClient *client,
                            int64_t now_ms);
