/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-format.h"

static const SkAttachFormat formats[SK_ATTACH_N_TYPES] = {
    [SK_ATTACH_UNKNOWN] = {"unknown", NULL},
    [SK_ATTACH_CFB] = {"cfb", sk_attach_cfb_open},
    [SK_ATTACH_BIFF] = {"biff", sk_attach_biff_open},
    [SK_ATTACH_PDF] = {"pdf", sk_attach_pdf_open},
    [SK_ATTACH_ACCESS] = {"access", sk_attach_access_open},
    [SK_ATTACH_ONENOTE] = {"onenote", sk_attach_onenote_open},
    [SK_ATTACH_RTF] = {"rtf", sk_attach_rtf_open},
    [SK_ATTACH_ZIP] = {"zip", NULL},
    [SK_ATTACH_MEDIA] = {"media", NULL},
    [SK_ATTACH_PE] = {"pe", NULL},
};

const SkAttachFormat *
sk_attach_format(SkAttachType type)
{
    static const SkAttachFormat unnamed = {"unknown", NULL};

    g_assert(type < SK_ATTACH_N_TYPES);
    return formats[type].name != NULL ? &formats[type] : &unnamed;
}
