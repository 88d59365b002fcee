/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/engine-registry.h"

#include "attach/attach-prime.h"
#include "attach/attach-scan.h"
#include "mail/mail-walk.h"

static bool
mail_prime(void)
{
    sk_mail_prime();
    return true;
}

static void *
attach_begin(SkBudget *budget, SkFindings *findings)
{
    return sk_attach_scan_new(budget, findings);
}

static bool
attach_part(void *check, const SkMailPart *part)
{
    sk_attach_scan_part(check, part);
    return sk_attach_scan_inspected(check);
}

static void
attach_file(void *check, const char *name, SkBytes bytes, SkInspectResult *result)
{
    sk_attach_scan_file(check, name, bytes);
    g_free(result->type);
    result->type = g_strdup(sk_attach_scan_type(check));
    result->encrypted = sk_attach_scan_encrypted(check);
    result->inspected = sk_attach_scan_inspected(check);
}

static void
attach_end(void *check)
{
    sk_attach_scan_free(check);
}

static void
attach_password(void *check, SkInspectTry *try)
{
    sk_attach_scan_set_try(check, try);
}

static void
attach_scanner(void *check, SkScanNow *scanner)
{
    sk_attach_scan_set_scanner(check, scanner);
}

static const SkContentCheck attach_check = {attach_begin, attach_part,     attach_file,
                                            attach_end,   attach_password, attach_scanner};

const SkCapability sk_engine_registry[] = {
    {"mail", mail_prime, NULL},
    {"attach", sk_attach_prime, &attach_check},
    {NULL, NULL, NULL},
};

bool
sk_engine_prime(void)
{
    for (const SkCapability *c = sk_engine_registry; c->name != NULL; c++) {
        if (c->prime != NULL && !c->prime())
            return false;
    }
    return true;
}
