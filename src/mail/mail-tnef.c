/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/mail-tnef.h"

#include <glib.h>
#include <stdio.h>

#include "mail/mail-charset.h"
#include "mail/mail-mapi.h"
#include "mail/mail-name.h"

#define LEVEL_ATTACHMENT 2

/* [MS-OXTNEF] 2.1.3.2: the attribute's type is in the upper half. */
#define ATT_RENDDATA     0x00069002U
#define ATT_TITLE        0x00018010U
#define ATT_DATA         0x0006800fU
#define ATT_PROPS        0x00069005U
#define ATT_TRANSPORT    0x00069001U
#define ATT_OEM_CODEPAGE 0x00069007U

typedef struct {
    SkMailTnefFunc func;
    void *data;
    char charset[24]; /* of what is not Unicode */
    bool broken;
    bool stopped;
    /* the attachment that is being read */
    bool open;
    SkBytes title;
    SkBytes content;
    SkMailMapi props;
} Reader;

/* The title is the short name; the long one is a property. */
static char *
make_name(const Reader *r)
{
    if (r->props.long_name.len > 0)
        return sk_mail_name_clean(r->props.name_is_utf16 ? "utf-16le" : r->charset,
                                  r->props.long_name);
    return sk_mail_name_clean(r->charset, r->title);
}

static void
show(Reader *r, const char *name, SkBytes content)
{
    char type[128];
    SkMailTnefFile file = {name, NULL, content};

    if (sk_mail_mapi_type(&r->props, type, sizeof type))
        file.type = type;
    if (!r->stopped)
        r->stopped = !r->func(&file, r->data);
}

/* An attachment may have its bytes as an attribute, as a property, or both: both are shown. */
static void
close_attachment(Reader *r)
{
    g_autofree char *name = r->open ? make_name(r) : NULL;

    if (r->open && (r->content.len > 0 || r->props.content.len == 0))
        show(r, name, r->content);
    if (r->open && r->props.content.len > 0)
        show(r, name, r->props.content);
    r->open = false;
    r->title = (SkBytes){0};
    r->content = (SkBytes){0};
    r->props = (SkMailMapi){0};
}

/* Without the NUL that ends it. */
static SkBytes
strip_nul(SkBytes text)
{
    while (text.len > 0 && text.data[text.len - 1] == '\0')
        text.len--;
    return text;
}

static void
take_attribute(Reader *r, uint32_t id, SkBytes value)
{
    if (id == ATT_OEM_CODEPAGE) {
        (void)snprintf(r->charset, sizeof r->charset, "cp%u", sk_bytes_le32(value, 0));
        return;
    }
    if (id == ATT_RENDDATA)
        close_attachment(r);
    r->open = true;
    if (id == ATT_TITLE || (id == ATT_TRANSPORT && r->title.len == 0))
        r->title = strip_nul(value);
    else if (id == ATT_DATA)
        r->content = value;
    else if (id == ATT_PROPS)
        r->broken |= !sk_mail_mapi_read(value, &r->props);
}

bool
sk_mail_tnef_read(SkBytes bytes, SkMailTnefFunc func, void *data)
{
    Reader r = {.func = func, .data = data};
    uint64_t at = 6;

    if (!sk_mail_tnef_is(bytes))
        return false;
    while (at < bytes.len && !r.stopped) {
        uint8_t level = sk_bytes_u8(bytes, at);
        uint32_t id = sk_bytes_le32(bytes, at + 1), len = sk_bytes_le32(bytes, at + 5);

        /* Each attribute is followed by a checksum of two bytes. */
        r.broken |= !sk_bytes_has(bytes, at + 9, (uint64_t)len + 2) || level == 0 ||
                    level > LEVEL_ATTACHMENT;
        if (level == LEVEL_ATTACHMENT || id == ATT_OEM_CODEPAGE)
            take_attribute(&r, id, sk_bytes_slice(bytes, at + 9, len));
        at += 9 + (uint64_t)len + 2;
    }
    close_attachment(&r);
    return !r.broken;
}
