/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/engine-message.h"

#include <string.h>

#include "engine/engine-judge.h"
#include "engine/engine-settings.h"

typedef struct {
    SkSite *site;
    SkPassage *passage;
} Fixture;

static void
set_up(Fixture *f, const void *data)
{
    static const char config[] = "[site]\nown_domains = ours.example\n";
    g_autoptr(SkSettings) settings =
        sk_settings_parse("t", config, strlen(config), sk_engine_setting_tables, NULL);

    f->site = sk_site_new(settings, NULL);
    f->passage = sk_passage_new();
    f->passage->envelope = sk_envelope_new();
}

static void
tear_down(Fixture *f, const void *data)
{
    sk_passage_free(f->passage);
    sk_site_free(f->site);
}

static void
read_header(Fixture *f, const char *text)
{
    size_t len = strlen(text);
    g_autofree char *exact = g_memdup2(text, len);

    sk_engine_read_header(f->passage, sk_bytes(exact, len));
}

/* Who is in the envelope only is nobody the others know of, whatever fields say "Bcc". */
static void
test_visible(Fixture *f, const void *data)
{
    static const struct {
        const char *address;
        bool visible;
    } cases[] = {
        {"ben@ours.example", true},    {"BEN@OURS.example", true},
        {"x@example.com", true},       {"y@example.org", true},
        {"z@example.net", true},       {"list@example.com", true},
        {"secret@example.com", false}, {"", false},
        {"ben@example.com", false},
    };

    read_header(f, "From: Anna <anna@ours.example>\r\n"
                   "To: \"Ben\" <ben@Ours.Example>, x@example.com\r\n"
                   "Cc: y@example.org\r\nCC: all: z@example.net;\r\n"
                   "Bcc: secret@example.com\r\n"
                   "To: list@example.com (again)\r\n\r\n");
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        g_assert_true(sk_envelope_add_recipient(f->passage->envelope, cases[i].address, NULL));
    sk_engine_add_recipients(f->site, f->passage);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        const SkPassageRecipient *recipient = f->passage->recipients->pdata[i];

        g_test_message("%s", cases[i].address);
        g_assert_cmpint(recipient->visible, ==, cases[i].visible);
    }
}

static void
test_many(Fixture *f, const void *data)
{
    g_autoptr(GString) text = g_string_new("To: a0@example.com");

    for (unsigned i = 1; i < 2 * SK_PASSAGE_VISIBLE; i++)
        g_string_append_printf(text, ",\r\n a%u@example.com", i);
    g_string_append(text, "\r\n\r\n");
    read_header(f, text->str);
    g_assert_cmpuint(g_hash_table_size(f->passage->visible), ==, SK_PASSAGE_VISIBLE);
    g_assert_true(sk_passage_sees(f->passage, "a0@example.com"));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add("/engine/message/visible", Fixture, NULL, set_up, test_visible, tear_down);
    g_test_add("/engine/message/many", Fixture, NULL, set_up, test_many, tear_down);
    return g_test_run();
}
