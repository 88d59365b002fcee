/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/gate-loop.h"

#include "base/log.h"
#include "base/loop.h"
#include "gate/gate-inspect.h"
#include "gate/gate-message.h"
#include "milter/milter-server.h"

struct SkGateThread {
    SkLoop *loop;
    SkMilterServer *server;
    SkScan *scan; /* or NULL */
    SkGateLoop gate;
    GThread *thread;
};

static void
on_message(SkMilterMessage *message, void *data)
{
    SkGateThread *thread = data;
    SkOrigin origin = (SkOrigin)GPOINTER_TO_UINT(sk_milter_message_peek_socket_data(message));

    sk_gate_message_start(&thread->gate, message, origin);
}

static void
on_abandoned(SkMilterMessage *message, void *data)
{
    SkGateThread *thread = data;

    sk_gate_message_abandon(&thread->gate, message);
}

/* A message that breaks a limit never became one: no passage, but a line. */
static void
on_turned_away(const SkEnvelope *envelope, const char *answer, void *data)
{
    (void)data;
    sk_log(SK_LOG_INFO, "turned away", "queue", envelope->queue_id, "client",
           envelope->client_address, "sender", envelope->sender, "smtp", answer, NULL);
}

static void
on_refused(const char *why, void *data)
{
    (void)data;
    sk_log(SK_LOG_WARNING, "milter connection closed", "why", why, NULL);
}

static bool
listen_all(SkGateThread *thread, const int fds[SK_N_ORIGINS], GError **error)
{
    for (unsigned origin = 0; origin < SK_N_ORIGINS; origin++) {
        if (fds[origin] >= 0 && !sk_milter_server_listen(thread->server, fds[origin],
                                                         GUINT_TO_POINTER(origin), error))
            return false;
    }
    return true;
}

static void *
run(void *data)
{
    SkGateThread *thread = data;

    sk_loop_run(thread->loop);
    return NULL;
}

SkGateThread *
sk_gate_thread_new(const SkSettings *settings,
                   SkGateShared *shared,
                   const int fds[SK_N_ORIGINS],
                   unsigned n_threads,
                   GError **error)
{
    SkGateThread *thread = g_new0(SkGateThread, 1);
    SkMilterHandler handler = {.message = on_message,
                               .abandoned = on_abandoned,
                               .turned_away = on_turned_away,
                               .refused = on_refused,
                               .data = thread};

    thread->loop = sk_loop_new(error);
    if (thread->loop == NULL) {
        sk_gate_thread_free(thread);
        return NULL;
    }
    thread->gate.shared = shared;
    thread->gate.under_way =
        g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)sk_gate_message_free);
    thread->gate.keep = sk_gate_caller_new(sk_gate_shared_peek_keep(shared), thread->loop);
    thread->gate.inspect =
        sk_gate_inspect_new(thread->loop, settings, n_threads, &thread->scan, error);
    thread->server = sk_milter_server_new(
        thread->loop, &handler, (size_t)sk_settings_get_int(settings, "gate", "message_limit"));
    if (thread->gate.inspect == NULL || !listen_all(thread, fds, error)) {
        sk_gate_thread_free(thread);
        return NULL;
    }
    thread->thread = g_thread_new("gate-loop", run, thread);
    return thread;
}

static void
drain(void *data)
{
    SkGateThread *thread = data;

    sk_milter_server_drain(thread->server);
}

void
sk_gate_thread_drain(SkGateThread *thread)
{
    sk_loop_post(thread->loop, drain, thread);
}

unsigned
sk_gate_thread_count(const SkGateThread *thread)
{
    return sk_milter_server_count(thread->server);
}

void
sk_gate_thread_free(SkGateThread *thread)
{
    if (thread == NULL)
        return;
    if (thread->thread != NULL) {
        sk_loop_stop(thread->loop);
        g_thread_join(thread->thread);
    }
    sk_milter_server_free(thread->server);
    sk_inspect_free(thread->gate.inspect);
    sk_scan_free(thread->scan);
    g_clear_pointer(&thread->gate.under_way, g_hash_table_unref);
    sk_gate_caller_free(thread->gate.keep);
    sk_loop_free(thread->loop);
    g_free(thread);
}
