/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-office.h"
#include "base/limit.h"
#include "base/text.h"

/*
 * attach-msg - attachments of an Outlook message, [MS-OXMSG] 2.2.2
 *
 * Messages inside the message are storages of the same file, so that their attachments are
 * found like the others, without descending.
 */

/* Longest name in bytes of UTF-16. */
#define MAX_NAME (SK_LIMIT_NAME * 2)

static char *
read_utf16(SkBytes text)
{
    g_autoptr(GString) out = g_string_new(NULL);

    for (size_t i = 0; i + 1 < text.len; i += 2) {
        uint32_t unit = sk_bytes_le16(text, i), low = sk_bytes_le16(text, i + 2);

        if (unit >= 0xD800 && unit < 0xDC00 && low >= 0xDC00 && low < 0xE000) {
            unit = 0x10000 + ((unit & 0x3FF) << 10 | (low & 0x3FF));
            i += 2;
        }
        if (unit >= 0xD800 && unit < 0xE000)
            unit = 0xFFFD;
        if (unit != 0)
            g_string_append_unichar(out, unit);
    }
    return g_string_free(g_steal_pointer(&out), FALSE);
}

/* PidTagAttachLongFilename, PidTagAttachFilename; in Unicode or in the sender's charset. */
static char *
find_name(const SkAttachOffice *office, uint32_t parent)
{
    static const char *const streams[] = {"__substg1.0_3707001F", "__substg1.0_3707001E",
                                          "__substg1.0_3704001F", "__substg1.0_3704001E"};

    for (size_t k = 0; k < G_N_ELEMENTS(streams); k++) {
        uint32_t i = sk_attach_ole_find(office->ole, parent, streams[k]);
        g_auto(SkBuffer) scratch = {0};
        SkBytes text;

        if (i == SK_ATTACH_OLE_NONE ||
            !sk_attach_ole_read(office->ole, i, MAX_NAME, &scratch, &text) || text.len == 0)
            continue;
        return k % 2 == 0 ? read_utf16(text) : sk_text_safe(text, SK_LIMIT_NAME);
    }
    return NULL;
}

void
sk_attach_office_msg_data(const SkAttachOffice *office, uint32_t stream)
{
    uint32_t parent = sk_attach_ole_peek(office->ole, stream)->parent;
    g_auto(SkBuffer) scratch = {0};
    g_autofree char *name = NULL;
    SkBytes data;

    if (!sk_budget_take_unpacked(sk_attach_budget(office->scan))) {
        (void)sk_attach_is_over(office->scan, office->file);
        return;
    }
    if (!sk_attach_office_read(office, stream, UINT64_MAX, &scratch, &data))
        return;
    name = find_name(office, parent);
    sk_attach_member(office->scan, office->file, name, data);
}
