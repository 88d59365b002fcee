/* SPDX-License-Identifier: Apache-2.0 */
#include <zlib.h>

#include "attach/attach-7z-header.h"
#include "attach/attach-marker.h"
#include "attach/attach-trial.h"

#define BYTES(literal) sk_bytes("" literal, sizeof literal - 1)

/* An archive with BODY as its packed streams and LIST as its list. Both checksums are right. */
static GByteArray *
build(SkBytes body, SkBytes list)
{
    GByteArray *out = g_byte_array_new();
    uint64_t numbers[2] = {GUINT64_TO_LE(body.len), GUINT64_TO_LE(list.len)};
    uint32_t list_crc = GUINT32_TO_LE((uint32_t)crc32_z(0, list.data, list.len));
    uint32_t start_crc;

    g_byte_array_append(out, (const uint8_t *)"7z\xbc\xaf\x27\x1c\0\4\0\0\0\0", 12);
    g_byte_array_append(out, (const uint8_t *)numbers, 16);
    g_byte_array_append(out, (const uint8_t *)&list_crc, 4);
    start_crc = GUINT32_TO_LE((uint32_t)crc32_z(0, out->data + 12, 20));
    memcpy(out->data + 8, &start_crc, 4);
    g_byte_array_append(out, body.data, (guint)body.len);
    g_byte_array_append(out, list.data, (guint)list.len);
    return out;
}

/* What the reader states about an archive with this list and five bytes of content. */
static char *
judge(SkBytes list, SkEncrypted *ret_encrypted)
{
    g_autoptr(GByteArray) made = build(BYTES("hello"), list);
    g_autofree uint8_t *exact = g_memdup2(made->data, made->len);
    g_auto(SkAttachTrial) t;

    sk_attach_trial_init(&t, NULL, sk_bytes(exact, made->len));
    sk_attach_7z_open(t.scan, &t.file);
    if (ret_encrypted != NULL)
        *ret_encrypted = t.file.encrypted;
    return sk_attach_trial_dup_findings(&t);
}

/* One packed stream of five bytes, one folder of one coder. */
#define STREAMS(coder) "\x06\x00\x01\x09\x05\x00\x07\x0b\x01\x00\x01" coder "\x0c\x05\x00"
#define FILES(n)                                                                               \
    "\x05" n "\x11\x05\x00"                                                                    \
    "a\0\0\0"                                                                                  \
    "\x00\x00"
/* 7-Zip reads a list without the empty part before the end mark, libarchive does not. */
#define LIST(coder) "\x01\x04" STREAMS(coder) "\x08\x00\x00" FILES("\x01")

