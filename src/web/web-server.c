/* SPDX-License-Identifier: Apache-2.0 */
#include "web/web-server.h"

#include <microhttpd.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"
#include "base/text.h"
#include "web/web-guests.h"
#include "web/web-reply.h"
#include "web/web-route.h"
#include "web/web-strangers.h"
#include "web/web-token.h"

/* Bytes of a connection for the head of a request and of an answer. */
#define CONNECTION_MEMORY (16 * 1024)
/* A silent connection ends after so long, one whose bytes drip by web-guests. */
#define SILENCE_S 30
/* TLS 1.2 and 1.3, without anything GnuTLS keeps only for old clients. */
#define TLS_PRIORITIES "SECURE128:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:%SERVER_PRECEDENCE"

struct SkWebServer {
    const SkWebPlace *place;
    struct MHD_Daemon *daemon;
    SkWebGuests *guests;
    SkWebStrangers *strangers;
    GThreadPool *pool;
    GMutex lock;
    bool stopping;
    unsigned asking;
};

/* One request. */
typedef struct {
    SkWebServer *server;
    struct MHD_Connection *connection;
    SkWebRequest request;
    SkWebAnswer *answer;
    SkWebClient client; /* who is charged for unknown tokens */
    bool charged;       /* false: a proxy, which speaks for many */
    bool begun;
} Visit;

static int64_t
now_ms(const SkWebServer *server)
{
    return sk_clock_mono_ms(server->place->clock);
}

/* ---- who it is ---- */

static bool
is_proxy(const SkWebServer *server, const SkWebClient *client)
{
    return !server->place->tls &&
           (sk_web_client_is_loopback(client) ||
            sk_site_is_own_network(server->place->site, client->address));
}

static SkWebClient
client_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);

    return sk_web_client(info != NULL ? info->client_addr : NULL);
}

static SkWebGuest *
guest_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

    return info != NULL ? info->socket_context : NULL;
}

static enum MHD_Result
on_accept(void *data, const struct sockaddr *address, socklen_t size)
{
    SkWebServer *server = data;
    SkWebClient client = sk_web_client(address);

    (void)size;
    return is_proxy(server, &client) || sk_web_guests_admit(server->guests, &client) ? MHD_YES
                                                                                     : MHD_NO;
}

static void
on_connection(void *data,
              struct MHD_Connection *connection,
              void **context,
              enum MHD_ConnectionNotificationCode code)
{
    SkWebServer *server = data;
    SkWebClient client = client_of(connection);
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);

    if (code == MHD_CONNECTION_NOTIFY_STARTED)
        *context =
            sk_web_guests_enter(server->guests, &client, info->connect_fd, now_ms(server));
    else if (*context != NULL)
        sk_web_guests_leave(server->guests, *context);
}

/* ---- a request ---- */

/* The first of all calls for a request, with its address as it was sent. */
static void *
on_uri(void *data, const char *uri, struct MHD_Connection *connection)
{
    Visit *visit = g_new0(Visit, 1);

    visit->server = data;
    visit->connection = connection;
    sk_web_request_init(&visit->request, uri, visit->server->place->prefix);
    return visit;
}

static void
on_completed(void *data,
             struct MHD_Connection *connection,
             void **state,
             enum MHD_RequestTerminationCode code)
{
    SkWebServer *server = data;
    Visit *visit = *state;
    SkWebGuest *guest = guest_of(connection);

    (void)code;
    if (guest != NULL)
        sk_web_guests_begin(server->guests, guest, now_ms(server));
    if (visit == NULL)
        return;
    sk_web_request_clear(&visit->request);
    sk_web_answer_free(visit->answer);
    g_free(visit);
    *state = NULL;
}

static char *
field_dup(const Visit *visit, const char *name)
{
    return g_strdup(MHD_lookup_connection_value(visit->connection, MHD_HEADER_KIND, name));
}

