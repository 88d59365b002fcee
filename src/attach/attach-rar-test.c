/* SPDX-License-Identifier: Apache-2.0 */
#include <zlib.h>

#include "attach/attach-cursor.h"
#include "attach/attach-marker.h"
#include "attach/attach-trial.h"

#define BYTES(literal) sk_bytes("" literal, sizeof literal - 1)

static void
append(GByteArray *out, SkBytes what)
{
    g_byte_array_append(out, what.data, (guint)what.len);
}

/* A block of RAR 5 with a right checksum; HEADER starts with the type and is short. */
static void
append_block5(GByteArray *out, SkBytes header)
{
    uint8_t size = (uint8_t)header.len;
    uint32_t crc = (uint32_t)crc32_z(crc32(0, &size, 1), header.data, header.len);

    crc = GUINT32_TO_LE(crc);
    append(out, sk_bytes(&crc, 4));
    append(out, sk_bytes(&size, 1));
    append(out, header);
}

/* The same of RAR 4; HEADER starts with the type. */
static void
append_block4(GByteArray *out, SkBytes header)
{
    uint16_t crc = GUINT16_TO_LE(crc32_z(0, header.data, header.len) & 0xffff);

    append(out, sk_bytes(&crc, 2));
    append(out, header);
}

static GByteArray *
begin(SkBytes mark)
{
    GByteArray *out = g_byte_array_new();

    append(out, mark);
    return out;
}

#define MARK5 BYTES("Rar!\x1a\x07\x01\x00")
#define MARK4 BYTES("Rar!\x1a\x07\x00")
#define MAIN5 BYTES("\x01\x00\x00")
#define MAIN4 BYTES("\x73\x00\x00\x0d\x00\0\0\0\0\0\0")
#define END5  BYTES("\x05\x00\x00")
/* An empty file "a". */
#define FILE5                                                                                  \
    BYTES("\x02\x00\x00\x00\x00\x00\x01\x01"                                                   \
          "a")

static void
test_vint(void)
{
    const struct {
        SkBytes raw;
        uint64_t want;
        bool bad;
    } table[] = {
        {BYTES("\x00"), 0, false},
        {BYTES("\x7f"), 127, false},
        {BYTES("\x80\x01"), 128, false},
        {BYTES("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), UINT64_MAX, false},
        {BYTES("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x00"), 0, false},
        {BYTES("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"), 0, true}, /* 65 bits */
        {BYTES("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x81\x01"), 0, true},
        {BYTES("\x80"), 0, true},
        {BYTES(""), 0, true},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
        SkAttachCursor c = {.b = table[i].raw};
        uint64_t got = sk_attach_cursor_vint(&c);

        g_assert_cmpint(c.bad, ==, table[i].bad);
        if (!c.bad)
            g_assert_cmphex(got, ==, table[i].want);
    }
}

static bool
is_rar_at(SkBytes bytes, size_t at)
{
    return sk_attach_rar5_is_at(bytes, at) || sk_attach_rar4_is_at(bytes, at) ||
           sk_attach_rar14_is_at(bytes, at);
}

static void
test_is_at(void)
{
    g_autoptr(GByteArray) five = begin(BYTES("stub"));
    g_autoptr(GByteArray) four = begin(BYTES("stub"));

    append(five, MARK5);
    append_block5(five, MAIN5);
    append(four, MARK4);
    append_block4(four, MAIN4);
    g_assert_true(is_rar_at(sk_bytes(five->data, five->len), 4));
    g_assert_true(is_rar_at(sk_bytes(four->data, four->len), 4));
    g_assert_false(is_rar_at(sk_bytes(five->data, five->len), 0));
    g_assert_false(is_rar_at(sk_bytes(five->data, five->len - 1), 4));
    g_assert_false(is_rar_at(sk_bytes(four->data, four->len - 1), 4));
    g_assert_false(is_rar_at(sk_bytes(four->data, four->len), SIZE_MAX));
    five->data[five->len - 1] ^= 1;
    four->data[four->len - 1] ^= 1;
    g_assert_false(is_rar_at(sk_bytes(five->data, five->len), 4));
    g_assert_false(is_rar_at(sk_bytes(four->data, four->len), 4));
    /* The marks of a program that unpacks RAR, as they lie in its data. */
    g_assert_false(is_rar_at(BYTES("Rar!\x1a\x07\x00Rar!\x1a\x07\x01\x00RE~^"), 0));
    g_assert_false(is_rar_at(BYTES("Rar!\x1a\x07\x00Rar!\x1a\x07\x01\x00RE~^"), 7));
    g_assert_false(is_rar_at(BYTES("RE~^\x07\0\0"
                                   "etc., and some more text"),
                             0));
}

static char *
judge(GByteArray *made, const SkBudgetLimits *limits, SkAttachReader reader)
{
    g_autofree uint8_t *exact = g_memdup2(made->data, made->len);
    g_auto(SkAttachTrial) t;

    sk_attach_trial_init(&t, limits, sk_bytes(exact, made->len));
    reader(t.scan, &t.file);
    return sk_attach_trial_dup_findings(&t);
}

/* The last file is the encrypted one, beyond what the budget lists: it must not pass. */
static void
test_entries_run_out(void)
{
    g_autoptr(GByteArray) made = begin(MARK5);
    SkBudgetLimits limits = sk_budget_limits_default();
    g_autofree char *got = NULL;

    append_block5(made, MAIN5);
    for (int i = 0; i < 10; i++)
        append_block5(made, FILE5);
    append_block5(made, END5);
    limits.entries = 3;
    got = judge(made, &limits, sk_attach_rar5_open);
    g_assert_cmpstr(got, ==, "attach.limit.entries x");
}

/* What comes before encrypted headers is opened all the same. */
static void
test_headers_encrypted_midway(void)
{
    g_autoptr(GByteArray) made = begin(MARK5);
    g_autofree char *got = NULL;

    append_block5(made, MAIN5);
    append_block5(made, BYTES("\x02\x02\x01\x00\x01\x00\x00\x01\x05"
                              "b.txt"));
    append(made, BYTES("?")); /* stored; its one byte */
    append_block5(made, BYTES("\x02\x02\x02\x00\x01\x00\x00\x01\x05"
                              "c.txt"));
    append(made, BYTES("??")); /* says one, has two */
    append_block5(made, BYTES("\x04\x00\x00\x00\x0f"
                              "saltsaltsaltsalt"));
    got = judge(made, NULL, sk_attach_rar5_open);
    g_assert_cmpstr(got, ==, "attach.encrypted.rar x, attach.broken x");
}

/* Block after block of seven bytes, none of which is a file: bounded by the file's length. */
static void
test_many_small_blocks(void)
{
    g_autoptr(GByteArray) made = begin(MARK4);
    g_autofree char *got = NULL;

    append_block4(made, MAIN4);
    for (int i = 0; i < 100000; i++)
        append_block4(made, BYTES("\x75\x00\x00\x07\x00"));
    append_block4(made, BYTES("\x7b\x00\x40\x07\x00"));
    got = judge(made, NULL, sk_attach_rar4_open);
    g_assert_cmpstr(got, ==, "");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/attach-rar/vint", test_vint);
    g_test_add_func("/attach-rar/is-at", test_is_at);
    g_test_add_func("/attach-rar/entries-run-out", test_entries_run_out);
    g_test_add_func("/attach-rar/headers-encrypted-midway", test_headers_encrypted_midway);
    g_test_add_func("/attach-rar/many-small-blocks", test_many_small_blocks);
    return g_test_run();
}
