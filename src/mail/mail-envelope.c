/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/mail-envelope.h"

#include <string.h>

#include "base/limit.h"

static void
recipient_free(void *data)
{
    SkRecipient *recipient = data;

    g_free(recipient->address);
    g_free(recipient->args);
    g_free(recipient);
}

SkEnvelope *
sk_envelope_new(void)
{
    SkEnvelope *envelope = g_new0(SkEnvelope, 1);

    envelope->recipients = g_ptr_array_new_with_free_func(recipient_free);
    return envelope;
}

SkEnvelope *
sk_envelope_dup_connection(const SkEnvelope *envelope)
{
    SkEnvelope *copy = sk_envelope_new();

    copy->client_address = g_strdup(envelope->client_address);
    copy->client_name = g_strdup(envelope->client_name);
    copy->helo = g_strdup(envelope->helo);
    copy->login = g_strdup(envelope->login);
    return copy;
}

SkEnvelope *
sk_envelope_dup(const SkEnvelope *envelope)
{
    SkEnvelope *copy = sk_envelope_dup_connection(envelope);

    copy->queue_id = g_strdup(envelope->queue_id);
    copy->sender = g_strdup(envelope->sender);
    copy->sender_args = g_strdup(envelope->sender_args);
    for (guint i = 0; i < envelope->recipients->len; i++) {
        const SkRecipient *from = envelope->recipients->pdata[i];
        SkRecipient *recipient = g_new0(SkRecipient, 1);

        *recipient = (SkRecipient){g_strdup(from->address), g_strdup(from->args)};
        g_ptr_array_add(copy->recipients, recipient);
    }
    return copy;
}

void
sk_envelope_free(SkEnvelope *envelope)
{
    if (envelope == NULL)
        return;
    g_free(envelope->client_address);
    g_free(envelope->client_name);
    g_free(envelope->helo);
    g_free(envelope->login);
    g_free(envelope->queue_id);
    g_free(envelope->sender);
    g_free(envelope->sender_args);
    g_ptr_array_unref(envelope->recipients);
    g_free(envelope);
}

bool
sk_envelope_set_sender(SkEnvelope *envelope, const char *address, const char *args)
{
    if (strlen(address) > SK_LIMIT_ADDRESS)
        return false;
    g_free(envelope->sender);
    g_free(envelope->sender_args);
    envelope->sender = g_strdup(address);
    envelope->sender_args = g_strdup(args);
    return true;
}

bool
sk_envelope_add_recipient(SkEnvelope *envelope, const char *address, const char *args)
{
    SkRecipient *recipient;

    if (strlen(address) > SK_LIMIT_ADDRESS || envelope->recipients->len >= SK_LIMIT_RECIPIENTS)
        return false;
    recipient = g_new0(SkRecipient, 1);
    *recipient = (SkRecipient){g_strdup(address), g_strdup(args)};
    g_ptr_array_add(envelope->recipients, recipient);
    return true;
}

guint
sk_envelope_count(const SkEnvelope *envelope)
{
    return envelope->recipients->len;
}

const SkRecipient *
sk_envelope_peek(const SkEnvelope *envelope, guint i)
{
    g_assert(i < envelope->recipients->len);
    return envelope->recipients->pdata[i];
}
