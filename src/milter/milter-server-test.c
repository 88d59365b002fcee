/* SPDX-License-Identifier: Apache-2.0 */
#include "milter/milter-server.h"

#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <string.h>

#include <glib/gstdio.h>

#include "base/autofree.h"
#include "base/limit.h"
#include "milter/milter-client.h"
#include "milter/milter-listen.h"
#include "milter/milter-packet.h"

#define MESSAGE_LIMIT (64 * SK_MIB)

/* A server in a thread of its own. What is shared is guarded by the lock. */
typedef struct {
    char *directory;
    char *endpoint;
    int fd;
    SkLoop *loop;
    SkMilterServer *server;
    GThread *thread;
    GMutex lock;
    GCond changed;
    const SkMilterReply *reply; /* NULL: messages wait */
    SkMilterMessage *waiting;
    char *digest; /* SHA-256 of the last message's bytes */
    char *sender;
    bool in_memfd;
    bool hold; /* the handler itself waits, so that the loop sees nothing */
    unsigned messages;
    unsigned abandoned;
    char *refused;
} World;

static char *
digest_of(SkSpool *spool)
{
    size_t size = sk_spool_size(spool);
    void *map;
    char *digest;

    if (sk_spool_peek_fd(spool) < 0)
        return g_compute_checksum_for_data(G_CHECKSUM_SHA256, sk_spool_peek_bytes(spool).data,
                                           size);
    map = mmap(NULL, size, PROT_READ, MAP_SHARED, sk_spool_peek_fd(spool), 0);
    g_assert_true(map != MAP_FAILED);
    digest = g_compute_checksum_for_data(G_CHECKSUM_SHA256, map, size);
    munmap(map, size);
    return digest;
}

static void
on_message(SkMilterMessage *message, void *data)
{
    World *world = data;
    SkSpool *spool = sk_milter_message_peek_spool(message);
    const SkMilterReply *reply;

    g_assert_true(sk_milter_message_peek_socket_data(message) == world);
    g_mutex_lock(&world->lock);
    g_free(world->digest);
    world->digest = digest_of(spool);
    world->in_memfd = sk_spool_peek_fd(spool) >= 0;
    g_free(world->sender);
    world->sender = g_strdup(sk_milter_message_peek_envelope(message)->sender);
    world->messages++;
    reply = world->reply;
    if (reply == NULL)
        world->waiting = message;
    g_cond_broadcast(&world->changed);
    while (world->hold)
        g_cond_wait(&world->changed, &world->lock);
    g_mutex_unlock(&world->lock);
    if (reply != NULL)
        sk_milter_message_reply(message, reply);
}

static void
on_abandoned(SkMilterMessage *message, void *data)
{
    World *world = data;

    g_mutex_lock(&world->lock);
    g_assert_true(world->waiting == message);
    world->waiting = NULL;
    world->abandoned++;
    g_cond_broadcast(&world->changed);
    g_mutex_unlock(&world->lock);
}

static void
on_refused(const char *why, void *data)
{
    World *world = data;

    g_mutex_lock(&world->lock);
    g_free(world->refused);
    world->refused = g_strdup(why);
    g_cond_broadcast(&world->changed);
    g_mutex_unlock(&world->lock);
}

static gpointer
run_loop(gpointer data)
{
    sk_loop_run(data);
    return NULL;
}

static char *
endpoint_of(const char *directory, bool tcp, int *ret_fd)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *text =
        tcp ? g_strdup("inet:127.0.0.1:0") : g_strdup_printf("unix:%s/in/socket", directory);
    struct sockaddr_in address;
    socklen_t size = sizeof address;

    *ret_fd = sk_milter_listen(text, NULL, &error);
    g_assert_no_error(error);
    if (!tcp)
        return g_steal_pointer(&text);
    g_assert_cmpint(getsockname(*ret_fd, (struct sockaddr *)&address, &size), ==, 0);
    return g_strdup_printf("inet:127.0.0.1:%u", ntohs(address.sin_port));
}

