/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/mail-person.h"

#include <string.h>

#include "base/bytes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PLACEHOLDER "erased@invalid"

static void
check(const SkMailPerson *person, const char *text, SkPersonText kind)
{
    bool found = sk_mail_person_in(person, text, kind);
    g_autofree char *without = sk_mail_person_replace(person, text, kind, PLACEHOLDER);

    g_assert_true(found == (without != NULL));
    if (sk_mail_person_in(person, PLACEHOLDER, kind))
        return;
    g_assert_false(sk_mail_person_in(person, without, kind));
}

/* The first line is the address, the rest what it is looked for in. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *input = g_strndup((const char *)data, size);
    g_auto(GStrv) parts = g_strsplit(input, "\n", 2);
    g_autoptr(SkMailPerson) person = sk_mail_person_new(parts[0] != NULL ? parts[0] : "", NULL);

    if (person == NULL || parts[1] == NULL)
        return 0;
    check(person, parts[1], SK_PERSON_ADDRESS);
    check(person, parts[1], SK_PERSON_FREE);
    return 0;
}
