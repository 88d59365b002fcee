/* SPDX-License-Identifier: Apache-2.0 */
#include "milter/milter-session.h"

#include <string.h>

#include "base/limit.h"
#include "milter/milter-packet.h"

/* One packet of a conversation; the data may hold NULs. */
typedef struct {
    char command;
    const char *data;
    size_t size;
} Packet;

#define P(command, data)                                                                       \
    {                                                                                          \
        command, data, sizeof data - 1                                                         \
    }
#define END                                                                                    \
    {                                                                                          \
        '\0', NULL, 0                                                                          \
    }
#define OFFER P('O', "\0\0\0\6\0\0\1\xff\0\x1f\xff\xff")

/* What a test sees: everything the handler was told, as text. */
typedef struct {
    GString *log;
    SkMilterMessage *waiting;
    bool wait;     /* do not answer from within the handler */
    bool answered; /* the host was told of an answer */
    SkMilterSession *session;
} Seen;

static const SkMilterReply ACCEPT = {.verdict = SK_MILTER_ACCEPT};

static void
log_envelope(GString *log, const SkEnvelope *envelope)
{
    g_string_append_printf(log, "%s/%s helo=%s login=%s id=%s from=<%s>%s", //
                           envelope->client_name, envelope->client_address, envelope->helo,
                           envelope->login, envelope->queue_id, envelope->sender,
                           envelope->sender_args);
    for (guint i = 0; i < sk_envelope_count(envelope); i++)
        g_string_append_printf(log, " to=<%s>%s", sk_envelope_peek(envelope, i)->address,
                               sk_envelope_peek(envelope, i)->args);
    g_string_append_c(log, '\n');
}

static void
on_message(SkMilterMessage *message, void *data)
{
    Seen *seen = data;
    SkBytes bytes = sk_spool_peek_bytes(sk_milter_message_peek_spool(message));
    SkBytes header = sk_milter_message_peek_header(message);

    g_assert_cmpuint(header.len, ==, sk_milter_message_header_size(message));
    g_assert_true(sk_bytes_at(bytes, 0, header.data, header.len));
    log_envelope(seen->log, sk_milter_message_peek_envelope(message));
    g_string_append_len(seen->log, (const char *)bytes.data, (gssize)bytes.len);
    g_string_append(seen->log, "|\n");
    if (seen->wait)
        seen->waiting = message;
    else
        sk_milter_message_reply(message, &ACCEPT);
}

static void
on_abandoned(SkMilterMessage *message, void *data)
{
    Seen *seen = data;

    g_assert_true(seen->waiting == message);
    seen->waiting = NULL;
    g_string_append(seen->log, "abandoned\n");
}

static void
on_turned_away(const SkEnvelope *envelope, const char *answer, void *data)
{
    Seen *seen = data;

    g_string_append_printf(seen->log, "turned away <%s> %.9s\n", envelope->sender, answer);
}

static void
on_answered(void *host)
{
    ((Seen *)host)->answered = true;
}

static SkMilterHandler
handler_for(Seen *seen)
{
    return (SkMilterHandler){on_message, on_abandoned, on_turned_away, NULL, seen};
}

static SkMilterSession *
session_new(const SkMilterHandler *handler, size_t limit, bool tcp)
{
    SkMilterSessionSetup setup = {handler, limit, tcp, NULL, on_answered, handler->data};

    return sk_milter_session_new(&setup);
}

static void
append(SkBuffer *out, const Packet *packets)
{
    for (; packets->command != '\0'; packets++) {
        SkBytes part = sk_bytes(packets->data, packets->size);

        g_assert_true(sk_milter_packet_append(out, packets->command, &part, 1));
    }
}

/* Feeds a copy that ends where the bytes end, so that over-reads are seen. */
static bool
feed(SkMilterSession *session, SkBytes bytes)
{
    g_autofree uint8_t *exact = g_memdup2(bytes.data, bytes.len);

    return sk_milter_session_feed(session, sk_bytes(exact, bytes.len));
}

