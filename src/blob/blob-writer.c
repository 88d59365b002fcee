/* SPDX-License-Identifier: Apache-2.0 */
#include "blob/blob-writer.h"

#include <string.h>

#include "base/error.h"
#include "base/limit.h"
#include "base/random.h"
#include "blob/blob-digests.h"

#define PIECE_CHUNKS (SK_BLOB_PIECE / SK_BLOB_CHUNK)
/* What a piece becomes; the first one has the header in front. */
#define STORED_PIECE (SK_BLOB_HEADER_LEN + SK_BLOB_PIECE + PIECE_CHUNKS * SK_BLOB_TAG_LEN)

/* Whether a blob may lie in its row is found out while it is still one piece. */
G_STATIC_ASSERT(SK_LIMIT_BLOB_IN_ROW <= SK_BLOB_PIECE);
G_STATIC_ASSERT(SK_BLOB_PIECE % SK_BLOB_CHUNK == 0);

typedef struct {
    uint8_t *plain, *stored; /* NULL until it is needed */
    size_t plain_len, stored_len;
} Piece;

struct SkBlobWriter {
    SkBlobPlace *place;
    const SkBlobSite *site;
    SkBlobRow *row;
    SkSecret *key;
    SkBlobSealer *sealer;
    SkBlobDigests *digests;
    SkBlobSink *sink; /* NULL: all of it is in memory */
    Piece pieces[2];  /* one is being filled while the other is being digested */
    Piece *piece;
    bool begun, broken;
};

static SkBlobRow *
row_new(int64_t now_us)
{
    SkBlobRow *row = g_new0(SkBlobRow, 1);
    g_autofree char *id = sk_random_long_id();

    g_strlcpy(row->id, id, sizeof row->id);
    row->made_us = now_us;
    return row;
}

SkBlobWriter *
sk_blob_writer_new(SkBlobPlace *place, const SkBlobSite *site, int64_t now_us)
{
    SkBlobWriter *w = g_new0(SkBlobWriter, 1);
    uint8_t header[SK_BLOB_HEADER_LEN];

    w->place = place;
    w->site = site;
    w->row = row_new(now_us);
    w->key = sk_secret_new(SK_BLOB_KEY_LEN);
    sk_random_fill(w->key->data, w->key->len);
    sk_blob_header_write(w->row->id, header);
    w->sealer = sk_blob_sealer_new(sk_secret_bytes(w->key), header);
    w->digests = sk_blob_digests_new(sk_bytes(site->hash_key, sizeof site->hash_key));
    w->piece = &w->pieces[0];
    return w;
}

void
sk_blob_writer_free(SkBlobWriter *w)
{
    if (w == NULL)
        return;
    sk_blob_sink_free(w->sink);
    sk_blob_digests_free(w->digests); /* before what it may still be reading */
    for (size_t i = 0; i < G_N_ELEMENTS(w->pieces); i++) {
        g_free(w->pieces[i].plain);
        g_free(w->pieces[i].stored);
    }
    sk_blob_sealer_free(w->sealer);
    sk_secret_free(w->key);
    sk_blob_row_free(w->row);
    g_free(w);
}

static void
put_header(SkBlobWriter *w, Piece *piece)
{
    if (w->begun)
        return;
    w->begun = true;
    sk_blob_header_write(w->row->id, piece->stored);
    piece->stored_len = SK_BLOB_HEADER_LEN;
}

/* PLAIN into PIECE. LAST: its end is the end of the file. */
static void
encrypt(SkBlobWriter *w, Piece *piece, SkBytes plain, bool last)
{
    if (piece->stored == NULL)
        piece->stored = g_malloc(STORED_PIECE);
    piece->stored_len = 0;
    put_header(w, piece);
    do {
        SkBytes chunk = sk_bytes_slice(plain, 0, SK_BLOB_CHUNK);

        plain = sk_bytes_from(plain, chunk.len);
        sk_blob_sealer_add(w->sealer, chunk, last && plain.len == 0,
                           piece->stored + piece->stored_len);
        piece->stored_len += chunk.len + SK_BLOB_TAG_LEN;
    } while (plain.len > 0);
    w->row->stored_size += piece->stored_len;
}

static SkBytes
plain_of(const Piece *piece)
{
    return sk_bytes(piece->plain, piece->plain_len);
}

static SkBytes
stored_of(const Piece *piece)
{
    return sk_bytes(piece->stored, piece->stored_len);
}