static void
world_start(World *world, bool tcp, unsigned idle_s)
{
    SkMilterHandler handler = {on_message, on_abandoned, NULL, on_refused, world};
    g_autoptr(GError) error = NULL;

    *world = (World){.directory = g_dir_make_tmp("milter-XXXXXX", NULL)};
    g_mutex_init(&world->lock);
    g_cond_init(&world->changed);
    world->endpoint = endpoint_of(world->directory, tcp, &world->fd);
    world->loop = sk_loop_new(&error);
    g_assert_no_error(error);
    world->server = sk_milter_server_new(world->loop, &handler, MESSAGE_LIMIT);
    sk_milter_server_set_idle(world->server, idle_s);
    g_assert_true(sk_milter_server_listen(world->server, world->fd, world, &error));
    world->thread = g_thread_new("server", run_loop, world->loop);
}

static void
world_join(World *world)
{
    sk_loop_stop(world->loop);
    g_thread_join(world->thread);
}

static void
world_clear(World *world)
{
    g_autofree char *inner = g_build_filename(world->directory, "in", NULL);
    g_autofree char *socket_path = g_build_filename(inner, "socket", NULL);

    sk_milter_server_free(world->server);
    sk_loop_free(world->loop);
    sk_fd_clear(&world->fd);
    (void)g_unlink(socket_path);
    (void)g_rmdir(inner);
    (void)g_rmdir(world->directory);
    g_free(world->directory);
    g_free(world->endpoint);
    g_free(world->digest);
    g_free(world->sender);
    g_free(world->refused);
    g_mutex_clear(&world->lock);
    g_cond_clear(&world->changed);
}

static void
world_stop(World *world)
{
    world_join(world);
    world_clear(world);
}

/* Waits, 20 seconds at most, until *COUNTER is at least N. */
static void
wait_for(World *world, const unsigned *counter, unsigned n)
{
    int64_t end = g_get_monotonic_time() + 20 * G_TIME_SPAN_SECOND;

    g_mutex_lock(&world->lock);
    while (*counter < n)
        g_assert_true(g_cond_wait_until(&world->changed, &world->lock, end));
    g_mutex_unlock(&world->lock);
}

static char *
wait_for_refusal(World *world)
{
    int64_t end = g_get_monotonic_time() + 20 * G_TIME_SPAN_SECOND;
    char *why;

    g_mutex_lock(&world->lock);
    while (world->refused == NULL)
        g_assert_true(g_cond_wait_until(&world->changed, &world->lock, end));
    why = g_strdup(world->refused);
    g_mutex_unlock(&world->lock);
    return why;
}

static const char *const TO[] = {"bob@example.net", "carol@example.org", NULL};

static const SkMilterMail MAIL = {.client_name = "mail.example.net",
                                  .client_address = "192.0.2.1",
                                  .helo = "mail.example.net",
                                  .login = "alice",
                                  .queue_id = "4B1",
                                  .sender = "alice@example.com",
                                  .recipients = TO};

#define SMALL "Subject:  hello\r\n\tworld\r\nX:y\r\n\r\n.\r\nbody \x80\r\n"

static SkMilterClient *
open_client(World *world)
{
    g_autoptr(GError) error = NULL;
    SkMilterClient *client = sk_milter_client_connect(world->endpoint, &error);

    g_assert_no_error(error);
    g_assert_true(sk_milter_client_open(client, &MAIL, &error));
    g_assert_no_error(error);
    return client;
}

static void
submit(SkMilterClient *client, SkBytes message)
{
    g_autoptr(GError) error = NULL;

    g_assert_true(sk_milter_client_submit(client, &MAIL, message, &error));
    g_assert_no_error(error);
}

static SkMilterOutcome
wait_outcome(SkMilterClient *client)
{
    g_autoptr(GError) error = NULL;
    SkMilterOutcome outcome = {0};

    g_assert_true(sk_milter_client_wait(client, &outcome, &error));
    g_assert_no_error(error);
    return outcome;
}

static SkMilterOutcome
deliver(SkMilterClient *client, SkBytes message)
{
    submit(client, message);
    return wait_outcome(client);
}

static const SkMilterReply ACCEPT = {.verdict = SK_MILTER_ACCEPT};