static bool
feed_packets(SkMilterSession *session, const Packet *packets)
{
    g_auto(SkBuffer) in = {0};

    sk_buffer_init(&in, 8 * SK_MIB);
    append(&in, packets);
    return feed(session, sk_buffer_bytes(&in));
}

/* The letters of the packets that were answered, and forgets them. */
static char *
steal_answers(SkMilterSession *session)
{
    SkBuffer *out = sk_milter_session_peek_output(session);
    GString *letters = g_string_new(NULL);
    SkBytes left = sk_buffer_bytes(out);

    while (left.len > 0) {
        g_assert_true(sk_bytes_has(left, 4, sk_bytes_be32(left, 0)));
        g_string_append_c(letters, (char)sk_bytes_u8(left, 4));
        left = sk_bytes_from(left, 4 + (uint64_t)sk_bytes_be32(left, 0));
    }
    sk_buffer_reset(out, 0);
    return g_string_free(letters, FALSE);
}

static void
assert_answers(SkMilterSession *session, const char *expected)
{
    g_autofree char *letters = steal_answers(session);

    g_assert_cmpstr(letters, ==, expected);
}

/* clang-format off */
static const Packet TWO_MESSAGES[] = {
    OFFER,
    P('D', "C"),
    P('C', "mail.example.net\0" "4\x9c\x40" "192.0.2.1\0"),
    P('H', "mail.example.net\0"),
    P('D', "Mi\0" "4B1\0{auth_authen}\0alice\0"),
    P('M', "<alice@example.com>\0SIZE=10\0BODY=8BITMIME\0"),
    P('D', "Ri\0" "4B1\0"),
    P('R', "<bob@example.net>\0NOTIFY=NEVER\0"),
    P('R', "<carol@example.org>\0"),
    P('L', "Subject\0 hello\n\t world\0"),
    P('L', "X-No-Blank\0x\0"),
    P('L', "X-Empty\0\0"),
    P('L', "X-Eight\0 \xe3\x81\x82\xff\0"),
    P('N', ""),
    P('B', "first line\r\n"),
    P('B', ""),
    P('E', ".\r\nlast\0line"),
    P('A', ""),
    P('M', "<>\0"),
    P('R', "<dave@example.org>\0"),
    P('T', ""),
    P('N', ""),
    P('D', "Ei\0" "4B2\0"),
    P('E', ""),
    P('Q', ""),
    END};
/* clang-format on */

static const char TWO_MESSAGES_LOG[] =
    "mail.example.net/192.0.2.1 helo=mail.example.net login=alice id=4B1 "
    "from=<alice@example.com>SIZE=10 BODY=8BITMIME to=<bob@example.net>NOTIFY=NEVER "
    "to=<carol@example.org>(null)\n"
    "Subject: hello\r\n\t world\r\nX-No-Blank:x\r\nX-Empty:\r\nX-Eight: \xe3\x81\x82\xff\r\n"
    "\r\nfirst line\r\n.\r\nlast\0line|\n"
    "mail.example.net/192.0.2.1 helo=mail.example.net login=(null) id=4B2 from=<>(null) "
    "to=<dave@example.org>(null)\n\r\n|\n";

static void
assert_two_messages(const SkBytes *pieces, size_t n)
{
    Seen seen = {.log = g_string_new(NULL)};
    SkMilterHandler handler = handler_for(&seen);
    g_autoptr(SkMilterSession) session = session_new(&handler, SK_MIB, false);

    for (size_t i = 0; i < n; i++)
        g_assert_true(feed(session, pieces[i]) == (i + 1 < n));
    g_assert_cmpstr(sk_milter_session_peek_refusal(session), ==, NULL);
    g_assert_cmpmem(seen.log->str, seen.log->len, TWO_MESSAGES_LOG,
                    sizeof TWO_MESSAGES_LOG - 1);
    assert_answers(session, "Oaa");
    g_string_free(seen.log, TRUE);
}

