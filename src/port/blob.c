/* SPDX-License-Identifier: Apache-2.0 */
#include "port/blob.h"

#include <string.h>

/* Ids come from our own rows and from the names of files: a breach would be ours. */
static bool
is_id(const char *id)
{
    return strlen(id) == SK_BLOB_ID_LEN &&
           strspn(id, "0123456789abcdefghijklmnopqrstuvwxyz") == SK_BLOB_ID_LEN;
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
    g_assert(is_id(id));
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
    g_assert(is_id(id));
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
    g_assert(is_id(id));
    return place->engine->remove(place, id, error);
}

bool
sk_blob_place_list(SkBlobPlace *place,
                   int64_t before_us,
                   SkBlobFunc func,
                   void *data,
                   GError **error)
{
    return place->engine->list(place, before_us, func, data, error);
}
