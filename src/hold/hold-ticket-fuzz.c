/* SPDX-License-Identifier: Apache-2.0 */
#include "hold/hold-ticket.h"

#include <glib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is read as a ticket is what we would write; and nobody but the seeds knows the key. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t key[SK_TICKET_KEY_LEN] = "0123456789abcdef0123456789abcde";
    g_autofree char *text = g_strndup((const char *)data, size);
    uint8_t parsed[SK_TICKET_KEY_LEN];
    unsigned waits = 0, review = 0;
    SkTicket ticket;

    if (sk_ticket_read(sk_bytes(data, size), key, &ticket)) {
        g_autofree char *written = sk_ticket_write(&ticket, key);

        g_assert_nonnull(g_strstr_len((const char *)data, (gssize)size, written));
    }
    (void)sk_ticket_key_parse(sk_bytes(data, size), parsed);
    if (sk_ticket_refusal_read(text, &waits, &review))
        g_assert_true(waits < 32 && review < 3);
    return 0;
}
