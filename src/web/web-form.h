/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * web-form - application/x-www-form-urlencoded: the query of an address, the body of a form
 *
 * Limits: SK_WEB_FORM_FIELDS fields; the caller bounds the bytes.
 * Errors: NULL for what no browser sends: half an escape, a NUL, no UTF-8, a name twice, so
 * that nobody behind us can read another field than we did.
 * Security: a value may be a password: everything is wiped when it is freed.
 * Standards: WHATWG URL 5.1, stricter.
 */

#include <glib.h>

#include "base/bytes.h"

#define SK_WEB_FORM_FIELDS 20

typedef struct SkWebForm SkWebForm;

/* Caller owns. */
SkWebForm *sk_web_form_parse(SkBytes text);
void sk_web_form_free(SkWebForm *form);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkWebForm, sk_web_form_free)

/* Borrowed; NULL: there is no such field. FORM may be NULL. */
const char *sk_web_form_peek(const SkWebForm *form, const char *name);
