/* SPDX-License-Identifier: Apache-2.0 */
#include "port/faulty-blob.h"

#include "base/error.h"

typedef struct {
    SkBlobPlace place;
    SkBlobPlace *inner;
    SkFaults *faults;
} Place;

typedef struct {
    SkBlobSink sink;
    SkBlobSink *inner;
    SkFaults *faults;
} Sink;

typedef struct {
    SkBlobSource source;
    SkBlobSource *inner;
    SkFaults *faults;
} Source;

typedef enum {
    FAULT_NONE,
    FAULT_BEFORE,
    FAULT_AFTER,
} Fault;

static const SkBlobEngine engine;

static Fault
draw(SkFaults *faults)
{
    faults->calls++;
    if (faults->every == 0 || faults->calls % faults->every != 0)
        return FAULT_NONE;
    return faults->failed++ % 2 == 0 ? FAULT_BEFORE : FAULT_AFTER;
}

static bool
fail(SkError code, GError **error)
{
    g_set_error(error, SK_ERROR, code, "failed on purpose%s",
                code == SK_ERROR_UNCERTAIN ? ", after the effect" : "");
    return false;
}

static void
close_place(SkBlobPlace *base)
{
    sk_blob_place_close(((Place *)base)->inner);
    g_free(base);
}

static SkBlobSink *
create(SkBlobPlace *base, const char *id, GError **error)
{
    Place *place = (Place *)base;
    SkBlobSink *inner;
    Sink *sink;

    if (draw(place->faults) != FAULT_NONE) {
        fail(SK_ERROR_TIMEOUT, error);
        return NULL;
    }
    inner = sk_blob_place_create(place->inner, id, error);
    if (inner == NULL)
        return NULL;
    sink = g_new0(Sink, 1);
    *sink = (Sink){{&engine}, inner, place->faults};
    return &sink->sink;
}

static bool
write_sink(SkBlobSink *base, SkBytes bytes, GError **error)
{
    Sink *sink = (Sink *)base;
    Fault fault = draw(sink->faults);

    if (fault == FAULT_BEFORE)
        return fail(SK_ERROR_TIMEOUT, error);
    if (!sk_blob_sink_write(sink->inner, bytes, error))
        return false;
    return fault == FAULT_NONE || fail(SK_ERROR_UNCERTAIN, error);
}

static bool
commit(SkBlobSink *base, GError **error)
{
    Sink *sink = (Sink *)base;
    Fault fault = draw(sink->faults);

    if (fault == FAULT_BEFORE)
        return fail(SK_ERROR_TIMEOUT, error);
    if (!sk_blob_sink_commit(sink->inner, error))
        return false;
    return fault == FAULT_NONE || fail(SK_ERROR_UNCERTAIN, error);
}

static void
sink_free(SkBlobSink *base)
{
    sk_blob_sink_free(((Sink *)base)->inner);
    g_free(base);
}

static SkBlobSource *
open_source(SkBlobPlace *base, const char *id, GError **error)
{
    Place *place = (Place *)base;
    SkBlobSource *inner;
    Source *source;

    if (draw(place->faults) != FAULT_NONE) {
        fail(SK_ERROR_TIMEOUT, error);
        return NULL;
    }
    inner = sk_blob_place_open(place->inner, id, error);
    if (inner == NULL)
        return NULL;
    source = g_new0(Source, 1);
    *source = (Source){{&engine}, inner, place->faults};
    return &source->source;
}

static bool
read_source(SkBlobSource *base,
            uint64_t at,
            void *data,
            size_t n,
            size_t *ret_n,
            GError **error)
{
    Source *source = (Source *)base;

    if (draw(source->faults) != FAULT_NONE)
        return fail(SK_ERROR_TIMEOUT, error);
    return sk_blob_source_read(source->inner, at, data, n, ret_n, error);
}

static void
source_free(SkBlobSource *base)
{
    sk_blob_source_free(((Source *)base)->inner);
    g_free(base);
}

static bool
remove_blob(SkBlobPlace *base, const char *id, GError **error)
{
    Place *place = (Place *)base;
    Fault fault = draw(place->faults);

    if (fault == FAULT_BEFORE)
        return fail(SK_ERROR_TIMEOUT, error);
    if (!sk_blob_place_remove(place->inner, id, error))
        return false;
    return fault == FAULT_NONE || fail(SK_ERROR_UNCERTAIN, error);
}

static bool
list(SkBlobPlace *base,
     const char *after,
     int64_t before_us,
     SkBlobFunc func,
     void *data,
     GError **error)
{
    Place *place = (Place *)base;

    if (draw(place->faults) != FAULT_NONE)
        return fail(SK_ERROR_TIMEOUT, error);
    sk_blob_place_watch_foreign(place->inner, base->foreign, base->foreign_data);
    return sk_blob_place_list(place->inner, after, before_us, func, data, error);
}

static const SkBlobEngine engine = {
    .close = close_place,
    .create = create,
    .write = write_sink,
    .commit = commit,
    .sink_free = sink_free,
    .open = open_source,
    .read = read_source,
    .source_free = source_free,
    .remove = remove_blob,
    .list = list,
};

SkBlobPlace *
sk_faulty_blob_new(SkBlobPlace *inner, SkFaults *faults)
{
    Place *place = g_new0(Place, 1);

    *place = (Place){{&engine, NULL, NULL}, inner, faults};
    return &place->place;
}