/* Answers a message that waits, in the loop's thread. */
static void
answer_later(void *data)
{
    World *world = data;
    SkMilterMessage *message;

    g_mutex_lock(&world->lock);
    message = g_steal_pointer(&world->waiting);
    g_mutex_unlock(&world->lock);
    sk_milter_message_reply(message, &ACCEPT);
}

static SkHeaderEdit EDITS[] = {
    {SK_HEADER_CHANGE, 2, (char *)"X-Old", NULL},
    {SK_HEADER_CHANGE, 1, (char *)"Subject", (char *)"new"},
    {SK_HEADER_INSERT, 0, (char *)"X-New", (char *)"one\n\ttwo"},
    {SK_HEADER_INSERT, 1, (char *)"X-Raw", (char *)"\n raw"},
    {SK_HEADER_INSERT, 1, (char *)"X-Evil", (char *)"a\r\nBcc: x\nb\n"},
    {SK_HEADER_CHANGE, 1, (char *)"X-Empty", (char *)""},
};

/* What must be on the wire: kind, index, name, value. */
static const char *const EDITS_SENT[] = {
    "1 2 X-Old=",       "1 1 Subject= new",        "0 0 X-New= one\n\ttwo",
    "0 1 X-Raw=\n raw", "0 1 X-Evil= a Bcc: x b ", "1 1 X-Empty= ",
};

static void
test_edits(gconstpointer tcp)
{
    g_autoptr(GPtrArray) edits = g_ptr_array_new();
    g_auto(SkMilterOutcome) outcome = {0};
    g_autoptr(SkMilterClient) client = NULL;
    g_autofree char *digest =
        g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)SMALL, strlen(SMALL));
    SkMilterReply reply = {.verdict = SK_MILTER_ACCEPT, .edits = edits};
    World world;

    for (size_t i = 0; i < G_N_ELEMENTS(EDITS); i++)
        g_ptr_array_add(edits, &EDITS[i]);
    world_start(&world, tcp != NULL, 60);
    world.reply = &reply;
    client = open_client(&world);
    outcome = deliver(client, sk_bytes(SMALL, strlen(SMALL)));
    g_assert_cmpint(outcome.verdict, ==, 'a');
    g_assert_cmpuint(outcome.edits->len, ==, G_N_ELEMENTS(EDITS));
    for (guint i = 0; i < outcome.edits->len; i++) {
        SkHeaderEdit *edit = outcome.edits->pdata[i];
        g_autofree char *sent =
            g_strdup_printf("%d %u %s=%s", edit->kind, edit->index, edit->name, edit->value);

        g_assert_cmpstr(sent, ==, EDITS_SENT[i]);
    }
    g_assert_cmpstr(world.digest, ==, digest);
    g_assert_cmpstr(world.sender, ==, MAIL.sender);
    world_stop(&world);
}

static const struct {
    SkMilterReply reply;
    char verdict;
    const char *smtp;
} VERDICTS[] = {
    {{SK_MILTER_REPLY, "550 5.7.1 100% refused, %s and %%", NULL},
     'y',
     "550 5.7.1 100% refused, %s and %%"},
    {{SK_MILTER_REPLY, "451 4.7.1 a\r\n250 b\x80", NULL}, 'y', "451 4.7.1 a??250 b?"},
    {{SK_MILTER_DISCARD, NULL, NULL}, 'd', NULL},
    {{SK_MILTER_ACCEPT, NULL, NULL}, 'a', NULL},
};

static void
test_verdicts(void)
{
    g_autoptr(SkMilterClient) client = NULL;
    World world;

    world_start(&world, false, 60);
    client = open_client(&world);
    for (size_t i = 0; i < G_N_ELEMENTS(VERDICTS); i++) {
        g_auto(SkMilterOutcome) outcome = {0};

        world.reply = &VERDICTS[i].reply;
        outcome = deliver(client, sk_bytes(SMALL, strlen(SMALL)));
        g_assert_cmpint(outcome.verdict, ==, VERDICTS[i].verdict);
        g_assert_cmpstr(outcome.smtp, ==, VERDICTS[i].smtp);
    }
    world_stop(&world);
}

