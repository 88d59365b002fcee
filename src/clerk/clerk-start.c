/* SPDX-License-Identifier: Apache-2.0 */
#include "clerk/clerk-start.h"

#include <getopt.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>

#include "base/error.h"
#include "base/log.h"
#include "base/loop.h"
#include "clerk/clerk-desk.h"
#include "clerk/clerk-release.h"
#include "clerk/clerk-shared.h"
#include "clerk/clerk-tend.h"
#include "clerk/clerk-worker.h"
#include "engine/engine-notice-settings.h"
#include "engine/engine-settings.h"

/* How soon the sockets that another clerk had are asked for again. */
#define DESK_AGAIN_MS 5000

typedef struct {
    const char *config;
    bool debug;
} Options;

typedef struct {
    SkSettings *settings;
    SkLoop *loop;
    SkClerkShared *shared;
    GPtrArray *workers; /* of SkClerkWorker */
    SkClerkRelease *release;
    SkClerkDesk *desk;   /* NULL: another clerk of this host has it */
    SkTimer *desk_timer; /* while it has */
} Clerk;

static void
on_stop(void *data)
{
    sk_loop_stop(((Clerk *)data)->loop);
}

/* Settings are read at start only, but for the groups. */
static void
on_reload(void *data)
{
    Clerk *clerk = data;

    if (clerk->desk != NULL)
        sk_clerk_desk_reload(clerk->desk);
}

static void
try_desk(void *data)
{
    Clerk *clerk = data;

    clerk->desk = sk_clerk_desk_new(clerk->shared, NULL);
    if (clerk->desk == NULL)
        return;
    sk_timer_free(g_steal_pointer(&clerk->desk_timer));
    sk_log(SK_LOG_INFO, "this clerk answers questions about held mail now", NULL);
}

/* Two clerks on one host share the work, but not the sockets: while another has them, the one
 * that is to end or one that was started by mistake, jobs go on all the same. */
static bool
open_desk(Clerk *clerk, GError **error)
{
    g_autoptr(GError) trouble = NULL;

    clerk->desk = sk_clerk_desk_new(clerk->shared, &trouble);
    if (clerk->desk != NULL)
        return true;
    if (!g_error_matches(trouble, SK_ERROR, SK_ERROR_CONFLICT)) {
        g_propagate_error(error, g_steal_pointer(&trouble));
        return false;
    }
    sk_log_error(SK_LOG_WARNING, "another clerk answers questions about held mail", trouble);
    clerk->desk_timer = sk_loop_timer(clerk->loop, DESK_AGAIN_MS, try_desk, clerk);
    return true;
}

/* Of several clerks the first one adds it, once for all. */
static bool
add_standing_jobs(SkDb *keep, const SkDuty *duties, GError **error)
{
    int64_t now = 0;

    if (!sk_db_now_us(keep, &now, error))
        return false;
    for (const SkDuty *duty = duties; duty->kind != NULL; duty++) {
        if (duty->every_s > 0 && !sk_job_add(keep, duty->kind, duty->kind, NULL, now, error))
            return false;
    }
    return true;
}

/* What is wrong is said at the start, and not in the middle of the night. */
static bool
check_notices(const SkSettings *settings, GError **error)
{
    g_auto(SkNoticeSettings) notice = {0};

    return sk_notice_settings_read(settings, &notice, error);
}

/* And what cannot be opened. */
static bool
prepare_store(const SkClerkShared *shared, GError **error)
{
    g_autoptr(SkDb) keep = sk_store_open(shared->store, SK_KEEP, SK_STORE_WRITE, error);
    g_autoptr(SkDb) know = NULL;
    g_autoptr(SkBlobPlace) blobs = NULL;

    if (keep == NULL || !add_standing_jobs(keep, shared->duties, error))
        return false;
    know = sk_store_open(shared->store, SK_KNOW, SK_STORE_WRITE, error);
    if (know == NULL)
        return false;
    blobs = sk_store_open_blobs(shared->store, error);
    return blobs != NULL;
}

static void
start_workers(Clerk *clerk)
{
    int64_t n = sk_settings_get_int(clerk->settings, "clerk", "threads");

    for (int64_t i = 0; i < n; i++)
        g_ptr_array_add(clerk->workers, sk_clerk_worker_new(clerk->shared));
}