/* Every place at which a read may end. */
static void
test_split(void)
{
    g_auto(SkBuffer) in = {0};
    g_autofree SkBytes *bytes = NULL;
    SkBytes whole;

    sk_buffer_init(&in, SK_MIB);
    append(&in, TWO_MESSAGES);
    whole = sk_buffer_bytes(&in);
    for (size_t i = 1; i < whole.len; i++) {
        SkBytes pieces[] = {sk_bytes_slice(whole, 0, i), sk_bytes_from(whole, i)};

        assert_two_messages(pieces, 2);
    }
    bytes = g_new(SkBytes, whole.len);
    for (size_t i = 0; i < whole.len; i++)
        bytes[i] = sk_bytes_slice(whole, i, 1);
    assert_two_messages(bytes, whole.len);
    assert_two_messages(&whole, 1);
}

#define GREETING OFFER, P('C', "h\0U")
#define ENVELOPE GREETING, P('M', "<a@example.com>\0"), P('R', "<b@example.com>\0")

/* clang-format off */
static const struct {
    const char *name;
    Packet packets[8];
    const char *why;
} REFUSED[] = {
    {"no greeting", {P('M', "<a@example.com>\0"), END}, "a command out of order"},
    {"abort before greeting", {P('A', ""), END}, "a command out of order"},
    {"macros before greeting", {P('D', "C"), END}, "a command out of order"},
    {"two greetings", {OFFER, OFFER, END}, "a command out of order"},
    {"short greeting", {P('O', "\0\0\0\6\0\0\1"), END}, "a malformed packet"},
    {"version 5", {P('O', "\0\0\0\5\0\0\1\xff\0\x1f\xff\xff"), END},
     "the peer speaks a milter protocol before version 6 (Postfix: milter_protocol)"},
    {"no header edits", {P('O', "\0\0\0\6\0\0\0\1\0\x1f\xff\xff"), END},
     "the peer does not let header fields be added and changed"},
    {"no leading blanks", {P('O', "\0\0\0\6\0\0\1\xff\0\x0f\xff\xff"), END},
     "the peer does not show header fields with their leading blanks"},
    {"unknown command", {OFFER, P('Z', ""), END}, "an unknown command"},
    {"mail before connect", {OFFER, P('M', "<>\0"), END}, "a command out of order"},
    {"helo before connect", {OFFER, P('H', "x\0"), END}, "a command out of order"},
    {"two connects", {GREETING, P('C', "h\0U"), END}, "a command out of order"},
    {"rcpt before mail", {GREETING, P('R', "<>\0"), END}, "a command out of order"},
    {"header before mail", {GREETING, P('L', "a\0b\0"), END}, "a command out of order"},
    {"end of header before mail", {GREETING, P('N', ""), END}, "a command out of order"},
    {"body before mail", {GREETING, P('B', "x"), END}, "a command out of order"},
    {"end before mail", {GREETING, P('E', ""), END}, "a command out of order"},
    {"data before mail", {GREETING, P('T', ""), END}, "a command out of order"},
    {"rcpt after header", {ENVELOPE, P('L', "a\0b\0"), P('R', "<c>\0"), END}, "a command out of order"},
    {"mail after header", {ENVELOPE, P('L', "a\0b\0"), P('M', "<c>\0"), END}, "a command out of order"},
    {"header after its end", {ENVELOPE, P('N', ""), P('L', "a\0b\0"), END}, "a command out of order"},
    {"two ends of header", {ENVELOPE, P('N', ""), P('N', ""), END}, "a command out of order"},
    {"header after body", {ENVELOPE, P('B', "x"), P('L', "a\0b\0"), END}, "a command out of order"},
    {"helo after header", {ENVELOPE, P('L', "a\0b\0"), P('H', "x\0"), END}, "a command out of order"},
    {"connect without family", {OFFER, P('C', "h\0"), END}, "a malformed packet"},
    {"connect without NUL", {OFFER, P('C', "h"), END}, "a malformed packet"},
    {"connect, family 9", {OFFER, P('C', "h\0" "9\0\0x\0"), END}, "a malformed packet"},
    {"connect, no address", {OFFER, P('C', "h\0" "4\0\0"), END}, "a malformed packet"},
    {"connect, half a port", {OFFER, P('C', "h\0" "4\0"), END}, "a malformed packet"},
    {"connect, more behind", {OFFER, P('C', "h\0" "4\0\0x\0y"), END}, "a malformed packet"},
    {"helo without NUL", {GREETING, P('H', "x"), END}, "a malformed packet"},
    {"empty helo", {GREETING, P('H', ""), END}, "a malformed packet"},
    {"two helo names", {GREETING, P('H', "x\0y\0"), END}, "a malformed packet"},
    {"mail without data", {GREETING, P('M', ""), END}, "a malformed packet"},
    {"mail without NUL", {GREETING, P('M', "<a>"), END}, "a malformed packet"},
    {"mail, argument without NUL", {GREETING, P('M', "<a>\0SIZE=1"), END}, "a malformed packet"},
    {"rcpt without NUL", {ENVELOPE, P('R', "<a>"), END}, "a malformed packet"},
    {"header without value", {ENVELOPE, P('L', "a\0"), END}, "a malformed packet"},
    {"header without NUL", {ENVELOPE, P('L', "a\0b"), END}, "a malformed packet"},
    {"header with more", {ENVELOPE, P('L', "a\0b\0c\0"), END}, "a malformed packet"},
    {"end of header with data", {ENVELOPE, P('N', "x"), END}, "a malformed packet"},
    {"data with data", {ENVELOPE, P('T', "x"), END}, "a malformed packet"},
    {"abort with data", {ENVELOPE, P('A', "x"), END}, "a malformed packet"},
    {"macros without stage", {GREETING, P('D', ""), END}, "a malformed packet"},
    {"macro without value", {GREETING, P('D', "Mi\0"), END}, "a malformed packet"},
    {"macro without NUL", {GREETING, P('D', "Mi\0x"), END}, "a malformed packet"},
    {"quit, then more", {GREETING, P('Q', ""), P('Z', ""), END}, ""},
};
/* clang-format on */

