/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-trial.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sk_attach_trial_read(sk_attach_pdf_open, SK_ATTACH_PDF, sk_bytes(data, size));
    return 0;
}
