/* SPDX-License-Identifier: Apache-2.0 */
#include "notice/notice-body.h"

#include <glib.h>
#include <string.h>

#include "base/error.h"

/* Letters of a line of base64, and the bytes they stand for. */
#define LINE_LETTERS 76
#define LINE_BYTES   57
/* Octets of a line, without its end (RFC 5322 2.1.1). */
#define LINE_MAX_OCTETS 998

bool
sk_notice_body_is_plain(SkBytes data)
{
    size_t line = 0;

    for (size_t i = 0; i < data.len; i++) {
        uint8_t c = data.data[i];

        if (sk_bytes_is(data, i, "\r\n")) {
            line = 0;
            i++;
            continue;
        }
        if (c == 0 || c >= 0x80 || c == '\r' || c == '\n' || ++line > LINE_MAX_OCTETS)
            return false;
    }
    return true;
}

void
sk_notice_body_base64(SkBuffer *out, SkBytes data)
{
    /* Each line, with its end, from LINE_BYTES: four letters for three bytes. */
    sk_buffer_reserve(out, (data.len / LINE_BYTES + 1) * (LINE_LETTERS + 2));
    for (size_t at = 0; at < data.len; at += LINE_BYTES) {
        SkBytes piece = sk_bytes_slice(data, at, LINE_BYTES);
        g_autofree char *line = g_base64_encode(piece.data, piece.len);

        sk_buffer_append_text(out, line);
        sk_buffer_append_text(out, "\r\n");
    }
}

static char *
end_lines(const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    return g_strjoinv("\r\n", lines);
}

void
sk_notice_body_text(SkBuffer *out, const char *text)
{
    g_autofree char *lines = end_lines(text);
    SkBytes bytes = sk_bytes(lines, strlen(lines));

    if (sk_notice_body_is_plain(bytes)) {
        sk_buffer_append_text(out, "Content-Type: text/plain; charset=us-ascii\r\n"
                                   "Content-Transfer-Encoding: 7bit\r\n\r\n");
        sk_buffer_append_text(out, lines);
        return;
    }
    sk_buffer_append_text(out, "Content-Type: text/plain; charset=utf-8\r\n"
                               "Content-Transfer-Encoding: base64\r\n\r\n");
    sk_notice_body_base64(out, bytes);
}

/* A part of type message/rfc822 must not be encoded (RFC 2046 5.2.1), and one with 8-bit or
 * long lines is changed on the way by the first server that does not take them. As a file it
 * stays what it was, byte for byte; message/global (RFC 6532) could be encoded, but few mail
 * programs open it, and they all open a file that ends in .eml. */
void
sk_notice_body_mail(SkBuffer *out, SkBytes mail)
{
    if (sk_notice_body_is_plain(mail)) {
        sk_buffer_append_text(out, "Content-Type: message/rfc822\r\n"
                                   "Content-Disposition: attachment; filename=original.eml\r\n"
                                   "Content-Transfer-Encoding: 7bit\r\n\r\n");
        sk_buffer_append(out, mail.data, mail.len);
        return;
    }
    sk_buffer_append_text(out, "Content-Type: application/octet-stream; name=original.eml\r\n"
                               "Content-Disposition: attachment; filename=original.eml\r\n"
                               "Content-Transfer-Encoding: base64\r\n\r\n");
    sk_notice_body_base64(out, mail);
}

bool
sk_notice_body_check(const SkBuffer *out, GError **error)
{
    if (!out->full)
        return true;
    g_set_error(error, SK_ERROR, SK_ERROR_LIMIT,
                "a notice does not fit %zu bytes, or memory is out", out->limit);
    return false;
}

bool
sk_notice_body(SkBuffer *out,
               const char *id,
               const char *text,
               SkBytes original,
               GError **error)
{
    g_autofree char *boundary = g_strdup_printf("=_%s", id);
    g_autofree char *head = g_strdup_printf(
        "Content-Type: multipart/mixed; boundary=\"%1$s\"\r\n\r\n--%1$s\r\n", boundary);
    g_autofree char *next = g_strdup_printf("\r\n--%s\r\n", boundary);
    g_autofree char *end = g_strdup_printf("\r\n--%s--\r\n", boundary);

    if (original.len == 0) {
        sk_notice_body_text(out, text);
        return sk_notice_body_check(out, error);
    }
    sk_buffer_append_text(out, head);
    sk_notice_body_text(out, text);
    sk_buffer_append_text(out, next);
    sk_notice_body_mail(out, original);
    sk_buffer_append_text(out, end);
    return sk_notice_body_check(out, error);
}
