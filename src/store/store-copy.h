/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * store-copy - new files that are on the disk when they are said to be, with their digests
 *
 * For backups: what is copied is compared with what it was, and nothing that exists is written
 * over.
 *
 * Errors: those of files; CONFLICT: there is one of that name.
 * Security: files are made with mode 0600, folders with 0700, links are not followed.
 */

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

/* SHA-256 in lower-case hexadecimal. */
#define SK_DIGEST_HEX 64

typedef struct {
    uint64_t size;
    char digest[SK_DIGEST_HEX + 1];
} SkFileSum;

bool sk_file_sum_equal(const SkFileSum *a, const SkFileSum *b);

/* So many more bytes are done; for a bar of progress. */
typedef void (*SkCopyFunc)(uint64_t bytes, void *data);

/* FUNC may be NULL. */
bool sk_file_sum(const char *path,
                 SkCopyFunc func,
                 void *data,
                 SkFileSum *ret_sum,
                 GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* A new file, written piece by piece. */
typedef struct SkFileOut SkFileOut;

SkFileOut *sk_file_out_new(const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
int sk_file_out_get_fd(const SkFileOut *out);
bool sk_file_out_write(SkFileOut *out, SkBytes bytes, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Writes all of a file. FUNC may be NULL. */
bool sk_file_out_copy(SkFileOut *out,
                      const char *from,
                      SkCopyFunc func,
                      void *data,
                      GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* It is on the disk now; its name is when its folder is synced. To be called once. */
bool sk_file_out_finish(SkFileOut *out,
                        SkFileSum *ret_sum,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* What was not finished is removed. */
void sk_file_out_free(SkFileOut *out);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkFileOut, sk_file_out_free)

/* The sum of bytes that go somewhere else. */
typedef struct SkSummer SkSummer;

SkSummer *sk_summer_new(void);
void sk_summer_add(SkSummer *summer, SkBytes bytes);
void sk_summer_finish(SkSummer *summer, SkFileSum *ret_sum);
void sk_summer_free(SkSummer *summer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkSummer, sk_summer_free)

/* CONFLICT if it is there already. */
bool sk_folder_make(const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* What was written to it is on the disk. */
bool sk_file_sync(const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The names in it are on the disk. */
bool sk_folder_sync(const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* FROM becomes TO, durably, unless there is a TO: CONFLICT. */
bool sk_file_place(const char *from, const char *to, GError **error) G_GNUC_WARN_UNUSED_RESULT;
