/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * blob - a place for large sealed files: a directory, or an object store
 *
 * What lies there is ciphertext; what it means, and its key, is in a row of database keep
 * (blob/). A blob is written once, by its id, and never changed. A place and what it gives out
 * belong to one thread at a time.
 *
 * Errors: NOT_FOUND, CONFLICT (there is one of that id), LIMIT (no room), DENIED, TIMEOUT, IO;
 * UNCERTAIN (a commit that may or may not have happened: what it left is an orphan at most).
 * Security: an id consists of lower-case letters and digits, so none can name another file.
 */

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

/* Characters of an id: 128 random bits in base 32, as sk_random_long_id() makes them. */
#define SK_BLOB_ID_LEN 26

typedef struct SkBlobPlace SkBlobPlace;
typedef struct SkBlobSink SkBlobSink;     /* one that is being written */
typedef struct SkBlobSource SkBlobSource; /* one that is being read */

/* MADE_US: when it was written. False: enough. */
typedef bool (*SkBlobFunc)(const char *id, uint64_t size, int64_t made_us, void *data);
/* Something in a place that is no blob; NAME is foreign, to be quoted. */
typedef void (*SkBlobForeignFunc)(const char *name, void *data);

typedef struct {
    void (*close)(SkBlobPlace *place);
    SkBlobSink *(*create)(SkBlobPlace *place, const char *id, GError **error);
    bool (*write)(SkBlobSink *sink, SkBytes bytes, GError **error);
    bool (*commit)(SkBlobSink *sink, GError **error);
    void (*sink_free)(SkBlobSink *sink);
    SkBlobSource *(*open)(SkBlobPlace *place, const char *id, GError **error);
    bool (*read)(SkBlobSource *source,
                 uint64_t at,
                 void *data,
                 size_t n,
                 size_t *ret_n,
                 GError **error);
    void (*source_free)(SkBlobSource *source);
    bool (*remove)(SkBlobPlace *place, const char *id, GError **error);
    bool (*list)(SkBlobPlace *place,
                 const char *after,
                 int64_t before_us,
                 SkBlobFunc func,
                 void *data,
                 GError **error);
} SkBlobEngine;

/* An engine's own structs begin with these. */
struct SkBlobPlace {
    const SkBlobEngine *engine;
    SkBlobForeignFunc foreign; /* or NULL */
    void *foreign_data;
};
struct SkBlobSink {
    const SkBlobEngine *engine;
};
struct SkBlobSource {
    const SkBlobEngine *engine;
};

bool sk_blob_is_id(const char *text);

void sk_blob_place_close(SkBlobPlace *place);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkBlobPlace, sk_blob_place_close)

/* Caller owns. Nobody sees anything of it before the commit. */
SkBlobSink *sk_blob_place_create(SkBlobPlace *place,
                                 const char *id,
                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool sk_blob_sink_write(SkBlobSink *sink,
                        SkBytes bytes,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* True: it is there whole, and survives a power cut. False: it is not there, unless the code is
 * UNCERTAIN. */
bool sk_blob_sink_commit(SkBlobSink *sink, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* What was not committed leaves nothing behind. */
void sk_blob_sink_free(SkBlobSink *sink);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkBlobSink, sk_blob_sink_free)

/* Caller owns. */
SkBlobSource *sk_blob_place_open(SkBlobPlace *place,
                                 const char *id,
                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Up to N bytes from AT on, exactly those; fewer only at its end. */
bool sk_blob_source_read(SkBlobSource *source,
                         uint64_t at,
                         void *data,
                         size_t n,
                         size_t *ret_n,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;
void sk_blob_source_free(SkBlobSource *source);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkBlobSource, sk_blob_source_free)

/* One that is not there is removed already. */
bool sk_blob_place_remove(SkBlobPlace *place,
                          const char *id,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Those with ids after AFTER ("": all) that were written before BEFORE_US (INT64_MAX: all), in
 * the order of ids, as strcmp() has it. FUNC must leave the place alone. Unfinished ones that
 * nobody is writing any more are removed on the way. */
bool sk_blob_place_list(SkBlobPlace *place,
                        const char *after,
                        int64_t before_us,
                        SkBlobFunc func,
                        void *data,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* What a listing meets that is no blob is told to FUNC (NULL: to nobody), once in all pages of
 * it, and otherwise left alone. */
void sk_blob_place_watch_foreign(SkBlobPlace *place, SkBlobForeignFunc func, void *data);
