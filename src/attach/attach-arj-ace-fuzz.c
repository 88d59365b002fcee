/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-trial.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    SkBytes bytes = sk_bytes(data, size);

    sk_attach_trial_read(sk_attach_arj_open, SK_ATTACH_ARJ, bytes);
    sk_attach_trial_read(sk_attach_ace_open, SK_ATTACH_ACE, bytes);
    return 0;
}
