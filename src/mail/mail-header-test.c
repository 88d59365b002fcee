/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/mail-header.h"

#include <glib.h>

#include "base/limit.h"

typedef struct {
    const char *bytes;
    const char *dump; /* a line a field: name|unfolded value|oddities in hex */
    size_t body;      /* how many bytes follow the section */
} Case;

static const Case CASES[] = {
    {"A: b\r\nC:d\r\n\r\nbody", "A|b|0\nC|d|0\n", 4},
    {"A: b\nC:d\n\nbody", "A|b|0\nC|d|0\n", 4},
    {"A: b\r\nA: c\r\na:d\r\n\r\n", "A|b|0\nA|c|0\na|d|0\n", 0},
    {"\r\nbody", "", 4},
    {"", "", 0},
    {"A: b", "A|b|0\n", 0},
    {"A:\r\n b\r\n\tc  \r\nD: e\r\n\r\n", "A|b\tc|0\nD|e|0\n", 0},
    {"A : b\r\n\r\n", "A|b|2\n", 0},
    {"no colon here\r\nA: b\r\n\r\nx", "|no colon here|1\nA|b|0\n", 1},
    {": b\r\n\r\n", "|: b|1\n", 0},
    {"From a@example.com Mon Jan  1 00:00:00 2024\nA: b\n\n",
     "|From a@example.com Mon Jan  1 00:00:00 2024|80\nA|b|0\n", 0},
    {"A: b\nFrom a@example.com Mon\n\n", "A|b|0\n|From a@example.com Mon|1\n", 0},
    {"A: \xe3\x81\x82\r\n\r\n", "A|\xe3\x81\x82|10\n", 0},
    {"A: b\rC: d\r\n\r\n", "A|b\rC: d|40\n", 0},
    {"A: b\r\n \r\nC: d\r\n\r\n", "A|b|100\nC|d|0\n", 0},
    {" b\r\nA: c\r\n\r\n", "|b|201\nA|c|0\n", 0},
    {"A\tB: c\r\n\r\n", "A\tB|c|4\n", 0},
    {"A: b\n\r\nbody", "A|b|0\n", 4},
};

static char *
dump(const SkMailHeader *header)
{
    GString *out = g_string_new(NULL);

    for (guint i = 0; i < sk_mail_header_count(header); i++) {
        const SkMailField *field = sk_mail_header_get(header, i);
        g_auto(SkBuffer) value = {0};

        sk_buffer_init(&value, 4096);
        g_assert_true(sk_mail_header_unfold(field->value, &value));
        g_string_append_len(out, (const char *)field->name.data, (gssize)field->name.len);
        g_string_append_c(out, '|');
        g_string_append_len(out, (const char *)value.data, (gssize)value.len);
        g_string_append_printf(out, "|%x\n", field->odd);
    }
    return g_string_free(out, FALSE);
}

static void
test_fields(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        size_t len = strlen(CASES[i].bytes);
        g_autofree char *exact = g_memdup2(CASES[i].bytes, len);
        g_auto(SkMailHeader) header = {0};
        g_autofree char *got = NULL;

        sk_mail_header_init(&header);
        sk_mail_header_read(&header, sk_bytes(exact, len));
        got = dump(&header);
        g_assert_cmpstr(got, ==, CASES[i].dump);
        g_assert_cmpuint(len - header.end, ==, CASES[i].body);
        g_assert_cmpuint(sk_mail_header_end(sk_bytes(exact, len)), ==, header.end);
        g_assert_false(header.cut);
    }
}

/* Signatures are computed over the fields as they came: nothing may be missing between them. */
static void
test_raw_is_complete(void)
{
    static const char text[] = "A: b\r\n c\r\njunk\r\nD : e\r\n\r\nbody";
    g_auto(SkMailHeader) header = {0};
    size_t at = 0;

    sk_mail_header_init(&header);
    sk_mail_header_read(&header, sk_bytes(text, sizeof text - 1));
    for (guint i = 0; i < sk_mail_header_count(&header); i++) {
        const SkMailField *field = sk_mail_header_get(&header, i);

        g_assert_true(field->raw.data == (const uint8_t *)text + at);
        at += field->raw.len;
    }
    g_assert_cmpuint(at + 2, ==, header.end);
}

static void
test_find(void)
{
    static const char text[] = "Received: 1\r\nTo: a\r\nRECEIVED: 2\r\n\r\n";
    g_auto(SkMailHeader) header = {0};
    const SkMailField *second;

    sk_mail_header_init(&header);
    sk_mail_header_read(&header, sk_bytes(text, sizeof text - 1));
    second = sk_mail_header_peek(&header, "received", 1);
    g_assert_true(second != NULL && sk_bytes_is(second->value, 0, " 2"));
    g_assert_null(sk_mail_header_peek(&header, "received", 2));
    g_assert_null(sk_mail_header_peek(&header, "Receive", 0));
    g_assert_cmpuint(sk_mail_header_count_name(&header, "Received"), ==, 2);
}

static void
test_line_ends(void)
{
    g_auto(SkMailHeader) header = {0};

    sk_mail_header_init(&header);
    sk_mail_header_read(&header, sk_bytes("A: b\r\nC: d\n\r\n", 13));
    g_assert_true(header.mixed_ends);
    sk_mail_header_read(&header, sk_bytes("A: b\nC: d\n\n", 11));
    g_assert_false(header.mixed_ends);
    g_assert_cmpuint(sk_mail_header_count(&header), ==, 2);
}

static void
test_limits(void)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_auto(SkMailHeader) header = {0};

    sk_mail_header_init(&header);
    for (int i = 0; i <= SK_LIMIT_HEADER_FIELDS; i++)
        g_string_append(text, "A: b\r\n");
    g_string_append(text, "\r\nbody");
    sk_mail_header_read(&header, sk_bytes(text->str, text->len));
    g_assert_true(header.cut);
    g_assert_cmpuint(sk_mail_header_count(&header), ==, SK_LIMIT_HEADER_FIELDS);
    g_assert_cmpuint(header.end, ==, text->len - 4);
    g_string_assign(text, "A: ");
    while (text->len <= SK_LIMIT_HEADER)
        g_string_append(text, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n ");
    g_string_append(text, "\r\nB: c\r\n\r\nbody");
    sk_mail_header_read(&header, sk_bytes(text->str, text->len));
    g_assert_true(header.cut);
    g_assert_cmpuint(header.end, ==, text->len - 4);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/mail-header/fields", test_fields);
    g_test_add_func("/mail-header/raw-is-complete", test_raw_is_complete);
    g_test_add_func("/mail-header/find", test_find);
    g_test_add_func("/mail-header/line-ends", test_line_ends);
    g_test_add_func("/mail-header/limits", test_limits);
    return g_test_run();
}
