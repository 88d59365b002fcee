/* SPDX-License-Identifier: Apache-2.0 */
#include "net/net-smtp.h"

#include <errno.h>
#include <string.h>

#include "base/error.h"
#include "net/net-smtp-testing.h"

#define EHLO_ALL                                                                               \
    "250-mx.example.org\r\n250-PIPELINING\r\n250-SIZE "                                        \
    "10240000\r\n250-VRFY\r\n250-8BITMIME\r\n"                                                 \
    "250-DSN\r\n250 SMTPUTF8"
#define EHLO_BARE "250 mx.example.org"
#define HELLO(reply)                                                                           \
    {SK_FAKE_NEW, "220 mx.example.org ESMTP"},                                                 \
    {                                                                                          \
        "EHLO clerk.example", reply                                                            \
    }
#define TEXT "Subject: x\r\n\r\n.dot\r\nend\r\n"

/* A mail of ours to be sent; its text in pieces of 5 bytes. */
typedef struct {
    SkSmtpMail mail;
    SkSmtpRecipient recipients[3];
    SkBytes left;
    bool fails;
} Mail;

static bool
read_piece(void *data, SkBytes *ret_piece, GError **error)
{
    Mail *m = data;

    if (m->fails) {
        g_set_error(error, SK_ERROR, SK_ERROR_IO, "the disk is broken");
        return false;
    }
    *ret_piece = sk_bytes_slice(m->left, 0, 5);
    m->left = sk_bytes_from(m->left, ret_piece->len);
    return true;
}

static void
mail_init(Mail *m, unsigned n)
{
    static const char *const names[] = {"a@example.net", "b@example.net", "c@example.net"};

    *m = (Mail){.left = sk_bytes(TEXT, sizeof TEXT - 1)};
    for (unsigned i = 0; i < n; i++)
        m->recipients[i].address = names[i];
    m->mail = (SkSmtpMail){.sender = "s@ours.example",
                           .size = sizeof TEXT - 1,
                           .recipients = m->recipients,
                           .n_recipients = n,
                           .read = read_piece,
                           .data = m};
}

static void
mail_clear(Mail *m)
{
    for (size_t i = 0; i < G_N_ELEMENTS(m->recipients); i++)
        g_free(m->recipients[i].reply);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Mail, mail_clear)

static SkSmtp *
connect_to(const SkFakeSmtp *fake)
{
    SkSmtp *smtp = sk_smtp_new(fake->endpoint, "clerk.example");

    sk_smtp_set_silence(smtp, 20000);
    return smtp;
}

static void
send_ok(SkSmtp *smtp, Mail *m)
{
    g_autoptr(GError) error = NULL;
    bool ok = sk_smtp_send(smtp, &m->mail, &error);

    g_assert_no_error(error);
    g_assert_true(ok);
}

static void
test_pipelined(void)
{
    static const SkFakeStep script[] = {
        HELLO(EHLO_ALL),
        {"MAIL", ""},
        {"RCPT", ""},
        {"RCPT", ""},
        /* Nothing was answered so far: the client must have sent all of it. */
        {"DATA", "250 2.1.0 Ok\r\n250 2.1.5 Ok\r\n550 5.1.1 <b@example.net>: unknown\r\n"
                 "354 go on"},
        {SK_FAKE_MESSAGE, "250 2.0.0 Ok: queued as 1"},
        {"QUIT", "221 bye"},
        {NULL, NULL},
    };
    g_autoptr(SkFakeSmtp) fake = sk_fake_smtp_new(script);
    g_autoptr(SkSmtp) smtp = connect_to(fake);
    g_auto(Mail) m;

    mail_init(&m, 2);
    m.recipients[0].args = "NOTIFY=NEVER";
    send_ok(smtp, &m);
    g_assert_cmpuint(m.recipients[0].code, ==, 250);
    g_assert_cmpstr(m.recipients[0].reply, ==, "250 2.0.0 Ok: queued as 1");
    g_assert_cmpuint(m.recipients[1].code, ==, 550);
    g_assert_cmpstr(m.recipients[1].reply, ==, "550 5.1.1 <b@example.net>: unknown");
    sk_smtp_rest(smtp);
    sk_fake_smtp_join(fake);
    g_assert_cmpstr(fake->message->str, ==, "Subject: x\r\n\r\n..dot\r\nend\r\n.\r\n");
    g_assert_cmpstr(fake->commands->str, ==,
                    "EHLO clerk.example\r\nMAIL FROM:<s@ours.example> SIZE=25\r\n"
                    "RCPT TO:<a@example.net> NOTIFY=NEVER\r\nRCPT TO:<b@example.net>\r\n"
                    "DATA\r\nQUIT\r\n");
}

