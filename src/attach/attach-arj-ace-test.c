/* SPDX-License-Identifier: Apache-2.0 */
#include <zlib.h>

#include "attach/attach-marker.h"
#include "attach/attach-trial.h"

/* A main header of 34 bytes with two empty names, and the end mark behind it. */
static GByteArray *
build_arj(void)
{
    static const uint8_t fixed[4 + 34] = {0x60, 0xea, 32, 0, 30, [10] = 2};
    GByteArray *out = g_byte_array_new();
    uint32_t crc = GUINT32_TO_LE((uint32_t)crc32(0, fixed + 4, 32));

    g_byte_array_append(out, (const uint8_t *)"stub", 4);
    g_byte_array_append(out, fixed, 4 + 32);
    g_byte_array_append(out, (const uint8_t *)&crc, 4);
    g_byte_array_append(out, (const uint8_t *)"\0\0", 2);
    g_byte_array_append(out, (const uint8_t *)"\x60\xea\0\0", 4);
    return out;
}

static void
test_arj_is_at(void)
{
    g_autoptr(GByteArray) made = build_arj();

    g_assert_true(sk_attach_arj_is_at(sk_bytes(made->data, made->len), 4));
    g_assert_false(sk_attach_arj_is_at(sk_bytes(made->data, made->len), 0));
    g_assert_false(sk_attach_arj_is_at(sk_bytes(made->data, made->len), SIZE_MAX));
    g_assert_false(sk_attach_arj_is_at(sk_bytes(made->data, 4 + 4 + 32 + 4), 4));
    made->data[20] ^= 1;
    g_assert_false(sk_attach_arj_is_at(sk_bytes(made->data, made->len), 4));
    /* Two bytes of mark are in any file; so is a size of 0 behind them. */
    g_assert_false(sk_attach_arj_is_at(sk_bytes("\x60\xea\0\0\0\0\0\0", 8), 0));
}

static void
test_arj_empty(void)
{
    g_autoptr(GByteArray) made = build_arj();
    g_auto(SkAttachTrial) t;

    sk_attach_trial_init(&t, NULL, sk_bytes(made->data + 4, made->len - 4));
    sk_attach_arj_open(t.scan, &t.file);
    g_assert_cmpuint(sk_findings_count(t.findings), ==, 0);
    g_assert_false(t.file.unopened);
}

static void
test_ace_is_at(void)
{
    uint8_t header[4 + 30] = {0, 0, 30, 0, 0, 0, 1, '*', '*', 'A', 'C', 'E', '*', '*'};
    uint32_t crc = ~(uint32_t)crc32(0, header + 4, 30);

    header[0] = (uint8_t)crc;
    header[1] = (uint8_t)(crc >> 8);
    g_assert_true(sk_attach_ace_is_at(sk_bytes(header, sizeof header), 0));
    g_assert_false(sk_attach_ace_is_at(sk_bytes(header, sizeof header - 1), 0));
    g_assert_false(sk_attach_ace_is_at(sk_bytes(header, sizeof header), 1));
    header[20] ^= 1;
    g_assert_false(sk_attach_ace_is_at(sk_bytes(header, sizeof header), 0));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/attach-arj-ace/arj-is-at", test_arj_is_at);
    g_test_add_func("/attach-arj-ace/arj-empty", test_arj_empty);
    g_test_add_func("/attach-arj-ace/ace-is-at", test_ace_is_at);
    return g_test_run();
}
