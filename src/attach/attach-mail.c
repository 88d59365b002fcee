/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A message as a file: inside an archive, or attached as bytes. (message/rfc822 parts are
 * walked where they stand, and do not come here.)
 */

#include "attach/attach-file.h"
#include "mail/mail-tnef.h"

typedef struct {
    SkAttachScan *scan;
    SkAttachFile *file;
} Visit;

static void
on_part(const SkMailPart *part, void *data)
{
    Visit *visit = data;

    sk_attach_member_part(visit->scan, visit->file, part);
}

static void
on_trouble(SkMailTrouble what, const char *path, const char *detail, void *data)
{
    Visit *visit = data;

    (void)path;
    sk_findings_add_trouble(sk_attach_findings(visit->scan), what, visit->file->part, detail);
    if (what == SK_MAIL_TROUBLE_LIMIT || what == SK_MAIL_TROUBLE_BROKEN)
        visit->file->unopened = true;
}

void
sk_attach_mail_open(SkAttachScan *scan, SkAttachFile *file)
{
    Visit visit = {scan, file};
    SkMailVisitor visitor = {on_part, on_trouble, &visit};

    sk_mail_walk(file->bytes, NULL, file->depth, sk_attach_budget(scan), &visitor);
}

static bool
on_tnef_file(const SkMailTnefFile *file, void *data)
{
    Visit *visit = data;

    if (sk_attach_is_over(visit->scan, visit->file))
        return false;
    sk_attach_member(visit->scan, visit->file, file->name, file->content);
    return true;
}

/* winmail.dat as a file; as a part of a message the MIME walk opens it. */
void
sk_attach_tnef_open(SkAttachScan *scan, SkAttachFile *file)
{
    Visit visit = {scan, file};

    sk_findings_add_trouble(sk_attach_findings(scan), SK_MAIL_TROUBLE_TNEF, file->part, NULL);
    if (!sk_mail_tnef_read(file->bytes, on_tnef_file, &visit) && !sk_attach_is_over(scan, file))
        sk_attach_broken(scan, file, "not all of its attachments can be read");
}
