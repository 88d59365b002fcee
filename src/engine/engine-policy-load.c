/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/engine-policy-load.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/autofree.h"
#include "base/error.h"
#include "base/random.h"

void
sk_policy_read_clear(SkPolicyRead *read)
{
    sk_policy_source_free(read->source);
    g_clear_pointer(&read->policy, sk_policy_unref);
}

bool
sk_engine_policy_read_all(const char *path,
                          const SkPolicyReading *reading,
                          SkPolicyRead *ret_read,
                          GError **error)
{
    g_autoptr(SkPolicySource) source = NULL;
    SkPolicy *policy = sk_engine_policy_read(path, reading, &source, error);

    if (policy == NULL)
        return false;
    *ret_read = (SkPolicyRead){g_steal_pointer(&source), policy};
    return true;
}

bool
sk_engine_policy_is_in_force(const SkPolicySource *source, const SkPolicyInForce *in_force)
{
    uint8_t digest[SK_POLICY_DIGEST_LEN];

    sk_policy_source_digest(source, digest);
    return in_force->version != 0 && memcmp(digest, in_force->digest, sizeof digest) == 0;
}

/* Says who was first, if that can be found out. */
static void
name_winner(SkDb *keep, GError **error)
{
    g_autoptr(SkPolicyVersion) winner = NULL;
    SkPolicyInForce now;

    if (!sk_policy_store_in_force(keep, &now, NULL) || now.version == 0 ||
        !sk_policy_store_get(keep, now.version, &winner, NULL) || winner == NULL)
        return;
    g_clear_error(error);
    g_set_error(error, SK_ERROR, SK_ERROR_CONFLICT,
                "%s has put version %" PRId64 " in force in the meantime; look at it (`sekisho "
                "policy diff`), then load yours again",
                winner->loaded_by, winner->version);
}

/* A commit of which nobody knows may have put it in force all the same. */
static bool
is_there(SkDb *keep, const SkPolicySource *source, int64_t *ret_version)
{
    SkPolicyInForce now;

    if (!sk_policy_store_in_force(keep, &now, NULL) ||
        !sk_engine_policy_is_in_force(source, &now))
        return false;
    *ret_version = now.version;
    return true;
}

bool
sk_engine_policy_store(SkDb *keep,
                       const SkPolicyRead *read,
                       const SkPolicyLoading *loading,
                       int64_t *ret_version,
                       bool *ret_new,
                       GError **error)
{
    const SkPolicyEntry entry = {.source = read->source,
                                 .by = loading->by,
                                 .note = loading->note,
                                 .rules = sk_policy_count(read->policy)};
    g_autoptr(GError) trouble = NULL;
    SkPolicyInForce now;
    bool same;

    if (!sk_policy_store_in_force(keep, &now, error))
        return false;
    same = sk_engine_policy_is_in_force(read->source, &now);
    *ret_version = now.version;
    *ret_new = !same;
    if (same || sk_policy_store_load(
                    keep, &entry, loading->expected != NULL ? *loading->expected : now.version,
                    ret_version, &trouble))
        return true;
    if (g_error_matches(trouble, SK_ERROR, SK_ERROR_UNCERTAIN) &&
        is_there(keep, read->source, ret_version))
        return true;
    if (g_error_matches(trouble, SK_ERROR, SK_ERROR_CONFLICT))
        name_winner(keep, &trouble);
    g_propagate_error(error, g_steal_pointer(&trouble));
    return false;
}

SkPolicy *
sk_engine_policy_load(SkDb *keep,
                      const char *path,
                      const SkPolicyLoading *loading,
                      const SkPolicyReading *reading,
                      int64_t *ret_version,
                      bool *ret_new,
                      GError **error)
{
    g_auto(SkPolicyRead) read = {0};

    if (!sk_engine_policy_read_all(path, reading, &read, error) ||
        !sk_engine_policy_store(keep, &read, loading, ret_version, ret_new, error))
        return NULL;
    return g_steal_pointer(&read.policy);
}

SkPolicy *
sk_engine_policy_fetch(SkDb *keep,
                       int64_t number,
                       const SkPolicyReading *reading,
                       SkPolicyVersion **ret_version,
                       GError **error)
{
    g_autofree char *name = sk_engine_policy_name(number);
    g_autoptr(SkPolicyVersion) version = NULL;
    SkPolicy *policy;

    if (!sk_policy_store_get(keep, number, &version, error))
        return NULL;
    if (version == NULL) {
        g_set_error(error, SK_ERROR, SK_ERROR_NOT_FOUND,
                    "there is no %s: `sekisho policy history` lists them", name);
        return NULL;
    }
    policy = sk_engine_policy_parse(name, version->source, reading, error);
    if (ret_version != NULL)
        *ret_version = g_steal_pointer(&version);
    return policy;
}