/* A server that offers nothing gets a command at a time and no arguments. */
static void
test_bare(void)
{
    static const SkFakeStep script[] = {
        HELLO(EHLO_BARE),
        {"MAIL FROM:<s@ours.example>\r\n", "250 Ok"},
        {"RCPT TO:<a@example.net>\r\n", "250 Ok"},
        {"DATA", "354 go on"},
        {SK_FAKE_MESSAGE, "250 Ok"},
        {NULL, NULL},
    };
    g_autoptr(SkFakeSmtp) fake = sk_fake_smtp_new(script);
    g_autoptr(SkSmtp) smtp = connect_to(fake);
    g_auto(Mail) m;

    mail_init(&m, 1);
    m.mail.eight_bit = m.mail.smtputf8 = true;
    m.mail.args = "RET=HDRS";
    m.recipients[0].args = "NOTIFY=NEVER";
    send_ok(smtp, &m);
    g_assert_cmpuint(m.recipients[0].code, ==, 250);
}

/* What becomes of three recipients, whatever is answered where. */
typedef struct {
    const char *what, *mail, *rcpt[3], *data, *end;
    unsigned codes[3];
    bool given_up; /* before its end: RSET goes before the next mail */
} Answers;

static const Answers answers[] = {
    {"all well", "250 a", {"250 b", "251 c", "250 d"}, "354 e", "250 f", {250, 250, 250}},
    {"one for later", "250 a", {"250 b", "450 c", "250 d"}, "354 e", "250 f", {250, 450, 250}},
    {"one refused", "250 a", {"550 b", "250 c", "452 d"}, "354 e", "250 f", {550, 250, 452}},
    {"sender refused",
     "550 a",
     {"503 b", "503 c", "503 d"},
     "503 e",
     NULL,
     {550, 550, 550},
     true},
    {"sender later",
     "451 a",
     {"250 b", "503 c", "503 d"},
     "503 e",
     NULL,
     {451, 451, 451},
     true},
    {"sender refused, DATA taken",
     "550 a",
     {"503 b", "503 c", "503 d"},
     "354 e",
     "554 f",
     {550, 550, 550},
     true},
    {"nobody taken",
     "250 a",
     {"550 b", "450 c", "550 d"},
     "554 e",
     NULL,
     {550, 450, 550},
     true},
    {"nobody taken, DATA taken",
     "250 a",
     {"550 b", "450 c", "550 d"},
     "354 e",
     "554 f",
     {550, 450, 550},
     true},
    {"DATA later", "250 a", {"250 b", "550 c", "250 d"}, "451 e", NULL, {451, 550, 451}, true},
    {"DATA refused",
     "250 a",
     {"250 b", "450 c", "250 d"},
     "554 e",
     NULL,
     {554, 450, 554},
     true},
    {"message refused",
     "250 a",
     {"250 b", "450 c", "250 d"},
     "354 e",
     "554 f",
     {554, 450, 554}},
    {"message later",
     "250 a",
     {"250 b", "550 c", "250 d"},
     "354 e",
     "451-x\r\n451 f",
     {451, 550, 451}},
};

