/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * policy-source - everything a policy is read from: its text, and the list files it names
 *
 * What a version of the policy consists of, byte for byte, so that it can be read again on
 * another host and written back as the files it came from.
 *
 * Errors: none.
 */

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* Bytes of a digest: SHA-256. */
#define SK_POLICY_DIGEST_LEN 32

typedef struct {
    char *name;      /* as the policy has it: relative to its folder, or absolute */
    GBytes *content; /* NULL: it could not be read */
} SkPolicyList;

typedef struct {
    GBytes *text;
    GPtrArray *lists; /* of SkPolicyList, in the order of their names, each once */
} SkPolicySource;

/* TEXT is taken over. */
SkPolicySource *sk_policy_source_new(GBytes *text);
void sk_policy_source_free(SkPolicySource *source);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkPolicySource, sk_policy_source_free)

/* CONTENT (NULL: unreadable) is taken over; a list that is there already stays as it is. */
void sk_policy_source_add(SkPolicySource *source, const char *name, GBytes *content);
/* Borrowed; NULL: there is none of this name. */
const SkPolicyList *sk_policy_source_find(const SkPolicySource *source, const char *name);

/* Two with the same text and lists have the same digest. Lists that could not be read do not
 * count. */
void sk_policy_source_digest(const SkPolicySource *source,
                             uint8_t ret_digest[SK_POLICY_DIGEST_LEN]);
