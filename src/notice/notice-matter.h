/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * notice-matter - which findings people are told of
 */

#include "verdict/finding.h"

/* Not that a mail has an attachment, or that something is in order. */
bool sk_notice_matters(SkFindingId id);
