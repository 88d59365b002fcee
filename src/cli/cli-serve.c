/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli-serve.h"

#include <signal.h>
#include <string.h>

#include "base/log.h"
#include "base/loop.h"
#include "cli/cli-config.h"
#include "cli/cli.h"
#include "process/process-spawn.h"
#include "process/process-supervise.h"
#include "verdict/direction.h"

typedef struct {
    char *config;
    gboolean debug;
    SkLoop *loop;
    SkSupervisor *supervisor;
} Serve;

static void
on_stop(void *data)
{
    sk_supervisor_stop(((Serve *)data)->supervisor);
}

static void
on_reload(void *data)
{
    sk_supervisor_signal(((Serve *)data)->supervisor, SIGHUP);
}

static void
on_stopped(void *data)
{
    sk_loop_stop(((Serve *)data)->loop);
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
add(Serve *serve, const char *name, const char *socket, GError **error)
{
    g_autofree char *path = sk_process_find(name, error);
    bool debug = serve->debug && g_str_equal(name, "sekisho-gate");
    char *argv[] = {path, NULL, NULL, NULL, NULL};
    int n = 1;

    if (path == NULL)
        return false;
    if (serve->config != NULL) {
        argv[n++] = (char *)"-c";
        argv[n++] = serve->config;
    }
    if (debug)
        argv[n++] = (char *)"-d";
    return sk_supervisor_add(serve->supervisor, argv, socket, error);
}

static bool
start(Serve *serve, const SkSettings *settings, GError **error)
{
    serve->loop = sk_loop_new(error);
    if (serve->loop == NULL || !sk_loop_signal(serve->loop, SIGTERM, on_stop, serve, error) ||
        !sk_loop_signal(serve->loop, SIGINT, on_stop, serve, error) ||
        !sk_loop_signal(serve->loop, SIGHUP, on_reload, serve, error))
        return false;
    serve->supervisor = sk_supervisor_new(serve->loop, on_stopped, serve, error);
    return serve->supervisor != NULL &&
           add(serve, "sekisho-inspector",
               sk_settings_peek_text(settings, "inspector", "socket"), error) &&
           add(serve, "sekisho-gate", ready_socket(settings), error);
}

static int
serve_all(Serve *serve)
{
    g_autoptr(SkSettings) settings = NULL;
    g_autoptr(GError) error = NULL;
    int status = sk_cli_config_check(serve->config, true);

    if (status != SK_EXIT_CLEAN)
        return SK_EXIT_TROUBLE;
    settings = sk_cli_read_settings(serve->config, &error);
    if (settings == NULL || !start(serve, settings, &error))
        return sk_cli_fail_error(error);
    sk_log(SK_LOG_INFO, "serving", NULL);
    sk_loop_run(serve->loop);
    return SK_EXIT_CLEAN;
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
    sk_supervisor_free(serve.supervisor);
    sk_loop_free(serve.loop);
    g_free(serve.config);
    return status;
}
