/* SPDX-License-Identifier: Apache-2.0 */

/*
 * milter-echo - a milter for the end-to-end tests: writes down what it sees
 *
 * milter-echo ENDPOINT GROUP DIRECTORY|-
 *
 * Message N becomes DIRECTORY/N.eml and DIRECTORY/N.envelope, and is accepted with "X-Seen: N"
 * put before all else. Its field X-Echo may ask for something different: "discard", "wait" (no
 * answer, ever), "edit" (the edits below as well), or an SMTP answer. With "-" nothing is
 * written and every message accepted, to measure what the server alone costs.
 */

#include <sys/mman.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/autofree.h"
#include "base/limit.h"
#include "milter/milter-listen.h"
#include "milter/milter-server.h"

typedef struct {
    const char *directory;
    unsigned n;
    SkLoop *loop;
} Echo;

static SkHeaderEdit EDITS[] = {
    {SK_HEADER_CHANGE, 2, (char *)"X-Old", NULL},
    {SK_HEADER_CHANGE, 1, (char *)"X-Old", NULL},
    {SK_HEADER_CHANGE, 1, (char *)"Subject", (char *)"changed\n\tand folded"},
    {SK_HEADER_INSERT, 1, (char *)"X-New", (char *)"after Received"},
};

static void
write_down(Echo *echo, const char *suffix, const void *data, size_t n)
{
    g_autofree char *path = g_strdup_printf("%s/%u.%s", echo->directory, echo->n, suffix);

    g_assert(g_file_set_contents(path, data, (gssize)n, NULL));
}

static void
write_message(Echo *echo, SkSpool *spool)
{
    size_t size = sk_spool_size(spool);
    void *map;

    if (sk_spool_peek_fd(spool) < 0) {
        write_down(echo, "eml", sk_spool_peek_bytes(spool).data, size);
        return;
    }
    map = mmap(NULL, size, PROT_READ, MAP_SHARED, sk_spool_peek_fd(spool), 0);
    g_assert(map != MAP_FAILED);
    write_down(echo, "eml", map, size);
    munmap(map, size);
}

static void
add_line(GString *text, const char *name, const char *value)
{
    if (value != NULL)
        g_string_append_printf(text, "%s=%s\n", name, value);
}

static void
write_envelope(Echo *echo, const SkEnvelope *envelope)
{
    g_autoptr(GString) text = g_string_new(NULL);

    add_line(text, "client", envelope->client_address);
    add_line(text, "name", envelope->client_name);
    add_line(text, "helo", envelope->helo);
    add_line(text, "login", envelope->login);
    add_line(text, "id", envelope->queue_id);
    add_line(text, "sender", envelope->sender);
    add_line(text, "sender-args", envelope->sender_args);
    for (guint i = 0; i < sk_envelope_count(envelope); i++) {
        add_line(text, "to", sk_envelope_peek(envelope, i)->address);
        add_line(text, "to-args", sk_envelope_peek(envelope, i)->args);
    }
    write_down(echo, "envelope", text->str, text->len);
}

/* The value of X-Echo, or "". */
static char *
wish_of(const SkMilterMessage *message)
{
    static const char name[] = "X-Echo: ";
    SkBytes header = sk_milter_message_peek_header(message);
    size_t at = sk_bytes_find(header, name, strlen(name), 0);
    size_t end = at != SK_BYTES_NONE ? sk_bytes_find(header, "\r", 1, at) : SK_BYTES_NONE;

    if (end == SK_BYTES_NONE)
        return g_strdup("");
    at += strlen(name);
    return g_strndup((const char *)header.data + at, end - at);
}

static void
accept_message(Echo *echo, SkMilterMessage *message, bool edit)
{
    g_autofree char *number = g_strdup_printf("%u", echo->n);
    SkHeaderEdit seen = {SK_HEADER_INSERT, 0, (char *)"X-Seen", number};
    g_autoptr(GPtrArray) edits = g_ptr_array_new();

    for (size_t i = 0; edit && i < G_N_ELEMENTS(EDITS); i++)
        g_ptr_array_add(edits, &EDITS[i]);
    g_ptr_array_add(edits, &seen);
    sk_milter_message_reply(message, &(SkMilterReply){SK_MILTER_ACCEPT, NULL, edits});
}

static void
on_message(SkMilterMessage *message, void *data)
{
    Echo *echo = data;
    g_autofree char *wish = wish_of(message);

    echo->n++;
    if (strcmp(echo->directory, "-") == 0) {
        accept_message(echo, message, false);
        return;
    }
    write_message(echo, sk_milter_message_peek_spool(message));
    write_envelope(echo, sk_milter_message_peek_envelope(message));
    if (strcmp(wish, "wait") == 0)
        return;
    if (strcmp(wish, "discard") == 0)
        sk_milter_message_reply(message, &(SkMilterReply){SK_MILTER_DISCARD, NULL, NULL});
    else if (g_ascii_isdigit(wish[0]))
        sk_milter_message_reply(message, &(SkMilterReply){SK_MILTER_REPLY, wish, NULL});
    else
        accept_message(echo, message, strcmp(wish, "edit") == 0);
}

static void
on_abandoned(SkMilterMessage *message, void *data)
{
    (void)message;
    (void)data;
    puts("abandoned");
    fflush(stdout);
}

static void
on_turned_away(const SkEnvelope *envelope, const char *answer, void *data)
{
    (void)envelope;
    (void)data;
    puts(answer);
    fflush(stdout);
}

static void
on_refused(const char *why, void *data)
{
    (void)data;
    printf("refused: %s\n", why);
    fflush(stdout);
}

static void
on_terminate(void *data)
{
    sk_loop_stop(((Echo *)data)->loop);
}

int
main(int argc, char **argv)
{
    g_autoptr(SkLoop) loop = sk_loop_new(NULL);
    Echo echo = {argc > 3 ? argv[3] : NULL, 0, loop};
    SkMilterHandler handler = {on_message, on_abandoned, on_turned_away, on_refused, &echo};
    g_autoptr(SkMilterServer) server = NULL;
    g_autoptr(GError) error = NULL;
    sk_autofd int fd = -1;

    if (argc != 4) {
        fputs("usage: milter-echo ENDPOINT GROUP DIRECTORY|-\n", stderr);
        return 2;
    }
    server = sk_milter_server_new(loop, &handler, SK_LIMIT_MESSAGE);
    fd = sk_milter_listen(argv[1], argv[2], &error);
    if (fd < 0 || !sk_milter_server_listen(server, fd, NULL, &error) ||
        !sk_loop_signal(loop, SIGTERM, on_terminate, &echo, &error)) {
        fprintf(stderr, "milter-echo: %s\n", error->message);
        return 1;
    }
    puts("ready");
    fflush(stdout);
    sk_loop_run(loop);
    return 0;
}
