/* SPDX-License-Identifier: Apache-2.0 */

/*
 * mail-dump - what sk_mail_walk() sees of a message, for mail-oracle.py
 *
 * The argument is a file. Prints for each part path, type, name and SHA-256 of the content,
 * with tabs between; "-" where there is no name.
 */

#include <glib.h>
#include <stdio.h>

#include "mail/mail-walk.h"

static void
on_part(const SkMailPart *part, void *data)
{
    g_autofree char *sum =
        g_compute_checksum_for_data(G_CHECKSUM_SHA256, part->content.data, part->content.len);

    printf("%s\t%s\t%s\t%s\n", part->path, part->type, part->name != NULL ? part->name : "-",
           sum);
}

static void
on_trouble(SkMailTrouble what, const char *path, const char *detail, void *data)
{
}

int
main(int argc, char **argv)
{
    SkMailVisitor visitor = {on_part, on_trouble, NULL};
    SkBudgetLimits limits = sk_budget_limits_default();
    g_autofree char *bytes = NULL;
    SkBudget budget;
    gsize len = 0;

    if (argc != 2 || !g_file_get_contents(argv[1], &bytes, &len, NULL))
        return 2;
    sk_budget_init(&budget, &limits);
    sk_mail_walk(sk_bytes(bytes, len), NULL, 0, &budget, &visitor);
    return 0;
}
