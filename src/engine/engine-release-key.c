/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/engine-release-key.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/autofree.h"
#include "base/error.h"

/* One more than a key and its line end have. */
#define TEXT_MAX (2 * SK_TICKET_KEY_LEN + 3)

bool
sk_engine_release_key_read(const char *path, uint8_t ret_key[SK_TICKET_KEY_LEN], GError **error)
{
    sk_autofd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    char text[TEXT_MAX];
    ssize_t n = fd >= 0 ? read(fd, text, sizeof text) : -1;
    bool ok;

    if (n < 0)
        return sk_error_set_errno(error, errno,
                                  "cannot read [hold] release_key %s; `sekisho key init` makes "
                                  "it",
                                  path);
    ok = sk_ticket_key_parse(sk_bytes(text, (size_t)n), ret_key);
    explicit_bzero(text, sizeof text);
    if (!ok)
        g_set_error(error, SK_ERROR, SK_ERROR_CONFIG,
                    "[hold] release_key %s has no key in it, %d hexadecimal digits; remove it "
                    "and run `sekisho key init`",
                    path, 2 * SK_TICKET_KEY_LEN);
    return ok;
}
