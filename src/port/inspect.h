/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * inspect - asking an inspector what is in some bytes
 *
 * The caller hands over bytes and gets data back; opening them happens in a process that has
 * nothing to lose. An inspector that crashes, hangs or runs out of memory over these bytes is a
 * result, with the finding that says so; only "no inspector can be had" is an error, and then
 * the message must wait (451).
 *
 * Limits: SK_LIMIT_INSPECT_*; SK_LIMIT_INLINE bytes go inline, more by memfd.
 * Errors: IO, TIMEOUT (no inspector was free in time), PROTOCOL.
 */

#include <glib.h>
#include <stdbool.h>

#include "base/bytes.h"
#include "verdict/finding.h"

typedef enum {
    SK_INSPECT_MAIL, /* a message: all its parts */
    SK_INSPECT_FILE, /* a bare file, as if it were an attachment */
} SkInspectKind;

/* Jobs of one pool never share a worker with those of another. */
typedef enum {
    SK_INSPECT_POOL_INBOUND,
    SK_INSPECT_POOL_OUTBOUND,
    SK_N_INSPECT_POOLS
} SkInspectPool;

typedef struct {
    SkInspectKind kind;
    SkInspectPool pool;
    SkBytes bytes;    /* when fd is -1; borrowed until the answer */
    int fd;           /* sealed memfd with the bytes, or -1; borrowed until the answer */
    const char *name; /* of a FILE; or NULL */
    bool
        scan_members; /* what is unpacked is to be scanned for viruses, if there is a scanner */
} SkInspectJob;

/* How much of a file is encrypted. */
typedef enum {
    SK_ENCRYPTED_NONE,
    SK_ENCRYPTED_SOME,    /* some members */
    SK_ENCRYPTED_ALL,     /* all members, or the document itself */
    SK_ENCRYPTED_HEADERS, /* not even the names can be read */
} SkEncrypted;

typedef struct {
    SkFindings *findings;
    char *type;            /* of a FILE: what it is, "zip", "docx"; else NULL */
    SkEncrypted encrypted; /* of a FILE */
    bool inspected;        /* everything in it was opened and read */
} SkInspectResult;

SkInspectResult *sk_inspect_result_new(void);
void sk_inspect_result_free(SkInspectResult *result);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkInspectResult, sk_inspect_result_free)

/* A password that is tried on what is encrypted, and how often it came to what. */
typedef struct {
    const char *password;
    unsigned opened;
    unsigned wrong;       /* another password, or damaged */
    unsigned unsupported; /* in a format or way that is not tried here */
    unsigned over;        /* the budget ended before all of it was read */
} SkInspectTry;

const char *sk_encrypted_name(SkEncrypted encrypted);

/* Takes RESULT or, when it is NULL, looks at ERROR (borrowed). Called once for each submit,
 * from the event loop's thread, never from inside sk_inspect_submit(). */
typedef void (*SkInspectFunc)(SkInspectResult *result, const GError *error, void *data);

typedef struct SkInspect SkInspect;
struct SkInspect {
    void (*submit)(SkInspect *inspect, const SkInspectJob *job, SkInspectFunc func, void *data);
    /* The caller is gone: FUNC will not be called for DATA. */
    void (*cancel)(SkInspect *inspect, void *data);
    void (*free)(SkInspect *inspect);
};

static inline void
sk_inspect_submit(SkInspect *inspect, const SkInspectJob *job, SkInspectFunc func, void *data)
{
    inspect->submit(inspect, job, func, data);
}

static inline void
sk_inspect_cancel(SkInspect *inspect, void *data)
{
    inspect->cancel(inspect, data);
}

static inline void
sk_inspect_free(SkInspect *inspect)
{
    if (inspect != NULL)
        inspect->free(inspect);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkInspect, sk_inspect_free)
