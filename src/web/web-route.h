/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * web-route - what can be answered without the clerk: everything but a token well shown
 */

#include "web/web-page.h"

/* NULL: sk_web_token() has to. */
SkWebAnswer *sk_web_route(const SkWebPlace *place, const SkWebRequest *request);
/* Too many unknown tokens came from there: nothing is looked up. */
SkWebAnswer *sk_web_route_often(const SkWebPlace *place, const SkWebRequest *request);
/* More are asking than can be answered, or we are about to end. */
SkWebAnswer *sk_web_route_busy(const SkWebPlace *place, const SkWebRequest *request);
