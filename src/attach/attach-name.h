/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * attach-name - what a file name does to hide what the file is
 *
 * Two extensions of which the last one runs ("invoice.pdf.exe"), an extension pushed out of
 * sight by blanks, and characters that change the order in which a name is shown
 * ("invoice\u202Efdp.exe" reads "invoiceexe.pdf"). Two extensions of which the last one only
 * packs or shows ("report.pdf.zip", "a.tar.gz", "plan.ver2.xlsx") are ordinary.
 *
 * Errors: none.
 */

#include <stdbool.h>

/* NAME without folders; NULL says no. Why, in English and static, or NULL: nothing. */
const char *sk_attach_name_extension_trick(const char *name);
bool sk_attach_name_is_bidi(const char *name);