static void
test_refused(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(REFUSED); i++) {
        Seen seen = {.log = g_string_new(NULL)};
        SkMilterHandler handler = handler_for(&seen);
        g_autoptr(SkMilterSession) session = session_new(&handler, SK_MIB, false);
        const char *why = REFUSED[i].why;

        g_test_message("%s", REFUSED[i].name);
        g_assert_true(feed_packets(session, REFUSED[i].packets) == (why == NULL));
        g_assert_cmpstr(sk_milter_session_peek_refusal(session), ==,
                        why != NULL && *why == '\0' ? NULL : why);
        g_assert_cmpstr(seen.log->str, ==, "");
        g_string_free(seen.log, TRUE);
    }
}

/* clang-format off */
static const struct {
    const char *bytes;
    size_t size;
    const char *why;
} HEADS[] = {
    {"\0\0\0\0O", 5, "a packet without a command"},
    {"\xff\xff\xff\xffO", 5, "a packet beyond the size limit"},
    {"\0\x10\0\1O", 5, "a packet beyond the size limit"},
    {"\0\x10\0\0O", 5, NULL}, /* the largest, of which nothing came yet */
    {"\0\0\0\1\0", 5, "an unknown command"},
    {"GET / HTTP/1.1\r\n", 16, "a packet beyond the size limit"},
    {"\0\0\0\1", 4, NULL},
};
/* clang-format on */

