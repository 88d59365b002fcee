/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/engine-received.h"

#define TIME (1795307605LL * G_USEC_PER_SEC)
#define ID   "01j8zk3fa7s4wq9m2xet"

static void
test_forms(void)
{
    static const struct {
        const char *address, *name, *helo, *login, *args;
        const char *want;
    } cases[] = {
        {"192.0.2.25", "mx.example.net", "mail.example.net", NULL, "SIZE=100",
         "Received: from mail.example.net (mx.example.net [192.0.2.25])\r\n"
         "\tby gw.ours.example (sekisho) with ESMTP id " ID ";\r\n"},
        {"192.0.2.25", NULL, NULL, NULL, NULL,
         "Received: from unknown (unknown [192.0.2.25])\r\n"
         "\tby gw.ours.example (sekisho) with SMTP id " ID ";\r\n"},
        {"2001:db8::1", "pc.ours.example", "[IPv6:2001:db8::1]", "hanako", NULL,
         "Received: from [IPv6:2001:db8::1] (pc.ours.example [IPv6:2001:db8::1])\r\n"
         "\tby gw.ours.example (sekisho) with ESMTPA id " ID ";\r\n"},
        {"192.0.2.1", "a.example", "a.example", "hanako", "SIZE=1 smtputf8 BODY=8BITMIME",
         "Received: from a.example (a.example [192.0.2.1])\r\n"
         "\tby gw.ours.example (sekisho) with UTF8SMTPA id " ID ";\r\n"},
        /* What sendmail(1) brings. */
        {NULL, NULL, NULL, NULL, NULL, "Received: by gw.ours.example (sekisho) id " ID ";\r\n"},
        /* No comment ends, no field begins, no control and no byte above ASCII stays. */
        {"192.0.2.1", "a)\r\nX: (", "e\r\nTo: you\x1b\xff;", NULL, NULL,
         "Received: from e??To:?you??? (a???X:?? [192.0.2.1])\r\n"
         "\tby gw.ours.example (sekisho) with SMTP id " ID ";\r\n"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(SkPassage) passage = sk_passage_new();
        g_autofree char *want =
            g_strconcat(cases[i].want, "\tSun, 22 Nov 2026 00:33:25 +0000\r\n", NULL);
        g_autofree char *got = NULL;

        passage->id = g_strdup(ID);
        passage->received_us = TIME;
        passage->envelope = sk_envelope_new();
        passage->envelope->client_address = g_strdup(cases[i].address);
        passage->envelope->client_name = g_strdup(cases[i].name);
        passage->envelope->helo = g_strdup(cases[i].helo);
        passage->envelope->login = g_strdup(cases[i].login);
        g_assert_true(sk_envelope_set_sender(passage->envelope, "a@b.example", cases[i].args));
        got = sk_engine_received(passage, "gw.ours.example");
        g_assert_cmpstr(got, ==, want);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/engine/received/forms", test_forms);
    return g_test_run();
}
