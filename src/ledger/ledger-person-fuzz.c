/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/ledger-person.h"

#include <string.h>

#include "base/bytes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Whatever a document says: after one erasure there is nothing to show and nothing to erase. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    g_autoptr(SkMailPerson) person = sk_mail_person_new("anna@example.net", NULL);
    g_autofree char *shown = NULL, *erased = NULL, *again = NULL, *nothing = NULL;
    bool emptied = false, once_more = false;

    if (!sk_ledger_person_show(person, text, &shown, NULL))
        return 0;
    g_assert_true(sk_ledger_person_erase(person, text, &erased, &emptied, NULL));
    g_assert_true(shown == NULL || erased != NULL);
    if (erased == NULL)
        return 0;
    g_assert_true(sk_ledger_person_show(person, erased, &nothing, NULL));
    g_assert_true(sk_ledger_person_erase(person, erased, &again, &once_more, NULL));
    g_assert_null(nothing);
    g_assert_null(again);
    return 0;
}
