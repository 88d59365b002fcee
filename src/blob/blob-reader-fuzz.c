/* SPDX-License-Identifier: Apache-2.0 */
#include "blob/blob-reader.h"

#include <string.h>

#include "blob/blob-format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Foreign bytes where a blob should be, with a row that fits their length; and, by the last two
 * bytes, one that does not. */
static void
read_all(SkBlobRow *row, uint64_t at)
{
    uint8_t key[SK_BLOB_KEY_LEN] = {1, 2, 3}, out[5000];
    g_autoptr(SkBlobReader) reader =
        sk_blob_reader_new(NULL, row, sk_bytes(key, sizeof key), NULL);
    size_t n = 0;

    while (reader != NULL && sk_blob_reader_read(reader, at, out, sizeof out, &n, NULL) &&
           n > 0)
        at += n;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(SkBlobRow) row = g_new0(SkBlobRow, 1);
    uint16_t some = sk_bytes_le16(sk_bytes(data, size), size - MIN(size, 2));

    g_strlcpy(row->id, "0123456789abcdefghjkmnpqrs", sizeof row->id);
    row->data = g_bytes_new_static(data, size);
    row->stored_size = size;
    if (sk_blob_size_from_stored(size, &row->size))
        read_all(row, 0);
    row->size = some;
    if (sk_blob_size_to_stored(row->size, &row->stored_size))
        read_all(row, some / 2);
    return 0;
}
