/* SPDX-License-Identifier: Apache-2.0 */
#include "net/net-smtp-data.h"

void
sk_smtp_data_init(SkSmtpData *data)
{
    *data = (SkSmtpData){{'\r', '\n'}};
}

static void
remember(SkSmtpData *data, SkBytes piece)
{
    if (piece.len >= 2)
        data->last[0] = piece.data[piece.len - 2];
    else if (piece.len == 1)
        data->last[0] = data->last[1];
    if (piece.len > 0)
        data->last[1] = piece.data[piece.len - 1];
}

bool
sk_smtp_data_add(SkSmtpData *data, SkBytes piece, SkBuffer *out)
{
    SkBytes rest = piece;
    size_t at;

    if (data->last[1] == '\n' && sk_bytes_is(rest, 0, ".") && !sk_buffer_append(out, ".", 1))
        return false;
    while ((at = sk_bytes_find(rest, "\n.", 2, 0)) != SK_BYTES_NONE) {
        if (!sk_buffer_append(out, rest.data, at + 2) || !sk_buffer_append(out, ".", 1))
            return false;
        rest = sk_bytes_from(rest, at + 2);
    }
    remember(data, piece);
    return sk_buffer_append(out, rest.data, rest.len);
}

bool
sk_smtp_data_end(SkSmtpData *data, SkBuffer *out)
{
    bool ended = data->last[0] == '\r' && data->last[1] == '\n';

    return (ended || sk_buffer_append_text(out, "\r\n")) && sk_buffer_append_text(out, ".\r\n");
}
