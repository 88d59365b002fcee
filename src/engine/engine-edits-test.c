/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/engine-edits.h"

#include <string.h>

#include "mail/mail-edit.h"

#define ID    "0123456789abcdefghjk"
#define TRACE "+0 X-Sekisho: id=" ID "\n"

/* A passage for recipients with these marks; NULL ends them, "|" is the next recipient. */
static SkPassage *
passage_new(const char *const *marks)
{
    SkPassage *passage = sk_passage_new();
    SkPassageRecipient *recipient = sk_passage_recipient_new("x@ours.example");

    passage->id = g_strdup(ID);
    passage->origin = SK_ORIGIN_OUTBOUND;
    recipient->decision = sk_decision_new();
    g_ptr_array_add(passage->recipients, recipient);
    for (; *marks != NULL; marks++) {
        if (strcmp(*marks, "|") != 0) {
            g_ptr_array_add(recipient->decision->marks, g_strdup(*marks));
            continue;
        }
        recipient = sk_passage_recipient_new("y@ours.example");
        recipient->decision = sk_decision_new();
        g_ptr_array_add(passage->recipients, recipient);
    }
    return passage;
}

/* The edits as text, a line each: "+0 Name: value", "=1 Name: value", "-1 Name". */
static char *
edits_of(const SkPassage *passage, const char *header)
{
    g_autofree char *exact = g_memdup2(header, strlen(header));
    g_autoptr(GPtrArray) edits = sk_engine_edits(passage, sk_bytes(exact, strlen(header)));
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < edits->len; i++) {
        const SkHeaderEdit *edit = edits->pdata[i];
        char kind = edit->kind == SK_HEADER_INSERT ? '+' : '=';

        if (edit->value == NULL)
            g_string_append_printf(text, "-%u %s\n", edit->index, edit->name);
        else
            g_string_append_printf(text, "%c%u %s:%s\n", kind, edit->index, edit->name,
                                   edit->value);
    }
    return g_string_free(text, FALSE);
}

typedef struct {
    const char *marks[6];
    const char *header;
    const char *want; /* without the trace, which is always last */
} Case;

static void
check(const Case *cases, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        g_autoptr(SkPassage) passage = passage_new(cases[i].marks);
        g_autofree char *got = edits_of(passage, cases[i].header);
        g_autofree char *want = g_strconcat(cases[i].want, TRACE, NULL);

        g_test_message("case %zu", i);
        g_assert_cmpstr(got, ==, want);
    }
}

static void
test_marks(void)
{
    static const Case cases[] = {
        {{NULL}, "Subject: a\r\n\r\n", ""},
        {{"EXT"}, "Subject: a\r\n\r\n", "=1 Subject: [EXT] a\n"},
        {{"EXT"}, "subject:a\r\n\r\n", "=1 Subject: [EXT] a\n"},
        {{"EXT"}, "Subject:\r\n\r\n", "=1 Subject: [EXT] \n"},
        {{"EXT"}, "From: a\r\nTo: b\r\n\r\n", "+2 Subject: [EXT]\n"},
        {{"A", "B", "|", "B", "C"}, "Subject: a\r\n\r\n", "=1 Subject: [A] [B] [C] a\n"},
        /* Folds stay what they were. */
        {{"EXT"}, "Subject: a\r\n  b\r\n\tc\r\n\r\n", "=1 Subject: [EXT] a\n  b\n\tc\n"},
        {{"EXT"}, "Subject:\r\n a\r\n\r\n", "=1 Subject: [EXT] \n a\n"},
        {{"EXT"}, "Subject: a\rb\r\n\r\n", "=1 Subject: [EXT] a b\n"},
        {{"EXT"}, "Subject: a\nSubject: b\n\n", "=1 Subject: [EXT] a\n=2 Subject: [EXT] b\n"},
        {{"EXT"}, "Subject: \x1b$B5DDj\x1b(B\r\n\r\n", "=1 Subject: [EXT] \x1b$B5DDj\x1b(B\n"},
    };

    check(cases, G_N_ELEMENTS(cases));
}

