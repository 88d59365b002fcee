/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * web-forms - the buttons of a token's page: what can be done now, and nothing else
 *
 * Limits: SK_WEB_REASON_MAX, SK_WEB_PASSWORD_MAX bytes of text in a form.
 */

#include "web/web-state.h"

#define SK_WEB_REASON_MAX   2000
#define SK_WEB_PASSWORD_MAX 500

void sk_web_forms_put(GString *page, SkWebLanguage language, const SkWebSum *sum);