/* An answer line has at most 400 bytes however long its text. */
static void
test_long_answer(void)
{
    g_autofree char *text = g_strnfill(2000, 'x');
    g_autofree char *smtp = g_strconcat("550 5.7.1 ", text, NULL);
    SkMilterReply reply = {SK_MILTER_REPLY, smtp, NULL};
    g_auto(SkMilterOutcome) outcome = {0};
    g_autoptr(SkMilterClient) client = NULL;
    World world;

    world_start(&world, false, 60);
    world.reply = &reply;
    client = open_client(&world);
    outcome = deliver(client, sk_bytes(SMALL, strlen(SMALL)));
    g_assert_cmpuint(strlen(outcome.smtp), ==, 400);
    world_stop(&world);
}

static char *
large_message(size_t n)
{
    char *message = g_malloc(n);

    for (size_t i = 0; i < n; i++)
        message[i] = (char)("0123456789abcdef\r\n"[i % 18] ^ (i % 65537 == 0));
    memcpy(message, "Subject: large\r\n\r\n", 18);
    return message;
}

static void
test_large(gconstpointer tcp)
{
    size_t n = 50 * SK_MIB;
    g_autofree char *message = large_message(n);
    g_autofree char *digest =
        g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)message, n);
    g_auto(SkMilterOutcome) outcome = {0};
    g_autoptr(SkMilterClient) client = NULL;
    World world;

    world_start(&world, tcp != NULL, 60);
    world.reply = &ACCEPT;
    client = open_client(&world);
    outcome = deliver(client, sk_bytes(message, n));
    g_assert_cmpint(outcome.verdict, ==, 'a');
    g_assert_true(world.in_memfd);
    g_assert_cmpstr(world.digest, ==, digest);
    world_stop(&world);
}

static void
test_too_large(void)
{
    size_t n = MESSAGE_LIMIT + 1;
    g_autofree char *message = large_message(n);
    g_auto(SkMilterOutcome) outcome = {0}, next = {0};
    g_autoptr(SkMilterClient) client = NULL;
    World world;

    world_start(&world, false, 60);
    world.reply = &ACCEPT;
    client = open_client(&world);
    outcome = deliver(client, sk_bytes(message, n));
    g_assert_true(g_str_has_prefix(outcome.smtp, "552 5.3.4 "));
    g_assert_cmpuint(world.messages, ==, 0);
    next = deliver(client, sk_bytes(message, n - 1));
    g_assert_cmpint(next.verdict, ==, 'a');
    world_stop(&world);
}

/* A peer that hangs up before the answer is noticed at once, others go on. */
static void
test_hang_up(gconstpointer tcp)
{
    g_autoptr(SkMilterClient) client = NULL;
    g_auto(SkMilterOutcome) outcome = {0};
    World world;

    world_start(&world, tcp != NULL, 60);
    client = open_client(&world);
    submit(client, sk_bytes(SMALL, strlen(SMALL)));
    wait_for(&world, &world.messages, 1);
    g_clear_pointer(&client, sk_milter_client_free);
    wait_for(&world, &world.abandoned, 1);
    client = open_client(&world);
    submit(client, sk_bytes(SMALL, strlen(SMALL)));
    wait_for(&world, &world.messages, 2);
    sk_loop_post(world.loop, answer_later, &world);
    outcome = wait_outcome(client);
    g_assert_cmpint(outcome.verdict, ==, 'a');
    world_stop(&world);
}

/* The peer has hung up, and the answer comes before the loop could see it. */
static void
test_answer_to_nobody(void)
{
    g_autoptr(SkMilterClient) client = NULL, other = NULL;
    g_auto(SkMilterOutcome) outcome = {0};
    World world;

    world_start(&world, false, 60);
    world.reply = &ACCEPT;
    world.hold = true;
    client = open_client(&world);
    submit(client, sk_bytes(SMALL, strlen(SMALL)));
    wait_for(&world, &world.messages, 1);
    g_clear_pointer(&client, sk_milter_client_free);
    g_mutex_lock(&world.lock);
    world.hold = false;
    g_cond_broadcast(&world.changed);
    g_mutex_unlock(&world.lock);
    other = open_client(&world);
    outcome = deliver(other, sk_bytes(SMALL, strlen(SMALL)));
    g_assert_cmpint(outcome.verdict, ==, 'a');
    world_join(&world);
    g_assert_cmpuint(sk_milter_server_count(world.server), ==, 1);
    g_assert_cmpuint(world.abandoned, ==, 0);
    world_clear(&world);
}

