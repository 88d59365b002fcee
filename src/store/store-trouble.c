/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store-trouble.h"

#include <errno.h>

#include "base/error.h"

static bool
is_disk_full(sqlite3 *handle, int rc)
{
    int why;

    if ((rc & 0xff) == SQLITE_FULL)
        return true;
    if ((rc & 0xff) != SQLITE_IOERR && (rc & 0xff) != SQLITE_CANTOPEN)
        return false;
    why = sqlite3_system_errno(handle);
    return why == ENOSPC || why == EDQUOT;
}

static SkError
code_of(sqlite3 *handle, int rc)
{
    /* Somebody wrote between our reading and our writing: the same again reads what is new. */
    if (rc == SQLITE_BUSY_SNAPSHOT)
        return SK_ERROR_AGAIN;
    if (is_disk_full(handle, rc))
        return SK_ERROR_LIMIT;
    switch (rc & 0xff) {
    case SQLITE_CONSTRAINT:
        return SK_ERROR_CONFLICT;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return SK_ERROR_TIMEOUT;
    case SQLITE_TOOBIG:
        return SK_ERROR_LIMIT;
    case SQLITE_PERM:
    case SQLITE_READONLY:
        return SK_ERROR_DENIED;
    default:
        return SK_ERROR_IO;
    }
}

/* The shared memory of the write-ahead log is set up before anything is written. */
static bool
is_before_writing(int rc)
{
    return rc == SQLITE_IOERR_SHMOPEN || rc == SQLITE_IOERR_SHMSIZE ||
           rc == SQLITE_IOERR_SHMLOCK || rc == SQLITE_IOERR_SHMMAP;
}

/* What happened and what to do, where SQLite's own words do not say it. */
static const char *
explain(sqlite3 *handle, int rc)
{
    if (is_disk_full(handle, rc))
        return "the disk is full; make room where it lies";
    if (rc == SQLITE_IOERR_SHMMAP || rc == SQLITE_IOERR_SHMLOCK)
        rc = SQLITE_PROTOCOL;
    switch (rc & 0xff) {
    case SQLITE_PROTOCOL:
        return "its file system does not share memory between programs; put [store] store on a "
               "disk of this machine";
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return "it is damaged: restore it from a backup, `sekisho store restore`";
    case SQLITE_BUSY:
        return "another program has been writing all the time, or hangs";
    case SQLITE_PERM:
    case SQLITE_CANTOPEN:
        return "it, its folder and the files beside it whose names begin with its own have to "
               "belong to the user that runs the programs";
    default:
        return NULL;
    }
}

static bool
fail_as(sqlite3 *handle, const char *path, SkError code, int rc, GError **error)
{
    const char *advice = explain(handle, rc);

    if (advice != NULL)
        g_set_error(error, SK_ERROR, code, "database %s: %s (%s)", path, advice,
                    sqlite3_errmsg(handle));
    else
        g_set_error(error, SK_ERROR, code, "database %s: %s", path, sqlite3_errmsg(handle));
    return false;
}

bool
sk_sqlite_fail(sqlite3 *handle, const char *path, int rc, GError **error)
{
    return fail_as(handle, path, code_of(handle, rc), rc, error);
}

bool
sk_sqlite_fail_commit(sqlite3 *handle, const char *path, int rc, GError **error)
{
    if ((rc & 0xff) == SQLITE_IOERR && !is_before_writing(rc))
        return fail_as(handle, path, SK_ERROR_UNCERTAIN, rc, error);
    return sk_sqlite_fail(handle, path, rc, error);
}
