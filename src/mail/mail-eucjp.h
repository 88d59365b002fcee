/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * mail-eucjp - EUC-JP as Windows and Unix programs of Japan really send it (eucJP-ms)
 *
 * ICU's converter knows NEC's characters in row 13 and IBM's in rows 89 to 92, but not IBM's in
 * code set 3, where eucJP-ms writes 髙: those are read here.
 *
 * Limits: that of OUT, at a character.
 * Standards: the TOG/JVC "eucJP-ms" table.
 */

#include "mail/mail-transcode.h"

SkTranscode sk_mail_eucjp_decode(SkBytes bytes, SkBuffer *out);
