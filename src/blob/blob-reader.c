/* SPDX-License-Identifier: Apache-2.0 */
#include "blob/blob-reader.h"

#include <string.h>

#include "base/error.h"
#include "blob/blob-format.h"

#define STORED_CHUNK (SK_BLOB_CHUNK + SK_BLOB_TAG_LEN)
/* Whole chunks that are fetched at once for a large read: 1 MiB. */
#define FETCH_CHUNKS 16

struct SkBlobReader {
    const SkBlobRow *row;
    SkBlobSource *source; /* NULL: it lies in the row */
    SkBlobOpener *opener;
    uint64_t chunks;
    uint8_t *fetched; /* room for FETCH_CHUNKS stored chunks; NULL until it is needed */
    size_t room;
    uint8_t *cached; /* one chunk, for reads of less; NULL until it is needed */
    uint64_t cached_number;
    bool is_cached;
};

static bool
refuse(const SkBlobRow *row, const char *what, GError **error)
{
    g_set_error(error, SK_ERROR, SK_ERROR_PROTOCOL,
                "blob %s is not what was stored: %s; restore it from a backup", row->id, what);
    return false;
}

static bool
refuse_chunk(const SkBlobRow *row, uint64_t number, GError **error)
{
    g_autofree char *what =
        g_strdup_printf("the bytes from %" G_GUINT64_FORMAT
                        " on are damaged, or not its own, or its key is not",
                        number * SK_BLOB_CHUNK);

    return refuse(row, what, error);
}

static bool
check_row(const SkBlobRow *row, SkBytes key, GError **error)
{
    uint64_t stored;

    if (!sk_blob_is_id(row->id) || !sk_blob_size_to_stored(row->size, &stored) ||
        stored != row->stored_size)
        return refuse(row, "its row makes no sense", error);
    if (key.len != SK_BLOB_KEY_LEN)
        return refuse(row, "its key has not the length of a key", error);
    return true;
}

/* N bytes from AT on, in the row or in BUFFER; fewer at the end of what there is. */
static bool
fetch(SkBlobReader *r,
      uint64_t at,
      uint8_t *buffer,
      size_t n,
      SkBytes *ret_stored,
      GError **error)
{
    size_t got = 0;

    if (r->source == NULL) {
        gsize len;
        const void *data = g_bytes_get_data(r->row->data, &len);

        *ret_stored = sk_bytes_slice(sk_bytes(data, len), at, n);
        return true;
    }
    if (!sk_blob_source_read(r->source, at, buffer, n, &got, error))
        return false;
    *ret_stored = sk_bytes(buffer, got);
    return true;
}

/* Exactly as long as its row says: neither cut nor continued. */
static bool
check_length(SkBlobReader *r, GError **error)
{
    uint8_t two[2];
    SkBytes end;

    if (!fetch(r, r->row->stored_size - 1, two, sizeof two, &end, error))
        return false;
    if (end.len == 1)
        return true;
    return refuse(r->row, end.len == 0 ? "it is shorter" : "it is longer", error);
}

static bool
check_header(SkBlobReader *r, const uint8_t *expected, GError **error)
{
    uint8_t buffer[SK_BLOB_HEADER_LEN];
    SkBytes header;

    if (!fetch(r, 0, buffer, sizeof buffer, &header, error))
        return false;
    if (sk_bytes_at(header, 0, expected, SK_BLOB_HEADER_LEN))
        return true;
    return refuse(r->row, "it begins like another blob, or like none", error);
}

static SkBlobReader *
reader_new(const SkBlobRow *row, SkBytes key, const uint8_t *header)
{
    SkBlobReader *r = g_new0(SkBlobReader, 1);

    r->row = row;
    r->opener = sk_blob_opener_new(key, header);
    r->chunks = sk_blob_count_chunks(row->size);
    return r;
}

static bool
open_source(SkBlobReader *r, SkBlobPlace *place, GError **error)
{
    if (r->row->data != NULL)
        return true;
    r->source = sk_blob_place_open(place, r->row->id, error);
    return r->source != NULL;
}

SkBlobReader *
sk_blob_reader_new(SkBlobPlace *place, const SkBlobRow *row, SkBytes key, GError **error)
{
    g_autoptr(SkBlobReader) r = NULL;
    uint8_t header[SK_BLOB_HEADER_LEN];

    if (!check_row(row, key, error))
        return NULL;
    sk_blob_header_write(row->id, header);
    r = reader_new(row, key, header);
    if (!open_source(r, place, error) || !check_length(r, error) ||
        !check_header(r, header, error))
        return NULL;
    return g_steal_pointer(&r);
}

void
sk_blob_reader_free(SkBlobReader *r)
{
    if (r == NULL)
        return;
    sk_blob_source_free(r->source);
    sk_blob_opener_free(r->opener);
    g_free(r->fetched);
    g_free(r->cached);
    g_free(r);
}