/* The place has it all from here on. */
static bool
send_piece(SkBlobWriter *w, SkBytes plain, bool last, GError **error)
{
    Piece *piece = w->piece;

    if (w->sink == NULL)
        w->sink = sk_blob_place_create(w->place, w->row->id, error);
    if (w->sink == NULL)
        return false;
    encrypt(w, piece, plain, last);
    sk_blob_digests_add_behind(w->digests, plain, stored_of(piece));
    /* The other one has been digested: its successor was handed over. */
    w->piece = piece == &w->pieces[0] ? &w->pieces[1] : &w->pieces[0];
    w->piece->plain_len = 0;
    return sk_blob_sink_write(w->sink, stored_of(piece), error);
}

/* Without a copy, of which there would be as many as bytes in a message that comes at once. */
static bool
send_borrowed(SkBlobWriter *w, SkBytes *bytes, GError **error)
{
    bool ok = true;

    while (ok && bytes->len > SK_BLOB_PIECE) {
        SkBytes plain = sk_bytes_slice(*bytes, 0, SK_BLOB_PIECE);

        ok = send_piece(w, plain, false, error);
        w->row->size += plain.len;
        *bytes = sk_bytes_from(*bytes, plain.len);
    }
    sk_blob_digests_wait(w->digests);
    return ok;
}

static void
collect(SkBlobWriter *w, SkBytes *bytes)
{
    Piece *piece = w->piece;
    SkBytes some = sk_bytes_slice(*bytes, 0, SK_BLOB_PIECE - piece->plain_len);

    if (piece->plain == NULL)
        piece->plain = g_malloc(SK_BLOB_PIECE);
    memcpy(piece->plain + piece->plain_len, some.data, some.len);
    piece->plain_len += some.len;
    w->row->size += some.len;
    *bytes = sk_bytes_from(*bytes, some.len);
}

/* Takes some of BYTES; a full piece is sent once it is known not to be the last. */
static bool
take_some(SkBlobWriter *w, SkBytes *bytes, GError **error)
{
    if (w->piece->plain_len == SK_BLOB_PIECE &&
        !send_piece(w, plain_of(w->piece), false, error))
        return false;
    if (w->piece->plain_len == 0 && bytes->len > SK_BLOB_PIECE)
        return send_borrowed(w, bytes, error);
    collect(w, bytes);
    return true;
}

static bool
check(SkBlobWriter *w, size_t more, GError **error)
{
    if (w->broken) {
        g_set_error(error, SK_ERROR, SK_ERROR_IO, "blob %s: writing it has failed before",
                    w->row->id);
        return false;
    }
    if (more <= SK_BLOB_SIZE_MAX - w->row->size)
        return true;
    g_set_error(error, SK_ERROR, SK_ERROR_LIMIT,
                "blob %s: a file of more than %" G_GUINT64_FORMAT " bytes cannot be stored",
                w->row->id, SK_BLOB_SIZE_MAX);
    return false;
}

bool
sk_blob_writer_add(SkBlobWriter *w, SkBytes bytes, GError **error)
{
    bool ok = check(w, bytes.len, error);

    while (ok && bytes.len > 0)
        ok = take_some(w, &bytes, error);
    w->broken = !ok;
    return ok;
}

/* Syncing takes about as long as digesting the last pieces. */
static bool
finish_at_place(SkBlobWriter *w, GError **error)
{
    return send_piece(w, plain_of(w->piece), true, error) &&
           sk_blob_sink_commit(w->sink, error);
}

static void
finish_in_row(SkBlobWriter *w)
{
    Piece *piece = w->piece;

    encrypt(w, piece, plain_of(piece), true);
    sk_blob_digests_add(w->digests, plain_of(piece), stored_of(piece));
    w->row->data = g_bytes_new_take(
        g_realloc(g_steal_pointer(&piece->stored), piece->stored_len), piece->stored_len);
    w->row->in_row = true;
}

static void
seal_key(SkBlobWriter *w)
{
    g_autofree char *seal_id = sk_seal_id(&w->site->seal_to);

    g_strlcpy(w->row->seal_id, seal_id, sizeof w->row->seal_id);
    w->row->sealed_key =
        sk_seal(&w->site->seal_to, SK_SEAL_BLOB, w->row->id, sk_secret_bytes(w->key));
}

SkBlobRow *
sk_blob_writer_finish(SkBlobWriter *w, GError **error)
{
    uint64_t stored = 0;

    if (!check(w, 0, error))
        return NULL;
    w->broken = true; /* to be called once */
    (void)sk_blob_size_to_stored(w->row->size, &stored);
    if (w->sink == NULL && stored <= SK_LIMIT_BLOB_IN_ROW)
        finish_in_row(w);
    else if (!finish_at_place(w, error))
        return NULL;
    g_assert(w->row->stored_size == stored);
    sk_blob_digests_finish(w->digests, w->row->content, w->row->digest);
    seal_key(w);
    return g_steal_pointer(&w->row);
}
