/* SPDX-License-Identifier: Apache-2.0 */
#include "milter/milter-offer.h"

#include <string.h>

#include "base/limit.h"

#define WANTED_ACTIONS (SK_MILTER_MAY_ADD | SK_MILTER_MAY_CHANGE)
#define WANTED_PROTOCOL                                                                        \
    (SK_MILTER_NR_HEADER | SK_MILTER_NO_UNKNOWN | SK_MILTER_CAN_SKIP | SK_MILTER_NR_CONNECT |  \
     SK_MILTER_NR_HELO | SK_MILTER_NR_MAIL | SK_MILTER_NR_RCPT | SK_MILTER_NR_UNKNOWN |        \
     SK_MILTER_NR_EOH | SK_MILTER_NR_BODY | SK_MILTER_LEADING_SPACE)

const char *
sk_milter_offer_judge(const SkMilterOffer *offer)
{
    if (offer->version < SK_MILTER_VERSION)
        return "the peer speaks a milter protocol before version 6 (Postfix: milter_protocol)";
    if ((offer->actions & WANTED_ACTIONS) != WANTED_ACTIONS)
        return "the peer does not let header fields be added and changed";
    if ((offer->protocol & SK_MILTER_LEADING_SPACE) == 0)
        return "the peer does not show header fields with their leading blanks";
    return NULL;
}

uint32_t
sk_milter_offer_choose(const SkMilterOffer *offer, bool tcp)
{
    /* Over TCP an answer at DATA makes smtpd's packets leave before cleanup's: without it
     * Nagle's algorithm holds cleanup's until our delayed ACK, 40 ms a message. */
    uint32_t at_data = tcp ? 0 : SK_MILTER_NR_DATA | SK_MILTER_NO_DATA;

    return offer->protocol & (WANTED_PROTOCOL | at_data);
}

/* By default Postfix sends a dozen macros that nobody here reads. It takes an empty list for
 * none given, so each stage asks for the queue id at least. */
static bool
append_macro_lists(SkBuffer *data)
{
    static const char *const lists[] = {"i",               /* connect */
                                        "i",               /* HELO */
                                        "i {auth_authen}", /* MAIL */
                                        "i",
                                        "i",
                                        "i",
                                        "i"}; /* RCPT, DATA, end of message, end of header */

    for (uint8_t stage = 0; stage < G_N_ELEMENTS(lists); stage++) {
        uint8_t number[4] = {0, 0, 0, stage};

        if (!sk_buffer_append(data, number, sizeof number) ||
            !sk_buffer_append(data, lists[stage], strlen(lists[stage]) + 1))
            return false;
    }
    return true;
}

static bool
append_number(SkBuffer *data, uint32_t number)
{
    uint8_t bytes[4] = {(uint8_t)(number >> 24), (uint8_t)(number >> 16),
                        (uint8_t)(number >> 8), (uint8_t)number};

    return sk_buffer_append(data, bytes, sizeof bytes);
}

bool
sk_milter_offer_answer(SkBuffer *out, const SkMilterOffer *offer, uint32_t protocol)
{
    uint32_t lists = offer->actions & (uint32_t)SK_MILTER_MAY_SET_MACROS;
    g_auto(SkBuffer) data = {0};
    SkBytes part;

    sk_buffer_init(&data, SK_KIB);
    if (!append_number(&data, SK_MILTER_VERSION) ||
        !append_number(&data, WANTED_ACTIONS | lists) || !append_number(&data, protocol) ||
        (lists != 0 && !append_macro_lists(&data)))
        return false;
    part = sk_buffer_bytes(&data);
    return sk_milter_packet_append(out, SK_MILTER_NEGOTIATE, &part, 1);
}