/* Bytes of the file in chunk NUMBER. */
static size_t
length_of(const SkBlobReader *r, uint64_t number)
{
    uint64_t at = number * SK_BLOB_CHUNK;

    return (size_t)MIN(r->row->size - at, SK_BLOB_CHUNK);
}

/* Decrypts N bytes at DATA: the chunks from NUMBER on, whole ones. */
static bool
open_chunks(SkBlobReader *r, uint64_t number, SkBytes stored, uint8_t *data, GError **error)
{
    while (stored.len > 0) {
        size_t n = length_of(r, number);
        SkBytes chunk = sk_bytes_slice(stored, 0, n + SK_BLOB_TAG_LEN);

        if (chunk.len != n + SK_BLOB_TAG_LEN ||
            !sk_blob_opener_read(r->opener, number, number + 1 == r->chunks, chunk, data))
            return refuse_chunk(r->row, number, error);
        stored = sk_bytes_from(stored, chunk.len);
        data += n;
        number++;
    }
    return true;
}

/* The room grows to what reads ask for, up to FETCH_CHUNKS: most files are small. */
static void
make_room(SkBlobReader *r, size_t n)
{
    if (r->source == NULL || n <= r->room)
        return;
    g_free(r->fetched);
    r->fetched = g_malloc(n);
    r->room = n;
}

/* The COUNT chunks from NUMBER on, which are N bytes of the file. */
static bool
read_chunks(SkBlobReader *r,
            uint64_t number,
            size_t count,
            size_t n,
            uint8_t *data,
            GError **error)
{
    size_t wanted = n + count * SK_BLOB_TAG_LEN;
    SkBytes stored;

    make_room(r, wanted);
    if (!fetch(r, sk_blob_chunk_at(number), r->fetched, wanted, &stored, error))
        return false;
    if (stored.len != wanted)
        return refuse(r->row, "it is shorter", error);
    return open_chunks(r, number, stored, data, error);
}

static bool
fill_cache(SkBlobReader *r, uint64_t number, GError **error)
{
    if (r->is_cached && r->cached_number == number)
        return true;
    if (r->cached == NULL)
        r->cached = g_malloc(SK_BLOB_CHUNK);
    r->is_cached = false;
    if (!read_chunks(r, number, 1, length_of(r, number), r->cached, error))
        return false;
    r->cached_number = number;
    r->is_cached = true;
    return true;
}

/* Part of one chunk: the rest of it is likely to be asked for next. */
static bool
read_part(SkBlobReader *r, uint64_t at, uint8_t *data, size_t n, size_t *ret_n, GError **error)
{
    uint64_t number = at / SK_BLOB_CHUNK;
    size_t within = at % SK_BLOB_CHUNK;

    if (!fill_cache(r, number, error))
        return false;
    *ret_n = MIN(n, length_of(r, number) - within);
    memcpy(data, r->cached + within, *ret_n);
    return true;
}

/* As many of the N bytes at AT, where a chunk begins, as are whole chunks; 0: no whole one. */
static size_t
count_whole(const SkBlobReader *r, uint64_t at, size_t n)
{
    n = MIN(n, FETCH_CHUNKS * SK_BLOB_CHUNK);
    if (at + n == r->row->size)
        return n;
    return n - n % SK_BLOB_CHUNK;
}

static bool
read_some(SkBlobReader *r, uint64_t at, uint8_t *data, size_t n, size_t *ret_n, GError **error)
{
    size_t whole = at % SK_BLOB_CHUNK == 0 ? count_whole(r, at, n) : 0;

    if (whole == 0)
        return read_part(r, at, data, n, ret_n, error);
    *ret_n = whole;
    return read_chunks(r, at / SK_BLOB_CHUNK, sk_blob_count_chunks(whole), whole, data, error);
}

/* The empty file, too, has a chunk that must be right. */
static bool
check_empty(SkBlobReader *r, GError **error)
{
    return r->row->size > 0 || fill_cache(r, 0, error);
}

bool
sk_blob_reader_read(SkBlobReader *r,
                    uint64_t at,
                    void *data,
                    size_t n,
                    size_t *ret_n,
                    GError **error)
{
    uint64_t left = at < r->row->size ? r->row->size - at : 0;
    size_t done = 0, all = (size_t)MIN(n, left);
    bool ok = check_empty(r, error);

    while (ok && done < all) {
        size_t some = 0;

        ok = read_some(r, at + done, (uint8_t *)data + done, all - done, &some, error);
        done += some;
    }
    if (ok)
        *ret_n = all;
    else if (all > 0)
        memset(data, 0, all); /* what came before the trouble is not given out either */
    return ok;
}
