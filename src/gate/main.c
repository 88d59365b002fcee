/* SPDX-License-Identifier: Apache-2.0 */

/*
 * sekisho-gate - the milter: takes messages from Postfix, has them judged, answers
 *
 * Talks to: Postfix (milter sockets), the inspector, the ledger's database.
 * Reads: the configuration, the policy and its lists.
 * Never has: private keys; parsers of attachments, MIME or CMS; the means to read stored mail.
 */

#include <getopt.h>
#include <glib.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/autofree.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/memory.h"
#include "engine/engine-settings.h"
#include "gate/gate-loop.h"
#include "gate/gate-shared.h"
#include "milter/milter-listen.h"
#include "process/process-socket.h"

/* After SIGTERM, how long open connections may finish what they do. */
#define DRAIN_MS 10000
/* Without a connection from one look to the next, what messages left behind goes back. */
#define REST_MS 5000

typedef struct {
    SkSettings *settings;
    SkLoop *loop;
    SkGateShared *shared;
    GPtrArray *threads; /* of SkGateThread */
    int fds[SK_N_ORIGINS];
    SkTimer *rest_timer;
    bool rested; /* since the last connection */
    SkTimer *drain_timer;
    int64_t drain_until_ms;
} Gate;

static void
on_reload(void *data)
{
    sk_gate_policy_reload(sk_gate_shared_peek_policy(((Gate *)data)->shared));
}

static unsigned
count_connections(const Gate *gate)
{
    unsigned n = 0;

    for (guint i = 0; i < gate->threads->len; i++)
        n += sk_gate_thread_count(gate->threads->pdata[i]);
    return n;
}

static void
on_rest_tick(void *data)
{
    Gate *gate = data;
    bool idle = count_connections(gate) == 0;

    if (idle && !gate->rested)
        sk_memory_rest();
    gate->rested = idle;
}

static void
on_drain_tick(void *data)
{
    Gate *gate = data;

    if (count_connections(gate) == 0 ||
        sk_clock_mono_ms(sk_clock_real()) >= gate->drain_until_ms)
        sk_loop_stop(gate->loop);
}

static void
on_stop(void *data)
{
    Gate *gate = data;
    g_autofree char *connections = NULL;

    if (gate->drain_timer != NULL) {
        sk_loop_stop(gate->loop);
        return;
    }
    connections = g_strdup_printf("%u", count_connections(gate));
    sk_log(SK_LOG_INFO, "stopping", "connections", connections, NULL);
    for (guint i = 0; i < gate->threads->len; i++)
        sk_gate_thread_drain(gate->threads->pdata[i]);
    gate->drain_until_ms = sk_clock_mono_ms(sk_clock_real()) + DRAIN_MS;
    gate->drain_timer = sk_loop_timer(gate->loop, 50, on_drain_tick, gate);
}

static bool
open_sockets(Gate *gate, const SkSettings *settings, GError **error)
{
    const char *group = sk_settings_peek_text(settings, "gate", "socket_group");

    for (unsigned origin = 0; origin < SK_N_ORIGINS; origin++) {
        const char *endpoint =
            sk_settings_peek_text(settings, "gate", sk_origin_name((SkOrigin)origin));

        if (*endpoint == '\0')
            continue;
        gate->fds[origin] = sk_milter_listen(endpoint, *group != '\0' ? group : NULL, error);
        if (gate->fds[origin] < 0)
            return false;
    }
    return true;
}

static bool
start_threads(Gate *gate, const SkSettings *settings, GError **error)
{
    unsigned n = (unsigned)sk_settings_get_int(settings, "gate", "threads");

    if (n == 0)
        n = g_get_num_processors();
    for (unsigned i = 0; i < n; i++) {
        SkGateThread *thread = sk_gate_thread_new(settings, gate->shared, gate->fds, n, error);

        if (thread == NULL)
            return false;
        g_ptr_array_add(gate->threads, thread);
    }
    return true;
}

static bool
start(Gate *gate, const char *config, GError **error)
{
    const SkSettings *settings = gate->settings = sk_engine_settings_read(config, error);

    if (settings == NULL)
        return false;
    gate->loop = sk_loop_new(error);
    if (gate->loop == NULL || !sk_loop_signal(gate->loop, SIGHUP, on_reload, gate, error) ||
        !sk_loop_signal(gate->loop, SIGTERM, on_stop, gate, error) ||
        !sk_loop_signal(gate->loop, SIGINT, on_stop, gate, error))
        return false;
    gate->rest_timer = sk_loop_timer(gate->loop, REST_MS, on_rest_tick, gate);
    gate->shared = sk_gate_shared_new(settings, error);
    return gate->shared != NULL && open_sockets(gate, settings, error) &&
           start_threads(gate, settings, error);
}

static void
stop(Gate *gate)
{
    g_ptr_array_unref(gate->threads);
    for (unsigned origin = 0; origin < SK_N_ORIGINS; origin++)
        sk_fd_clear(&gate->fds[origin]);
    sk_gate_shared_free(gate->shared);
    sk_settings_free(gate->settings);
    sk_timer_free(gate->rest_timer);
    sk_timer_free(gate->drain_timer);
    sk_loop_free(gate->loop);
}

static int
run(const char *config)
{
    Gate gate = {.fds = {-1, -1, -1, -1}};
    g_autoptr(GError) error = NULL;
    bool ok;

    gate.threads = g_ptr_array_new_with_free_func((GDestroyNotify)sk_gate_thread_free);
    ok = start(&gate, config, &error);
    if (ok) {
        sk_log(SK_LOG_INFO, "ready", "version", SK_VERSION, NULL);
        sk_loop_run(gate.loop);
        sk_log(SK_LOG_INFO, "stopped", NULL);
    } else {
        sk_log_error(SK_LOG_CRITICAL, "cannot start", error);
    }
    stop(&gate);
    return ok ? 0 : 2;
}

int
main(int argc, char **argv)
{
    static const struct option long_options[] = {
        {"config", required_argument, NULL, 'c'},
        {"debug", no_argument, NULL, 'd'},
        {"help", no_argument, NULL, 'h'},
        {0},
    };
    const char *config = SK_CONFIG_FILE;
    bool debug = false;
    int option;

    while ((option = getopt_long(argc, argv, "c:dh", long_options, NULL)) != -1) {
        if (option == 'c')
            config = optarg;
        else if (option == 'd')
            debug = true;
        else {
            fputs("usage: sekisho-gate [-d] [-c FILE]\n\n"
                  "  -c, --config FILE  read this configuration instead of " SK_CONFIG_FILE "\n"
                  "  -d, --debug        log debug lines as well\n"
                  "  -h, --help         show this\n",
                  option == 'h' ? stdout : stderr);
            return option == 'h' ? 0 : 2;
        }
    }
    if (optind < argc) {
        fprintf(stderr, "sekisho-gate: unexpected argument \"%s\"\n", argv[optind]);
        return 2;
    }
    setlocale(LC_ALL, "C.UTF-8");
    signal(SIGPIPE, SIG_IGN);
    sk_memory_keep();
    sk_log_open("sekisho-gate", debug);
    sk_process_raise_descriptors();
    return run(config);
}
