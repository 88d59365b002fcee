/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A message as a file: inside an archive, or attached as bytes. (message/rfc822 parts are
 * walked where they stand, and do not come here.)
 */

#include "attach/attach-file.h"

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