static void
test_abort_while_waiting(gconstpointer tcp)
{
    g_autoptr(SkMilterClient) client = NULL;
    g_auto(SkMilterOutcome) outcome = {0};
    g_autoptr(GError) error = NULL;
    World world;

    world_start(&world, tcp != NULL, 60);
    client = open_client(&world);
    submit(client, sk_bytes(SMALL, strlen(SMALL)));
    wait_for(&world, &world.messages, 1);
    g_assert_true(sk_milter_client_say(client, SK_MILTER_ABORT, &error));
    wait_for(&world, &world.abandoned, 1);
    submit(client, sk_bytes(SMALL, strlen(SMALL)));
    wait_for(&world, &world.messages, 2);
    sk_loop_post(world.loop, answer_later, &world);
    outcome = wait_outcome(client);
    g_assert_cmpint(outcome.verdict, ==, 'a');
    world_stop(&world);
}

/* Edits larger than the socket holds go to a peer that reads only later. */
static void
test_slow_reader(void)
{
    g_autofree char *value = g_strnfill(900000, 'x');
    SkHeaderEdit edit = {SK_HEADER_INSERT, 0, (char *)"X-Large", value};
    g_autoptr(GPtrArray) edits = g_ptr_array_new();
    SkMilterReply reply = {.verdict = SK_MILTER_ACCEPT, .edits = edits};
    g_auto(SkMilterOutcome) outcome = {0};
    g_autoptr(SkMilterClient) client = NULL;
    World world;

    for (int i = 0; i < 4; i++)
        g_ptr_array_add(edits, &edit);
    world_start(&world, false, 60);
    world.reply = &reply;
    client = open_client(&world);
    submit(client, sk_bytes(SMALL, strlen(SMALL)));
    wait_for(&world, &world.messages, 1);
    g_usleep(50000);
    outcome = wait_outcome(client);
    g_assert_cmpuint(outcome.edits->len, ==, 4);
    g_assert_cmpuint(strlen(((SkHeaderEdit *)outcome.edits->pdata[3])->value), ==, 900001);
    world_stop(&world);
}

static void
test_garbage(void)
{
    sk_autofd int fd = -1;
    g_autoptr(GError) error = NULL;
    g_autofree char *why = NULL;
    World world;

    world_start(&world, false, 60);
    fd = sk_milter_connect(world.endpoint, &error);
    g_assert_no_error(error);
    g_assert_cmpint(send(fd, "EHLO example.com\r\n", 18, MSG_NOSIGNAL), ==, 18);
    why = wait_for_refusal(&world);
    g_assert_cmpstr(why, ==, "a packet beyond the size limit");
    world_join(&world);
    g_assert_cmpuint(sk_milter_server_count(world.server), ==, 0);
    world_clear(&world);
}

/* A silent connection is closed, one whose message waits is not. */
static void
test_idle(void)
{
    g_autoptr(SkMilterClient) silent = NULL, waiting = NULL;
    g_auto(SkMilterOutcome) outcome = {0};
    g_autofree char *why = NULL;
    World world;

    world_start(&world, false, 1);
    waiting = open_client(&world);
    submit(waiting, sk_bytes(SMALL, strlen(SMALL)));
    wait_for(&world, &world.messages, 1);
    silent = open_client(&world);
    why = wait_for_refusal(&world);
    g_assert_cmpstr(why, ==, "the peer was silent for too long");
    g_assert_cmpuint(world.abandoned, ==, 0);
    sk_loop_post(world.loop, answer_later, &world);
    outcome = wait_outcome(waiting);
    g_assert_cmpint(outcome.verdict, ==, 'a');
    world_stop(&world);
}

static int
lowest_free_fd(void)
{
    int fd = dup(STDIN_FILENO);

    g_assert_cmpint(fd, >=, 0);
    close(fd);
    return fd;
}

