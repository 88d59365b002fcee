/* SPDX-License-Identifier: Apache-2.0 */
#include "net/net-smtp-reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Reply after reply, each of which has to be shorter than what is left. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    SkBytes left = sk_bytes(data, size);
    size_t used = 1;

    while (used > 0) {
        g_auto(SkSmtpReply) reply = {0};
        g_autofree char *text = NULL;
        SkSmtpOffer offer;

        used = 0;
        if (sk_smtp_reply_next(left, &used, &reply) != SK_SMTP_REPLY_READY)
            break;
        g_assert_cmpuint(used, <=, left.len);
        g_assert_cmpuint(reply.code, >=, 200);
        g_assert_cmpuint(reply.code, <, 600);
        text = sk_smtp_reply_text(&reply);
        g_assert_true(g_utf8_validate(text, -1, NULL));
        sk_smtp_offer_read(&reply, &offer);
        left = sk_bytes_from(left, used);
    }
    return 0;
}
