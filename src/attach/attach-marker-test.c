/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-marker.h"

#include <glib.h>
#include <zlib.h>

#include "base/limit.h"

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
    {SK_ATTACH_RAR5, BYTES("Rar!\x1a\7\1\0SSSS\3\1\0\0"), 8, 4, 12, 4, false},
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

/* A first header that is true is believed, however long: unpacking programs do. */
static void
test_long_header(void)
{
    static const char mark[] = "Rar!\x1a\7\1\0SSSS\xff\x1f\1";
    size_t len = 12 + 2 + 0xfff;
    g_autofree uint8_t *bytes = g_malloc0(len + 1);
    SkAttachType type = SK_ATTACH_UNKNOWN;
    uint32_t sum;

    memcpy(bytes + 1, mark, sizeof mark - 1);
    sum = GUINT32_TO_LE(crc32(0, bytes + 13, (uInt)len - 12));
    memcpy(bytes + 9, &sum, sizeof sum);
    g_assert_true(sk_attach_rar5_is_at(sk_bytes(bytes, len + 1), 1));
    g_assert_cmpuint(sk_marker_find(sk_bytes(bytes, len + 1), 0, true, &type), ==, 1);
    g_assert_cmpint(type, ==, SK_ATTACH_RAR5);
}

/* Marks only, each with half a MiB of header to be summed, 32 GB in all: they are not summed
 * but taken for an archive, which the reader then finds broken. */
static void
test_marks_only(void)
{
    static const char mark[] = "Rar!\x1a\7\1\0SSSS\x80\x80\x20\1";
    size_t len = SK_MIB;
    g_autofree uint8_t *bytes = g_malloc0(len);
    SkAttachType type = SK_ATTACH_UNKNOWN;

    for (size_t at = 0; at + sizeof mark <= len; at += sizeof mark - 1)
        memcpy(bytes + at, mark, sizeof mark - 1);
    g_assert_cmpuint(sk_marker_find(sk_bytes(bytes, len), 0, true, &type), !=, SK_BYTES_NONE);
    g_assert_cmpint(type, ==, SK_ATTACH_RAR5);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/marker/found", test_found);
    g_test_add_func("/marker/damaged", test_damaged);
    g_test_add_func("/marker/long-header", test_long_header);
    g_test_add_func("/marker/marks-only", test_marks_only);
    return g_test_run();
}
