/* SPDX-License-Identifier: Apache-2.0 */

/*
 * sekisho-web - the pages by which people stop, ask for and open mail that waits
 *
 * Talks to: browsers; the clerk's desk.
 * Reads: the configuration; certificate and key of the pages, before it is nobody in
 * particular.
 * Never has: a store, the keys of the site, message bodies, rights of root while it serves.
 */

#define _DEFAULT_SOURCE /* explicit_bzero */
#include <sys/prctl.h>
#include <sys/resource.h>

#include <glib.h>
#include <locale.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/autofree.h"
#include "base/error.h"
#include "base/log.h"
#include "base/loop.h"
#include "engine/engine-settings.h"
#include "hold/hold-desk.h"
#include "process/process-socket.h"
#include "process/process-user.h"
#include "web/web-listen.h"
#include "web/web-server.h"

#define EXIT_TROUBLE 2
#define SWEEP_MS     2000
#define OWN_USER     "sekisho-web"

typedef struct {
    char *config;
    char *user;
    gboolean debug;
    SkSettings *settings;
    SkWebPlace *place;
    SkLoop *loop;
    SkTimer *timer;
    char *certificate, *key; /* NULL: plain HTTP */
    int fd;
    SkWebServer *server;
} Web;

static void
web_clear(Web *web)
{
    sk_web_server_free(web->server);
    sk_timer_free(web->timer);
    sk_loop_free(web->loop);
    sk_fd_clear(&web->fd);
    g_free(web->certificate);
    if (web->key != NULL)
        explicit_bzero(web->key, strlen(web->key));
    g_free(web->key);
    sk_web_place_free(web->place);
    sk_settings_free(web->settings);
    g_free(web->config);
    g_free(web->user);
}

static bool
read_options(Web *web, int argc, char **argv, GError **error)
{
    const GOptionEntry entries[] = {
        {"config", 'c', 0, G_OPTION_ARG_FILENAME, &web->config, "Read settings from FILE",
         "FILE"},
        {"user", 0, 0, G_OPTION_ARG_STRING, &web->user, "Become USER when started as root",
         "USER"},
        {"debug", 'd', 0, G_OPTION_ARG_NONE, &web->debug, "Log debug lines as well", NULL},
        {NULL, 0, 0, 0, NULL, NULL, NULL},
    };
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);

    g_option_context_set_summary(context, "Serves the pages for people whose mail waits.");
    g_option_context_add_main_entries(context, entries, NULL);
    if (!g_option_context_parse(context, &argc, &argv, error))
        return false;
    if (argc > 1)
        g_set_error(error, SK_ERROR, SK_ERROR_USAGE, "unexpected argument %s", argv[1]);
    return argc == 1;
}

static void
on_stop(void *data)
{
    sk_loop_stop(((Web *)data)->loop);
}

/* Settings are read at start only; what a supervisor sends to all is no reason to end. */
static void
on_reload(void *data)
{
    (void)data;
}

static void
on_sweep(void *data)
{
    sk_web_server_sweep(((Web *)data)->server);
}

static bool
read_tls(Web *web, GError **error)
{
    const char *certificate = sk_settings_peek_text(web->settings, "web", "certificate");
    const char *key = sk_settings_peek_text(web->settings, "web", "key");

    if ((*certificate == '\0') != (*key == '\0')) {
        g_set_error(error, SK_ERROR, SK_ERROR_CONFIG,
                    "[web] certificate and key: set both, or neither for plain HTTP behind a "
                    "proxy");
        return false;
    }
    if (*certificate == '\0')
        return true;
    web->certificate = sk_web_read_pem(certificate, false, error);
    web->key = web->certificate != NULL ? sk_web_read_pem(key, true, error) : NULL;
    return web->key != NULL;
}

/* Everything that may need root. */
static bool
open_all(Web *web, GError **error)
{
    const char *endpoint;

    web->settings =
        sk_engine_settings_read(web->config != NULL ? web->config : SK_CONFIG_FILE, error);
    web->place = web->settings != NULL ? sk_web_place_new(web->settings, error) : NULL;
    if (web->place == NULL || !read_tls(web, error))
        return false;
    endpoint = sk_settings_peek_text(web->settings, "web", "listen");
    if (*endpoint == '\0')
        g_set_error(error, SK_ERROR, SK_ERROR_CONFIG,
                    "[web] listen is empty: there are no pages to serve");
    else
        web->fd = sk_web_listen(endpoint, error);
    return web->fd >= 0;
}

/* Nobody the store or a key belongs to; else whom other programs become. */
static const char *
user_of(const Web *web)
{
    return web->user == NULL && geteuid() == 0 && getpwnam(OWN_USER) != NULL ? OWN_USER
                                                                             : web->user;
}

/* Passwords and a key pass through: no core file, no debugger, no way to more rights. */
static bool
give_up(const Web *web, GError **error)
{
    const struct rlimit none = {0, 0};

    if (!sk_process_become(user_of(web), error))
        return false;
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 && setrlimit(RLIMIT_CORE, &none) == 0 &&
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0)
        return true;
    g_set_error(error, SK_ERROR, SK_ERROR_IO, "the system does not let us give up rights");
    return false;
}

static bool
start(Web *web, GError **error)
{
    if (!open_all(web, error) || !give_up(web, error))
        return false;
    /* Before the threads, so that they have these signals blocked. */
    web->loop = sk_loop_new(error);
    if (web->loop == NULL || !sk_loop_signal(web->loop, SIGHUP, on_reload, web, error) ||
        !sk_loop_signal(web->loop, SIGTERM, on_stop, web, error) ||
        !sk_loop_signal(web->loop, SIGINT, on_stop, web, error))
        return false;
    web->server =
        sk_web_server_new(web->place, sk_fd_steal(&web->fd), web->certificate, web->key, error);
    if (web->server != NULL)
        web->timer = sk_loop_timer(web->loop, SWEEP_MS, on_sweep, web);
    return web->server != NULL;
}

static int
run(Web *web)
{
    g_autoptr(GError) error = NULL;
    bool ok = start(web, &error);

    if (ok) {
        sk_log(SK_LOG_INFO, "ready", "version", SK_VERSION, "listen",
               sk_settings_peek_text(web->settings, "web", "listen"), NULL);
        sk_loop_run(web->loop);
        sk_log(SK_LOG_INFO, "stopping", NULL);
    } else {
        sk_log_error(SK_LOG_CRITICAL, "cannot start", error);
    }
    return ok ? 0 : EXIT_TROUBLE;
}

int
main(int argc, char **argv)
{
    Web web = {.fd = -1};
    g_autoptr(GError) error = NULL;
    int status = EXIT_TROUBLE;

    setlocale(LC_ALL, "C.UTF-8");
    signal(SIGPIPE, SIG_IGN);
    sk_desk_wipe_json();
    if (read_options(&web, argc, argv, &error)) {
        sk_log_open("sekisho-web", web.debug);
        sk_process_raise_descriptors();
        status = run(&web);
    } else {
        fprintf(stderr, "sekisho-web: %s\n", error->message);
    }
    web_clear(&web);
    return status;
}
