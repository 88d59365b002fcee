/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/engine-message.h"

#include <string.h>

#include "base/limit.h"
#include "base/text.h"
#include "mail/mail-address.h"
#include "mail/mail-header.h"
#include "mail/mail-word.h"

#define SUBJECT_MAX    200
#define MESSAGE_ID_MAX 300
/* Bytes of a field that are looked at for a text of those lengths. */
#define FIELD_MAX 2000

SkBytes
sk_engine_header_of(SkBytes message)
{
    return sk_bytes_slice(message, 0, sk_mail_header_end(message));
}

/* The first field of this name, decoded and safe; or NULL. */
static char *
read_text(const SkMailHeader *header, const char *name, size_t max)
{
    const SkMailField *field = sk_mail_header_peek(header, name, 0);
    g_auto(SkBuffer) text = {0};
    SkBytes bytes;

    if (field == NULL)
        return NULL;
    sk_buffer_init(&text, 2 * FIELD_MAX);
    (void)sk_mail_word_decode(sk_bytes_slice(field->value, 0, FIELD_MAX), &text);
    for (bytes = sk_buffer_bytes(&text); sk_bytes_is(bytes, 0, " ");)
        bytes = sk_bytes_from(bytes, 1);
    return sk_text_safe(bytes, max);
}

/* Of several From fields and authors the first that has an address. */
static char *
read_from(const SkMailHeader *header)
{
    const SkMailField *field;

    for (guint n = 0; (field = sk_mail_header_peek(header, "From", n)) != NULL; n++) {
        g_autoptr(SkMailAddresses) authors = sk_mail_address_parse(field->value);

        for (guint i = 0; i < authors->boxes->len; i++) {
            const SkMailbox *box = sk_mail_address_peek(authors, i);

            if (*box->address != '\0')
                return sk_text_safe(sk_bytes(box->address, strlen(box->address)), FIELD_MAX);
        }
    }
    return NULL;
}

/* Bcc is nobody's business, also where a client left it in. */
static void
see_addresses(SkPassage *passage, const SkMailHeader *header, const char *name)
{
    const SkMailField *field;

    for (guint n = 0; (field = sk_mail_header_peek(header, name, n)) != NULL; n++) {
        g_autoptr(SkMailAddresses) list = sk_mail_address_parse(field->value);

        for (guint i = 0; i < list->boxes->len; i++)
            sk_passage_see(passage, sk_mail_address_peek(list, i)->address);
    }
}

void
sk_engine_read_header(SkPassage *passage, SkBytes bytes)
{
    g_auto(SkMailHeader) header = {0};

    sk_mail_header_init(&header);
    sk_mail_header_read(&header, bytes);
    passage->from = read_from(&header);
    passage->subject = read_text(&header, "Subject", SUBJECT_MAX);
    passage->message_id = read_text(&header, "Message-ID", MESSAGE_ID_MAX);
    see_addresses(passage, &header, "To");
    see_addresses(passage, &header, "Cc");
}

/* False: the envelope is full. */
static bool
add_addresses(SkEnvelope *envelope, const SkMailField *field)
{
    g_autoptr(SkMailAddresses) list = sk_mail_address_parse(field->value);

    for (guint i = 0; i < list->boxes->len; i++) {
        const SkMailbox *box = sk_mail_address_peek(list, i);

        if (*box->address != '\0' && strlen(box->address) <= SK_LIMIT_ADDRESS &&
            !sk_envelope_add_recipient(envelope, box->address, NULL))
            return false;
    }
    return true;
}

void
sk_engine_read_recipients(SkEnvelope *envelope, SkBytes bytes)
{
    static const char *const names[] = {"To", "Cc"};
    g_auto(SkMailHeader) header = {0};
    const SkMailField *field;
    bool fits = true;

    sk_mail_header_init(&header);
    sk_mail_header_read(&header, bytes);
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        for (guint n = 0; fits && (field = sk_mail_header_peek(&header, names[i], n)); n++)
            fits = add_addresses(envelope, field);
    }
}
