/* SPDX-License-Identifier: Apache-2.0 */
#include "seal/seal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first byte decides: the rest is a sealed box, or is sealed for another opening, so that
 * what lies in the box is foreign, too. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t private[32] = {9, 9, 9};
    g_autoptr(SkSealPair) pair = sk_seal_pair_read(sk_bytes(private, sizeof private));
    SkSealPublic public = sk_seal_pair_get_public(pair), read;
    SkBytes all = sk_bytes(data, size), rest = sk_bytes_from(all, 1);
    g_autoptr(SkSecret) secret = NULL;
    g_autoptr(GBytes) sealed = NULL;

    if (sk_seal_public_read(rest, &read))
    public = read;
    if (sk_bytes_u8(all, 0) == 0 || rest.len > SK_SEAL_SECRET_MAX) {
        secret = sk_seal_open(pair, SK_SEAL_BLOB, "name", rest, NULL);
        return 0;
    }
    sealed = sk_seal(&public, SK_SEAL_BLOB, "name", rest);
    secret =
        sk_seal_open(pair, SK_SEAL_BLOB, sk_bytes_u8(all, 0) == 1 ? "name" : "nam",
                     sk_bytes(g_bytes_get_data(sealed, NULL), g_bytes_get_size(sealed)), NULL);
    if (sk_bytes_u8(all, 0) == 1 && rest.len != 32)
        g_assert_true(secret != NULL && secret->len == rest.len);
    return 0;
}
