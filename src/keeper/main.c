/* SPDX-License-Identifier: Apache-2.0 */

/*
 * sekisho-keeper - opens sealed keys, for whoever shows a grant
 *
 * Talks to: gate and clerk, which open grants; whoever shows one.
 * Reads: the configuration and the opening secret, before it locks itself in.
 * Never has: network, a store, message bodies.
 */

#include <sys/prctl.h>
#include <sys/resource.h>

#include <glib.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "base/autofree.h"
#include "base/error.h"
#include "base/limit.h"
#include "base/log.h"
#include "engine/engine-settings.h"
#include "keeper/keeper-serve.h"
#include "process/process-sandbox.h"
#include "process/process-secret.h"
#include "process/process-user.h"
#include "seal/seal-wrap.h"

#define EXIT_TROUBLE 1
#define EXIT_USAGE   2

/* Both sockets full, and what the program has open itself. */
#define DESCRIPTORS (SK_N_DOORS * SK_SERVE_VISITS + 32)
/* Bytes of locked memory for the secret and a few keys, with their guard pages. */
#define LOCKED (256 * SK_KIB)

typedef struct {
    char *config;
    char *user;
    gboolean passphrase, debug;
    SkSettings *settings;
    int fds[SK_N_DOORS];
    SkLoop *loop;
    SkDesk *desk;
    SkServe *serve;
} Keeper;

static void
keeper_clear(Keeper *keeper)
{
    sk_serve_free(keeper->serve);
    sk_desk_free(keeper->desk);
    sk_loop_free(keeper->loop);
    for (unsigned i = 0; i < SK_N_DOORS; i++)
        sk_fd_clear(&keeper->fds[i]);
    sk_settings_free(keeper->settings);
    g_free(keeper->config);
    g_free(keeper->user);
}

static bool
read_options(Keeper *keeper, int argc, char **argv, GError **error)
{
    const GOptionEntry entries[] = {
        {"config", 'c', 0, G_OPTION_ARG_FILENAME, &keeper->config, "Read settings from FILE",
         "FILE"},
        {"passphrase", 'p', 0, G_OPTION_ARG_NONE, &keeper->passphrase,
         "Read the secret as one line from standard input or the terminal", NULL},
        {"user", 0, 0, G_OPTION_ARG_STRING, &keeper->user, "Become USER when started as root",
         "USER"},
        {"debug", 'd', 0, G_OPTION_ARG_NONE, &keeper->debug, "Log debug lines as well", NULL},
        {NULL, 0, 0, 0, NULL, NULL, NULL},
    };
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);

    g_option_context_set_summary(context, "Opens sealed keys, for whoever shows a grant.");
    g_option_context_add_main_entries(context, entries, NULL);
    if (!g_option_context_parse(context, &argc, &argv, error))
        return false;
    if (argc > 1)
        g_set_error(error, SK_ERROR, SK_ERROR_USAGE, "unexpected argument %s", argv[1]);
    return argc == 1;
}

/* Before there is anything to hide: no core file, and nobody but root may look into us. */
static bool
hide(GError **error)
{
    const struct rlimit none = {0, 0};
    struct rlimit locked;

    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 || setrlimit(RLIMIT_CORE, &none) < 0) {
        g_set_error(error, SK_ERROR, SK_ERROR_IO, "the system does not let us hide our memory");
        return false;
    }
    if (getrlimit(RLIMIT_MEMLOCK, &locked) == 0 && locked.rlim_cur < LOCKED)
        sk_log(SK_LOG_WARNING,
               "keys may be written to the swap: raise the limit of locked memory "
               "(LimitMEMLOCK, ulimit -l)",
               NULL);
    return true;
}

static SkSecret *
read_secret(const Keeper *keeper, GError **error)
{
    const char *path = sk_settings_peek_text(keeper->settings, "keeper", "secret");
    bool group = false;
    SkSecret *secret;

    if (keeper->passphrase)
        return sk_process_passphrase_read("Passphrase of the site key: ", error);
    secret = sk_process_secret_read(path, &group, error);
    if (secret != NULL && group)
        sk_log(SK_LOG_WARNING, "a group may read the secret; chmod 0600 it", "path", path,
               NULL);
    return secret;
}

