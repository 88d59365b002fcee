/* SPDX-License-Identifier: Apache-2.0 */
#include "port/blob.h"

#include "base/random.h"

G_STATIC_ASSERT(SK_BLOB_ID_LEN == SK_LONG_ID_LEN);

bool
sk_blob_is_id(const char *text)
{
    uint8_t bits[SK_LONG_ID_BYTES];

    return sk_random_long_id_read(text, bits);
}

void
sk_blob_place_close(SkBlobPlace *place)
{
    if (place != NULL)
        place->engine->close(place);
}

SkBlobSink *
sk_blob_place_create(SkBlobPlace *place, const char *id, GError **error)
{
    g_assert(sk_blob_is_id(id));
    return place->engine->create(place, id, error);
}

bool
sk_blob_sink_write(SkBlobSink *sink, SkBytes bytes, GError **error)
{
    return sink->engine->write(sink, bytes, error);
}

bool
sk_blob_sink_commit(SkBlobSink *sink, GError **error)
{
    return sink->engine->commit(sink, error);
}

void
sk_blob_sink_free(SkBlobSink *sink)
{
    if (sink != NULL)
        sink->engine->sink_free(sink);
}

SkBlobSource *
sk_blob_place_open(SkBlobPlace *place, const char *id, GError **error)
{
    g_assert(sk_blob_is_id(id));
    return place->engine->open(place, id, error);
}

bool
sk_blob_source_read(SkBlobSource *source,
                    uint64_t at,
                    void *data,
                    size_t n,
                    size_t *ret_n,
                    GError **error)
{
    return source->engine->read(source, at, data, n, ret_n, error);
}

void
sk_blob_source_free(SkBlobSource *source)
{
    if (source != NULL)
        source->engine->source_free(source);
}

bool
sk_blob_place_remove(SkBlobPlace *place, const char *id, GError **error)
{
    g_assert(sk_blob_is_id(id));
    return place->engine->remove(place, id, error);
}

bool
sk_blob_place_list(SkBlobPlace *place,
                   const char *after,
                   int64_t before_us,
                   SkBlobFunc func,
                   void *data,
                   GError **error)
{
    g_assert(*after == '\0' || sk_blob_is_id(after));
    return place->engine->list(place, after, before_us, func, data, error);
}

void
sk_blob_place_watch_foreign(SkBlobPlace *place, SkBlobForeignFunc func, void *data)
{
    place->foreign = func;
    place->foreign_data = data;
}
