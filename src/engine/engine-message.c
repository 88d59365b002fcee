/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/engine-message.h"

#include <string.h>

#include "base/text.h"
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

    if (field == NULL)
        return NULL;
    sk_buffer_init(&text, 2 * FIELD_MAX);
    (void)sk_mail_word_decode(sk_bytes_slice(field->value, 0, FIELD_MAX), &text);
    return sk_text_safe(sk_buffer_bytes(&text), max);
}

void
sk_engine_read_header(SkPassage *passage, SkBytes bytes)
{
    g_auto(SkMailHeader) header = {0};

    sk_mail_header_init(&header);
    sk_mail_header_read(&header, bytes);
    passage->subject = read_text(&header, "Subject", SUBJECT_MAX);
    passage->message_id = read_text(&header, "Message-ID", MESSAGE_ID_MAX);
}

void
sk_engine_read_recipients(SkEnvelope *envelope, SkBytes bytes)
{
}
