/* SPDX-License-Identifier: Apache-2.0 */
#include "keeper/keeper-grants.h"

#include <string.h>

#include "base/error.h"
#include "base/random.h"

typedef struct {
    SkKeeperAim aim;
    uint32_t left;
    int64_t until_ms;
    uint64_t number;
} Grant;

struct SkGrants {
    const SkClock *clock;
    GHashTable *grants; /* digest of the token, in hexadecimal: Grant */
    uint64_t number;    /* of the last one */
};

static void
grant_free(void *data)
{
    Grant *grant = data;

    g_free(grant->aim.name);
    g_free(grant);
}

SkGrants *
sk_grants_new(const SkClock *clock)
{
    SkGrants *grants = g_new0(SkGrants, 1);

    grants->clock = clock;
    grants->grants = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, grant_free);
    return grants;
}

void
sk_grants_free(SkGrants *grants)
{
    if (grants == NULL)
        return;
    g_hash_table_unref(grants->grants);
    g_free(grants);
}

static char *
digest_of(const uint8_t token[SK_KEEPER_TOKEN_LEN])
{
    return g_compute_checksum_for_data(G_CHECKSUM_SHA256, token, SK_KEEPER_TOKEN_LEN);
}

static gboolean
has_expired(void *key, void *value, void *now_ms)
{
    return ((const Grant *)value)->until_ms <= *(const int64_t *)now_ms;
}

unsigned
sk_grants_count(const SkGrants *grants)
{
    return g_hash_table_size(grants->grants);
}

/* Expired ones are looked for when their room is needed. */
static bool
make_room(SkGrants *grants, GError **error)
{
    int64_t now_ms = sk_clock_mono_ms(grants->clock);

    if (sk_grants_count(grants) >= SK_GRANTS_MAX)
        (void)g_hash_table_foreach_remove(grants->grants, has_expired, &now_ms);
    if (sk_grants_count(grants) < SK_GRANTS_MAX)
        return true;
    g_set_error(error, SK_ERROR, SK_ERROR_LIMIT,
                "%d grants are open; none is given before one is used up or expires",
                SK_GRANTS_MAX);
    return false;
}

bool
sk_grants_open(SkGrants *grants,
               const SkKeeperGrant *grant,
               uint8_t ret_token[SK_KEEPER_TOKEN_LEN],
               uint64_t *ret_number,
               GError **error)
{
    Grant *one;

    if (!make_room(grants, error))
        return false;
    one = g_new0(Grant, 1);
    one->aim = grant->aim;
    one->aim.name = g_strdup(grant->aim.name);
    one->left = grant->count;
    one->until_ms = sk_clock_mono_ms(grants->clock) + SK_GRANT_LIFE_MS;
    one->number = ++grants->number;
    sk_random_fill(ret_token, SK_KEEPER_TOKEN_LEN);
    g_hash_table_insert(grants->grants, digest_of(ret_token), one);
    *ret_number = one->number;
    return true;
}

static bool
deny(GError **error, const char *reason)
{
    g_set_error_literal(error, SK_ERROR, SK_ERROR_DENIED, reason);
    return false;
}

static bool
is_same(const SkKeeperAim *a, const SkKeeperAim *b)
{
    return a->operation == b->operation && a->use == b->use && strcmp(a->name, b->name) == 0;
}

bool
sk_grants_use(SkGrants *grants,
              const uint8_t token[SK_KEEPER_TOKEN_LEN],
              const SkKeeperAim *aim,
              uint64_t *ret_number,
              GError **error)
{
    g_autofree char *digest = digest_of(token);
    Grant *grant = g_hash_table_lookup(grants->grants, digest);
    int64_t now_ms = sk_clock_mono_ms(grants->clock);

    *ret_number = grant != NULL ? grant->number : 0;
    if (grant == NULL)
        return deny(error, "there is no such grant, or it is used up");
    if (has_expired(digest, grant, &now_ms)) {
        (void)g_hash_table_remove(grants->grants, digest);
        return deny(error, "the grant has expired");
    }
    if (!is_same(&grant->aim, aim))
        return deny(error, "the grant is for another operation, use or name");
    if (--grant->left == 0)
        (void)g_hash_table_remove(grants->grants, digest);
    return true;
}
