/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-written.h"

#include "attach/attach-armour.h"
#include "attach/attach-decode.h"
#include "mail/mail-uuencode.h"

static bool
may_have_armour(SkAttachType type)
{
    return type == SK_ATTACH_TEXT || type == SK_ATTACH_HTML;
}

static void
open_armour(SkAttachScan *scan, SkAttachFile *file)
{
    size_t at = 0;

    for (unsigned i = 0; i < SK_ATTACH_ARMOURED && !sk_attach_is_over(scan, file); i++) {
        at = sk_armour_find_pgp(file->bytes, at);
        if (at == SK_BYTES_NONE)
            return;
        sk_attach_member_as(scan, file, "PGP message", sk_bytes_from(file->bytes, at),
                            SK_ATTACH_PGP);
        at++;
    }
}

static void
open_uuencoded(SkAttachScan *scan, SkAttachFile *file, const SkMailUuencode *one)
{
    SkBudget *budget = sk_attach_budget(scan);
    g_autofree char *name = sk_attach_decode_name(one->name);
    g_auto(SkBuffer) out = {0};

    if (!sk_budget_take_unpacked(budget) ||
        !sk_budget_take_bytes(budget, one->lines.len, file->bytes.len, 0))
        return;
    sk_buffer_init(&out, one->lines.len + 4);
    if (sk_mail_uuencode_decode(one, &out) != SK_MAIL_DECODED)
        sk_attach_broken(scan, file, "the uuencoded file \"%s\" is cut or damaged", name);
    sk_attach_member(scan, file, name, sk_buffer_bytes(&out));
}

void
sk_attach_written_open(SkAttachScan *scan, SkAttachFile *file)
{
    SkMailUuencode one = {0};

    if (may_have_armour(file->type))
        open_armour(scan, file);
    if (file->type != SK_ATTACH_TEXT || file->walked)
        return;
    while (sk_mail_uuencode_find(file->bytes, one.end, &one) && !sk_attach_is_over(scan, file))
        open_uuencoded(scan, file, &one);
    (void)sk_attach_is_over(scan, file);
}

bool
sk_attach_written_begins(SkAttachType type, SkBytes head)
{
    if (!may_have_armour(type))
        return false;
    return sk_armour_find_pgp(head, 0) != SK_BYTES_NONE ||
           sk_mail_uuencode_has_line(head, "begin ") ||
           sk_mail_uuencode_has_line(head, "begin-base64 ");
}