static bool
open_sockets(Keeper *keeper, GError **error)
{
    static const struct {
        const char *key;
        mode_t mode;
    } doors[SK_N_DOORS] = {
        [SK_DOOR_REQUESTS] = {"socket", 0660},
        [SK_DOOR_GRANTS] = {"grants", 0600},
    };

    for (unsigned i = 0; i < SK_N_DOORS; i++) {
        const char *path = sk_settings_peek_text(keeper->settings, "keeper", doors[i].key);

        keeper->fds[i] = sk_process_open_socket(path, doors[i].mode, keeper->user, error);
        if (keeper->fds[i] < 0)
            return false;
    }
    return true;
}

static void
on_stop(void *data)
{
    sk_loop_stop(((Keeper *)data)->loop);
}

static void
on_reload(void *data)
{
    (void)data;
    sk_log(SK_LOG_INFO, "nothing is read again: for another secret start the program again",
           NULL);
}

/* All that will be needed is done once, so that nothing is loaded behind the lock. */
static bool
prime(GError **error)
{
    const SkSealCost cheap = {1, 64};
    g_autoptr(SkSealPair) pair = sk_seal_pair_new();
    SkSealPublic public = sk_seal_pair_get_public(pair);
    SkBytes secret = sk_seal_pair_peek_private(pair);
    g_autofree char *id = sk_seal_id(&public);
    g_autoptr(GBytes) wrapped = sk_seal_wrap(pair, secret, cheap, error);
    g_autoptr(GBytes) sealed = sk_seal(&public, SK_SEAL_CHECK, id, secret);
    g_autoptr(SkSealPair) again = NULL;
    g_autoptr(SkSecret) opened = NULL;

    if (wrapped != NULL)
        again =
            sk_seal_unwrap(sk_bytes(g_bytes_get_data(wrapped, NULL), g_bytes_get_size(wrapped)),
                           id, secret, error);
    if (again != NULL)
        opened = sk_seal_open(
            again, SK_SEAL_CHECK, id,
            sk_bytes(g_bytes_get_data(sealed, NULL), g_bytes_get_size(sealed)), error);
    return opened != NULL;
}

static bool
start(Keeper *keeper, GError **error)
{
    const char *config = keeper->config;
    const SkClock *clock = sk_clock_real();
    SkSecret *secret;

    if (config == NULL && access(SK_CONFIG_FILE, F_OK) == 0)
        config = SK_CONFIG_FILE;
    keeper->settings = sk_engine_settings_read(config, error);
    if (keeper->settings == NULL || !prime(error))
        return false;
    secret = read_secret(keeper, error);
    if (secret == NULL)
        return false;
    keeper->desk = sk_desk_new(clock, secret);
    keeper->loop = sk_loop_new(error);
    if (keeper->loop == NULL || !open_sockets(keeper, error) ||
        !sk_loop_signal(keeper->loop, SIGTERM, on_stop, keeper, error) ||
        !sk_loop_signal(keeper->loop, SIGINT, on_stop, keeper, error) ||
        !sk_loop_signal(keeper->loop, SIGHUP, on_reload, keeper, error) ||
        !sk_process_become(keeper->user, error))
        return false;
    keeper->serve = sk_serve_new(keeper->loop, clock, keeper->desk, keeper->fds, error);
    return keeper->serve != NULL && sk_sandbox_enter_server(DESCRIPTORS, error);
}

static int
run(Keeper *keeper, int argc, char **argv)
{
    g_autoptr(GError) error = NULL;

    if (!read_options(keeper, argc, argv, &error)) {
        fprintf(stderr, "sekisho-keeper: %s\n", error->message);
        return EXIT_USAGE;
    }
    sk_log_open("sekisho-keeper", keeper->debug);
    (void)signal(SIGPIPE, SIG_IGN);
    if (!hide(&error) || !start(keeper, &error)) {
        sk_log_error(SK_LOG_CRITICAL, "not started", error);
        return g_error_matches(error, SK_ERROR, SK_ERROR_IO) ? EXIT_TROUBLE : EXIT_USAGE;
    }
    sk_log(SK_LOG_INFO, "ready", "version", SK_VERSION, NULL);
    sk_loop_run(keeper->loop);
    sk_log(SK_LOG_INFO, "stopped", NULL);
    return 0;
}

int
main(int argc, char **argv)
{
    Keeper keeper = {.fds = {-1, -1}};
    int status = run(&keeper, argc, argv);

    keeper_clear(&keeper);
    /* What a library likes to do at the end may be nothing that the lock allows. */
    _exit(status);
}
