/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * net-smtp-testing - an SMTP server that says what it is told to, in a thread, for tests
 *
 * A script is a list of steps, ended by one without a verb. Each step waits for one line that
 * begins with its verb and answers; SK_FAKE_NEW waits for a connection, SK_FAKE_MESSAGE for all
 * up to the final dot. An answer of NULL closes the connection; "" says nothing.
 */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <glib.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#define SK_FAKE_NEW     "(connection)"
#define SK_FAKE_MESSAGE "(message)"
/* Some of the message, then the answer. */
#define SK_FAKE_PIECE "(piece)"
/* Until the client has closed. */
#define SK_FAKE_END "(end)"

typedef struct {
    const char *verb;
    const char *answer; /* without the last line end */
} SkFakeStep;

typedef struct {
    const SkFakeStep *script;
    int listener, fd;
    char endpoint[64];
    GString *in;       /* read, not yet used */
    GString *commands; /* all lines, as they came */
    GString *message;  /* what followed DATA, final dot and all */
    GString *trouble;  /* where the client did not keep to the script */
    GThread *thread;
} SkFakeSmtp;

static inline bool
sk_fake_more(SkFakeSmtp *fake)
{
    char some[65536];
    ssize_t n = fake->fd < 0 ? 0 : read(fake->fd, some, sizeof some);

    if (n > 0)
        g_string_append_len(fake->in, some, n);
    return n > 0;
}

static inline void
sk_fake_take(SkFakeSmtp *fake, GString *to, size_t n)
{
    g_string_append_len(to, fake->in->str, (gssize)n);
    g_string_erase(fake->in, 0, (gssize)n);
}

/* Where the message ends, or 0. */
static inline size_t
sk_fake_message_end(const GString *in)
{
    const char *end = g_strstr_len(in->str, (gssize)in->len, "\r\n.\r\n");

    if (g_str_has_prefix(in->str, ".\r\n"))
        return 3;
    return end == NULL ? 0 : (size_t)(end - in->str) + 5;
}

static inline bool
sk_fake_await_message(SkFakeSmtp *fake)
{
    size_t n;

    while ((n = sk_fake_message_end(fake->in)) == 0) {
        if (!sk_fake_more(fake))
            return false;
    }
    sk_fake_take(fake, fake->message, n);
    return true;
}

static inline bool
sk_fake_await_line(SkFakeSmtp *fake, const char *verb)
{
    const char *end;
    size_t before = fake->commands->len;

    while ((end = strstr(fake->in->str, "\r\n")) == NULL) {
        if (!sk_fake_more(fake))
            return false;
    }
    sk_fake_take(fake, fake->commands, (size_t)(end - fake->in->str) + 2);
    return g_str_has_prefix(fake->commands->str + before, verb);
}

static inline bool
sk_fake_accept(SkFakeSmtp *fake)
{
    if (fake->fd >= 0)
        close(fake->fd);
    g_string_truncate(fake->in, 0);
    fake->fd = accept(fake->listener, NULL, NULL);
    return fake->fd >= 0;
}

static inline bool
sk_fake_await_end(SkFakeSmtp *fake)
{
    while (sk_fake_more(fake)) {
    }
    return true;
}

static inline bool
sk_fake_await(SkFakeSmtp *fake, const char *verb)
{
    if (strcmp(verb, SK_FAKE_NEW) == 0)
        return sk_fake_accept(fake);
    if (strcmp(verb, SK_FAKE_MESSAGE) == 0)
        return sk_fake_await_message(fake);
    if (strcmp(verb, SK_FAKE_PIECE) == 0)
        return fake->in->len > 0 || sk_fake_more(fake);
    if (strcmp(verb, SK_FAKE_END) == 0)
        return sk_fake_await_end(fake);
    return sk_fake_await_line(fake, verb);
}

static inline void
sk_fake_answer(SkFakeSmtp *fake, const char *answer)
{
    g_autofree char *line = NULL;

    if (answer == NULL) {
        close(fake->fd);
        fake->fd = -1;
    } else if (answer[0] != '\0') {
        line = g_strconcat(answer, "\r\n", NULL);
        /* A client that went away is the client's affair. */
        (void)!send(fake->fd, line, strlen(line), MSG_NOSIGNAL);
    }
}

static inline void *
sk_fake_run(void *data)
{
    SkFakeSmtp *fake = data;

    for (const SkFakeStep *step = fake->script; step->verb != NULL; step++) {
        if (!sk_fake_await(fake, step->verb)) {
            g_string_append_printf(fake->trouble, "no %s (step %d) but \"%s\"", step->verb,
                                   (int)(step - fake->script), fake->commands->str);
            break;
        }
        sk_fake_answer(fake, step->answer);
    }
    if (fake->fd >= 0)
        close(fake->fd);
    return NULL;
}

static inline SkFakeSmtp *
sk_fake_smtp_new(const SkFakeStep *script)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    SkFakeSmtp *fake = g_new0(SkFakeSmtp, 1);
    socklen_t size = sizeof address;

    fake->script = script;
    fake->fd = -1;
    fake->in = g_string_new(NULL);
    fake->commands = g_string_new(NULL);
    fake->message = g_string_new(NULL);
    fake->trouble = g_string_new(NULL);
    fake->listener = socket(AF_INET, SOCK_STREAM, 0);
    g_assert_cmpint(bind(fake->listener, (struct sockaddr *)&address, size), ==, 0);
    g_assert_cmpint(listen(fake->listener, 5), ==, 0);
    g_assert_cmpint(getsockname(fake->listener, (struct sockaddr *)&address, &size), ==, 0);
    g_snprintf(fake->endpoint, sizeof fake->endpoint, "inet:127.0.0.1:%u",
               ntohs(address.sin_port));
    fake->thread = g_thread_new("fake-smtp", sk_fake_run, fake);
    return fake;
}

/* The client's connection is closed before. */
static inline void
sk_fake_smtp_join(SkFakeSmtp *fake)
{
    if (fake->thread != NULL)
        g_thread_join(g_steal_pointer(&fake->thread));
    g_assert_cmpstr(fake->trouble->str, ==, "");
}

static inline void
sk_fake_smtp_free(SkFakeSmtp *fake)
{
    sk_fake_smtp_join(fake);
    close(fake->listener);
    g_string_free(fake->in, TRUE);
    g_string_free(fake->commands, TRUE);
    g_string_free(fake->message, TRUE);
    g_string_free(fake->trouble, TRUE);
    g_free(fake);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkFakeSmtp, sk_fake_smtp_free)