static void
test_heads(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(HEADS); i++) {
        Seen seen = {0};
        SkMilterHandler handler = handler_for(&seen);
        g_autoptr(SkMilterSession) session = session_new(&handler, SK_MIB, false);

        g_assert_true(feed(session, sk_bytes(HEADS[i].bytes, HEADS[i].size)) ==
                      (HEADS[i].why == NULL));
        g_assert_cmpstr(sk_milter_session_peek_refusal(session), ==, HEADS[i].why);
    }
}

/* clang-format off */
static const Packet STAGES[] = {
    P('D', "Mi\0" "9\0{auth_authen}\0mallory\0"), P('M', "<old@example.com>\0"),
    P('R', "<old@example.org>\0"), P('L', "Old\0 1\0"), P('N', ""), P('B', "old"), P('E', "")};
/* clang-format on */

/* After an abort at any stage nothing of the message is left for the next one. */
static void
test_abort(void)
{
    static const Packet greeting[] = {GREETING, END}, abort_packet[] = {P('A', ""), END};
    static const Packet next[] = {P('M', "<new@example.com>\0"), P('E', "new"), END};

    for (size_t n = 0; n <= G_N_ELEMENTS(STAGES); n++) {
        Seen seen = {.log = g_string_new(NULL), .wait = n == G_N_ELEMENTS(STAGES)};
        SkMilterHandler handler = handler_for(&seen);
        g_autoptr(SkMilterSession) session = session_new(&handler, SK_MIB, false);

        g_assert_true(feed_packets(session, greeting));
        for (size_t i = 0; i < n; i++)
            g_assert_true(feed_packets(session, (Packet[]){STAGES[i], END}));
        g_assert_true(sk_milter_session_is_waiting(session) == seen.wait);
        g_string_truncate(seen.log, 0);
        g_assert_true(feed_packets(session, abort_packet));
        g_assert_cmpstr(seen.log->str, ==, seen.wait ? "abandoned\n" : "");
        seen.wait = false;
        g_string_truncate(seen.log, 0);
        g_assert_true(feed_packets(session, next));
        g_assert_cmpstr(seen.log->str, ==,
                        "h/(null) helo=(null) login=(null) id=(null) "
                        "from=<new@example.com>(null)\n\r\nnew|\n");
        g_string_free(seen.log, TRUE);
    }
}

/* Nothing behind a message that waits is looked at before it is answered. */
static void
test_waiting(void)
{
    static const Packet first[] = {ENVELOPE, P('E', "one"), END};
    static const Packet second[] = {P('M', "<2@example.com>\0"), P('E', "two"), END};
    Seen seen = {.log = g_string_new(NULL), .wait = true};
    SkMilterHandler handler = handler_for(&seen);
    g_autoptr(SkMilterSession) session = session_new(&handler, SK_MIB, false);

    g_assert_true(feed_packets(session, first));
    assert_answers(session, "O");
    g_assert_false(sk_milter_session_is_full(session));
    g_assert_true(feed_packets(session, second));
    g_assert_true(sk_milter_session_is_full(session));
    g_assert_null(strstr(seen.log->str, "two"));
    sk_milter_message_reply(seen.waiting, &ACCEPT);
    g_assert_true(seen.answered);
    assert_answers(session, "a");
    g_assert_true(sk_milter_session_resume(session));
    g_assert_nonnull(strstr(seen.log->str, "two"));
    g_assert_true(sk_milter_session_is_waiting(session));
    g_assert_true(feed_packets(session, (Packet[]){P('Q', ""), END}) == false);
    g_assert_true(g_str_has_suffix(seen.log->str, "abandoned\n"));
    g_string_free(seen.log, TRUE);
}

