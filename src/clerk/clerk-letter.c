/* SPDX-License-Identifier: Apache-2.0 */
#include "clerk/clerk-letter.h"

#include <sys/stat.h>

#include <errno.h>
#include <string.h>

#include "base/autofree.h"
#include "base/error.h"
#include "base/limit.h"

/* Most messages are one piece, and are decrypted once though they are looked at before. */
#define PIECE (256 * SK_KIB)

struct SkClerkLetter {
    char *head;
    SkClerkOriginal *original;
    GBytes *bytes;
    int fd;        /* of both none: this */
    uint64_t size; /* without the head */
    bool head_read;
    uint64_t at;    /* what is read next */
    uint8_t *piece; /* the bytes from PIECE_AT on */
    uint64_t piece_at;
    size_t piece_len;
};

static SkClerkLetter *
letter_new(const char *head)
{
    SkClerkLetter *letter = g_new0(SkClerkLetter, 1);

    letter->head = g_strdup(head);
    letter->fd = -1;
    return letter;
}

SkClerkLetter *
sk_clerk_letter_of_original(const char *head, SkClerkOriginal *original)
{
    SkClerkLetter *letter = letter_new(head);

    letter->original = original;
    letter->size = sk_clerk_original_size(original);
    return letter;
}

SkClerkLetter *
sk_clerk_letter_of_fd(const char *head, int fd, GError **error)
{
    g_autoptr(SkClerkLetter) letter = letter_new(head);
    struct stat info;

    letter->fd = fd;
    if (fstat(fd, &info) < 0) {
        sk_error_set_errno(error, errno, "looking at the memory of a message");
        return NULL;
    }
    letter->size = (uint64_t)info.st_size;
    return g_steal_pointer(&letter);
}

SkClerkLetter *
sk_clerk_letter_of_bytes(const char *head, GBytes *bytes)
{
    SkClerkLetter *letter = letter_new(head);

    letter->bytes = g_bytes_ref(bytes);
    letter->size = g_bytes_get_size(bytes);
    return letter;
}

void
sk_clerk_letter_free(SkClerkLetter *letter)
{
    if (letter == NULL)
        return;
    sk_clerk_original_free(letter->original);
    g_clear_pointer(&letter->bytes, g_bytes_unref);
    sk_fd_clear(&letter->fd);
    g_free(letter->piece);
    g_free(letter->head);
    g_free(letter);
}

uint64_t
sk_clerk_letter_size(const SkClerkLetter *letter)
{
    return strlen(letter->head) + letter->size;
}

static bool
read_fd(SkClerkLetter *letter, size_t *ret_n, GError **error)
{
    ssize_t n;

    do
        n = pread(letter->fd, letter->piece, PIECE, (off_t)letter->at);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return sk_error_set_errno(error, errno, "reading the memory of a message");
    *ret_n = (size_t)n;
    return true;
}

static SkBytes
all_bytes(const SkClerkLetter *letter)
{
    gsize len;
    const uint8_t *data = g_bytes_get_data(letter->bytes, &len);

    return sk_bytes(data, len);
}

static bool
fill(SkClerkLetter *letter, GError **error)
{
    size_t n = 0;

    if (letter->piece == NULL)
        letter->piece = g_malloc(PIECE);
    letter->piece_len = 0;
    if (!(letter->original != NULL ? sk_clerk_original_read(letter->original, letter->at,
                                                            letter->piece, PIECE, &n, error)
                                   : read_fd(letter, &n, error)))
        return false;
    letter->piece_at = letter->at;
    letter->piece_len = n;
    return true;
}

static bool
read_body(SkClerkLetter *letter, SkBytes *ret_piece, GError **error)
{
    if (letter->bytes != NULL) {
        *ret_piece = sk_bytes_slice(all_bytes(letter), letter->at, PIECE);
    } else {
        bool here = letter->piece_len > 0 && letter->piece_at == letter->at;

        if (!here && letter->at < letter->size && !fill(letter, error))
            return false;
        *ret_piece = letter->at < letter->size ? sk_bytes(letter->piece, letter->piece_len)
                                               : (SkBytes){0};
    }
    letter->at += ret_piece->len;
    return true;
}

bool
sk_clerk_letter_read(void *data, SkBytes *ret_piece, GError **error)
{
    SkClerkLetter *letter = data;

    if (letter->head_read || letter->head[0] == '\0')
        return read_body(letter, ret_piece, error);
    letter->head_read = true;
    *ret_piece = sk_bytes(letter->head, strlen(letter->head));
    return true;
}

static bool
has_8bit(SkBytes bytes)
{
    for (size_t i = 0; i < bytes.len; i++) {
        if (bytes.data[i] > 127)
            return true;
    }
    return false;
}

bool
sk_clerk_letter_is_8bit(SkClerkLetter *letter, bool *ret_is, GError **error)
{
    SkBytes piece = {0};
    bool is = false;

    do {
        if (!read_body(letter, &piece, error))
            return false;
        is = has_8bit(piece);
    } while (!is && piece.len > 0);
    letter->at = 0;
    *ret_is = is;
    return true;
}
