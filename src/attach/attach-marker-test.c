/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-marker.h"

#include <glib.h>
#include <zlib.h>

/* First headers as the archivers write them, their checksums put in by the test. */
typedef struct {
    SkAttachType type;
    const char *bytes;
    size_t len;
    size_t sum_at;
    size_t sum_len;   /* 2 or 4 */
    size_t summed_at; /* what the checksum is of */
    size_t summed_len;
    bool inverted; /* ACE leaves out the final inversion */
} Sample;

#define BYTES(text) text, sizeof(text) - 1

static const Sample samples[] = {
    {SK_ATTACH_7Z,
     BYTES("7z\xbc\xaf\x27\x1c\0\4SSSS\x20\0\0\0\0\0\0\0\x10\0\0\0\0\0\0\0\1\2\3\4"), 8, 4, 12,
     20, false},
    {SK_ATTACH_RAR4, BYTES("Rar!\x1a\7\0SS\x73\0\0\x0d\0\0\0\0\0\0\0"), 7, 2, 9, 11, false},
    {SK_ATTACH_RAR5, BYTES("Rar!\x1a\7\1\0SSSS\5\1\5\6\0\1"), 8, 4, 12, 6, false},
    {SK_ATTACH_ARJ,
     BYTES("\x60\xea\x1e\0\x1e\x0b\1\2\x10\0\2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0SSS"
           "S\0\0"),
     34, 4, 4, 30, false},
    {SK_ATTACH_ACE, BYTES("SS\x18\0\0\x10\x10**ACE**\x14\x14\2\0\0\0\0\0\0\0\0\0\0\0"), 0, 2, 4,
     24, true},
};

static uint8_t *
complete(const Sample *sample)
{
    uint8_t *bytes = g_memdup2(sample->bytes, sample->len);
    uint32_t sum = (uint32_t)crc32(0, bytes + sample->summed_at, (uInt)sample->summed_len);

    if (sample->inverted)
        sum = ~sum;
    for (size_t i = 0; i < sample->sum_len; i++)
        bytes[sample->sum_at + i] = (uint8_t)(sum >> (8 * i));
    return bytes;
}

/* Found behind junk, where nothing but the checksum proves it. */
static void
test_found(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(samples); i++) {
        g_autofree uint8_t *bytes = complete(&samples[i]);
        g_autofree uint8_t *behind = g_malloc0(100 + samples[i].len);
        SkAttachType type = SK_ATTACH_UNKNOWN;

        memset(behind, 'R', 100);
        memcpy(behind + 100, bytes, samples[i].len);
        g_test_message("sample %zu", i);
        g_assert_cmpuint(sk_marker_find(sk_bytes(behind, 100 + samples[i].len), 1, true, &type),
                         ==, 100);
        g_assert_cmpint(type, ==, samples[i].type);
    }
}

/* Any changed byte of the header makes it an accident. */
static void
test_damaged(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(samples); i++) {
        for (size_t at = 0; at < samples[i].summed_len; at++) {
            g_autofree uint8_t *bytes = complete(&samples[i]);
            SkAttachType type = SK_ATTACH_UNKNOWN;

            bytes[samples[i].summed_at + at] ^= 0x55;
            g_assert_cmpuint(sk_marker_find(sk_bytes(bytes, samples[i].len), 0, true, &type),
                             ==, SK_BYTES_NONE);
        }
    }
}

/* 8 MiB of marks that each announce a header of a MiB or more. Without a limit on checksums the
 * search takes longer than a test may; with it the file is not passed in silence. */
static void
test_many(void)
{
    static const struct {
        SkAttachType type;
        const char *mark;
        size_t len;
    } marks[] = {
        {SK_ATTACH_RAR5, BYTES("Rar!\x1a\7\1\0SSSS\xff\xff\x7f\1")},
        {SK_ATTACH_RAR4, BYTES("Rar!\x1a\7\0SS\x73\0\0\xff\xff")},
        {SK_ATTACH_ARJ, BYTES("\x60\xea\x28\x0a")},
        {SK_ATTACH_ACE, BYTES("**ACE**SS\xff\xff")},
    };
    const size_t len = 8u << 20;

    for (size_t i = 0; i < G_N_ELEMENTS(marks); i++) {
        g_autofree uint8_t *bytes = g_malloc(len);
        SkAttachType type = SK_ATTACH_UNKNOWN;

        for (size_t at = 0; at < len; at++)
            bytes[at] = (uint8_t)marks[i].mark[at % marks[i].len];
        g_test_message("mark %zu", i);
        g_assert_cmpuint(sk_marker_find(sk_bytes(bytes, len), 1, true, &type), <,
                         SK_MARKER_REACH);
        g_assert_cmpint(type, ==, marks[i].type);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/marker/found", test_found);
    g_test_add_func("/marker/damaged", test_damaged);
    g_test_add_func("/marker/many", test_many);
    return g_test_run();
}
