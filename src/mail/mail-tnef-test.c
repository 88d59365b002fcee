/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/mail-tnef.h"

#include <glib.h>

/* winmail.dat is written here as [MS-OXTNEF] lays it out. */

static void
put32(GString *out, uint32_t value)
{
    uint32_t le = GUINT32_TO_LE(value);

    g_string_append_len(out, (const char *)&le, 4);
}

static void
put16(GString *out, uint16_t value)
{
    uint16_t le = GUINT16_TO_LE(value);

    g_string_append_len(out, (const char *)&le, 2);
}

static void
put_attribute(GString *out, uint8_t level, uint32_t id, const void *data, size_t len)
{
    uint16_t sum = 0;

    for (size_t i = 0; i < len; i++)
        sum = (uint16_t)(sum + ((const uint8_t *)data)[i]);
    g_string_append_c(out, (char)level);
    put32(out, id);
    put32(out, (uint32_t)len);
    g_string_append_len(out, data, (gssize)len);
    put16(out, sum);
}

static void
put_property(GString *out, uint16_t type, uint16_t id, const void *data, size_t len)
{
    put16(out, type);
    put16(out, id);
    put32(out, 1);
    put32(out, (uint32_t)len);
    g_string_append_len(out, data, (gssize)len);
    while (out->len % 4 != 0)
        g_string_append_c(out, '\0');
}

static GString *
start(uint32_t codepage)
{
    GString *out = g_string_new_len("\x78\x9f\x3e\x22\x01\x00", 6);
    GString *page = g_string_new(NULL);

    put_attribute(out, 1, 0x00089006, "\x00\x00\x01\x00", 4);
    put32(page, codepage);
    put32(page, 0);
    put_attribute(out, 1, 0x00069007, page->str, page->len);
    g_string_free(page, TRUE);
    return out;
}

static void
put_start_of_attachment(GString *out)
{
    static const char RENDDATA[14] = {1};

    put_attribute(out, 2, 0x00069002, RENDDATA, sizeof RENDDATA);
}

static bool
on_file(const SkMailTnefFile *file, void *data)
{
    g_string_append_printf(data, "%s %s %.*s\n", file->name != NULL ? file->name : "-",
                           file->type != NULL ? file->type : "-", (int)file->content.len,
                           (const char *)file->content.data);
    return true;
}

static bool
read_all(const GString *tnef, size_t len, GString *out)
{
    g_autofree char *exact = g_memdup2(tnef->str, len);

    g_string_truncate(out, 0);
    return sk_mail_tnef_read(sk_bytes(exact, len), on_file, out);
}

/* One attachment as Outlook writes it: a short title, the bytes, the long name in properties
 * behind a number, a named property and a list. */
static void
test_attachment(void)
{
    static const char LONG_NAME[] = "\x42\x30\x2e\0z\0i\0p\0\0";
    g_autoptr(GString) tnef = start(932), props = g_string_new(NULL), out = g_string_new(NULL);

    put_start_of_attachment(tnef);
    put_attribute(tnef, 2, 0x00018010, "SHORT~1.ZIP", 12);
    put_attribute(tnef, 2, 0x0006800f, "bytes", 5);
    put32(props, 5);
    put16(props, 0x0003);
    put16(props, 0x3705);
    put32(props, 1);
    put16(props, 0x001f);
    put16(props, 0x8001);
    g_string_append_len(props, "0123456789abcdef", 16);
    put32(props, 1);
    put32(props, 6);
    g_string_append_len(props, "n\0m\0\0\0\0\0", 8);
    put32(props, 1);
    put32(props, 2);
    g_string_append_len(props, "v\0\0\0", 4);
    put16(props, 0x1003);
    put16(props, 0x3700);
    put32(props, 2);
    put32(props, 7);
    put32(props, 8);
    put_property(props, 0x001f, 0x3707, LONG_NAME, sizeof LONG_NAME);
    put_property(props, 0x001e, 0x370e, "Application/ZIP", 16);
    put_attribute(tnef, 2, 0x00069005, props->str, props->len);
    g_assert_true(read_all(tnef, tnef->len, out));
    g_assert_cmpstr(out->str, ==, "あ.zip application/zip bytes\n");
}

static void
test_several(void)
{
    g_autoptr(GString) tnef = start(932), out = g_string_new(NULL);

    put_start_of_attachment(tnef);
    put_attribute(tnef, 2, 0x00018010, "\x93\xfa.zip", 7);
    put_attribute(tnef, 2, 0x0006800f, "one", 3);
    put_start_of_attachment(tnef);
    put_attribute(tnef, 2, 0x0006800f, "two", 3);
    g_assert_true(read_all(tnef, tnef->len, out));
    g_assert_cmpstr(out->str, ==, "日.zip - one\n- - two\n");
}

/* An object begins with the id of its interface; an embedded message is TNEF again. */
static void
test_object(void)
{
    g_autoptr(GString) tnef = start(1252), props = g_string_new(NULL), out = g_string_new(NULL);

    put_start_of_attachment(tnef);
    put32(props, 2);
    put_property(props, 0x000d, 0x3701, "IIIIIIIIIIIIIIIIinner", 21);
    put_property(props, 0x001e, 0x3704, "m\xe9mo.msg", 8);
    put_attribute(tnef, 2, 0x00069005, props->str, props->len);
    g_assert_true(read_all(tnef, tnef->len, out));
    g_assert_cmpstr(out->str, ==, "mémo.msg - inner\n");
}

/* Whatever is cut off: no other memory is touched, what is there is shown, and it is said. */
static void
test_cut(void)
{
    g_autoptr(GString) tnef = start(932), out = g_string_new(NULL);
    size_t whole;

    put_start_of_attachment(tnef);
    put_attribute(tnef, 2, 0x0006800f, "bytes", 5);
    whole = tnef->len;
    g_assert_true(read_all(tnef, whole, out));
    for (size_t len = whole - 1; len > whole - 7; len--) {
        g_assert_false(read_all(tnef, len, out));
        g_assert_true(g_str_has_prefix(out->str, "- - "));
    }
    for (size_t len = 0; len < whole; len++)
        (void)read_all(tnef, len, out);
    g_assert_false(read_all(tnef, 4, out) && out->len > 0);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/mail-tnef/attachment", test_attachment);
    g_test_add_func("/mail-tnef/several", test_several);
    g_test_add_func("/mail-tnef/object", test_object);
    g_test_add_func("/mail-tnef/cut", test_cut);
    return g_test_run();
}
