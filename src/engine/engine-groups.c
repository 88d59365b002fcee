/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/engine-groups.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/autofree.h"
#include "base/buffer.h"
#include "base/error.h"
#include "base/limit.h"

#define PIECE (16 * SK_KIB)

/* One byte more than a file may have is read of a larger one, which is then refused. */
static bool
read_all(int fd, SkBuffer *text)
{
    ssize_t n = 1;

    while (n > 0) {
        if (!sk_buffer_reserve(text, MIN(PIECE, text->limit - text->len)))
            return false;
        n = read(fd, text->data + text->len, MIN(PIECE, text->limit - text->len));
        text->len += n > 0 ? (size_t)n : 0;
    }
    return n == 0;
}

SkHoldGroups *
sk_engine_groups_load(const SkSettings *settings, GError **error)
{
    const char *path = sk_settings_peek_text(settings, "hold", "groups");
    sk_autofd int fd = open(path, O_RDONLY | O_CLOEXEC);
    g_auto(SkBuffer) text = {0};

    sk_buffer_init(&text, SK_LIMIT_CONFIG + 1);
    if ((fd < 0 && errno != ENOENT) || (fd >= 0 && !read_all(fd, &text))) {
        sk_error_set_errno(error, errno, "the file of the groups that approve, %s", path);
        return NULL;
    }
    return sk_hold_groups_parse(path, sk_buffer_bytes(&text), error);
}
