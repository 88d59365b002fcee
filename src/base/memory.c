/* SPDX-License-Identifier: Apache-2.0 */
#include "base/memory.h"

#include <malloc.h>

void
sk_memory_keep(void)
{
    (void)mallopt(M_MMAP_THRESHOLD, (int)SK_MEMORY_BLOCK);
    (void)mallopt(M_TRIM_THRESHOLD, (int)SK_MEMORY_SPARE);
}

void
sk_memory_rest(void)
{
    (void)malloc_trim(0);
}
