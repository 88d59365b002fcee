/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * seal - secrets that anybody may close and only the keeper opens
 *
 * A site has a key pair. Whoever has the public half seals a secret to it (the key of a stored
 * file, later a signing key) and names what it is for; opening asks for the same name, so that
 * a sealed secret put into another row opens nothing. The private half lies in the store,
 * wrapped (seal-wrap), and is opened in the keeper's memory only.
 *
 * Limits: secrets of SK_SEAL_SECRET_MAX bytes, names of SK_SEAL_NAME_MAX.
 * Errors: DENIED: another key, another use or name, or damaged: nobody can tell which.
 * Security: sealed boxes of libsodium (X25519, XSalsa20-Poly1305), anonymous: they prove
 * nothing about who sealed. Private halves lie in memory that is not swapped or dumped.
 */

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

#define SK_SEAL_PUBLIC_LEN 32
#define SK_SEAL_SECRET_MAX 8192
#define SK_SEAL_NAME_MAX   255
/* Letters and digits of a key's id. */
#define SK_SEAL_ID_LEN 16
/* What sealing adds at most. */
#define SK_SEAL_OVERHEAD 320

/* What a sealed secret is. */
typedef enum {
    SK_SEAL_BLOB = 1, /* the key of a stored file; its name is the blob's id */
    SK_SEAL_CHECK,    /* nothing: shows that a key opens */
} SkSealUse;

typedef struct {
    uint8_t bytes[SK_SEAL_PUBLIC_LEN];
} SkSealPublic;

/* Both halves. */
typedef struct SkSealPair SkSealPair;

SkSealPair *sk_seal_pair_new(void);
/* PRIVATE_KEY: as sk_seal_pair_peek_private() gave it. NULL: not of the right length. */
SkSealPair *sk_seal_pair_read(SkBytes private_key);
void sk_seal_pair_free(SkSealPair *pair);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkSealPair, sk_seal_pair_free)
SkSealPublic sk_seal_pair_get_public(const SkSealPair *pair);
/* Borrowed; secret. */
SkBytes sk_seal_pair_peek_private(const SkSealPair *pair);

/* A public key that somebody sent or stored. False: not of the right length, or one of the few
 * points to which nothing can be sealed. */
bool sk_seal_public_read(SkBytes bytes, SkSealPublic *ret_key);

/* What a public key is called: the beginning of its digest. Caller owns. */
char *sk_seal_id(const SkSealPublic *key);
/* Whether TEXT can be one: SK_SEAL_ID_LEN hexadecimal digits. */
bool sk_seal_id_is(const char *text);

/* Caller owns; never fails within the limits. */
GBytes *sk_seal(const SkSealPublic *to, SkSealUse use, const char *name, SkBytes secret);
/* The secret, to be freed with sk_secret_free(). */
typedef struct {
    uint8_t *data; /* in memory that is neither swapped nor dumped */
    size_t len;
} SkSecret;
void sk_secret_free(SkSecret *secret);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkSecret, sk_secret_free)
SkSecret *sk_secret_new(size_t len); /* zeros */
SkBytes sk_secret_bytes(const SkSecret *secret);

SkSecret *sk_seal_open(const SkSealPair *pair,
                       SkSealUse use,
                       const char *name,
                       SkBytes sealed,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;