/* What is wrong with it would else be found when somebody has to approve. */
static bool
check_worktime(const Clerk *clerk, GError **error)
{
    g_autoptr(GTimeZone) zone = NULL;
    SkWorktime worktime;

    return sk_clerk_worktime_read(clerk->settings, &worktime, &zone, error);
}

static bool
start(Clerk *clerk, const char *config, const SkDuty *duties, GError **error)
{
    clerk->settings = sk_engine_settings_read(config, error);
    if (clerk->settings == NULL || !check_worktime(clerk, error) ||
        !check_notices(clerk->settings, error))
        return false;
    /* Before the threads, so that they have these signals blocked. */
    clerk->loop = sk_loop_new(error);
    if (clerk->loop == NULL || !sk_loop_signal(clerk->loop, SIGHUP, on_reload, clerk, error) ||
        !sk_loop_signal(clerk->loop, SIGTERM, on_stop, clerk, error) ||
        !sk_loop_signal(clerk->loop, SIGINT, on_stop, clerk, error))
        return false;
    clerk->shared = sk_clerk_shared_new(clerk->settings, duties, error);
    if (clerk->shared == NULL || !prepare_store(clerk->shared, error))
        return false;
    clerk->release = sk_clerk_release_new(clerk->shared, error);
    if (clerk->release == NULL || !open_desk(clerk, error))
        return false;
    start_workers(clerk);
    return true;
}

static void
stop(Clerk *clerk)
{
    if (clerk->shared != NULL)
        sk_clerk_shared_stop(clerk->shared);
    sk_timer_free(clerk->desk_timer);
    sk_clerk_desk_free(clerk->desk);
    sk_clerk_release_free(clerk->release);
    g_ptr_array_unref(clerk->workers);
    sk_clerk_shared_free(clerk->shared);
    sk_loop_free(clerk->loop);
    sk_settings_free(clerk->settings);
}

static void
free_worker(void *data)
{
    sk_clerk_worker_free(data);
}

static int
run(const char *config, const SkDuty *duties)
{
    Clerk clerk = {.workers = g_ptr_array_new_with_free_func(free_worker)};
    g_autoptr(GError) error = NULL;
    bool ok = start(&clerk, config, duties, &error);

    if (ok) {
        sk_log(SK_LOG_INFO, "ready", "version", SK_VERSION, NULL);
        sk_loop_run(clerk.loop);
        sk_log(SK_LOG_INFO, "stopping after the current steps", NULL);
    } else {
        sk_log_error(SK_LOG_CRITICAL, "cannot start", error);
    }
    stop(&clerk);
    if (ok)
        sk_log(SK_LOG_INFO, "stopped", NULL);
    return ok ? 0 : 2;
}

static void
print_usage(FILE *to)
{
    fputs("usage: sekisho-clerk [-d] [-c FILE]\n\n"
          "  -c, --config FILE  read this configuration instead of " SK_CONFIG_FILE "\n"
          "  -d, --debug        log debug lines as well\n"
          "  -h, --help         show this\n",
          to);
}

/* -1: go on; otherwise the exit status. */
static int
read_options(Options *options, int argc, char **argv)
{
    static const struct option long_options[] = {
        {"config", required_argument, NULL, 'c'},
        {"debug", no_argument, NULL, 'd'},
        {"help", no_argument, NULL, 'h'},
        {0},
    };
    int option;

    while ((option = getopt_long(argc, argv, "c:dh", long_options, NULL)) != -1) {
        if (option == 'c')
            options->config = optarg;
        else if (option == 'd')
            options->debug = true;
        else {
            print_usage(option == 'h' ? stdout : stderr);
            return option == 'h' ? 0 : 2;
        }
    }
    if (optind == argc)
        return -1;
    fprintf(stderr, "sekisho-clerk: unexpected argument \"%s\"\n", argv[optind]);
    return 2;
}

int
sk_clerk_start(int argc, char **argv, const SkDuty *duties)
{
    Options options = {.config = SK_CONFIG_FILE};
    int status = read_options(&options, argc, argv);

    if (status >= 0)
        return status;
    setlocale(LC_ALL, "C.UTF-8");
    signal(SIGPIPE, SIG_IGN);
    sk_log_open("sekisho-clerk", options.debug);
    return run(options.config, duties);
}