/* The words were made by Python's email.header. */
static void
test_marks_in_japanese(void)
{
    static const Case cases[] = {
        {{"外部"}, "Subject: a\r\n\r\n", "=1 Subject: =?UTF-8?B?W+WklumDqF0=?= a\n"},
        /* The blank between two encoded words is not shown: it is in the first. */
        {{"外部"},
         "Subject: =?utf-8?B?6K2w?=\r\n\r\n",
         "=1 Subject: =?UTF-8?B?W+WklumDqF0g?= =?utf-8?B?6K2w?=\n"},
        {{"EXT"}, "Subject: =?utf-8?B?6K2w?=\r\n\r\n", "=1 Subject: [EXT] =?utf-8?B?6K2w?=\n"},
        {{"外部"}, "To: a\r\n\r\n", "+1 Subject: =?UTF-8?B?W+WklumDqF0=?=\n"},
        /* At most 45 bytes a word, of whole characters. */
        {{"外部から来た添付ファイルのある電子メール"},
         "Subject: a\r\n\r\n",
         "=1 Subject: "
         "=?UTF-8?B?W+WklumDqOOBi+OCieadpeOBn+a3u+S7mOODleOCoeOCpOODq+OBruOBgg==?=\n "
         "=?UTF-8?B?44KL6Zu75a2Q44Oh44O844OrXQ==?= a\n"},
    };

    check(cases, G_N_ELEMENTS(cases));
}

static void
test_signed_mail_keeps_its_subject(void)
{
    static const Case cases[] = {
        {{"EXT"},
         "Content-Type: Multipart/Signed; boundary=b\r\nSubject: a\r\n\r\n",
         "+0 X-Sekisho-Mark: [EXT]\n"},
        {{"外部"},
         "Subject: a\r\nContent-Type: application/x-pkcs7-mime\r\n\r\n",
         "+0 X-Sekisho-Mark: =?UTF-8?B?W+WklumDqF0=?=\n"},
        {{"EXT"},
         "Content-Type: multipart/encrypted; boundary=b\r\nSubject: a\r\n\r\n",
         "+0 X-Sekisho-Mark: [EXT]\n"},
    };

    check(cases, G_N_ELEMENTS(cases));
}

/* The last first: each removal moves those behind it. */
static void
test_forged_fields(void)
{
    static const Case cases[] = {
        {{"EXT"},
         "X-Sekisho: 1\r\nSubject: a\r\nx-sekisho-mark: m\r\nX-SEKISHO: 2\r\n"
         "X-Sekisho-Release: r\r\nX-Sekisho : 3\r\n\r\n",
         "-3 X-Sekisho\n-2 X-Sekisho\n-1 X-Sekisho\n-1 X-Sekisho-Mark\n"
         "-1 X-Sekisho-Release\n=1 Subject: [EXT] a\n"},
    };

    check(cases, G_N_ELEMENTS(cases));
}

static void
test_findings_stay_inside(void)
{
    const char *const none[] = {NULL};
    g_autoptr(SkPassage) passage = passage_new(none);
    g_autofree char *outside = NULL, *inside = NULL;

    sk_findings_add(passage->findings, SK_FINDING_ATTACH_ANY, "1", "a.zip", NULL);
    sk_findings_add(passage->findings, SK_FINDING_ATTACH_ANY, "2", "b.zip", NULL);
    sk_findings_add(passage->findings, SK_FINDING_MIME_TNEF, "2", NULL, NULL);
    outside = edits_of(passage, "\r\n");
    g_assert_cmpstr(outside, ==, TRACE);
    passage->origin = SK_ORIGIN_INBOUND;
    inside = edits_of(passage, "\r\n");
    g_assert_cmpstr(inside, ==,
                    "+0 X-Sekisho: id=" ID ";\n\tfindings=attach.any,\n\t mime.tnef\n");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/engine/edits/marks", test_marks);
    g_test_add_func("/engine/edits/marks-in-japanese", test_marks_in_japanese);
    g_test_add_func("/engine/edits/signed", test_signed_mail_keeps_its_subject);
    g_test_add_func("/engine/edits/forged-fields", test_forged_fields);
    g_test_add_func("/engine/edits/findings-stay-inside", test_findings_stay_inside);
    return g_test_run();
}