static SkWebMethod
find_method(const char *method)
{
    if (strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0)
        return SK_WEB_GET;
    return strcmp(method, "POST") == 0 ? SK_WEB_POST : SK_WEB_OTHER;
}

/* Copies, since a thread of ours will read them. */
static void
read_head(Visit *visit, const char *method)
{
    SkWebRequest *request = &visit->request;
    g_autofree char *length = field_dup(visit, "Content-Length");
    g_autofree char *forwarded = field_dup(visit, "X-Forwarded-For");
    int64_t bytes;

    visit->begun = true;
    request->method = find_method(method);
    request->host = field_dup(visit, "Host");
    request->origin = field_dup(visit, "Origin");
    request->fetch_site = field_dup(visit, "Sec-Fetch-Site");
    request->content_type = field_dup(visit, "Content-Type");
    request->accept_language = field_dup(visit, "Accept-Language");
    request->too_large = length != NULL && !sk_text_to_int(length, 0, SK_WEB_BODY_MAX, &bytes);
    visit->client = client_of(visit->connection);
    visit->charged = !is_proxy(visit->server, &visit->client) ||
                     sk_web_client_forwarded(forwarded, &visit->client);
}

static void
charge(const Visit *visit)
{
    if (visit->charged && visit->answer->stranger)
        sk_web_strangers_count(visit->server->strangers, &visit->client, now_ms(visit->server));
}

/* In a thread of the pool. The last line gives the visit away. */
static void
ask_clerk(void *data, void *user)
{
    Visit *visit = data;
    SkWebServer *server = user;
    bool stopping;

    g_mutex_lock(&server->lock);
    stopping = server->stopping;
    g_mutex_unlock(&server->lock);
    visit->answer = stopping ? sk_web_route_busy(server->place, &visit->request)
                             : sk_web_token(server->place, &visit->request);
    g_mutex_lock(&server->lock);
    server->asking--;
    g_mutex_unlock(&server->lock);
    MHD_resume_connection(visit->connection);
}

/* False: too many ask already. Suspended first: the thread may be faster than we are. */
static bool
suspend(Visit *visit)
{
    SkWebServer *server = visit->server;
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&server->lock);

    if (server->stopping || server->asking >= SK_WEB_ASKING)
        return false;
    server->asking++;
    MHD_suspend_connection(visit->connection);
    (void)g_thread_pool_push(server->pool, visit, NULL);
    return true;
}

/* False: it will come, and the visit belongs to whoever asks until the connection is resumed.
 */
static bool
find_answer(Visit *visit)
{
    SkWebServer *server = visit->server;
    const SkWebRequest *request = &visit->request;
    bool shows_token = request->route == SK_WEB_TOKEN || request->route == SK_WEB_NO_TOKEN;

    if (shows_token && visit->charged &&
        !sk_web_strangers_may(server->strangers, &visit->client, now_ms(server)))
        visit->answer = sk_web_route_often(server->place, request);
    else
        visit->answer = sk_web_route(server->place, request);
    if (visit->answer != NULL)
        return true;
    if (suspend(visit))
        return false;
    visit->answer = sk_web_route_busy(server->place, request);
    return true;
}

static enum MHD_Result
answer_visit(Visit *visit)
{
    SkWebGuest *guest = guest_of(visit->connection);

    if (guest != NULL)
        sk_web_guests_served(visit->server->guests, guest);
    if (visit->answer == NULL && !find_answer(visit))
        return MHD_YES;
    charge(visit);
    return sk_web_reply(visit->connection, visit->answer, visit->server->place->tls) ? MHD_YES
                                                                                     : MHD_NO;
}

/* Called for the head, for each piece of the body, at its end, and when it is resumed. */
static enum MHD_Result
on_request(void *data,
           struct MHD_Connection *connection,
           const char *url,
           const char *method,
           const char *version,
           const char *upload,
           size_t *upload_size,
           void **state)
{
    Visit *visit = *state;

    (void)data, (void)connection, (void)url, (void)version;
    if (!visit->begun) {
        read_head(visit, method);
        return visit->request.too_large ? answer_visit(visit) : MHD_YES;
    }
    if (*upload_size > 0) {
        sk_web_request_take(&visit->request, sk_bytes(upload, *upload_size));
        *upload_size = 0;
        return MHD_YES;
    }
    return answer_visit(visit);
}

