/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/engine-blob-site.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/autofree.h"
#include "base/error.h"
#include "seal/seal-store.h"

#define HEX_LEN (2 * SK_BLOB_HASH_KEY_LEN)

/* What `sekisho key init` wrote: hexadecimal digits and a line end. */
static bool
parse_key(const char *text, size_t len, uint8_t *ret_key)
{
    uint8_t key[SK_BLOB_HASH_KEY_LEN];

    if (len > HEX_LEN && text[len - 1] == '\n')
        len--;
    if (len != HEX_LEN)
        return false;
    for (size_t i = 0; i < sizeof key; i++) {
        int high = g_ascii_xdigit_value(text[2 * i]);
        int low = g_ascii_xdigit_value(text[2 * i + 1]);

        if (high < 0 || low < 0)
            return false;
        key[i] = (uint8_t)(high << 4 | low);
    }
    memcpy(ret_key, key, sizeof key);
    return true;
}

bool
sk_engine_hash_key_read(const char *path, uint8_t ret_key[SK_BLOB_HASH_KEY_LEN], GError **error)
{
    sk_autofd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    char text[HEX_LEN + 3];
    ssize_t n = fd >= 0 ? read(fd, text, sizeof text) : -1;

    if (n < 0)
        return sk_error_set_errno(error, errno,
                                  "cannot read [store] hash_key %s; `sekisho key init` makes "
                                  "it, and every host of a site needs the same",
                                  path);
    if (parse_key(text, (size_t)n, ret_key))
        return true;
    g_set_error(error, SK_ERROR, SK_ERROR_CONFIG,
                "[store] hash_key %s has no key in it, %d hexadecimal digits; copy it from "
                "where `sekisho key init` made it",
                path, HEX_LEN);
    return false;
}

bool
sk_engine_blob_site_load(SkDb *keep, const char *path, SkBlobSite *ret_site, GError **error)
{
    g_autoptr(SkSiteKey) active = NULL;
    SkBlobSite site;

    if (!sk_seal_store_load_active(keep, &active, error) ||
        !sk_engine_hash_key_read(path, site.hash_key, error))
        return false;
    if (active == NULL) {
        g_set_error(error, SK_ERROR, SK_ERROR_NOT_FOUND,
                    "there is no site key to seal files to: run `sekisho key init`");
        return false;
    }
    site.seal_to = active->public;
    *ret_site = site;
    return true;
}
