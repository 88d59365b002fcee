/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * mail-iso2022 - ISO-2022-JP as it is really sent
 *
 * ICU's converter knows ①㈱ but not 髙 and the other IBM extensions, nor kana in 8 bits or
 * behind SO: all of which Windows programs send (CP50220 to CP50222). So the escapes are read
 * here, and the characters are rewritten to CP932, which has them all.
 *
 * Limits: that of OUT, at a character.
 * Standards: RFC 1468, RFC 1554, RFC 2237.
 */

#include "mail/mail-transcode.h"

SkTranscode sk_mail_iso2022_decode(SkBytes bytes, SkBuffer *out);
