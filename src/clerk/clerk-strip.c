/* SPDX-License-Identifier: Apache-2.0 */
#include "clerk/clerk-strip.h"

#include "base/autofree.h"
#include "base/error.h"
#include "engine/engine-hold.h"
#include "process/process-edit.h"

static const char *
describe(SkEditOutcome outcome)
{
    if (outcome == SK_EDIT_SEALED)
        return "it is signed or encrypted, so no part can be taken out of it";
    if (outcome == SK_EDIT_NO_SUCH_PART)
        return "the parts that were to be taken out are not in it";
    return "no inspector could take the parts out of it";
}

/* What stands in the place of each part. */
static char *
write_notice(const char *id)
{
    return g_strdup_printf(
        "添付ファイル「%%NAME%%」（%%SIZE%%）は、この組織の規則により取り除かれました。\n"
        "元のメールは保管されています（番号 %s）。\n"
        "必要なときは、別のメールでお送りした案内に従うか、管理者に番号をお伝えください。\n"
        "\n"
        "The attachment \"%%NAME%%\" (%%SIZE%%) was taken out by a rule of this organisation.\n"
        "The original mail is kept (number %s).\n"
        "If you need it, follow the notice that came in a mail of its own, or give your\n"
        "administrator the number.\n",
        id, id);
}

/* NULL-terminated, of DECISION's; empty: all. */
static GPtrArray *
list_parts(const SkDecision *decision)
{
    GPtrArray *parts = g_ptr_array_new();

    for (guint i = 0; i < decision->parts->len && !decision->strip_all; i++)
        g_ptr_array_add(parts, decision->parts->pdata[i]);
    g_ptr_array_add(parts, NULL);
    return parts;
}

int
sk_clerk_strip(const SkSettings *settings,
               SkClerkOriginal *original,
               const SkPassage *passage,
               const SkHeldCopy *copy,
               SkClerkNeed *ret_at,
               GError **error)
{
    const char *socket = sk_settings_peek_text(settings, "inspector", "socket");
    const SkDecision *decision = sk_engine_hold_decision(passage, copy);
    g_autofree char *notice = write_notice(copy->message);
    g_autoptr(GPtrArray) parts = NULL;
    SkEditOutcome outcome = SK_EDIT_FAILED;
    SkStripOrder order = {.notice = notice, .notice_name = "removed.txt"};
    sk_autofd int fd = -1;
    int stripped = -1;

    if (decision == NULL) {
        g_set_error(error, SK_ERROR, SK_ERROR_DENIED,
                    "its record names none of the recipients of copy %s", copy->id);
        return -1;
    }
    *ret_at = SK_CLERK_BLOBS;
    fd = sk_clerk_original_copy(original, error);
    if (fd < 0)
        return -1;
    parts = list_parts(decision);
    order.parts = (const char *const *)parts->pdata;
    *ret_at = SK_CLERK_INSPECTOR;
    if (!sk_process_strip(socket, fd, &order, &outcome, &stripped, NULL, error))
        return -1;
    if (outcome == SK_EDIT_DONE)
        return stripped;
    g_set_error(error, SK_ERROR, SK_ERROR_DENIED, "copy %s: %s", copy->id, describe(outcome));
    return -1;
}