/* And that the connection serves on. */
static void
check_answers(const Answers *a, bool pipelining)
{
    SkFakeStep script[20] = {HELLO(pipelining ? EHLO_ALL : EHLO_BARE), {"MAIL", a->mail}};
    g_autoptr(SkFakeSmtp) fake = NULL;
    g_autoptr(SkSmtp) smtp = NULL;
    g_auto(Mail) m, next;
    size_t n = 3;

    for (size_t i = 0; i < 3; i++)
        script[n++] = (SkFakeStep){"RCPT", a->rcpt[i]};
    script[n++] = (SkFakeStep){"DATA", a->data};
    if (a->end != NULL)
        script[n++] = (SkFakeStep){SK_FAKE_MESSAGE, a->end};
    if (a->given_up)
        script[n++] = (SkFakeStep){"RSET", "250 g"};
    script[n++] = (SkFakeStep){"MAIL", "250 h"};
    script[n++] = (SkFakeStep){"RCPT", "250 i"};
    script[n++] = (SkFakeStep){"DATA", "354 j"};
    script[n++] = (SkFakeStep){SK_FAKE_MESSAGE, "250 k"};
    fake = sk_fake_smtp_new(script);
    smtp = connect_to(fake);
    mail_init(&m, 3);
    mail_init(&next, 1);
    send_ok(smtp, &m);
    for (size_t i = 0; i < 3; i++)
        g_assert_cmpuint(m.recipients[i].code, ==, a->codes[i]);
    send_ok(smtp, &next);
    g_assert_cmpstr(next.recipients[0].reply, ==, "250 k");
    g_clear_pointer(&smtp, sk_smtp_free);
    sk_fake_smtp_join(fake);
}

static void
test_answers(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(answers); i++) {
        g_test_message("%s", answers[i].what);
        check_answers(&answers[i], true);
        check_answers(&answers[i], false);
    }
}

/* The message belongs to those that were accepted; its bytes go out only if there are any. */
static void
test_nothing_sent(void)
{
    static const SkFakeStep script[] = {
        HELLO(EHLO_ALL),   {"MAIL", "250 a"},          {"RCPT", "550 b"},
        {"DATA", "354 c"}, {SK_FAKE_MESSAGE, "554 d"}, {NULL, NULL},
    };
    g_autoptr(SkFakeSmtp) fake = sk_fake_smtp_new(script);
    g_autoptr(SkSmtp) smtp = connect_to(fake);
    g_auto(Mail) m;

    mail_init(&m, 1);
    send_ok(smtp, &m);
    g_assert_cmpstr(m.recipients[0].reply, ==, "550 b");
    sk_fake_smtp_join(fake);
    g_assert_cmpstr(fake->message->str, ==, ".\r\n");
}

/* The listener goes away, or talks nonsense, at any step of a first mail: an error, and nobody
 * has an answer that could be taken for one. */
typedef struct {
    const char *what;
    SkFakeStep steps[8];
    SkError code;
    bool begun; /* it may have arrived */
} Cut;

#define UP_TO_DATA                                                                             \
    HELLO(EHLO_ALL), {"MAIL", "250 a"}, {"RCPT", "250 b"},                                     \
    {                                                                                          \
        "DATA", "354 c"                                                                        \
    }

