/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * attach-office - what the streams of Office's compound files say; for attach-cfb.c
 *
 * Each function looks at one stream or storage and states what it finds about FILE, or hands
 * embedded files over as members.
 *
 * Limits: the budget. Errors: none; attach.broken.
 * Standards: [MS-DOC] 2.5.1, [MS-XLS] 2.4, [MS-PPT] 2.3, [MS-OFFCRYPTO], [MS-OXMSG],
 * [MS-OLEDS].
 */

#include "attach/attach-file.h"
#include "attach/attach-ole.h"

typedef struct {
    SkAttachScan *scan;
    SkAttachFile *file;
    SkAttachOle *ole;
    bool rights; /* under rights management, which has been stated */
} SkAttachOffice;

/* sk_attach_ole_read(), which states attach.broken or the limit when it fails. */
bool sk_attach_office_read(const SkAttachOffice *office,
                           uint32_t i,
                           uint64_t max,
                           SkBuffer *scratch,
                           SkBytes *ret);

/* Streams EncryptedPackage and EncryptionInfo. */
void sk_attach_office_package(const SkAttachOffice *office, uint32_t stream);
void sk_attach_office_word(const SkAttachOffice *office, uint32_t stream);
void sk_attach_office_excel(const SkAttachOffice *office, uint32_t stream);
void sk_attach_office_current_user(const SkAttachOffice *office, uint32_t stream);
void sk_attach_office_powerpoint(const SkAttachOffice *office, uint32_t stream);
/* An attachment in an Outlook message, its name in the streams beside it. */
void sk_attach_office_msg_data(const SkAttachOffice *office, uint32_t stream);
void sk_attach_office_ole10native(const SkAttachOffice *office, uint32_t stream);

/* A stream of BIFF records. */
void sk_attach_biff_look(SkAttachScan *scan, SkAttachFile *file, SkBytes records);

/* The content of an OLE Package: label, path, file. NATIVE begins with the flags 02 00; what
 * does not fit that is handed over as it is. */
void sk_attach_ole_package(SkAttachScan *scan, SkAttachFile *file, SkBytes native);