static void
test_coders(void)
{
    const struct {
        SkBytes list;
        SkEncrypted encrypted;
        const char *want;
    } table[] = {
        {BYTES(LIST("\x01\x00")), SK_ENCRYPTED_NONE, ""},
        {BYTES(LIST("\x04\x06\xf1\x07\x01")), SK_ENCRYPTED_ALL, "attach.encrypted.7z x"},
        {BYTES(LIST("\x04\x06\xf1\x01\x01")), SK_ENCRYPTED_ALL, "attach.encrypted.7z x"},
        {BYTES(LIST("\x04\x04\xf7\x11\x01")), SK_ENCRYPTED_NONE, "attach.unopened x"},
        {BYTES("\x17" STREAMS("\x04\x06\xf1\x07\x01") "\x00"), SK_ENCRYPTED_HEADERS,
         "attach.encrypted.7z x"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
        SkEncrypted encrypted;
        g_autofree char *got = judge(table[i].list, &encrypted);

        g_assert_cmpstr(got, ==, table[i].want);
        g_assert_cmpint(encrypted, ==, table[i].encrypted);
    }
}

static void
test_lies(void)
{
    const struct {
        SkBytes list;
        const char *want;
    } table[] = {
        {BYTES("\x02"), "attach.broken x"}, /* no list */
        {BYTES("\x01\x04"), "attach.broken x"},
        /* more folders, coders, packed streams, files than can be */
        {BYTES("\x01\x04\x07\x0b\xff\xff\xff\xff\xff\xff\xff\xff\x7f\x00"), "attach.broken x"},
        {BYTES("\x01\x04\x07\x0b\x01\x00\x40\x01\x00\x0c\x05\x00\x00"), "attach.broken x"},
        {BYTES("\x01\x04\x06\x00\xf0\xff\xff\xff\xff\x09\x05\x00\x00"), "attach.broken x"},
        {BYTES("\x01\x05\xff\xff\xff\xff\xff\xff\xff\xff\xff\x00\x00"), "attach.broken x"},
        {BYTES("\x01\x04" STREAMS("\x01\x00") "\x00" FILES("\x02")), "attach.broken x"},
        /* a coder with more streams than any */
        {BYTES("\x01\x04\x07\x0b\x01\x00\x01\x11\x00\x7f\x7f"), "attach.broken x"},
        /* encrypted content, and no file that it belongs to */
        {BYTES("\x01\x04" STREAMS("\x04\x06\xf1\x07\x01") "\x00\x00"),
         "attach.encrypted.7z x > ?"},
        /* a packed list beyond the end; of an unknown coder; of unlikely size */
        {BYTES("\x17\x06\x7f\x01\x09\x05\x00\x07\x0b\x01\x00\x01\x01\x00\x0c\x05\x00\x00"),
         "attach.broken x"},
        {BYTES("\x17" STREAMS("\x04\x04\xf7\x11\x01") "\x00"), "attach.broken x"},
        {BYTES(
             "\x17\x06\x00\x01\x09\x05\x00\x07\x0b\x01\x00\x01\x23\x03\x01\x01\x05\x5d\xff\xff"
             "\xff\xff\x0c\xfc\x00\x00\x00\x00\x7f\x00\x00"),
         "attach.broken x"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
        g_autofree char *got = judge(table[i].list, NULL);

        g_test_message("case %zu", i);
        g_assert_cmpstr(got, ==, table[i].want);
    }
}

/* A list that is a packed list, again and again: copy is a way of packing. */
static void
test_list_in_list(void)
{
    static const char ring[] =
        "\x17\x06\x00\x01\x09\x12\x00\x07\x0b\x01\x00\x01\x01\x00\x0c\x12"
        "\x00\x00";
    SkBytes list = sk_bytes(ring, sizeof ring - 1);
    g_autoptr(GByteArray) made = build(list, list);
    g_auto(SkAttachTrial) t;
    g_autofree char *got = NULL;

    g_assert_cmpuint(list.len, ==, 0x12);
    sk_attach_trial_init(&t, NULL, sk_bytes(made->data, made->len));
    sk_attach_7z_open(t.scan, &t.file);
    got = sk_attach_trial_dup_findings(&t);
    g_assert_cmpstr(got, ==, "attach.broken x");
}

/* Eleven files in a folder each, the last one encrypted; a budget for three. */
static void
test_entries_run_out(void)
{
    g_autoptr(GByteArray) list = g_byte_array_new();
    g_autoptr(GByteArray) made = NULL;
    SkBudgetLimits limits = sk_budget_limits_default();
    g_auto(SkAttachTrial) t;
    g_autofree char *got = NULL;

    g_byte_array_append(list, (const uint8_t *)"\x01\x04\x06\x00\x0b\x09", 6);
    for (int i = 0; i < 11; i++)
        g_byte_array_append(list, (const uint8_t *)"\x01", 1);
    g_byte_array_append(list, (const uint8_t *)"\x00\x07\x0b\x0b\x00", 5);
    for (int i = 0; i < 10; i++)
        g_byte_array_append(list, (const uint8_t *)"\x01\x01\x00", 3);
    g_byte_array_append(list, (const uint8_t *)"\x01\x04\x06\xf1\x07\x01\x0c", 7);
    for (int i = 0; i < 11; i++)
        g_byte_array_append(list, (const uint8_t *)"\x01", 1);
    g_byte_array_append(list, (const uint8_t *)"\x00\x00\x05\x0b\x00\x00", 6);
    made = build(BYTES("01234567890"), sk_bytes(list->data, list->len));
    limits.entries = 3;
    sk_attach_trial_init(&t, &limits, sk_bytes(made->data, made->len));
    sk_attach_7z_open(t.scan, &t.file);
    got = sk_attach_trial_dup_findings(&t);
    g_assert_cmpstr(got, ==, "attach.encrypted.7z x > ?, attach.limit.entries x");
}

static void
test_bytes_run_out(void)
{
    g_autoptr(GByteArray) made = build(BYTES("hello"), BYTES(LIST("\x01\x00")));
    SkBudgetLimits limits = sk_budget_limits_default();
    g_auto(SkAttachTrial) t;
    g_autofree char *got = NULL;

    limits.bytes = 4;
    sk_attach_trial_init(&t, &limits, sk_bytes(made->data, made->len));
    sk_attach_7z_open(t.scan, &t.file);
    got = sk_attach_trial_dup_findings(&t);
    g_assert_cmpstr(got, ==, "attach.limit.size x");
    g_assert_true(t.file.unopened);
}

static void
test_is_at(void)
{
    g_autoptr(GByteArray) made = build(BYTES(""), BYTES("\x01\x00"));

    g_byte_array_prepend(made, (const uint8_t *)"MZ stub", 7);
    g_assert_true(sk_attach_7z_is_at(sk_bytes(made->data, made->len), 7));
    g_assert_false(sk_attach_7z_is_at(sk_bytes(made->data, made->len), 0));
    g_assert_false(sk_attach_7z_is_at(sk_bytes(made->data, made->len), SIZE_MAX));
    g_assert_false(sk_attach_7z_is_at(sk_bytes(made->data, 7 + 31), 7));
    made->data[7 + 13] ^= 1;
    g_assert_false(sk_attach_7z_is_at(sk_bytes(made->data, made->len), 7));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/attach-7z/coders", test_coders);
    g_test_add_func("/attach-7z/lies", test_lies);
    g_test_add_func("/attach-7z/list-in-list", test_list_in_list);
    g_test_add_func("/attach-7z/entries-run-out", test_entries_run_out);
    g_test_add_func("/attach-7z/bytes-run-out", test_bytes_run_out);
    g_test_add_func("/attach-7z/is-at", test_is_at);
    return g_test_run();
}
