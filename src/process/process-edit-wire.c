/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* explicit_bzero */
#include "process/process-edit-wire.h"

#include <string.h>

#define PATH_MAX_BYTES 512

static void
put_order(SkFrameWriter *w, const SkStripOrder *order)
{
    uint32_t n = 0;

    while (order->parts[n] != NULL)
        n++;
    w->failed |= n > SK_EDIT_WIRE_PARTS || strlen(order->notice) > SK_EDIT_WIRE_NOTICE;
    sk_frame_put_u32(w, n);
    for (uint32_t i = 0; i < n; i++)
        sk_frame_put_text(w, order->parts[i]);
    sk_frame_put_text(w, order->notice);
    sk_frame_put_text(w, order->notice_name);
}

bool
sk_wire_put_edit(SkBuffer *out, uint64_t size, const SkStripOrder *order, const char *password)
{
    static const char *const none[] = {NULL};
    const SkStripOrder nothing = {none, "", NULL};
    SkFrameWriter w;

    sk_frame_begin(&w, out, SK_WIRE_EDIT);
    sk_frame_put_u64(&w, size);
    w.failed |= password != NULL && strlen(password) > SK_EDIT_WIRE_PASSWORD;
    sk_frame_put_text(&w, password);
    put_order(&w, password == NULL ? order : &nothing);
    return sk_frame_finish(&w, 0);
}

static void
get_parts(SkFrameReader *r, SkWireEdit *edit)
{
    uint32_t n = sk_frame_get_u32(r);

    if (n > SK_EDIT_WIRE_PARTS)
        r->failed = true;
    edit->parts = g_new0(char *, r->failed ? 1 : n + 1);
    for (uint32_t i = 0; i < n && !r->failed; i++) {
        edit->parts[i] = sk_frame_get_text(r, PATH_MAX_BYTES);
        r->failed |= edit->parts[i] == NULL;
    }
}

bool
sk_wire_get_edit(SkBytes body, SkWireEdit *ret_edit)
{
    g_auto(SkWireEdit) edit = {0};
    SkFrameReader r;

    sk_frame_open(&r, body);
    edit.size = sk_frame_get_u64(&r);
    edit.password = sk_frame_get_text(&r, SK_EDIT_WIRE_PASSWORD);
    get_parts(&r, &edit);
    edit.notice = sk_frame_get_text(&r, SK_EDIT_WIRE_NOTICE);
    edit.notice_name = sk_frame_get_text(&r, 4 * SK_LIMIT_NAME);
    if (!sk_frame_end(&r) || edit.notice == NULL)
        return false;
    *ret_edit = edit;
    edit = (SkWireEdit){0};
    return true;
}

void
sk_wire_edit_clear(SkWireEdit *edit)
{
    if (edit->password != NULL)
        explicit_bzero(edit->password, strlen(edit->password));
    g_clear_pointer(&edit->password, g_free);
    g_clear_pointer(&edit->parts, g_strfreev);
    g_clear_pointer(&edit->notice, g_free);
    g_clear_pointer(&edit->notice_name, g_free);
}

bool
sk_wire_put_edited(SkBuffer *out, SkEditOutcome outcome, const SkMailCuts *cuts)
{
    size_t n = sk_mail_cuts_count(cuts);
    SkFrameWriter w;

    sk_frame_begin(&w, out, SK_WIRE_EDITED);
    sk_frame_put_u8(&w, (uint8_t)outcome);
    sk_frame_put_u32(&w, (uint32_t)n);
    for (size_t i = 0; i < n; i++) {
        SkBytes text;
        const SkMailCut *cut = sk_mail_cuts_peek(cuts, i, &text);

        sk_frame_put_u64(&w, cut->at);
        sk_frame_put_u64(&w, cut->len);
        sk_frame_put_bytes(&w, text);
    }
    return sk_frame_finish(&w, 0);
}

static bool
get_cut(SkFrameReader *r, uint64_t size, SkMailCuts *cuts)
{
    uint64_t at = sk_frame_get_u64(r), len = sk_frame_get_u64(r);
    SkBytes text = sk_frame_get_bytes(r);
    size_t text_at = cuts->text.len;

    return !r->failed && at <= size && len <= size - at &&
           sk_buffer_append(&cuts->text, text.data, text.len) &&
           sk_mail_cuts_add(cuts, at, len, text_at);
}

bool
sk_wire_get_edited(SkBytes body,
                   uint64_t size,
                   SkEditOutcome *ret_outcome,
                   SkMailCuts *ret_cuts)
{
    SkFrameReader r;
    uint8_t outcome;
    uint32_t n;

    sk_mail_cuts_init(ret_cuts);
    sk_frame_open(&r, body);
    outcome = sk_frame_get_u8(&r);
    n = sk_frame_get_u32(&r);
    for (uint32_t i = 0; i < n; i++) {
        if (!get_cut(&r, size, ret_cuts))
            return false;
    }
    if (!sk_frame_end(&r) || outcome > SK_EDIT_UNSUPPORTED)
        return false;
    *ret_outcome = (SkEditOutcome)outcome;
    return true;
}