/* The end of the message, its abort and the next one in one read. */
static void
test_given_up_in_one_read(void)
{
    static const Packet packets[] = {
        ENVELOPE, P('E', "one"), P('A', ""), P('M', "<2@example.com>\0"), P('E', "two"), END};
    Seen seen = {.log = g_string_new(NULL), .wait = true};
    SkMilterHandler handler = handler_for(&seen);
    SkMilterSession *session = session_new(&handler, SK_MIB, false);

    g_assert_true(feed_packets(session, packets));
    g_assert_nonnull(strstr(seen.log->str, "one|\nabandoned\n"));
    g_assert_true(g_str_has_suffix(seen.log->str, "two|\n"));
    sk_milter_session_free(session);
    g_assert_true(g_str_has_suffix(seen.log->str, "two|\nabandoned\n"));
    g_string_free(seen.log, TRUE);
}

/* A peer that offers no step without an answer gets one for each. */
static void
test_answers_each_step(void)
{
    static const Packet packets[] = {P('O', "\0\0\0\6\0\0\0\x11\0\x10\0\0"),
                                     P('C', "h\0U"),
                                     P('H', "x\0"),
                                     P('U', "FOO\0"),
                                     P('M', "<>\0"),
                                     P('R', "<b>\0"),
                                     P('T', ""),
                                     P('L', "a\0 b\0"),
                                     P('N', ""),
                                     P('B', "x"),
                                     P('E', ""),
                                     END};
    Seen seen = {.log = g_string_new(NULL)};
    SkMilterHandler handler = handler_for(&seen);
    g_autoptr(SkMilterSession) session = session_new(&handler, SK_MIB, false);

    g_assert_true(feed_packets(session, packets));
    assert_answers(session, "Occccccccca");
    g_string_free(seen.log, TRUE);
}

static uint32_t
negotiated_protocol(bool tcp)
{
    Seen seen = {0};
    SkMilterHandler handler = handler_for(&seen);
    g_autoptr(SkMilterSession) session = session_new(&handler, SK_MIB, tcp);
    SkBytes answer;

    g_assert_true(feed_packets(session, (Packet[]){OFFER, END}));
    answer = sk_buffer_bytes(sk_milter_session_peek_output(session));
    g_assert_cmpuint(sk_bytes_be32(answer, 5), ==, 6);
    g_assert_cmpuint(sk_bytes_be32(answer, 9), ==, 0x111);
    g_assert_true(sk_bytes_is(answer, 17, "\0\0\0\0i\0\0\0\0\1i\0\0\0\0\2i {auth_authen}\0"));
    return sk_bytes_be32(answer, 13);
}

/* Over TCP DATA must be answered (40 ms of Nagle's algorithm otherwise). */
static void
test_negotiation(void)
{
    g_assert_cmphex(negotiated_protocol(false), ==, 0x1ff780);
    g_assert_cmphex(negotiated_protocol(true), ==, 0x1ef580);
}

/* clang-format off */
static const struct {
    Packet connect;
    const char *log; /* client name and address */
} CLIENTS[] = {
    {P('C', "a.example\0" "4\0\x19" "192.0.2.1\0"), "a.example/192.0.2.1 "},
    {P('C', "unknown\0" "4\0\0" "192.0.2.1\0"), "(null)/192.0.2.1 "},
    {P('C', "[192.0.2.1]\0" "4\0\0" "192.0.2.1\0"), "(null)/192.0.2.1 "},
    {P('C', "a.example\0" "6\0\0" "2001:db8::1\0"), "a.example/2001:db8::1 "},
    {P('C', "a.example\0" "6\0\0" "IPv6:2001:db8::1\0"), "a.example/2001:db8::1 "},
    {P('C', "localhost\0" "L\0\0" "/run/socket\0"), "localhost/(null) "},
    {P('C', "localhost\0" "U"), "localhost/(null) "},
    {P('C', "\0" "U"), "(null)/(null) "},
};
/* clang-format on */

