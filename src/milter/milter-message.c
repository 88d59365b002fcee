/* SPDX-License-Identifier: Apache-2.0 */
#include "milter/milter-message.h"

#include "base/error.h"
#include "base/limit.h"

/* Bytes of header kept allocated between messages of a connection. */
#define KEEP_HEADER (16 * SK_KIB)
/* Bytes of ESMTP arguments of one address: Postfix takes no longer line (line_length_limit). */
#define LIMIT_ARGS 2048

#define ANSWER_TOO_LARGE    "552 5.3.4 The message is larger than this server accepts"
#define ANSWER_HEADER_LARGE "552 5.3.4 The header of the message is larger than accepted"
#define ANSWER_TOO_MANY     "452 4.5.3 Too many recipients, or an address that is too long"
#define ANSWER_NO_ROOM      "452 4.3.1 No room for the message now, please try again later"

void
sk_milter_message_init(SkMilterMessage *message,
                       SkMilterSession *session,
                       void *socket_data,
                       size_t message_limit)
{
    *message = (SkMilterMessage){.session = session, .socket_data = socket_data};
    message->spool = sk_spool_new(message_limit);
    sk_buffer_init(&message->header, SK_LIMIT_HEADER);
}

void
sk_milter_message_clear(SkMilterMessage *message)
{
    g_clear_pointer(&message->envelope, sk_envelope_free);
    g_clear_pointer(&message->spool, sk_spool_free);
    sk_buffer_clear(&message->header);
}

void
sk_milter_message_drop(SkMilterMessage *message)
{
    g_clear_pointer(&message->envelope, sk_envelope_free);
    sk_spool_reset(message->spool);
    sk_buffer_reset(&message->header, KEEP_HEADER);
    message->trouble = NULL;
}

void
sk_milter_message_begin(SkMilterMessage *message, SkEnvelope *envelope)
{
    sk_milter_message_drop(message);
    message->envelope = envelope;
}

void
sk_milter_message_refuse(SkMilterMessage *message, const char *answer)
{
    if (message->trouble != NULL)
        return;
    message->trouble = answer;
    sk_spool_reset(message->spool);
    sk_buffer_reset(&message->header, KEEP_HEADER);
}

const char *
sk_milter_message_peek_trouble(const SkMilterMessage *message)
{
    return message->trouble;
}

char *
sk_milter_text_dup(SkBytes text, size_t max)
{
    return g_strndup((const char *)text.data, MIN(text.len, max));
}

/* The arguments as one line with blanks between, NULL when there are none. */
static char *
join_args(SkBytes args)
{
    char *line;

    if (args.len <= 1)
        return NULL;
    line = g_memdup2(args.data, args.len); /* ends with a NUL */
    for (size_t i = 0; i + 1 < args.len; i++) {
        if (line[i] == '\0')
            line[i] = ' ';
    }
    return line;
}

static bool
fits(const SkMilterAddress *address)
{
    return address->address.len <= SK_LIMIT_ADDRESS && address->args.len <= LIMIT_ARGS;
}

void
sk_milter_message_set_sender(SkMilterMessage *message, const SkMilterAddress *sender)
{
    g_autofree char *address = NULL, *args = NULL;

    if (!fits(sender)) {
        sk_milter_message_refuse(message, ANSWER_TOO_MANY);
        return;
    }
    address = sk_milter_text_dup(sender->address, SK_LIMIT_ADDRESS);
    args = join_args(sender->args);
    if (!sk_envelope_set_sender(message->envelope, address, args))
        sk_milter_message_refuse(message, ANSWER_TOO_MANY);
}

void
sk_milter_message_add_recipient(SkMilterMessage *message, const SkMilterAddress *recipient)
{
    g_autofree char *address = NULL, *args = NULL;

    if (message->trouble != NULL)
        return;
    if (!fits(recipient)) {
        sk_milter_message_refuse(message, ANSWER_TOO_MANY);
        return;
    }
    address = sk_milter_text_dup(recipient->address, SK_LIMIT_ADDRESS);
    args = join_args(recipient->args);
    if (!sk_envelope_add_recipient(message->envelope, address, args))
        sk_milter_message_refuse(message, ANSWER_TOO_MANY);
}

/* Postfix gives folds as LF; in the message they are CRLF. */
static bool
append_value(SkBuffer *header, SkBytes value)
{
    size_t at = 0;

    while (at < value.len) {
        size_t end = sk_bytes_find(value, "\n", 1, at);
        SkBytes line = sk_bytes_slice(value, at, end == SK_BYTES_NONE ? value.len : end - at);

        if (!sk_buffer_append(header, line.data, line.len))
            return false;
        if (end == SK_BYTES_NONE)
            return true;
        if (!sk_buffer_append(header, "\r\n", 2))
            return false;
        at = end + 1;
    }
    return true;
}

void
sk_milter_message_add_header(SkMilterMessage *message, const SkMilterPair *field)
{
    SkBuffer *header = &message->header;

    if (message->trouble != NULL)
        return;
    if (!sk_buffer_append(header, field->name.data, field->name.len) ||
        !sk_buffer_append(header, ":", 1) || !append_value(header, field->value) ||
        !sk_buffer_append(header, "\r\n", 2))
        sk_milter_message_refuse(message, ANSWER_HEADER_LARGE);
}

static void
spool(SkMilterMessage *message, SkBytes bytes)
{
    g_autoptr(GError) error = NULL;

    if (message->trouble != NULL || bytes.len == 0)
        return;
    if (!sk_spool_append(message->spool, bytes.data, bytes.len, &error))
        sk_milter_message_refuse(message, g_error_matches(error, SK_ERROR, SK_ERROR_LIMIT)
                                              ? ANSWER_TOO_LARGE
                                              : ANSWER_NO_ROOM);
}

void
sk_milter_message_end_header(SkMilterMessage *message)
{
    if (message->trouble == NULL && !sk_buffer_append(&message->header, "\r\n", 2))
        sk_milter_message_refuse(message, ANSWER_HEADER_LARGE);
    spool(message, sk_buffer_bytes(&message->header));
}

void
sk_milter_message_add_body(SkMilterMessage *message, SkBytes body)
{
    spool(message, body);
}

void
sk_milter_message_finish(SkMilterMessage *message)
{
    if (message->trouble == NULL && !sk_spool_seal(message->spool, NULL))
        sk_milter_message_refuse(message, ANSWER_NO_ROOM);
}

const SkEnvelope *
sk_milter_message_peek_envelope(const SkMilterMessage *message)
{
    return message->envelope;
}

SkSpool *
sk_milter_message_peek_spool(SkMilterMessage *message)
{
    return message->spool;
}

size_t
sk_milter_message_header_size(const SkMilterMessage *message)
{
    return message->header.len;
}

SkBytes
sk_milter_message_peek_header(const SkMilterMessage *message)
{
    return sk_buffer_bytes(&message->header);
}

void *
sk_milter_message_peek_socket_data(const SkMilterMessage *message)
{
    return message->socket_data;
}
