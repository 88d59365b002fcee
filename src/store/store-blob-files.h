/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * store-blob-files - the folders and names of a directory of blobs, for store-blob-directory
 * and store-blob-list
 *
 * Errors: those of port/blob.h. Security: that of store-blob-directory.
 */

#include <sys/stat.h>

#include "base/clock.h"
#include "port/blob.h"

/* "3/a" */
#define SK_BLOB_FOLDER_LEN 3
/* ".ID.part" */
#define SK_BLOB_PART_LEN (SK_BLOB_ID_LEN + 6)

/* What the first and the second letter of an id can be, in the order of strcmp(). */
extern const char sk_blob_first_letters[];
extern const char sk_blob_second_letters[];

typedef struct {
    SkBlobPlace place;
    char *path;
    int fd;
    bool unnamed; /* files without names can be made and linked */
    bool ready;   /* all folders are there and synced */
    bool give;    /* root makes what belongs to uid and gid */
    uid_t uid;
    gid_t gid;
    const SkClock *clock;
} SkBlobDirectory;

/* Says what the errno means for blob ID (NULL: for the directory); always false. */
bool sk_blob_directory_fail(const SkBlobDirectory *dir,
                            const char *id,
                            const char *what,
                            GError **error);

/* The folder of blob ID, to be closed; -1 and ERROR if it cannot be opened. */
int sk_blob_directory_open_folder(const SkBlobDirectory *dir, const char *id, GError **error);
/* The folder NAME below FD, never through a symbolic link; -1 and errno. */
int sk_blob_directory_open_below(int fd, const char *name);
/* All folders, their names on the disk. Once for each open directory. */
bool sk_blob_directory_make_folders(SkBlobDirectory *dir, GError **error);
/* Sets mode and owner of something new. */
bool sk_blob_directory_adopt(const SkBlobDirectory *dir, int fd, mode_t mode);
/* Whether NAME below FD is a regular file, and nothing else of that name. */
bool sk_blob_directory_stat(int fd, const char *name, struct stat *ret_stat);

/* The name of blob ID while it is written. */
void sk_blob_part_name(const char *id, char ret_name[SK_BLOB_PART_LEN + 1]);
/* Whether NAME is one of those. */
bool sk_blob_is_part(const char *name);

/* SkBlobEngine.list. */
bool sk_blob_directory_list(SkBlobPlace *place,
                            const char *after,
                            int64_t before_us,
                            SkBlobFunc func,
                            void *data,
                            GError **error);
