/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/policy-who.h"

#include <string.h>

/* What stands in an address only inside the quotes of its local part. */
#define STRANGE " \t,<>\""

SkWhoKind
sk_policy_who_kind(const char *text)
{
    const char *at = strrchr(text, '@');
    bool quoted = text[0] == '"' && at != NULL && at > text + 1 && at[-1] == '"';

    if (at == NULL || at[1] == '\0' || strpbrk(at, STRANGE) != NULL)
        return SK_WHO_LIST;
    if (!quoted && text + strcspn(text, STRANGE "@") != at)
        return SK_WHO_LIST;
    return at == text ? SK_WHO_DOMAIN : SK_WHO_ADDRESS;
}

void
sk_policy_who_prepare(SkWhoAddress *address, const char *text)
{
    size_t i;

    address->domain = NULL;
    address->text[0] = '\0';
    if (text == NULL || strlen(text) > SK_LIMIT_ADDRESS)
        return;
    for (i = 0; text[i] != '\0'; i++)
        address->text[i] = g_ascii_tolower(text[i]);
    address->text[i] = '\0';
    address->domain = strrchr(address->text, '@');
}

bool
sk_policy_who_is_address(const SkWho *who, const SkWhoAddress *address)
{
    if (address->domain == NULL)
        return false;
    if (who->kind == SK_WHO_LIST)
        return who->list != NULL && g_hash_table_contains(who->list, address->text);
    return who->kind == SK_WHO_ADDRESS && strcmp(who->name, address->text) == 0;
}

bool
sk_policy_who_is_domain(const SkWho *who, const SkWhoAddress *address)
{
    if (address->domain == NULL)
        return false;
    if (who->kind == SK_WHO_LIST)
        return who->list != NULL && g_hash_table_contains(who->list, address->domain);
    return who->kind == SK_WHO_DOMAIN && strcmp(who->name, address->domain) == 0;
}