static bool
holds(const char *path, GBytes *content)
{
    g_autofree char *text = NULL;
    gsize len = 0, wanted = 0;
    const void *data = g_bytes_get_data(content, &wanted);

    return g_file_get_contents(path, &text, &len, NULL) && len == wanted &&
           (len == 0 || memcmp(text, data, len) == 0);
}

static bool
write_all(int fd, GBytes *content)
{
    gsize len = 0;
    const char *data = g_bytes_get_data(content, &len);

    for (gsize done = 0; done < len;) {
        ssize_t n = write(fd, data + done, len - done);

        if (n < 0 && errno != EINTR)
            return false;
        done += n > 0 ? (gsize)n : 0;
    }
    return true;
}

/* All that must be true of the new file before it takes the old one's name. */
static bool
fill(int fd, GBytes *content, const struct stat *like)
{
    return (like->st_uid == geteuid() && like->st_gid == getegid()
                ? true
                : fchown(fd, like->st_uid, like->st_gid) == 0) &&
           fchmod(fd, like->st_mode & 07777) == 0 && write_all(fd, content) && fsync(fd) == 0;
}

/* What PATH is a link to, so that the link stays; PATH itself when there is nothing yet. */
static char *
resolve(const char *path)
{
    g_autofree char *found = realpath(path, NULL);

    return g_strdup(found != NULL ? found : path);
}

/* Whoever reads PATH sees the old file or the new one, never a part. LIKE: whose owner and mode
 * a file gets that is new. */
static bool
replace_file(const char *path, GBytes *content, const struct stat *like, GError **error)
{
    g_autofree char *target = resolve(path);
    g_autofree char *suffix = sk_random_id(0);
    g_autofree char *fresh = g_strdup_printf("%s.%s", target, suffix);
    struct stat old;
    sk_autofd int fd = -1;

    if (holds(path, content))
        return true;
    if (stat(target, &old) == 0)
        like = &old;
    fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd >= 0 && fill(fd, content, like) && rename(fresh, target) == 0)
        return true;
    sk_error_set_errno(error, errno, "cannot write %s, it is as it was", path);
    if (fd >= 0)
        (void)unlink(fresh);
    return false;
}

/* Below the policy's folder, as it is written. */
static bool
is_inside(const char *name)
{
    g_auto(GStrv) words = g_strsplit(name, "/", -1);

    return !g_path_is_absolute(name) && !g_strv_contains((const char *const *)words, "..");
}

static bool
check_list(const char *path,
           const SkPolicyList *list,
           const SkPolicySource *replaced,
           GError **error)
{
    g_autofree char *list_path = sk_engine_policy_list_path(path, list->name);
    struct stat st;

    if (holds(list_path, list->content))
        return true;
    if (!is_inside(list->name)) {
        g_set_error(error, SK_ERROR, SK_ERROR_DENIED,
                    "the list %s is not what it is to be, and lies outside the folder of %s, "
                    "where nothing is written: change it yourself first",
                    list_path, path);
        return false;
    }
    if ((replaced != NULL && sk_policy_source_find(replaced, list->name) != NULL) ||
        lstat(list_path, &st) != 0)
        return true;
    g_set_error(error, SK_ERROR, SK_ERROR_DENIED,
                "%s is none of the lists of the policy that is there now, so it is not "
                "overwritten: move it away first",
                list_path);
    return false;
}

bool
sk_engine_policy_write(const char *path,
                       const SkPolicySource *source,
                       const SkPolicySource *replaced,
                       GError **error)
{
    struct stat like = {.st_mode = 0644, .st_uid = geteuid(), .st_gid = getegid()};

    for (guint i = 0; i < source->lists->len; i++) {
        if (!check_list(path, source->lists->pdata[i], replaced, error))
            return false;
    }
    /* Without a policy so far, the plain mode of a file. */
    (void)stat(path, &like);
    for (guint i = 0; i < source->lists->len; i++) {
        const SkPolicyList *list = source->lists->pdata[i];
        g_autofree char *list_path = sk_engine_policy_list_path(path, list->name);

        if (!replace_file(list_path, list->content, &like, error))
            return false;
    }
    return replace_file(path, source->text, &like, error);
}
