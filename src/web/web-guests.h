/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * web-guests - the open connections: how many from where, and which take too long
 *
 * A client has SK_WEB_PATIENCE_S for a handshake and a whole request, however slowly its bytes
 * drip; while we answer, and only then, it is we who take the time.
 *
 * Limits: SK_WEB_GUESTS connections of one client.
 * Errors: none. From any thread.
 * Security: a connection is cut off by shutdown(), never closed here: its descriptor stays its
 * owner's, who takes the guest away before he closes it.
 */

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "web/web-client.h"

#define SK_WEB_PATIENCE_S 30
/* An office behind one address is one client. */
#define SK_WEB_GUESTS 64

typedef struct SkWebGuests SkWebGuests;
typedef struct SkWebGuest SkWebGuest;

SkWebGuests *sk_web_guests_new(void);
void sk_web_guests_free(SkWebGuests *guests);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkWebGuests, sk_web_guests_free)

/* Whether one more of CLIENT may come in. */
bool sk_web_guests_admit(SkWebGuests *guests, const SkWebClient *client);
/* FD stays the caller's. The guest is owned by GUESTS until it leaves. */
SkWebGuest *sk_web_guests_enter(SkWebGuests *guests,
                                const SkWebClient *client,
                                int fd,
                                int64_t now_ms);
void sk_web_guests_leave(SkWebGuests *guests, SkWebGuest *guest);
/* Its request is whole: from now on it waits for us. */
void sk_web_guests_served(SkWebGuests *guests, SkWebGuest *guest);
/* It may ask again. */
void sk_web_guests_begin(SkWebGuests *guests, SkWebGuest *guest, int64_t now_ms);
/* Cuts off who has taken too long; returns how many. */
unsigned sk_web_guests_sweep(SkWebGuests *guests, int64_t now_ms);
