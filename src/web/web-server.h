/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * web-server - HTTP: connections in, answers out, and the header fields of every answer
 *
 * libmicrohttpd's one event loop never waits for the clerk: a connection whose answer needs him
 * is suspended while a thread of a small pool asks, so that one slow question delays no other
 * page.
 *
 * Limits: SK_WEB_CONNECTIONS; those of web-guests, web-request and web-strangers;
 * SK_WEB_ASKING questions asked or waiting, beyond which the answer is 503.
 * Errors: IO: libmicrohttpd does not start, or takes certificate and key for none.
 * Security: whose address counts is web-client's; X-Forwarded-For is believed from this machine
 * and our own networks, and only when we do no TLS ourselves.
 */

#include "web/web-place.h"

#define SK_WEB_CONNECTIONS 1000
#define SK_WEB_THREADS     16
#define SK_WEB_ASKING      128

typedef struct SkWebServer SkWebServer;

/* FD listens; it is taken. CERTIFICATE and KEY (PEM; both or neither) must stay. */
SkWebServer *sk_web_server_new(const SkWebPlace *place,
                               int fd,
                               const char *certificate,
                               const char *key,
                               GError **error);
/* Answers what was asked, then ends. */
void sk_web_server_free(SkWebServer *server);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkWebServer, sk_web_server_free)

/* To be called every few seconds: cuts off who takes too long. */
void sk_web_server_sweep(SkWebServer *server);
