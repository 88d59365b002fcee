/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * mail-mapi - the properties of an attachment in winmail.dat
 *
 * Limits: one pass.
 * Errors: none; false says that the list is cut or wrong.
 * Security: bytes are hostile; ranges borrow from them.
 * Standards: [MS-OXTNEF] 2.1.3.4, [MS-OXCDATA] 2.11.
 */

#include "base/bytes.h"

typedef struct {
    SkBytes long_name;  /* PidTagAttachLongFilename, else PidTagAttachFilename */
    bool name_is_utf16; /* little-endian; else in the message's code page */
    SkBytes type;       /* PidTagAttachMimeTag */
    bool type_is_utf16;
    SkBytes content; /* PidTagAttachDataBinary or -Object, without the interface's id */
} SkMailMapi;

bool sk_mail_mapi_read(SkBytes bytes, SkMailMapi *ret);
/* The type in lower case; false when there is none or it is not ASCII. */
bool sk_mail_mapi_type(const SkMailMapi *props, char *out, size_t size);
