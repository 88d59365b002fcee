/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/mail-belong.h"

#include "base/limit.h"
#include "mail/mail-header.h"

/* Bytes of a Content-ID that is compared. */
#define ID_MAX 250
/* A signature has a few certificates in it. */
#define SIGNATURE_MAX (128 * SK_KIB)

static bool
ends_id(uint8_t c)
{
    return c <= ' ' || c == '"' || c == '\'' || c == '<' || c == '>' || c == ')' || c == ';' ||
           c == '&' || c >= 0x7f;
}

/* Moves *AT behind the id there, and returns it without its percent signs; NULL: none that a
 * field could have. */
static char *
read_id(SkBytes html, size_t *at)
{
    char id[ID_MAX + 1];
    size_t n = 0;

    for (; n < ID_MAX && *at < html.len && !ends_id(html.data[*at]); (*at)++) {
        int high = g_ascii_xdigit_value((char)sk_bytes_u8(html, *at + 1));
        int low = g_ascii_xdigit_value((char)sk_bytes_u8(html, *at + 2));
        bool escape = html.data[*at] == '%' && high >= 0 && low >= 0 && (high | low) != 0;

        id[n++] = escape ? (char)(high << 4 | low) : (char)html.data[*at];
        *at += escape ? 2 : 0;
    }
    id[n] = '\0';
    return n > 0 && n < ID_MAX ? g_strdup(id) : NULL;
}

static bool
is_cid(SkBytes html, size_t colon)
{
    return colon >= 3 && sk_bytes_equal_nocase(sk_bytes_slice(html, colon - 3, 3), "cid");
}

void
sk_mail_belong_gather(SkBytes html, GHashTable *shown)
{
    size_t at = 0;

    while ((at = sk_bytes_find(html, ":", 1, at)) != SK_BYTES_NONE) {
        bool cid = is_cid(html, at++);
        char *id = cid ? read_id(html, &at) : NULL;

        if (id != NULL)
            g_hash_table_add(shown, id);
        if (g_hash_table_size(shown) >= SK_BELONG_SHOWN)
            return;
    }
}

/* SVG is no picture here: it holds scripts. */
static bool
begins_as_picture(SkBytes content)
{
    return sk_bytes_is(content, 0, "\x89PNG\r\n\x1a\n") ||
           sk_bytes_is(content, 0, "\xff\xd8\xff") || sk_bytes_is(content, 0, "GIF87a") ||
           sk_bytes_is(content, 0, "GIF89a") ||
           (sk_bytes_is(content, 0, "BM") && sk_bytes_le32(content, 6) == 0) ||
           (sk_bytes_is(content, 0, "RIFF") && sk_bytes_is(content, 8, "WEBP"));
}

static char *
read_content_id(SkBytes entity)
{
    g_auto(SkMailHeader) header = {0};
    const SkMailField *field;
    g_auto(SkBuffer) id = {0};
    SkBytes text;

    sk_mail_header_init(&header);
    sk_mail_header_read(&header, entity);
    field = sk_mail_header_peek(&header, "Content-ID", 0);
    sk_buffer_init(&id, ID_MAX);
    if (field == NULL || !sk_mail_header_unfold(field->value, &id))
        return NULL;
    text = sk_buffer_bytes(&id);
    if (text.len < 3 || text.data[0] != '<' || text.data[text.len - 1] != '>' ||
        memchr(text.data, '\0', text.len) != NULL)
        return NULL;
    return g_strndup((const char *)text.data + 1, text.len - 2);
}

char *
sk_mail_belong_picture_dup(const SkMailPart *part)
{
    if (!g_str_has_prefix(part->type, "image/") || !begins_as_picture(part->content) ||
        strcmp(part->path, part->source->path) != 0)
        return NULL;
    return read_content_id(part->source->entity);
}

static bool
is_invitation(const SkMailPart *part)
{
    return strcmp(part->type, "text/calendar") == 0 &&
           (part->name == NULL || g_str_has_suffix(part->name, ".ics")) &&
           sk_bytes_equal_nocase(sk_bytes_slice(part->content, 0, 15), "BEGIN:VCALENDAR");
}

/* A DER sequence, or armour. */
static bool
is_signature(const SkMailPart *part)
{
    bool smime = strcmp(part->type, "application/pkcs7-signature") == 0 ||
                 strcmp(part->type, "application/x-pkcs7-signature") == 0;
    bool pgp = strcmp(part->type, "application/pgp-signature") == 0;

    return part->source->is_sealed && part->content.len <= SIGNATURE_MAX &&
           ((smime && sk_bytes_u8(part->content, 0) == 0x30) ||
            (pgp && sk_bytes_is(part->content, 0, "-----BEGIN PGP SIGNATURE-----")));
}

bool
sk_mail_belong_is_companion(const SkMailPart *part)
{
    return is_invitation(part) || is_signature(part);
}
