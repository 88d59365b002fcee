/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-type.h"

static const struct {
    SkAttachType type;
    uint8_t at, len;
    const char *mark;
} marks[] = {
    {SK_ATTACH_CFB, 0, 8, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"},
    {SK_ATTACH_ONENOTE, 0, 16,
     "\xE4\x52\x5C\x7B\x8C\xD8\xA7\x4D\xAE\xB1\x53\x78\xD0\x29\x96\xD3"},
    {SK_ATTACH_ACCESS, 4, 12, "Standard Jet"},
    {SK_ATTACH_ACCESS, 4, 12, "Standard ACE"},
    {SK_ATTACH_RTF, 0, 4, "{\\rt"},
    {SK_ATTACH_PE, 0, 2, "MZ"},
    {SK_ATTACH_MEDIA, 0, 4, "\x89PNG"},
    {SK_ATTACH_ZIP, 0, 4, "PK\003\004"},
    {SK_ATTACH_BIFF, 0, 4, "\x09\x08\x10\0"},
    {SK_ATTACH_BIFF, 0, 4, "\x09\x08\x08\0"},
    {SK_ATTACH_BIFF, 0, 4, "\x09\x04\x06\0"},
    {SK_ATTACH_BIFF, 0, 4, "\x09\0\x04\0"},
};

SkAttachType
sk_attach_type_of(SkBytes bytes, const char *name)
{
    (void)name;
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        if (sk_bytes_at(bytes, marks[i].at, marks[i].mark, marks[i].len))
            return marks[i].type;
    }
    if (sk_bytes_find(sk_bytes_slice(bytes, 0, 1024), "%PDF-", 5, 0) != SK_BYTES_NONE)
        return SK_ATTACH_PDF;
    return bytes.len == 0 ? SK_ATTACH_EMPTY : SK_ATTACH_UNKNOWN;
}
