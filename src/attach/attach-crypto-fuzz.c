/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-pgp.h"
#include "attach/attach-trial.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    SkBytes bytes = sk_bytes(data, size);

    (void)sk_pgp_is_message(bytes);
    sk_attach_trial_read(sk_attach_crypto_open, SK_ATTACH_PKCS7, bytes);
    sk_attach_trial_read(sk_attach_crypto_open, SK_ATTACH_PGP, bytes);
    return 0;
}
