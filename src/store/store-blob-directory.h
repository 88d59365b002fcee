/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * store-blob-directory - port/blob.h over a directory
 *
 * Blob 3ab4… is the file 3/a/3ab4…: 256 folders by the first two letters, of which the first is
 * one of eight. A million blobs are 4,000 files a folder, few enough to be sorted in memory
 * when they are listed; and the folders are all made at once, so that writing a blob syncs the
 * one folder it lies in and no other.
 *
 * A blob is written without a name (O_TMPFILE), synced, then linked to its name, and the folder
 * synced. Where the file system has no files without names it is called .ID.part until then,
 * and locked as long as somebody writes it; unlocked ones older than a day are removed when the
 * directory is listed.
 *
 * Errors: those of port/blob.h; on opening CONFIG too: not a directory, or a symbolic link.
 * Security: the directory is made with mode 0750 if only that one is missing, folders likewise,
 * files with 0640; what root makes in a directory of somebody else's belongs to that one.
 * Everything is reached from the open directory; no name in it is followed if it is a symbolic
 * link. What is not ours is told to sk_blob_place_watch_foreign() and never touched, except
 * lost+found, which is not told.
 */

#include "port/blob.h"

typedef enum {
    SK_DIRECTORY_UNNAMED, /* as long as the file system can */
    SK_DIRECTORY_NAMED,   /* .ID.part everywhere: for tests */
} SkDirectoryParts;

/* Opens PATH, makes it if it is missing. */
SkBlobPlace *sk_store_blob_directory_open(const char *path,
                                          SkDirectoryParts parts,
                                          GError **error) G_GNUC_WARN_UNUSED_RESULT;
