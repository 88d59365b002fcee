/* SPDX-License-Identifier: Apache-2.0 */
#include "milter/milter-session.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static SkMilterMessage *waiting;

static void
on_message(SkMilterMessage *message, void *data)
{
    g_assert(waiting == NULL && sk_milter_message_peek_envelope(message)->sender != NULL);
    waiting = message;
}

static void
on_gone(SkMilterMessage *message, void *data)
{
    g_assert(waiting == message);
    waiting = NULL;
}

/* The first byte says in what pieces the rest comes and whether messages are answered. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    SkMilterHandler handler = {.message = on_message, .abandoned = on_gone};
    SkMilterSessionSetup setup = {&handler, 4096, false, NULL, g_free, NULL};
    g_autoptr(SkMilterSession) session = sk_milter_session_new(&setup);
    size_t piece = size > 0 ? (data[0] & 0x7f) + 1 : 1;
    bool open = true;

    for (size_t at = 1; at < size && open; at += piece) {
        open = sk_milter_session_feed(session, sk_bytes(data + at, MIN(piece, size - at)));
        if (waiting == NULL || (data[0] & 0x80) != 0)
            continue;
        sk_milter_message_reply(g_steal_pointer(&waiting), &(SkMilterReply){0});
        open = sk_milter_session_resume(session);
    }
    return 0;
}