static const Cut cuts[] = {
    {"before the greeting", {{SK_FAKE_NEW, NULL}}, SK_ERROR_IO},
    {"busy", {{SK_FAKE_NEW, "421 4.3.2 too busy"}}, SK_ERROR_TIMEOUT},
    {"not for us", {{SK_FAKE_NEW, "554 5.7.1 go away"}}, SK_ERROR_PROTOCOL},
    {"no SMTP", {{SK_FAKE_NEW, "SSH-2.0-x"}}, SK_ERROR_PROTOCOL},
    {"no code", {{SK_FAKE_NEW, "99 x"}}, SK_ERROR_PROTOCOL},
    {"codes differ", {{SK_FAKE_NEW, "220-a\r\n221 b"}}, SK_ERROR_PROTOCOL},
    {"at EHLO", {{SK_FAKE_NEW, "220 x"}, {"EHLO", NULL}}, SK_ERROR_IO},
    {"EHLO unknown", {{SK_FAKE_NEW, "220 x"}, {"EHLO", "502 x"}}, SK_ERROR_PROTOCOL},
    {"in a reply",
     {{SK_FAKE_NEW, "220 x"}, {"EHLO", "250-x"}, {SK_FAKE_END, ""}},
     SK_ERROR_TIMEOUT},
    {"at MAIL", {HELLO(EHLO_ALL), {"MAIL", NULL}}, SK_ERROR_IO},
    {"between replies", {HELLO(EHLO_ALL), {"MAIL", "250 x"}, {"RCPT", NULL}}, SK_ERROR_IO},
    {"MAIL answered 354", {HELLO(EHLO_ALL), {"MAIL", "354 x"}}, SK_ERROR_PROTOCOL},
    {"RCPT answered 333",
     {HELLO(EHLO_ALL), {"MAIL", "250 a"}, {"RCPT", "333 x"}},
     SK_ERROR_PROTOCOL},
    {"DATA answered 250",
     {HELLO(EHLO_ALL), {"MAIL", "250 a"}, {"RCPT", "250 b"}, {"DATA", "250 c"}},
     SK_ERROR_PROTOCOL},
    {"at DATA",
     {HELLO(EHLO_ALL), {"MAIL", "250 a"}, {"RCPT", "250 b"}, {"DATA", NULL}},
     SK_ERROR_IO},
    {"before the final dot", {UP_TO_DATA, {SK_FAKE_PIECE, NULL}}, SK_ERROR_IO, true},
    {"after the final dot", {UP_TO_DATA, {SK_FAKE_MESSAGE, NULL}}, SK_ERROR_IO, true},
    {"silent after the final dot",
     {UP_TO_DATA, {SK_FAKE_MESSAGE, ""}, {SK_FAKE_END, ""}},
     SK_ERROR_TIMEOUT,
     true},
    {"message answered 354", {UP_TO_DATA, {SK_FAKE_MESSAGE, "354 x"}}, SK_ERROR_PROTOCOL, true},
};

static void
check_cut(const Cut *cut)
{
    g_autoptr(SkFakeSmtp) fake = sk_fake_smtp_new(cut->steps);
    g_autoptr(SkSmtp) smtp = connect_to(fake);
    g_autoptr(GError) error = NULL;
    g_auto(Mail) m;

    if (cut->code == SK_ERROR_TIMEOUT)
        sk_smtp_set_silence(smtp, 200);
    mail_init(&m, 1);
    g_assert_false(sk_smtp_send(smtp, &m.mail, &error));
    /* A peer that closes with something unread resets the connection: one of IO, too. */
    g_assert_error(error, SK_ERROR, (int)cut->code);
    g_assert_cmpint(m.mail.begun, ==, cut->begun);
    g_clear_pointer(&smtp, sk_smtp_free);
    sk_fake_smtp_join(fake);
}

static void
test_cuts(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(cuts); i++) {
        g_test_message("%s", cuts[i].what);
        check_cut(&cuts[i]);
    }
}

/* 421 is an answer: it holds for everybody who has none yet, or was only accepted. */
static void
test_closing(void)
{
    static const SkFakeStep script[] = {
        HELLO(EHLO_ALL),   {"MAIL", "250 a"},          {"RCPT", "250 b"},
        {"RCPT", "550 c"}, {"RCPT", "421 4.3.2 d"},    {SK_FAKE_END, NULL},
        HELLO(EHLO_ALL),   {"MAIL", "250 a"},          {"RCPT", "250 b"},
        {"DATA", "354 c"}, {SK_FAKE_MESSAGE, "421 e"}, {SK_FAKE_END, NULL},
        {NULL, NULL},
    };
    g_autoptr(SkFakeSmtp) fake = sk_fake_smtp_new(script);
    g_autoptr(SkSmtp) smtp = connect_to(fake);
    g_auto(Mail) first, second;

    mail_init(&first, 3);
    mail_init(&second, 1);
    send_ok(smtp, &first);
    g_assert_cmpuint(first.recipients[0].code, ==, 421);
    g_assert_cmpuint(first.recipients[1].code, ==, 550);
    g_assert_cmpuint(first.recipients[2].code, ==, 421);
    send_ok(smtp, &second);
    g_assert_cmpuint(second.recipients[0].code, ==, 421);
    sk_fake_smtp_join(fake);
}

