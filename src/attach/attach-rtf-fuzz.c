/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-trial.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Four small readers; the first byte chooses, as it does in their files. */
static SkAttachReader
choose(uint8_t first)
{
    switch (first) {
    case '{':
        return sk_attach_rtf_open;
    case 0xE4:
        return sk_attach_onenote_open;
    case 0:
        return sk_attach_access_open;
    default:
        return sk_attach_biff_open;
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    SkBytes bytes = sk_bytes(data, size);

    sk_attach_trial_read(choose(sk_bytes_u8(bytes, 0)), SK_ATTACH_UNKNOWN, bytes);
    return 0;
}
