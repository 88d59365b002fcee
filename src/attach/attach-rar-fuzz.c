/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-trial.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    SkBytes bytes = sk_bytes(data, size);

    sk_attach_trial_read(sk_attach_rar14_open, SK_ATTACH_RAR14, bytes);
    sk_attach_trial_read(sk_attach_rar4_open, SK_ATTACH_RAR4, bytes);
    sk_attach_trial_read(sk_attach_rar5_open, SK_ATTACH_RAR5, bytes);
    return 0;
}