#define WELL                                                                                   \
    {"MAIL", "250 a"}, {"RCPT", "250 b"}, {"DATA", "354 c"},                                   \
    {                                                                                          \
        SK_FAKE_MESSAGE, "250 d"                                                               \
    }

/* However an idle connection ends, the next mail finds another one. */
static void
test_idle(void)
{
    static const SkFakeStep closed[] = {HELLO(EHLO_ALL), WELL, {SK_FAKE_PIECE, NULL},
                                        HELLO(EHLO_ALL), WELL, {NULL, NULL}};
    static const SkFakeStep said_so[] = {HELLO(EHLO_ALL),
                                         WELL,
                                         {"MAIL", "421 4.4.2 timeout"},
                                         {"RCPT", NULL},
                                         HELLO(EHLO_ALL),
                                         WELL,
                                         {NULL, NULL}};
    static const SkFakeStep in_the_middle[] = {
        HELLO(EHLO_ALL), WELL, {"MAIL", "250 a"}, {"RCPT", NULL},
        HELLO(EHLO_ALL), WELL, {NULL, NULL}};
    static const SkFakeStep *const scripts[] = {closed, said_so, in_the_middle};

    for (size_t i = 0; i < G_N_ELEMENTS(scripts); i++) {
        g_autoptr(SkFakeSmtp) fake = sk_fake_smtp_new(scripts[i]);
        g_autoptr(SkSmtp) smtp = connect_to(fake);
        g_auto(Mail) first, second;

        mail_init(&first, 1);
        mail_init(&second, 1);
        send_ok(smtp, &first);
        send_ok(smtp, &second);
        g_assert_cmpstr(second.recipients[0].reply, ==, "250 d");
        sk_fake_smtp_join(fake);
    }
}

/* But what may have arrived is not sent again here. */
static void
test_not_again(void)
{
    static const SkFakeStep script[] = {HELLO(EHLO_ALL),   WELL,
                                        {"MAIL", "250 a"}, {"RCPT", "250 b"},
                                        {"DATA", "354 c"}, {SK_FAKE_MESSAGE, NULL},
                                        {NULL, NULL}};
    g_autoptr(SkFakeSmtp) fake = sk_fake_smtp_new(script);
    g_autoptr(SkSmtp) smtp = connect_to(fake);
    g_autoptr(GError) error = NULL;
    g_auto(Mail) first, second;

    mail_init(&first, 1);
    mail_init(&second, 1);
    send_ok(smtp, &first);
    g_assert_false(sk_smtp_send(smtp, &second.mail, &error));
    g_assert_error(error, SK_ERROR, SK_ERROR_IO);
    sk_fake_smtp_join(fake);
}

/* A message that cannot be read to its end must not look like one that ends there. */
static void
test_unreadable(void)
{
    static const SkFakeStep script[] = {UP_TO_DATA, {SK_FAKE_END, NULL}, {NULL, NULL}};
    g_autoptr(SkFakeSmtp) fake = sk_fake_smtp_new(script);
    g_autoptr(SkSmtp) smtp = connect_to(fake);
    g_autoptr(GError) error = NULL;
    g_auto(Mail) m;

    mail_init(&m, 1);
    m.fails = true;
    g_assert_false(sk_smtp_send(smtp, &m.mail, &error));
    g_assert_cmpstr(error->message, ==, "the disk is broken");
    sk_fake_smtp_join(fake);
    g_assert_null(strstr(fake->in->str, ".\r\n"));
}

/* No address can end its line. */
static void
test_injection(void)
{
    static const SkFakeStep script[] = {
        HELLO(EHLO_ALL),   {"MAIL", "250 a"},          {"RCPT TO:<b@example.net>\r\n", "250 b"},
        {"DATA", "354 c"}, {SK_FAKE_MESSAGE, "250 d"}, {"QUIT", ""},
        {NULL, NULL}};
    g_autoptr(SkFakeSmtp) fake = sk_fake_smtp_new(script);
    g_autoptr(SkSmtp) smtp = connect_to(fake);
    g_auto(Mail) m, other;

    mail_init(&m, 2);
    mail_init(&other, 1);
    m.recipients[0].address = "a@example.net>\r\nRCPT TO:<x@example.com";
    send_ok(smtp, &m);
    g_assert_cmpuint(m.recipients[0].code, ==, 553);
    g_assert_cmpuint(m.recipients[1].code, ==, 250);
    other.mail.sender = "s\r\nQUIT";
    send_ok(smtp, &other);
    g_assert_cmpuint(other.recipients[0].code, ==, 553);
    sk_smtp_rest(smtp);
    sk_fake_smtp_join(fake);
}