/* On one socket, with QUIT_NC between. */
static void
test_clients(void)
{
    Seen seen = {.log = g_string_new(NULL)};
    SkMilterHandler handler = handler_for(&seen);
    g_autoptr(SkMilterSession) session = session_new(&handler, SK_MIB, false);

    g_assert_true(feed_packets(session, (Packet[]){OFFER, END}));
    for (size_t i = 0; i < G_N_ELEMENTS(CLIENTS); i++) {
        Packet packets[] = {CLIENTS[i].connect, P('M', "<>\0"), P('E', ""), P('K', ""), END};

        g_string_truncate(seen.log, 0);
        g_assert_true(feed_packets(session, packets));
        g_assert_true(g_str_has_prefix(seen.log->str, CLIENTS[i].log));
    }
    g_string_free(seen.log, TRUE);
}

/* The login of one message is never that of the next. */
static void
test_login_is_for_one_mail(void)
{
    static const Packet packets[] = {GREETING,          P('D', "M{auth_authen}\0alice\0"),
                                     P('D', "Mi\0X\0"), P('M', "<>\0"),
                                     P('E', ""),        END};
    Seen seen = {.log = g_string_new(NULL)};
    SkMilterHandler handler = handler_for(&seen);
    g_autoptr(SkMilterSession) session = session_new(&handler, SK_MIB, false);

    g_assert_true(feed_packets(session, packets));
    g_assert_nonnull(strstr(seen.log->str, "login=(null) id=X "));
    g_string_free(seen.log, TRUE);
}

static void
feed_filled(SkMilterSession *session, char command, const char *start, size_t n)
{
    g_autofree char *fill = g_strnfill(n, 'x');
    SkBytes parts[] = {sk_bytes(start, strlen(start) + (command == 'L')), sk_bytes(fill, n),
                       sk_bytes("", command == 'B' ? 0 : 1)};
    g_auto(SkBuffer) in = {0};

    sk_buffer_init(&in, 4 * SK_MIB);
    g_assert_true(sk_milter_packet_append(&in, command, parts, 3));
    g_assert_true(feed(session, sk_buffer_bytes(&in)));
}

static void
send_large_body(SkMilterSession *session)
{
    for (int i = 0; i < 20; i++)
        feed_filled(session, 'B', "", 60000);
}

static void
send_large_header(SkMilterSession *session)
{
    for (int i = 0; i < 40; i++)
        feed_filled(session, 'L', "X-Large", 60000);
}

static void
send_long_recipient(SkMilterSession *session)
{
    feed_filled(session, 'R', "<", SK_LIMIT_ADDRESS + 1);
}

static void
send_long_arguments(SkMilterSession *session)
{
    g_autofree char *value = g_strnfill(500000, 'x');
    SkBytes parts[] = {sk_bytes("<b@example.com>", 16), sk_bytes(value, strlen(value) + 1)};
    g_auto(SkBuffer) in = {0};

    sk_buffer_init(&in, SK_MIB);
    g_assert_true(sk_milter_packet_append(&in, 'R', parts, 2));
    g_assert_true(feed(session, sk_buffer_bytes(&in)));
}

static void
send_many_recipients(SkMilterSession *session)
{
    for (int i = 0; i < SK_LIMIT_RECIPIENTS; i++)
        g_assert_true(feed_packets(session, (Packet[]){P('R', "<b@example.com>\0"), END}));
}

static void
send_long_sender(SkMilterSession *session)
{
    feed_filled(session, 'M', "<", SK_LIMIT_ADDRESS + 1);
}

static const struct {
    void (*send)(SkMilterSession *session);
    const char *log;
} LIMITS[] = {
    {send_large_body, "turned away <a@example.com> 552 5.3.4\n"},
    {send_large_header, "turned away <a@example.com> 552 5.3.4\n"},
    {send_long_recipient, "turned away <a@example.com> 452 4.5.3\n"},
    {send_long_arguments, "turned away <a@example.com> 452 4.5.3\n"},
    {send_many_recipients, "turned away <a@example.com> 452 4.5.3\n"},
    {send_long_sender, "turned away <(null)> 452 4.5.3\n"},
};