/* Without descriptors the server waits instead of spinning, and goes on when there are some. */
static void
test_no_descriptors(void)
{
    g_autoptr(SkMilterClient) client = NULL;
    g_auto(SkMilterOutcome) outcome = {0};
    g_autofree char *why = NULL;
    g_autoptr(GError) error = NULL;
    struct rlimit limit, low;
    World world;

    world_start(&world, false, 60);
    world.reply = &ACCEPT;
    g_assert_cmpint(getrlimit(RLIMIT_NOFILE, &limit), ==, 0);
    low = limit;
    low.rlim_cur = (rlim_t)lowest_free_fd() + 1;
    g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &low), ==, 0);
    client = sk_milter_client_connect(world.endpoint, &error);
    g_assert_no_error(error);
    why = wait_for_refusal(&world);
    g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &limit), ==, 0);
    g_assert_cmpstr(why, ==, "no descriptors or memory left for another connection");
    g_assert_true(sk_milter_client_open(client, &MAIL, &error));
    g_assert_no_error(error);
    outcome = deliver(client, sk_bytes(SMALL, strlen(SMALL)));
    g_assert_cmpint(outcome.verdict, ==, 'a');
    world_stop(&world);
}

static void
drain_server(void *data)
{
    sk_milter_server_drain(data);
}

/* What is under way goes on, what is new waits for another process. */
static void
test_drain(void)
{
    g_autoptr(SkMilterClient) client = NULL;
    g_auto(SkMilterOutcome) outcome = {0};
    sk_autofd int late = -1;
    World world;

    world_start(&world, false, 60);
    world.reply = &ACCEPT;
    client = open_client(&world);
    sk_loop_post(world.loop, drain_server, world.server);
    outcome = deliver(client, sk_bytes(SMALL, strlen(SMALL)));
    g_assert_cmpint(outcome.verdict, ==, 'a');
    late = sk_milter_connect(world.endpoint, NULL);
    g_assert_cmpint(late, >=, 0);
    g_usleep(20000);
    world_join(&world);
    g_assert_cmpuint(sk_milter_server_count(world.server), ==, 1);
    world_clear(&world);
}

/* Messages that wait when the server ends are abandoned, so that their owner lets go. */
static void
test_end_with_waiting(void)
{
    g_autoptr(SkMilterClient) client = NULL;
    World world;

    world_start(&world, false, 60);
    client = open_client(&world);
    submit(client, sk_bytes(SMALL, strlen(SMALL)));
    wait_for(&world, &world.messages, 1);
    world_join(&world);
    g_clear_pointer(&world.server, sk_milter_server_free);
    g_assert_cmpuint(world.abandoned, ==, 1);
    world_clear(&world);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_data_func("/milter-server/edits/unix", NULL, test_edits);
    g_test_add_data_func("/milter-server/edits/tcp", "tcp", test_edits);
    g_test_add_func("/milter-server/verdicts", test_verdicts);
    g_test_add_func("/milter-server/long-answer", test_long_answer);
    g_test_add_data_func("/milter-server/large/unix", NULL, test_large);
    g_test_add_data_func("/milter-server/large/tcp", "tcp", test_large);
    g_test_add_func("/milter-server/too-large", test_too_large);
    g_test_add_data_func("/milter-server/hang-up/unix", NULL, test_hang_up);
    g_test_add_data_func("/milter-server/hang-up/tcp", "tcp", test_hang_up);
    g_test_add_func("/milter-server/answer-to-nobody", test_answer_to_nobody);
    g_test_add_data_func("/milter-server/abort/unix", NULL, test_abort_while_waiting);
    g_test_add_data_func("/milter-server/abort/tcp", "tcp", test_abort_while_waiting);
    g_test_add_func("/milter-server/slow-reader", test_slow_reader);
    g_test_add_func("/milter-server/garbage", test_garbage);
    g_test_add_func("/milter-server/idle", test_idle);
    g_test_add_func("/milter-server/no-descriptors", test_no_descriptors);
    g_test_add_func("/milter-server/drain", test_drain);
    g_test_add_func("/milter-server/end-with-waiting", test_end_with_waiting);
    return g_test_run();
}
