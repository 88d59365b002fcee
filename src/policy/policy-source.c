/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/policy-source.h"

#include <string.h>

static void
list_free(void *data)
{
    SkPolicyList *list = data;

    g_clear_pointer(&list->content, g_bytes_unref);
    g_free(list->name);
    g_free(list);
}

SkPolicySource *
sk_policy_source_new(GBytes *text)
{
    SkPolicySource *source = g_new0(SkPolicySource, 1);

    source->text = text;
    source->lists = g_ptr_array_new_with_free_func(list_free);
    return source;
}

void
sk_policy_source_free(SkPolicySource *source)
{
    if (source == NULL)
        return;
    g_bytes_unref(source->text);
    g_ptr_array_unref(source->lists);
    g_free(source);
}

/* Where NAME is, or belongs. */
static guint
place_of(const SkPolicySource *source, const char *name)
{
    guint at = 0;

    while (at < source->lists->len &&
           strcmp(((const SkPolicyList *)source->lists->pdata[at])->name, name) < 0)
        at++;
    return at;
}

const SkPolicyList *
sk_policy_source_find(const SkPolicySource *source, const char *name)
{
    guint at = place_of(source, name);
    const SkPolicyList *list = at < source->lists->len ? source->lists->pdata[at] : NULL;

    return list != NULL && strcmp(list->name, name) == 0 ? list : NULL;
}

void
sk_policy_source_add(SkPolicySource *source, const char *name, GBytes *content)
{
    SkPolicyList *list;

    if (sk_policy_source_find(source, name) != NULL) {
        g_clear_pointer(&content, g_bytes_unref);
        return;
    }
    list = g_new0(SkPolicyList, 1);
    list->name = g_strdup(name);
    list->content = content;
    g_ptr_array_insert(source->lists, (gint)place_of(source, name), list);
}

/* With its length before it, so that no byte can move from one to the next. */
static void
digest_bytes(GChecksum *checksum, const void *data, gsize len)
{
    uint64_t length = GUINT64_TO_BE((uint64_t)len);

    g_checksum_update(checksum, (const guchar *)&length, sizeof length);
    g_checksum_update(checksum, data, (gssize)len);
}

static void
digest_part(GChecksum *checksum, GBytes *bytes)
{
    gsize len = 0;
    const void *data = g_bytes_get_data(bytes, &len);

    digest_bytes(checksum, data != NULL ? data : "", len);
}

void
sk_policy_source_digest(const SkPolicySource *source, uint8_t ret_digest[SK_POLICY_DIGEST_LEN])
{
    g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA256);
    gsize len = SK_POLICY_DIGEST_LEN;

    digest_part(checksum, source->text);
    for (guint i = 0; i < source->lists->len; i++) {
        const SkPolicyList *list = source->lists->pdata[i];

        if (list->content == NULL)
            continue;
        digest_bytes(checksum, list->name, strlen(list->name));
        digest_part(checksum, list->content);
    }
    g_checksum_get_digest(checksum, ret_digest, &len);
}
