/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cli-progress - a progress bar for work of more than a second, on a terminal only
 */

#include <stdint.h>

typedef struct SkProgress SkProgress;

/* WHAT: "messages". Shows nothing when standard error is no terminal. */
SkProgress *sk_progress_new(const char *what, uint64_t total);
void sk_progress_set(SkProgress *progress, uint64_t done);
/* Takes the bar away, so that a line can be printed; the next set draws it again. */
void sk_progress_hide(SkProgress *progress);
void sk_progress_free(SkProgress *progress);
