/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-format.h"
#include "attach/attach-trial.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first byte says what the rest is taken for. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const SkAttachType types[] = {
        SK_ATTACH_TAR,   SK_ATTACH_CPIO, SK_ATTACH_AR,   SK_ATTACH_CAB,     SK_ATTACH_LHA,
        SK_ATTACH_ISO,   SK_ATTACH_GZIP, SK_ATTACH_XZ,   SK_ATTACH_ZSTD,    SK_ATTACH_LZ4,
        SK_ATTACH_BZIP2, SK_ATTACH_LZMA, SK_ATTACH_LZIP, SK_ATTACH_COMPRESS};
    SkAttachType type = types[sk_bytes_u8(sk_bytes(data, size), 0) % G_N_ELEMENTS(types)];

    sk_attach_trial_read(sk_attach_format(type)->reader, type,
                         sk_bytes_from(sk_bytes(data, size), 1));
    return 0;
}
