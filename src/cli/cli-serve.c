/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli-serve.h"

#include <signal.h>
#include <string.h>

#include "base/error.h"
#include "base/log.h"
#include "base/loop.h"
#include "cli/cli-config.h"
#include "cli/cli.h"
#include "process/process-find.h"
#include "process/process-supervise.h"
#include "verdict/direction.h"

typedef struct {
    char *config;
    gboolean debug;
    SkLoop *loop;
    SkSupervise *supervise;
} Serve;

static void
on_stop(void *data)
{
    sk_supervise_stop(((Serve *)data)->supervise);
}

static void
on_reload(void *data)
{
    sk_supervise_reload(((Serve *)data)->supervise);
}

static void
on_ready(void *data)
{
    (void)data;
    sk_log(SK_LOG_INFO, "all programs are ready", NULL);
}

/* The path of a UNIX endpoint of the gate, to see when it is ready; or NULL. */
static const char *
ready_socket(const SkSettings *settings)
{
    for (unsigned origin = 0; origin < SK_N_ORIGINS; origin++) {
        const char *endpoint =
            sk_settings_peek_text(settings, "gate", sk_origin_name((SkOrigin)origin));

        if (g_str_has_prefix(endpoint, "unix:"))
            return endpoint + strlen("unix:");
    }
    return NULL;
}

static bool
watch_signals(Serve *serve, GError **error)
{
    return sk_loop_signal(serve->loop, SIGTERM, on_stop, serve, error) &&
           sk_loop_signal(serve->loop, SIGINT, on_stop, serve, error) &&
           sk_loop_signal(serve->loop, SIGHUP, on_reload, serve, error);
}

static bool
run(Serve *serve, const SkSettings *settings, GError **error)
{
    g_autofree char *inspector = sk_process_find("sekisho-inspector", error);
    g_autofree char *gate = inspector != NULL ? sk_process_find("sekisho-gate", error) : NULL;
    const char *config = serve->config != NULL ? "-c" : NULL;
    const char *debug = serve->debug ? "-d" : NULL;
    const char *const inspector_argv[] = {inspector, config, serve->config, NULL};
    const char *const gate_argv[] = {gate, config != NULL ? config : debug,
                                     config != NULL ? serve->config : NULL,
                                     config != NULL ? debug : NULL, NULL};
    const SkProgram programs[] = {
        {"inspector", inspector_argv, sk_settings_peek_text(settings, "inspector", "socket")},
        {"gate", gate_argv, ready_socket(settings)},
    };

    if (gate == NULL || !watch_signals(serve, error))
        return false;
    serve->supervise =
        sk_supervise_new(serve->loop, programs, G_N_ELEMENTS(programs), on_ready, serve, error);
    if (serve->supervise == NULL)
        return false;
    sk_loop_run(serve->loop);
    if (sk_supervise_has_failed(serve->supervise))
        g_set_error(error, SK_ERROR, SK_ERROR_IO,
                    "a program could not be started; its lines above say why");
    return !sk_supervise_has_failed(serve->supervise);
}

static int
serve_all(Serve *serve)
{
    g_autoptr(SkSettings) settings = NULL;
    g_autoptr(GError) error = NULL;
    bool ok;

    if (sk_cli_config_check(serve->config, true) != SK_EXIT_CLEAN)
        return SK_EXIT_TROUBLE;
    settings = sk_cli_read_settings(serve->config, &error);
    serve->loop = settings != NULL ? sk_loop_new(&error) : NULL;
    ok = serve->loop != NULL && run(serve, settings, &error);
    sk_supervise_free(serve->supervise);
    sk_loop_free(serve->loop);
    return ok ? SK_EXIT_CLEAN : sk_cli_fail_error(error);
}

int
sk_cli_serve(int argc, char **argv)
{
    Serve serve = {0};
    const GOptionEntry entries[] = {
        {"config", 'c', 0, G_OPTION_ARG_FILENAME, &serve.config, "Configuration file", "FILE"},
        {"debug", 'd', 0, G_OPTION_ARG_NONE, &serve.debug, "Log debug lines as well", NULL},
        {NULL},
    };
    int status;

    if (!sk_cli_options(&argc, &argv, entries, "serve [OPTION…]",
                        "Runs the inspector and the gate, and starts again what ends.\nSIGHUP "
                        "reads the policy again, SIGTERM ends all in order."))
        return SK_EXIT_TROUBLE;
    if (argc > 1)
        return sk_cli_fail("serve takes no \"%s\"", argv[1]);
    sk_log_open("sekisho", serve.debug);
    status = serve_all(&serve);
    g_free(serve.config);
    return status;
}