/* Beyond a limit the message is answered at its end, and the next one is as any other. */
static void
test_limits(void)
{
    static const Packet start[] = {ENVELOPE, END}, end[] = {P('E', "end"), END};
    static const Packet next[] = {P('M', "<n@example.com>\0"), P('E', "next"), END};

    for (size_t i = 0; i < G_N_ELEMENTS(LIMITS); i++) {
        Seen seen = {.log = g_string_new(NULL)};
        SkMilterHandler handler = handler_for(&seen);
        g_autoptr(SkMilterSession) session = session_new(&handler, SK_MIB, false);

        g_assert_true(feed_packets(session, start));
        LIMITS[i].send(session);
        g_assert_true(feed_packets(session, end));
        g_assert_cmpstr(seen.log->str, ==, LIMITS[i].log);
        assert_answers(session, "Oy");
        g_assert_true(feed_packets(session, next));
        g_assert_nonnull(strstr(seen.log->str, "\r\nnext|\n"));
        assert_answers(session, "a");
        g_string_free(seen.log, TRUE);
    }
}

/* A peer that waits for an answer to each piece of the body need not send the rest. */
static void
test_skip(void)
{
    static const Packet start[] = {P('O', "\0\0\0\6\0\0\0\x11\0\x16\xf4\x80"),
                                   P('C', "h\0U"),
                                   P('M', "<>\0"),
                                   P('N', ""),
                                   P('B', "x"),
                                   END};
    Seen seen = {.log = g_string_new(NULL)};
    SkMilterHandler handler = handler_for(&seen);
    g_autoptr(SkMilterSession) session = session_new(&handler, 100, false);

    g_assert_true(feed_packets(session, start));
    assert_answers(session, "Oc");
    feed_filled(session, 'B', "", 100);
    assert_answers(session, "s");
    g_assert_true(feed_packets(session, (Packet[]){P('E', ""), END}));
    assert_answers(session, "y");
    g_string_free(seen.log, TRUE);
}

/* A login that would have to be cut could become another's. */
static void
test_long_login(void)
{
    g_autofree char *login = g_strnfill(SK_LIMIT_ADDRESS + 1, 'x');
    SkBytes parts[] = {sk_bytes("M{auth_authen}", 15), sk_bytes(login, strlen(login) + 1)};
    Seen seen = {.log = g_string_new(NULL)};
    SkMilterHandler handler = handler_for(&seen);
    g_autoptr(SkMilterSession) session = session_new(&handler, SK_MIB, false);
    g_auto(SkBuffer) in = {0};

    sk_buffer_init(&in, SK_MIB);
    append(&in, (Packet[]){GREETING, END});
    g_assert_true(sk_milter_packet_append(&in, 'D', parts, 2));
    append(&in, (Packet[]){P('M', "<a@example.com>\0"), P('E', ""), END});
    g_assert_true(feed(session, sk_buffer_bytes(&in)));
    g_assert_cmpstr(seen.log->str, ==, "turned away <a@example.com> 452 4.5.3\n");
    g_string_free(seen.log, TRUE);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/milter-session/split", test_split);
    g_test_add_func("/milter-session/refused", test_refused);
    g_test_add_func("/milter-session/heads", test_heads);
    g_test_add_func("/milter-session/abort", test_abort);
    g_test_add_func("/milter-session/waiting", test_waiting);
    g_test_add_func("/milter-session/given-up-in-one-read", test_given_up_in_one_read);
    g_test_add_func("/milter-session/answers-each-step", test_answers_each_step);
    g_test_add_func("/milter-session/negotiation", test_negotiation);
    g_test_add_func("/milter-session/clients", test_clients);
    g_test_add_func("/milter-session/login-is-for-one-mail", test_login_is_for_one_mail);
    g_test_add_func("/milter-session/limits", test_limits);
    g_test_add_func("/milter-session/skip", test_skip);
    g_test_add_func("/milter-session/long-login", test_long_login);
    return g_test_run();
}
