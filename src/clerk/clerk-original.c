/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* memfd_create() */
#include "clerk/clerk-original.h"

#include <sys/mman.h>

#include <errno.h>
#include <fcntl.h>

#include "base/autofree.h"
#include "base/error.h"
#include "base/limit.h"
#include "seal/seal-store.h"

#define PIECE (256 * SK_KIB)
#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

struct SkClerkOriginal {
    SkBlobRow *row;
    SkBlobReader *reader;
};

static SkBytes
bytes_of(GBytes *bytes)
{
    gsize len;
    const uint8_t *data = g_bytes_get_data(bytes, &len);

    return sk_bytes(data, len);
}

static SkBlobRow *
load_row(SkDb *keep, const SkHeldMessage *message, GError **error)
{
    SkBlobRow *row = NULL;

    if (message->blob != NULL && !sk_blob_store_load(keep, message->blob, &row, error))
        return NULL;
    if (row == NULL)
        g_set_error(error, SK_ERROR, SK_ERROR_NOT_FOUND,
                    "the content of message %s is not kept any more", message->id);
    return row;
}

static SkSiteKey *
load_key(SkDb *keep, const SkBlobRow *row, GError **error)
{
    SkSiteKey *key = NULL;

    if (!sk_seal_store_load(keep, row->seal_id, &key, error))
        return NULL;
    if (key == NULL)
        g_set_error(error, SK_ERROR, SK_ERROR_NOT_FOUND, "there is no site key %s any more",
                    row->seal_id);
    return key;
}

static SkSecret *
unseal(SkKeeper *keeper,
       const SkSiteKey *key,
       const SkBlobRow *row,
       const char *why,
       GError **error)
{
    const SkKeeperSiteKey site_key = {.id = key->id, .wrapped = bytes_of(key->wrapped)};

    return sk_keeper_unseal(keeper, &site_key, SK_SEAL_BLOB, row->id, bytes_of(row->sealed_key),
                            why, error);
}

static void
note(SkClerkNeed *ret_at, SkClerkNeed at)
{
    if (ret_at != NULL)
        *ret_at = at;
}

SkClerkOriginal *
sk_clerk_original_open(SkDb *keep,
                       SkBlobPlace *place,
                       SkKeeper *keeper,
                       const SkHeldMessage *message,
                       const char *why,
                       SkClerkNeed *ret_at,
                       GError **error)
{
    g_autoptr(SkClerkOriginal) original = g_new0(SkClerkOriginal, 1);
    g_autoptr(SkSiteKey) key = NULL;
    g_autoptr(SkSecret) secret = NULL;

    note(ret_at, SK_CLERK_KEEP);
    original->row = load_row(keep, message, error);
    key = original->row != NULL ? load_key(keep, original->row, error) : NULL;
    if (key == NULL)
        return NULL;
    note(ret_at, SK_CLERK_KEEPER);
    secret = unseal(keeper, key, original->row, why, error);
    if (secret == NULL)
        return NULL;
    note(ret_at, SK_CLERK_BLOBS);
    original->reader = sk_blob_reader_new(place, original->row, sk_secret_bytes(secret), error);
    return original->reader != NULL ? g_steal_pointer(&original) : NULL;
}

void
sk_clerk_original_free(SkClerkOriginal *original)
{
    if (original == NULL)
        return;
    sk_blob_reader_free(original->reader);
    sk_blob_row_free(original->row);
    g_free(original);
}

uint64_t
sk_clerk_original_size(const SkClerkOriginal *original)
{
    return original->row->size;
}

bool
sk_clerk_original_read(SkClerkOriginal *original,
                       uint64_t at,
                       void *data,
                       size_t n,
                       size_t *ret_n,
                       GError **error)
{
    return sk_blob_reader_read(original->reader, at, data, n, ret_n, error);
}

static bool
write_all(int fd, SkBytes bytes, GError **error)
{
    while (bytes.len > 0) {
        ssize_t n = write(fd, bytes.data, bytes.len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return sk_error_set_errno(error, errno, "writing a message to memory");
        bytes = sk_bytes_from(bytes, (size_t)n);
    }
    return true;
}

static bool
copy_all(SkClerkOriginal *original, int fd, GError **error)
{
    g_autofree uint8_t *piece = g_malloc(PIECE);
    size_t n = PIECE;

    for (uint64_t at = 0; n == PIECE; at += n) {
        if (!sk_clerk_original_read(original, at, piece, PIECE, &n, error) ||
            !write_all(fd, sk_bytes(piece, n), error))
            return false;
    }
    return true;
}

int
sk_clerk_original_copy(SkClerkOriginal *original, GError **error)
{
    sk_autofd int fd = memfd_create("message", MFD_CLOEXEC | MFD_ALLOW_SEALING);

    if (fd < 0) {
        sk_error_set_errno(error, errno, "making memory for a message");
        return -1;
    }
    if (!copy_all(original, fd, error))
        return -1;
    if (lseek(fd, 0, SEEK_SET) < 0 || fcntl(fd, F_ADD_SEALS, SEALS) < 0) {
        sk_error_set_errno(error, errno, "sealing the memory of a message");
        return -1;
    }
    return sk_fd_steal(&fd);
}