/* 2,000 recipients go in groups, and neither side waits for the other to read. */
static void
test_many(void)
{
    enum {
        N = 2000
    };
    g_autofree SkFakeStep *script = g_new0(SkFakeStep, N + 6);
    g_autofree SkSmtpRecipient *recipients = g_new0(SkSmtpRecipient, N);
    static const SkFakeStep hello[] = {HELLO(EHLO_ALL), {"MAIL", "250 a"}};
    g_autofree char *long_reply = g_strnfill(3000, 'x');
    g_autofree char *answer = g_strdup_printf("250 %s", long_reply);
    g_autoptr(SkFakeSmtp) fake = NULL;
    g_autoptr(SkSmtp) smtp = NULL;
    g_auto(Mail) m;

    memcpy(script, hello, sizeof hello);
    for (size_t i = 0; i < N; i++) {
        script[3 + i] = (SkFakeStep){"RCPT", answer};
        recipients[i].address = "a@example.net";
        recipients[i].args =
            "ORCPT=rfc822;aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@example.net";
    }
    script[N + 3] = (SkFakeStep){"DATA", "354 c"};
    script[N + 4] = (SkFakeStep){SK_FAKE_MESSAGE, "250 d"};
    mail_init(&m, 1);
    m.mail.recipients = recipients;
    m.mail.n_recipients = N;
    fake = sk_fake_smtp_new(script);
    smtp = connect_to(fake);
    send_ok(smtp, &m);
    for (size_t i = 0; i < N; i++) {
        g_assert_cmpstr(recipients[i].reply, ==, "250 d");
        g_free(recipients[i].reply);
    }
    sk_fake_smtp_join(fake);
}

static void
test_nobody_there(void)
{
    static const struct {
        const char *endpoint;
        SkError code;
    } cases[] = {
        {"inet:127.0.0.1:1", SK_ERROR_IO},      {"unix:/nonexistent/x", SK_ERROR_NOT_FOUND},
        {"inet:localhost:25", SK_ERROR_CONFIG}, {"inet:127.0.0.1:0", SK_ERROR_CONFIG},
        {"inet:::1:25", SK_ERROR_CONFIG},       {"unix:relative", SK_ERROR_CONFIG},
        {"127.0.0.1:25", SK_ERROR_CONFIG},      {"", SK_ERROR_CONFIG},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(SkSmtp) smtp = sk_smtp_new(cases[i].endpoint, "clerk.example");
        g_autoptr(GError) error = NULL;
        g_auto(Mail) m;

        mail_init(&m, 1);
        g_assert_false(sk_smtp_send(smtp, &m.mail, &error));
        g_test_message("%s: %s", cases[i].endpoint, error->message);
        g_assert_error(error, SK_ERROR, (int)cases[i].code);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/net-smtp/pipelined", test_pipelined);
    g_test_add_func("/net-smtp/bare", test_bare);
    g_test_add_func("/net-smtp/answers", test_answers);
    g_test_add_func("/net-smtp/nothing-sent", test_nothing_sent);
    g_test_add_func("/net-smtp/cuts", test_cuts);
    g_test_add_func("/net-smtp/closing", test_closing);
    g_test_add_func("/net-smtp/idle", test_idle);
    g_test_add_func("/net-smtp/not-again", test_not_again);
    g_test_add_func("/net-smtp/unreadable", test_unreadable);
    g_test_add_func("/net-smtp/injection", test_injection);
    g_test_add_func("/net-smtp/many", test_many);
    g_test_add_func("/net-smtp/nobody-there", test_nobody_there);
    return g_test_run();
}
