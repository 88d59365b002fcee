/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store-manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What can be read can be written, and reads as the same again; the same for a line of blobs.
 */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(SkManifest) manifest = sk_manifest_parse("fuzz", sk_bytes(data, size), NULL);
    g_autoptr(SkManifest) again = NULL;
    g_autofree char *first = NULL, *second = NULL, *text = NULL;
    SkBlobLine line;

    if (sk_blob_line_parse(sk_bytes(data, size), &line)) {
        text = sk_blob_line_format(&line);
        g_assert(memcmp(text, data, size) == 0);
    }
    if (manifest == NULL)
        return 0;
    first = sk_manifest_format(manifest);
    again = sk_manifest_parse("again", sk_bytes(first, strlen(first)), NULL);
    g_assert(again != NULL);
    second = sk_manifest_format(again);
    g_assert_cmpstr(first, ==, second);
    return 0;
}
