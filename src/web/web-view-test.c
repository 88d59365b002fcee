/* SPDX-License-Identifier: Apache-2.0 */
#include "web/web-view.h"

#include "verdict/decision.h"
#include "web/web-testing.h"

#define MINUTE INT64_C(60000000)

static SkDeskCopy *
add_copy(SkDeskAnswer *answer, SkCopyState state, unsigned open)
{
    SkDeskCopy *copy = sk_desk_copy_new();

    copy->id = g_strdup("01kaj-1");
    copy->message = g_strdup("01kaj");
    copy->state = state;
    copy->direction = SK_DIRECTION_OUTBOUND;
    copy->waits = copy->open = open;
    copy->due_us = SK_WEB_TEST_NOW + 9 * MINUTE + 1;
    copy->ended_us = SK_WEB_TEST_NOW - MINUTE;
    copy->from = g_strdup("tanaka@ours.example");
    copy->subject = g_strdup("x");
    g_ptr_array_add(copy->recipients, g_strdup("suzuki@example.com"));
    g_ptr_array_add(answer->copies, copy);
    return copy;
}

static char *
view(const SkDeskAnswer *answer, SkWebLanguage language)
{
    SkFakeClock clock;
    g_autoptr(SkWebPlace) place = sk_web_test_place("", &clock);
    g_autoptr(SkWebAnswer) page = sk_web_view(place, language, answer, NULL);

    g_assert_cmpuint(page->status, ==, 200);
    return g_steal_pointer(&page->body);
}

#define assert_has(page, text)   g_assert_nonnull(strstr((page), (text)))
#define assert_lacks(page, text) g_assert_null(strstr((page), (text)))

