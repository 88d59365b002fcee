/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * web-style - the text of web-style.css, compiled in
 */

extern const char sk_web_style[];
