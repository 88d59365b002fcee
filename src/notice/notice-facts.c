/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "notice/notice-letter.h"
#include "notice/notice-matter.h"
#include "verdict/finding-words.h"

/* Lines of a list; nobody reads more on a phone. */
#define RECIPIENTS 10
#define FINDINGS   8
/* Bytes of what a finding is about: file names. */
#define SUBJECT_MAX 200

static void
say_more(SkNoticePage *page, size_t more)
{
    if (more > 0)
        sk_notice_say(page, "・ほか %u 件", "- and %u more", (unsigned)more);
}

void
sk_notice_recipients(SkNoticePage *page, const SkNoticeMail *mail)
{
    size_t n = mail->to != NULL ? g_strv_length((char **)mail->to) : 0;

    if (n == 1)
        sk_notice_line(page, "宛先", "To", mail->to[0]);
    if (n <= 1)
        return;
    sk_notice_plain(page, "宛先", "To", "");
    for (size_t i = 0; i < MIN(n, RECIPIENTS); i++) {
        g_autofree char *quoted = sk_notice_quote(page->languages, mail->to[i], SUBJECT_MAX);

        g_string_append_printf(page->text, "- %s\n", quoted);
    }
    say_more(page, n > RECIPIENTS ? n - RECIPIENTS : 0);
}

static bool
is_for(const SkNoticeMail *mail, const SkFinding *finding)
{
    if (finding->recipient == NULL)
        return true;
    for (size_t i = 0; mail->to != NULL && mail->to[i] != NULL; i++) {
        if (g_ascii_strcasecmp(mail->to[i], finding->recipient) == 0)
            return true;
    }
    return false;
}

static void
say_finding(SkNoticePage *page, const SkFinding *finding)
{
    bool ja = page->languages & SK_LANGUAGE_JA, en = page->languages & SK_LANGUAGE_EN;
    const char *in_ja = sk_finding_words(finding->id, "ja");
    const char *in_en = sk_finding_words(finding->id, "en");

    g_string_append_printf(page->text, "%s%s%s%s", ja ? "・" : "- ", ja ? in_ja : "",
                           ja && en ? " / " : "", en ? in_en : "");
    if (finding->subject != NULL) {
        g_autofree char *quoted =
            sk_notice_quote(page->languages, finding->subject, SUBJECT_MAX);

        g_string_append_printf(page->text, ": %s", quoted);
    }
    g_string_append_c(page->text, '\n');
}

/* The findings that count, each once: the same may be known of several parts. */
static GPtrArray *
choose(const SkNoticeMail *mail)
{
    GPtrArray *chosen = g_ptr_array_new();
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    for (size_t i = 0; i < sk_findings_count(mail->findings); i++) {
        const SkFinding *finding = sk_findings_peek(mail->findings, i);
        char *key = g_strdup_printf("%s %s", sk_finding_id_name(finding->id),
                                    finding->subject != NULL ? finding->subject : "");

        if (!is_for(mail, finding) || !sk_notice_matters(finding->id))
            g_free(key);
        else if (g_hash_table_add(seen, key))
            g_ptr_array_add(chosen, (gpointer)finding);
    }
    return chosen;
}

void
sk_notice_findings(SkNoticePage *page, const SkNoticeMail *mail)
{
    g_autoptr(GPtrArray) chosen = NULL;

    if (mail->findings == NULL)
        return;
    chosen = choose(mail);
    if (chosen->len == 0)
        return;
    sk_notice_plain(page, "見つかったこと", "Found", "");
    for (guint i = 0; i < MIN(chosen->len, FINDINGS); i++)
        say_finding(page, chosen->pdata[i]);
    say_more(page, chosen->len > FINDINGS ? chosen->len - FINDINGS : 0);
}

void
sk_notice_facts(SkNoticePage *page, const SkNoticeMail *mail)
{
    sk_notice_gap(page);
    sk_notice_line(page, "件名", "Subject", mail->subject);
    sk_notice_line(page, "差出人", "From", mail->from);
    sk_notice_recipients(page, mail);
    sk_notice_findings(page, mail);
    if (mail->id != NULL)
        sk_notice_plain(page, "番号", "Number", mail->id);
}
