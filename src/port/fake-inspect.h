/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * fake-inspect - the port inspect for tests: answers that were prepared, in their order
 *
 * A job without a prepared answer gets "inspected, nothing found". Answers come from the loop,
 * never from inside a submit, as with the real one.
 */

#include "base/error.h"
#include "base/loop.h"
#include "port/inspect.h"

typedef struct SkFakeInspect SkFakeInspect;

/* Freed through the port (sk_inspect_free), before LOOP. */
SkFakeInspect *sk_fake_inspect_new(SkLoop *loop);
SkInspect *sk_fake_inspect_port(SkFakeInspect *fake);

/* The answer to a coming job. Takes RESULT. */
void sk_fake_inspect_answer(SkFakeInspect *fake, SkInspectResult *result);
/* The same with the one finding ID. */
void sk_fake_inspect_find(SkFakeInspect *fake, SkFindingId id, const char *subject);
void sk_fake_inspect_fail(SkFakeInspect *fake, SkError code, const char *message);

/* While held, jobs stay without an answer. */
void sk_fake_inspect_hold(SkFakeInspect *fake, bool hold);
/* Jobs submitted so far, cancelled ones included; and the bytes of the last (a copy). */
unsigned sk_fake_inspect_count(const SkFakeInspect *fake);
SkBytes sk_fake_inspect_last(const SkFakeInspect *fake);
