/* SPDX-License-Identifier: Apache-2.0 */
#include "web/web-forms.h"

/* Characters that browsers take; of Japanese, three bytes each. */
#define REASON_CHARS (SK_WEB_REASON_MAX / 4)

typedef struct {
    GString *page;
    SkWebLanguage language;
} Forms;

static void
put(const Forms *forms, SkWebText text)
{
    sk_web_put(forms->page, sk_web_text(forms->language, text));
}

/* A form posts to the address it was got from. */
static void
begin(const Forms *forms, const char *action)
{
    g_string_append_printf(forms->page,
                           "<form method=\"post\" class=\"card\" accept-charset=\"utf-8\">"
                           "<input type=\"hidden\" name=\"action\" value=\"%s\">\n",
                           action);
}

static void
put_reason(const Forms *forms, const char *id, SkWebText label)
{
    g_string_append_printf(forms->page, "<label for=\"%s\">", id);
    put(forms, label);
    g_string_append_printf(forms->page,
                           "</label><textarea id=\"%s\" name=\"text\" rows=\"2\" "
                           "maxlength=\"%d\"></textarea>\n",
                           id, REASON_CHARS);
}

static void
put_button(const Forms *forms, const char *class, SkWebText text)
{
    g_string_append_printf(forms->page, "<button type=\"submit\" class=\"%s\">", class);
    put(forms, text);
    g_string_append(forms->page, "</button>\n");
}

static void
end(const Forms *forms)
{
    g_string_append(forms->page, "</form>\n");
}

static void
put_note(const Forms *forms, const char *id, SkWebText text)
{
    g_string_append_printf(forms->page, "<p class=\"note\" id=\"%s\">", id);
    put(forms, text);
    g_string_append(forms->page, "</p>\n");
}

static void
put_stop(const Forms *forms, bool colleague, bool rest)
{
    begin(forms, "stop");
    if (colleague)
        put_reason(forms, "stop-reason", SK_WEB_TEXT_REASON_STOP);
    put_button(forms, "stop", rest ? SK_WEB_TEXT_STOP_REST : SK_WEB_TEXT_STOP);
    put_note(forms, "stop-note", SK_WEB_TEXT_STOP_NOTE);
    end(forms);
}

/* Nothing is to be remembered, corrected or made of it on the way. */
static void
put_password(const Forms *forms)
{
    begin(forms, "password");
    g_string_append(forms->page, "<label for=\"password\">");
    put(forms, SK_WEB_TEXT_PASSWORD_LABEL);
    g_string_append_printf(forms->page,
                           "</label><input type=\"password\" id=\"password\" name=\"text\" "
                           "autocomplete=\"off\" autocapitalize=\"none\" spellcheck=\"false\" "
                           "required maxlength=\"%d\" aria-describedby=\"password-note\">\n",
                           SK_WEB_PASSWORD_MAX / 4);
    put_button(forms, "main", SK_WEB_TEXT_PASSWORD);
    put_note(forms, "password-note", SK_WEB_TEXT_PASSWORD_NOTE);
    end(forms);
}

static void
put_ask(const Forms *forms, bool own_review)
{
    begin(forms, "ask");
    if (own_review) {
        put_button(forms, "main", SK_WEB_TEXT_DELIVER);
        put_note(forms, "deliver-note", SK_WEB_TEXT_DELIVER_NOTE);
        end(forms);
        return;
    }
    put_reason(forms, "ask-reason", SK_WEB_TEXT_REASON_ASK);
    put_button(forms, "main", SK_WEB_TEXT_ASK);
    end(forms);
}

void
sk_web_forms_put(GString *page, SkWebLanguage language, const SkWebSum *sum)
{
    Forms forms = {page, language};

    if ((sum->can & (1u << SK_DESK_STOP)) != 0)
        put_stop(&forms, sum->colleague, sum->gone > 0);
    if ((sum->can & (1u << SK_DESK_PASSWORD)) != 0)
        put_password(&forms);
    if ((sum->can & (1u << SK_DESK_ASK)) != 0)
        put_ask(&forms, sum->own_review);
}
