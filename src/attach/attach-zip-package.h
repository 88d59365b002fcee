/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * attach-zip-package - which kind of document or program a ZIP archive is
 *
 * Known by the names of its entries, as the programs that open it know it.
 */

#include "attach/attach-type.h"
#include "attach/attach-zip.h"

/* SK_ATTACH_ZIP: an archive like others. */
SkAttachType sk_zip_package_type(const SkZip *zip);