/* ---- life ---- */

/* It tells of clients that behave oddly: nothing an administrator has to see. */
static void
on_log(void *data, const char *format, va_list arguments)
{
    g_autofree char *text = g_strdup_vprintf(format, arguments);

    (void)data;
    sk_log(SK_LOG_DEBUG, "http", "text", g_strstrip(text), NULL);
}

static struct MHD_Daemon *
start_daemon(SkWebServer *server, int fd, const char *certificate, const char *key)
{
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_SUSPEND_RESUME | MHD_USE_ERROR_LOG;
    const struct MHD_OptionItem tls[] = {
        {MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)certificate},
        {MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)key},
        {MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)TLS_PRIORITIES},
        {MHD_OPTION_END, 0, NULL},
    };
    const struct MHD_OptionItem none[] = {{MHD_OPTION_END, 0, NULL}};

    return MHD_start_daemon(certificate != NULL ? flags | MHD_USE_TLS : flags, 0, on_accept,
                            server, on_request, server, MHD_OPTION_EXTERNAL_LOGGER, on_log,
                            server, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT,
                            (unsigned)SK_WEB_CONNECTIONS, MHD_OPTION_CONNECTION_TIMEOUT,
                            (unsigned)SILENCE_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
                            (size_t)CONNECTION_MEMORY, MHD_OPTION_URI_LOG_CALLBACK, on_uri,
                            server, MHD_OPTION_NOTIFY_COMPLETED, on_completed, server,
                            MHD_OPTION_NOTIFY_CONNECTION, on_connection, server,
                            MHD_OPTION_ARRAY, certificate != NULL ? tls : none, MHD_OPTION_END);
}

SkWebServer *
sk_web_server_new(const SkWebPlace *place,
                  int fd,
                  const char *certificate,
                  const char *key,
                  GError **error)
{
    SkWebServer *server = g_new0(SkWebServer, 1);

    server->place = place;
    server->guests = sk_web_guests_new();
    server->strangers = sk_web_strangers_new();
    g_mutex_init(&server->lock);
    server->pool = g_thread_pool_new(ask_clerk, server, SK_WEB_THREADS, FALSE, NULL);
    server->daemon = start_daemon(server, fd, certificate, key);
    if (server->daemon != NULL)
        return server;
    g_set_error(error, SK_ERROR, SK_ERROR_IO,
                certificate != NULL ? "the HTTP server does not start; do certificate and key "
                                      "([web] certificate, key) belong to each other?"
                                    : "the HTTP server does not start");
    close(fd);
    sk_web_server_free(server);
    return NULL;
}

/* Nobody new first, then what is asked, then the connections: none may be suspended any more.
 */
void
sk_web_server_free(SkWebServer *server)
{
    if (server == NULL)
        return;
    g_mutex_lock(&server->lock);
    server->stopping = true;
    g_mutex_unlock(&server->lock);
    if (server->daemon != NULL) {
        int fd = MHD_quiesce_daemon(server->daemon);

        if (fd >= 0)
            close(fd);
    }
    g_thread_pool_free(server->pool, FALSE, TRUE);
    if (server->daemon != NULL)
        MHD_stop_daemon(server->daemon);
    sk_web_guests_free(server->guests);
    sk_web_strangers_free(server->strangers);
    g_mutex_clear(&server->lock);
    g_free(server);
}

void
sk_web_server_sweep(SkWebServer *server)
{
    unsigned n = sk_web_guests_sweep(server->guests, now_ms(server));
    g_autofree char *text = g_strdup_printf("%u", n);

    if (n > 0)
        sk_log(SK_LOG_DEBUG, "cut off connections that took too long", "connections", text,
               NULL);
}