static void
test_states(void)
{
    static const struct {
        SkCopyState state;
        unsigned open;
        const char *by, *heading, *sentence;
    } CASES[] = {
        {SK_COPY_WAITING, SK_WAIT_TIME, NULL, "<h1>Not sent yet</h1>",
         "Will be sent at 14:09 (in 9 minutes)"},
        {SK_COPY_WAITING, SK_WAIT_TIME | SK_WAIT_CONFIRM, NULL, "<h1>Not sent yet</h1>",
         "Waits for the sender to confirm it"},
        {SK_COPY_WAITING, SK_WAIT_APPROVAL, NULL, "<h1>Not sent yet</h1>",
         "Waits for approval"},
        {SK_COPY_RELEASING, 0, NULL, "<h1>Already sent</h1>", "Being sent right now"},
        {SK_COPY_SENT, 0, "time", "<h1>Already sent</h1>", "Sent at 13:59<"},
        {SK_COPY_STOPPED, 0, "mori@ours.example", "<h1>Stopped</h1>",
         "Stopped at 13:59 by mori@ours.example"},
        {SK_COPY_STOPPED, 0, "operator", "<h1>Stopped</h1>",
         "Stopped at 13:59 by an administrator"},
        {SK_COPY_STOPPED, 0, "hanako (as root) on mail", "<h1>Stopped</h1>",
         "Stopped at 13:59 by an administrator"},
        {SK_COPY_STOPPED, 0, NULL, "<h1>Stopped</h1>", "Stopped at 13:59<"},
        {SK_COPY_RETURNED, 0, "time", "<h1>Returned to the sender</h1>",
         "Returned to the sender at 13:59<"},
        {SK_COPY_EXPIRED, 0, "time", "<h1>Expired</h1>", "Expired at 13:59<"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_autoptr(SkDeskAnswer) answer = sk_desk_answer_new(SK_DESK_OK);
        SkDeskCopy *copy = add_copy(answer, CASES[i].state, CASES[i].open);
        g_autofree char *en = NULL, *ja = NULL;

        g_test_message("case %zu", i);
        copy->ended_by = g_strdup(CASES[i].by);
        en = view(answer, SK_WEB_EN);
        ja = view(answer, SK_WEB_JA);
        assert_has(en, CASES[i].heading);
        assert_has(en, CASES[i].sentence);
        assert_lacks(en, "<form"); /* nothing can be done that is not said to be */
        assert_has(ja, "<html lang=\"ja\">");
        assert_lacks(ja, CASES[i].heading);
    }
}

static void
test_forms(void)
{
    static const struct {
        unsigned can;
        const char *has, *lacks;
    } CASES[] = {
        {1u << SK_DESK_STOP, "value=\"stop\"", "value=\"ask\""},
        {1u << SK_DESK_ASK, "value=\"ask\"", "value=\"password\""},
        {1u << SK_DESK_PASSWORD, "type=\"password\"", "value=\"stop\""},
        {1u << SK_DESK_RELEASE | 1u << SK_DESK_LOOK, "<main>", "<form"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_autoptr(SkDeskAnswer) answer = sk_desk_answer_new(SK_DESK_OK);
        g_autofree char *page = NULL;

        add_copy(answer, SK_COPY_WAITING, SK_WAIT_TIME)->can = CASES[i].can;
        page = view(answer, SK_WEB_EN);
        assert_has(page, CASES[i].has);
        assert_lacks(page, CASES[i].lacks);
    }
}

/* Who can have it by his own word is not told that administrators will decide. */
static void
test_own_word(void)
{
    static const struct {
        SkReview review;
        const char *has, *lacks;
    } CASES[] = {
        {SK_REVIEW_RECIPIENT, ">Have it delivered</button>", "administrator"},
        {SK_REVIEW_ADMIN, ">Ask for it</button>", "Have it delivered"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_autoptr(SkDeskAnswer) answer = sk_desk_answer_new(SK_DESK_OK);
        SkDeskCopy *copy = add_copy(answer, SK_COPY_WAITING, SK_WAIT_REVIEW);
        g_autofree char *page = NULL;

        answer->purpose = g_strdup("ask");
        copy->direction = SK_DIRECTION_INBOUND;
        copy->review = CASES[i].review;
        copy->can = 1u << SK_DESK_ASK;
        page = view(answer, SK_WEB_EN);
        assert_has(page, CASES[i].has);
        assert_lacks(page, CASES[i].lacks);
    }
}

/* Who has the mail already, without a file, must not read that he has not got it. */
static void
test_original(void)
{
    for (int original = 0; original < 2; original++) {
        g_autoptr(SkDeskAnswer) answer = sk_desk_answer_new(SK_DESK_OK);
        SkDeskCopy *copy = add_copy(answer, SK_COPY_WAITING, SK_WAIT_REVIEW);
        g_autofree char *page = NULL;

        copy->direction = SK_DIRECTION_INBOUND;
        copy->original = original != 0;
        page = view(answer, SK_WEB_EN);
        g_assert_cmpint(strstr(page, "original of a mail that you get") != NULL, ==, original);
    }
}

/* Mail that will not come any more: what its recipient can do all the same. */
static void
test_not_delivered(void)
{
    static const struct {
        SkCopyState state;
        const char *purpose;
        bool said;
    } CASES[] = {
        {SK_COPY_EXPIRED, "ask", true},   {SK_COPY_EXPIRED, "password", true},
        {SK_COPY_STOPPED, "ask", true},   {SK_COPY_SENT, "ask", false},
        {SK_COPY_STOPPED, "stop", false},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_autoptr(SkDeskAnswer) answer = sk_desk_answer_new(SK_DESK_OK);
        g_autofree char *page = NULL;

        g_test_message("case %zu", i);
        answer->purpose = g_strdup(CASES[i].purpose);
        add_copy(answer, CASES[i].state, 0)->direction = SK_DIRECTION_INBOUND;
        page = view(answer, SK_WEB_EN);
        g_assert_cmpint(strstr(page, "ask its sender to send it again") != NULL, ==,
                        CASES[i].said);
    }
}

/* Some is gone, some can be stopped still: both is said. */
static void
test_partly(void)
{
    g_autoptr(SkDeskAnswer) answer = sk_desk_answer_new(SK_DESK_OK);
    g_autofree char *page = NULL;

    add_copy(answer, SK_COPY_SENT, 0);
    add_copy(answer, SK_COPY_WAITING, SK_WAIT_TIME)->can = 1u << SK_DESK_STOP;
    page = view(answer, SK_WEB_EN);
    assert_has(page, "<h1>Part of it is not sent yet</h1>");
    assert_has(page, "Sent at 13:59");
    assert_has(page, "Will be sent at 14:09");
    assert_has(page, ">Stop the rest</button>");
}

static void
test_foreign(void)
{
    static const char evil[] = "\"'><script>alert(1)</script><!--";
    g_autoptr(SkDeskAnswer) answer = sk_desk_answer_new(SK_DESK_OK);
    SkDeskCopy *copy = add_copy(answer, SK_COPY_STOPPED, 0);
    g_autofree char *page = NULL;

    g_free(copy->subject);
    g_free(copy->from);
    copy->subject = g_strdup(evil);
    copy->from = g_strdup(evil);
    copy->why = g_strdup(evil);
    copy->ended_by = g_strdup(evil);
    g_ptr_array_add(copy->recipients, g_strdup(evil));
    g_ptr_array_add(copy->findings, g_strdup(evil));
    g_ptr_array_add(copy->findings, g_strdup_printf("attach.encrypted.zip: %s", evil));
    page = view(answer, SK_WEB_EN);
    assert_lacks(page, "<script");
    assert_lacks(page, "<!--");
    assert_lacks(page, "\"'>");
    assert_has(page,
               "a ZIP archive that needs a password<br><bdi>&quot;&#39;&gt;&lt;script&gt;");
}

/* 10,000 recipients and findings are a page as well. */
static void
test_many(void)
{
    g_autoptr(SkDeskAnswer) answer = sk_desk_answer_new(SK_DESK_OK);
    SkDeskCopy *copy = add_copy(answer, SK_COPY_WAITING, SK_WAIT_TIME);
    g_autofree char *page = NULL;

    for (unsigned i = 0; i < 1000; i++) {
        g_ptr_array_add(copy->recipients, g_strdup_printf("r%u@example.com", i));
        g_ptr_array_add(copy->findings, g_strdup_printf("attach.broken: %u.zip", i));
    }
    page = view(answer, SK_WEB_EN);
    assert_has(page, "and 981 more");
    assert_lacks(page, "r19@example.com");
    assert_lacks(page, ">20.zip<");
}

/* An address that somebody else made says nothing that is not so. */
static void
test_banner(void)
{
    static const struct {
        const char *name;
        SkWebSum sum;
        bool said;
        SkWebText text;
    } CASES[] = {
        {"stopped", {.stopped = 1}, true, SK_WEB_TEXT_DID_STOP},
        {"stopped", {.stopped = 1, .gone = 1}, true, SK_WEB_TEXT_DID_STOP_SOME},
        {"stopped", {.waiting = 1}, false, SK_WEB_TEXT_DID_STOP},
        {"stopped", {.gone = 1}, false, SK_WEB_TEXT_DID_STOP},
        {"stopped",
         {.stopped = 1, .waiting = 1, .can = 1u << SK_DESK_STOP},
         false,
         SK_WEB_TEXT_DID_STOP},
        {"late", {.gone = 1}, true, SK_WEB_TEXT_TOO_LATE},
        {"late",
         {.gone = 1, .waiting = 1, .can = 1u << SK_DESK_STOP},
         true,
         SK_WEB_TEXT_TOO_LATE_REST},
        {"late", {.stopped = 1}, false, SK_WEB_TEXT_TOO_LATE},
        {"asked", {.waiting = 1}, true, SK_WEB_TEXT_DID_ASK},
        {"asked", {.stopped = 1}, false, SK_WEB_TEXT_DID_ASK},
        {"released", {.waiting = 1, .open = SK_WAIT_REVIEW}, false, SK_WEB_TEXT_DID_RELEASE},
        {"released", {.waiting = 1}, true, SK_WEB_TEXT_DID_RELEASE},
        {"<script>", {.waiting = 1}, false, SK_WEB_TEXT_DID_RELEASE},
        {NULL, {.waiting = 1}, false, SK_WEB_TEXT_DID_RELEASE},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        SkWebBanner banner = {CASES[i].text, false};

        g_test_message("case %zu", i);
        g_assert_cmpint(sk_web_banner_find(CASES[i].name, &CASES[i].sum, &banner), ==,
                        CASES[i].said);
        g_assert_cmpint(banner.text, ==, CASES[i].text);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/web-view/states", test_states);
    g_test_add_func("/web-view/forms", test_forms);
    g_test_add_func("/web-view/own-word", test_own_word);
    g_test_add_func("/web-view/original", test_original);
    g_test_add_func("/web-view/not-delivered", test_not_delivered);
    g_test_add_func("/web-view/partly", test_partly);
    g_test_add_func("/web-view/foreign", test_foreign);
    g_test_add_func("/web-view/many", test_many);
    g_test_add_func("/web-view/banner", test_banner);
    return g_test_run();
}
