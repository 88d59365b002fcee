/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/mail-cut.h"

void
sk_mail_cuts_init(SkMailCuts *cuts)
{
    sk_buffer_init(&cuts->list, SK_CUT_MAX * sizeof(SkMailCut));
    sk_buffer_init(&cuts->text, SK_CUT_TEXT);
}

void
sk_mail_cuts_clear(SkMailCuts *cuts)
{
    sk_buffer_clear(&cuts->list);
    sk_buffer_clear(&cuts->text);
}

size_t
sk_mail_cuts_count(const SkMailCuts *cuts)
{
    return cuts->list.len / sizeof(SkMailCut);
}

const SkMailCut *
sk_mail_cuts_peek(const SkMailCuts *cuts, size_t i, SkBytes *ret_text)
{
    const SkMailCut *cut = (const SkMailCut *)(const void *)cuts->list.data + i;

    g_assert(i < sk_mail_cuts_count(cuts));
    *ret_text = sk_bytes_slice(sk_buffer_bytes(&cuts->text), cut->text_at, cut->text_len);
    return cut;
}

bool
sk_mail_cuts_add(SkMailCuts *cuts, uint64_t at, uint64_t len, size_t text_at)
{
    SkMailCut cut = {at, len, text_at, cuts->text.len - text_at};
    size_t n = sk_mail_cuts_count(cuts);
    SkBytes text;

    if (n > 0) {
        const SkMailCut *last = sk_mail_cuts_peek(cuts, n - 1, &text);

        if (at < last->at || at - last->at < last->len)
            return false;
    }
    return !cuts->text.full && sk_buffer_append(&cuts->list, &cut, sizeof cut);
}

bool
sk_mail_cuts_apply(const SkMailCuts *cuts,
                   SkBytes bytes,
                   bool (*put)(SkBytes piece, void *data),
                   void *data)
{
    uint64_t at = 0;

    for (size_t i = 0; i < sk_mail_cuts_count(cuts); i++) {
        SkBytes text;
        const SkMailCut *cut = sk_mail_cuts_peek(cuts, i, &text);

        if (!sk_bytes_has(bytes, cut->at, cut->len) ||
            !put(sk_bytes_slice(bytes, at, cut->at - at), data) || !put(text, data))
            return false;
        at = cut->at + cut->len;
    }
    return put(sk_bytes_from(bytes, at), data);
}
