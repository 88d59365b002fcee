/* SPDX-License-Identifier: Apache-2.0 */
#include "process/process-edit-wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
count(SkBytes piece, void *data)
{
    *(uint64_t *)data += piece.len;
    return true;
}

/* Cuts that are believed can be carried out on a message of their size. */
static void
read_answer(SkBytes body)
{
    static const uint8_t message[4096];
    g_auto(SkMailCuts) cuts = {0};
    SkEditOutcome outcome;
    uint64_t made = 0;

    if (!sk_wire_get_edited(body, sizeof message, &outcome, &cuts))
        return;
    g_assert_true(sk_mail_cuts_apply(&cuts, sk_bytes(message, sizeof message), count, &made));
    g_assert_cmpuint(made, <=, sizeof message + SK_CUT_TEXT);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_auto(SkWireEdit) order = {0};

    if (sk_wire_get_edit(sk_bytes(data, size), &order))
        g_assert_nonnull(order.parts);
    read_answer(sk_bytes(data, size));
    return 0;
}
