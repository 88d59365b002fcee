/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/inspector-start.h"

#include <sys/prctl.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"
#include "base/memory.h"
#include "engine/engine-settings.h"
#include "inspector/inspector-master.h"
#include "inspector/inspector-prime.h"
#include "process/process-socket.h"
#include "process/process-user.h"

#define EXIT_USAGE 2

typedef struct {
    char *config;
    char *user;
    int private_fd;
} Options;

typedef struct {
    Options options;
    SkSettings *settings;
    SkLoop *loop;
    SkInspectorMaster *master;
} Program;

static void
program_clear(Program *program)
{
    sk_inspector_master_free(program->master);
    sk_loop_free(program->loop);
    sk_settings_free(program->settings);
    g_free(program->options.config);
    g_free(program->options.user);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Program, program_clear)

static bool
read_options(Options *options, int argc, char **argv, GError **error)
{
    const GOptionEntry entries[] = {
        {"config", 'c', 0, G_OPTION_ARG_FILENAME, &options->config, "Read settings from FILE",
         "FILE"},
        {"private", 0, 0, G_OPTION_ARG_INT, &options->private_fd,
         "Serve the listening socket FD, and end with the caller", "FD"},
        {"user", 0, 0, G_OPTION_ARG_STRING, &options->user, "Become USER when started as root",
         "USER"},
        {NULL, 0, 0, 0, NULL, NULL, NULL},
    };
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);

    g_option_context_set_summary(
        context,
        "Opens what is in messages and files, in processes that have nothing to lose.");
    g_option_context_add_main_entries(context, entries, NULL);
    if (!g_option_context_parse(context, &argc, &argv, error))
        return false;
    if (argc > 1) {
        g_set_error(error, SK_ERROR, SK_ERROR_USAGE, "unexpected argument %s", argv[1]);
        return false;
    }
    return true;
}

static SkInspectorLimits
limits_of(const SkSettings *settings)
{
    SkBudgetLimits budget = sk_engine_settings_limits(settings);

    return (SkInspectorLimits){
        .memory = (uint64_t)sk_settings_get_int(settings, "inspector", "memory"),
        .wall_ms = 1000 * sk_settings_get_int(settings, "inspector", "wall_time"),
        /* The inspection looks at the clock itself, and then says what it got to. */
        .cpu_ms = budget.cpu_ms + budget.cpu_ms / 4,
        .worker_jobs = (uint32_t)sk_settings_get_int(settings, "inspector", "worker_messages"),
        .budget = budget,
    };
}

/* The default file may be missing: the defaults do. One that was named may not. */
static bool
read_settings(Program *program, GError **error)
{
    const char *path = program->options.config;
    SkSettings *settings;

    if (path == NULL && access(SK_CONFIG_FILE, F_OK) == 0)
        path = SK_CONFIG_FILE;
    settings = sk_engine_settings_read(path, error);
    if (settings == NULL)
        return false;
    sk_settings_free(program->settings);
    program->settings = settings;
    return true;
}

static int
open_socket(const Program *program, GError **error)
{
    const char *path = sk_settings_peek_text(program->settings, "inspector", "socket");
    int fd = program->options.private_fd;

    if (fd >= 0) {
        (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
        (void)fcntl(fd, F_SETFL, O_NONBLOCK);
        return fd;
    }
    return sk_process_open_socket(path, 0660, program->options.user, error);
}

static void
on_stop(void *data)
{
    Program *program = data;

    sk_inspector_master_stop(program->master);
}

static void
on_reload(void *data)
{
    Program *program = data;
    g_autoptr(GError) error = NULL;
    SkInspectorLimits limits;

    if (!read_settings(program, &error)) {
        sk_log_error(SK_LOG_WARNING, "settings not read again, the old ones stay", error);
        return;
    }
    limits = limits_of(program->settings);
    sk_inspector_master_set_limits(program->master, &limits);
    sk_log(SK_LOG_INFO, "settings read again", NULL);
}

static bool
start_master(Program *program, const SkInspectorWork *work, GError **error)
{
    SkInspectorLimits limits = limits_of(program->settings);
    int fd = open_socket(program, error);

    if (fd < 0 || !sk_process_become(program->options.user, error))
        return false;
    if (program->options.private_fd >= 0)
        (void)prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0);
    program->loop = sk_loop_new(error);
    if (program->loop == NULL)
        return false;
    program->master = sk_inspector_master_new(program->loop, fd, &limits, work, error);
    return program->master != NULL &&
           sk_loop_signal(program->loop, SIGTERM, on_stop, program, error) &&
           sk_loop_signal(program->loop, SIGINT, on_stop, program, error) &&
           sk_loop_signal(program->loop, SIGHUP, on_reload, program, error);
}

/* Not on the terminal of somebody who scans a file. */
static void
say(const Program *program, const char *what)
{
    if (program->options.private_fd < 0)
        sk_log(SK_LOG_INFO, what, NULL);
}

int
sk_inspector_start(int argc, char **argv, const SkInspectorWork *work)
{
    g_auto(Program) program = {.options = {.private_fd = -1}};
    g_autoptr(GError) error = NULL;

    sk_log_open("sekisho-inspector", g_getenv("SEKISHO_DEBUG") != NULL);
    if (!read_options(&program.options, argc, argv, &error)) {
        fprintf(stderr, "sekisho-inspector: %s\n", error->message);
        return EXIT_USAGE;
    }
    (void)signal(SIGPIPE, SIG_IGN);
    sk_memory_keep();
    sk_process_raise_descriptors();
    if (!sk_inspector_prime()) {
        sk_log(SK_LOG_CRITICAL, "not started: a library that is needed is missing or broken",
               NULL);
        return EXIT_FAILURE;
    }
    if (!read_settings(&program, &error) || !start_master(&program, work, &error)) {
        sk_log_error(SK_LOG_CRITICAL, "not started", error);
        return g_error_matches(error, SK_ERROR, SK_ERROR_CONFIG) ? EXIT_USAGE : EXIT_FAILURE;
    }
    say(&program, "started");
    sk_loop_run(program.loop);
    say(&program, "stopped");
    return EXIT_SUCCESS;
}
