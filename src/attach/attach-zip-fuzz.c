/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>

#include "attach/attach-zip-package.h"
#include "attach/attach-zip-unpack.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    SkBudgetLimits limits = sk_budget_limits_default();
    g_auto(SkZipUnpack) unpack = {0};
    g_auto(SkZip) zip = {0};
    SkBudget budget;

    limits.bytes = 1 << 22;
    sk_budget_init(&budget, &limits);
    sk_zip_read(&zip, sk_bytes(data, size), &budget);
    sk_zip_unpack_init(&unpack, &zip);
    (void)sk_zip_package_type(&zip);
    for (size_t i = 0; i < sk_zip_count(&zip) && i < 100; i++) {
        const SkZipEntry *entry = sk_zip_peek(&zip, i);
        g_autofree char *name = sk_zip_entry_name_dup(entry);

        g_assert_true(g_utf8_validate(name, -1, NULL));
        if (entry->lock == SK_ZIP_CLEAR && entry->local != SK_BYTES_NONE &&
            sk_zip_unpack_start(&unpack, entry, 100) == SK_UNPACK_PART)
            (void)sk_zip_unpack_more(&unpack, SIZE_MAX);
    }
    return 0;
}
