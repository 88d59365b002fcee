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
#include "process/process-secret.h"
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

/* The path of a UNIX endpoint of the gate, or NULL. */
static const char *
gate_socket(const SkSettings *settings)
{
    for (unsigned origin = 0; origin < SK_N_ORIGINS; origin++) {
        const char *endpoint =
            sk_settings_peek_text(settings, "gate", sk_origin_name((SkOrigin)origin));

        if (g_str_has_prefix(endpoint, "unix:"))
            return endpoint + strlen("unix:");
    }
    return NULL;
}

static const char *
inspector_socket(const SkSettings *settings)
{
    return sk_settings_peek_text(settings, "inspector", "socket");
}

static const char *
keeper_socket(const SkSettings *settings)
{
    return sk_settings_peek_text(settings, "keeper", "socket");
}

/* Without a secret there is no key it could open, and nothing that is sealed; or a passphrase
 * opens it, for which nobody can be asked here, or a credential of another unit. */
static bool
has_secret(const SkSettings *settings)
{
    const char *path = sk_settings_peek_text(settings, "keeper", "secret");

    if (sk_process_secret_is_there(path))
        return true;
    sk_log(SK_LOG_INFO,
           "keeper not started: there is no file with a secret; `sekisho key init` makes one, "
           "and where a passphrase or a credential opens the site key, start sekisho-keeper "
           "by itself",
           "secret", path, NULL);
    return false;
}

static bool
has_pages(const SkSettings *settings)
{
    return *sk_settings_peek_text(settings, "web", "listen") != '\0';
}

/* In the order in which they are started; each needs those before it. */
static const struct {
    const char *name; /* without "sekisho-" */
    const char *debug;
    const char *(*socket)(const SkSettings *settings); /* NULL: ready at once */
    bool (*is_wanted)(const SkSettings *settings);     /* NULL: always */
} table[] = {
    {"inspector", NULL, inspector_socket, NULL},
    {"keeper", "-d", keeper_socket, has_secret},
    {"gate", "-d", gate_socket, NULL},
    {"clerk", "-d", NULL, NULL},
    {"web", "-d", NULL, has_pages},
};

static bool
watch_signals(Serve *serve, GError **error)
{
    return sk_loop_signal(serve->loop, SIGTERM, on_stop, serve, error) &&
           sk_loop_signal(serve->loop, SIGINT, on_stop, serve, error) &&
           sk_loop_signal(serve->loop, SIGHUP, on_reload, serve, error);
}

/* NULL: there is no such program. */
static char **
argv_new(const Serve *serve, const char *name, const char *debug, GError **error)
{
    g_autofree char *program = g_strconcat("sekisho-", name, NULL);
    g_autofree char *path = sk_process_find(program, error);
    g_autoptr(GStrvBuilder) argv = g_strv_builder_new();

    if (path == NULL)
        return NULL;
    g_strv_builder_add(argv, path);
    if (serve->config != NULL)
        g_strv_builder_add_many(argv, "-c", serve->config, NULL);
    if (serve->debug && debug != NULL)
        g_strv_builder_add(argv, debug);
    return g_strv_builder_end(argv);
}

/* ARGVS owns what the programs borrow. */
static bool
list_programs(const Serve *serve,
              const SkSettings *settings,
              GArray *programs,
              GPtrArray *argvs,
              GError **error)
{
    for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
        SkProgram program = {.name = table[i].name};
        char **argv;

        if (table[i].is_wanted != NULL && !table[i].is_wanted(settings))
            continue;
        argv = argv_new(serve, table[i].name, table[i].debug, error);
        if (argv == NULL)
            return false;
        g_ptr_array_add(argvs, argv);
        program.argv = (const char *const *)argv;
        program.socket = table[i].socket != NULL ? table[i].socket(settings) : NULL;
        g_array_append_val(programs, program);
    }
    return true;
}

static bool
run_programs(Serve *serve, const GArray *programs, GError **error)
{
    serve->supervise = sk_supervise_new(serve->loop, (const SkProgram *)programs->data,
                                        programs->len, on_ready, serve, error);
    if (serve->supervise == NULL)
        return false;
    sk_loop_run(serve->loop);
    if (sk_supervise_has_failed(serve->supervise))
        g_set_error(error, SK_ERROR, SK_ERROR_IO,
                    "a program could not be started; its lines above say why");
    return !sk_supervise_has_failed(serve->supervise);
}

static bool
run(Serve *serve, const SkSettings *settings, GError **error)
{
    g_autoptr(GArray) programs = g_array_new(FALSE, FALSE, sizeof(SkProgram));
    g_autoptr(GPtrArray) argvs = g_ptr_array_new_with_free_func((GDestroyNotify)g_strfreev);
    bool ok = list_programs(serve, settings, programs, argvs, error) &&
              watch_signals(serve, error) && run_programs(serve, programs, error);

    g_clear_pointer(&serve->supervise, sk_supervise_free);
    return ok;
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

    if (!sk_cli_options(
            &argc, &argv, entries, "serve [OPTION…]",
            "Runs inspector, keeper, gate, clerk and web, and starts again "
            "what ends.\nSIGHUP reads the policy again, SIGTERM ends all in order."))
        return SK_EXIT_TROUBLE;
    if (argc > 1)
        return sk_cli_fail("serve takes no \"%s\"", argv[1]);
    sk_log_open("sekisho", serve.debug);
    status = serve_all(&serve);
    g_free(serve.config);
    return status;
}
