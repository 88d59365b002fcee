/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/engine-reply.h"

#include <string.h>

#define TOKEN "0abcdefghjkmnpqrstvwxyz234"

static SkPassage *
passage_new(const char *to)
{
    g_auto(GStrv) addresses = g_strsplit(to, " ", -1);
    SkPassage *passage = sk_passage_new();

    passage->envelope = sk_envelope_new();
    for (char **address = addresses; *address != NULL; address++)
        g_assert_true(sk_envelope_add_recipient(passage->envelope, *address, NULL));
    return passage;
}

static char *
describe(const SkPassage *passage, const GPtrArray *tokens)
{
    GString *out = g_string_new(NULL);

    for (guint i = 0; i < tokens->len; i++)
        g_string_append_printf(out, "%s ", (const char *)tokens->pdata[i]);
    g_string_append_c(out, '|');
    for (guint i = 0; i < sk_envelope_count(passage->envelope); i++)
        g_string_append_printf(out, " %s", sk_envelope_peek(passage->envelope, i)->address);
    return g_string_free(out, FALSE);
}

static void
test_take(void)
{
    static const struct {
        const char *reply, *to, *want;
    } cases[] = {
        {"stop@ours.example", "stop+" TOKEN "@ours.example", TOKEN " |"},
        {"stop@ours.example", "STOP+0ABCDEFGHJKMNPQRSTVWXYZ234@Ours.Example", TOKEN " |"},
        {"stop@ours.example", "a@b.example stop+" TOKEN "@ours.example c@d.example",
         TOKEN " | a@b.example c@d.example"},
        /* Others have mailboxes, or none: not our business. */
        {"stop@ours.example", "stop@ours.example", "| stop@ours.example"},
        {"stop@ours.example", "stop+x@ours.example", "| stop+x@ours.example"},
        {"stop@ours.example", "stop+" TOKEN "5@ours.example", "| stop+" TOKEN "5@ours.example"},
        {"stop@ours.example", "stop-" TOKEN "@ours.example", "| stop-" TOKEN "@ours.example"},
        {"stop@ours.example", "stop+" TOKEN "@theirs.ex.ple", "| stop+" TOKEN "@theirs.ex.ple"},
        /* A first letter above 7, and one that is no letter of ours. */
        {"stop@ours.example", "stop+8abcdefghjkmnpqrstvwxyz234@ours.example",
         "| stop+8abcdefghjkmnpqrstvwxyz234@ours.example"},
        {"stop@ours.example", "stop+0abcdefghjkmnpqrstvwxyz23u@ours.example",
         "| stop+0abcdefghjkmnpqrstvwxyz23u@ours.example"},
        {"", "stop+" TOKEN "@ours.example", "| stop+" TOKEN "@ours.example"},
        {"@ours.example", "+" TOKEN "@ours.example", "| +" TOKEN "@ours.example"},
        {"stop", "stop+" TOKEN, "| stop+" TOKEN},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(SkPassage) passage = passage_new(cases[i].to);
        g_autoptr(GPtrArray) tokens = sk_engine_reply_take(passage, cases[i].reply);
        g_autofree char *got = describe(passage, tokens);

        g_test_message("case %zu", i);
        g_assert_cmpstr(got, ==, cases[i].want);
    }
}

static void
test_automatic(void)
{
    static const struct {
        const char *sender, *header;
        bool automatic;
    } cases[] = {
        {"a@b.example", "Subject: stop\r\n\r\n", false},
        {"", "Subject: stop\r\n\r\n", true},
        {NULL, "\r\n", true},
        {"a@b.example", "Auto-Submitted: no\r\n\r\n", false},
        {"a@b.example", "auto-submitted:NO (a person)\r\n\r\n", false},
        {"a@b.example", "Auto-Submitted:\r\n no; x=y\r\n\r\n", false},
        {"a@b.example", "Auto-Submitted: auto-replied\r\n\r\n", true},
        {"a@b.example", "Auto-Submitted: auto-generated; owner-email=x\r\n\r\n", true},
        {"a@b.example", "Auto-Submitted:\r\n\r\n", true},
        {"a@b.example", "Auto-Submitted: not-really\r\n\r\n", true},
        {"a@b.example", "Precedence: bulk\r\n\r\n", true},
        {"a@b.example", "Precedence:  JUNK \r\n\r\n", true},
        {"a@b.example", "Precedence: list\r\n\r\n", true},
        {"a@b.example", "Precedence: first-class\r\n\r\n", false},
        {"a@b.example", "", false},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(SkPassage) passage = passage_new("x@ours.example");
        g_autofree char *exact = g_memdup2(cases[i].header, strlen(cases[i].header));

        g_test_message("case %zu", i);
        passage->envelope->sender = g_strdup(cases[i].sender);
        g_assert_true(
            sk_engine_reply_is_automatic(passage, sk_bytes(exact, strlen(cases[i].header))) ==
            cases[i].automatic);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/engine/reply/take", test_take);
    g_test_add_func("/engine/reply/automatic", test_automatic);
    return g_test_run();
}
