/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * process-desk - one text asked, one text answered, over a UNIX socket: client and server
 *
 * A frame each way (process-frame), a connection for each question. The server has a thread
 * that sends and receives, so that who is slow keeps nobody waiting, and a pool of threads that
 * answer, so that its function may block.
 *
 * Limits: LIMIT bytes each way; SK_DESK_SECONDS until a client gives up, and for sending and
 * receiving to the server; connections beyond SK_DESK_CONNECTIONS of one
 * socket are closed at once.
 * Errors: NOT_FOUND, DENIED, IO: nobody there, or not for us; TIMEOUT; PROTOCOL; LIMIT: too
 * long a question. CONFIG: no such group.
 * Security: the socket's permissions say who may ask. Texts may hold tokens and passwords:
 * buffers are wiped, nothing is logged.
 */

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#define SK_DESK_SECONDS     60
#define SK_DESK_CONNECTIONS 200
#define SK_DESK_FAREWELL_S  5

/* Blocking; a connection a call. Caller owns the answer, and wipes it if it has to. */
char *sk_process_desk_ask(const char *socket,
                          const char *question,
                          size_t limit,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;

typedef struct SkDeskServer SkDeskServer;
/* Answers one question, from any of its threads; SOCKET_DATA says on which socket it came.
 * Caller owns the answer. */
typedef char *(*SkDeskFunc)(const char *question, void *socket_data, void *data);

SkDeskServer *sk_process_desk_server_new(unsigned threads,
                                         size_t limit,
                                         SkDeskFunc func,
                                         void *data,
                                         GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Finishes what was asked, closes and removes its sockets; who has not received his answer
 * within SK_DESK_FAREWELL_S loses it. */
void sk_process_desk_server_free(SkDeskServer *server);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkDeskServer, sk_process_desk_server_free)
/* Mode 0660 for GROUP (NULL: 0600). */
bool sk_process_desk_server_listen(SkDeskServer *server,
                                   const char *path,
                                   const char *group,
                                   void *socket_data,
                                   GError **error) G_GNUC_WARN_UNUSED_RESULT;
