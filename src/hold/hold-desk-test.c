/* SPDX-License-Identifier: Apache-2.0 */
#include "hold/hold-desk.h"

#include <string.h>

#include "base/error.h"

static void
test_question(void)
{
    SkDeskQuestion asked = {.verb = SK_DESK_PASSWORD,
                            .token = (char *)"0123456789abcdefghjkmnpqrs",
                            .target = (char *)"01kaj",
                            .as = (char *)"ben@ours.example",
                            .who = (char *)"hanako (as root) on mail",
                            .text = (char *)" geheim\t\"\\パス ",
                            .ended = true,
                            .after = (char *)"01kaj-2",
                            .person = (char *)"anna@ours.example"};
    g_autofree char *json = sk_desk_question_write(&asked);
    g_auto(SkDeskQuestion) back = {0};
    g_autoptr(GError) error = NULL;

    g_assert_true(sk_desk_question_read(json, &back, &error));
    g_assert_no_error(error);
    g_assert_cmpint(back.verb, ==, SK_DESK_PASSWORD);
    g_assert_cmpstr(back.token, ==, asked.token);
    g_assert_cmpstr(back.target, ==, asked.target);
    g_assert_cmpstr(back.as, ==, asked.as);
    g_assert_cmpstr(back.who, ==, asked.who);
    g_assert_cmpstr(back.text, ==, asked.text);
    g_assert_true(back.ended);
    g_assert_cmpstr(back.after, ==, asked.after);
    g_assert_cmpstr(back.person, ==, asked.person);
}

static void
test_all_verbs(void)
{
    for (unsigned verb = 0; verb < SK_N_DESK_VERBS; verb++) {
        SkDeskQuestion asked = {.verb = (SkDeskVerb)verb};
        g_autofree char *json = sk_desk_question_write(&asked);
        g_autofree char *exact =
            g_strdup_printf("{\"verb\":\"%s\"}", sk_desk_verb_name((SkDeskVerb)verb));
        g_auto(SkDeskQuestion) back = {0};

        g_assert_cmpstr(json, ==, exact);
        g_assert_true(sk_desk_question_read(json, &back, NULL));
        g_assert_cmpint(back.verb, ==, verb);
        g_assert_null(back.token);
    }
}

static SkDeskCopy *
make_copy(void)
{
    SkDeskCopy *copy = sk_desk_copy_new();

    copy->id = g_strdup("01kaj0000000000000aa-2");
    copy->message = g_strdup("01kaj0000000000000aa");
    copy->state = SK_COPY_RELEASING;
    copy->variant = SK_COPY_STRIPPED;
    copy->original = true;
    copy->direction = SK_DIRECTION_OUTBOUND;
    copy->waits = SK_WAIT_TIME | SK_WAIT_REVIEW;
    copy->open = SK_WAIT_REVIEW;
    copy->review = SK_REVIEW_ADMIN;
    copy->made_us = 1;
    copy->due_us = 2;
    copy->expires_us = 3;
    copy->ended_us = 4;
    copy->size = 5;
    copy->tries = 6;
    copy->owner = g_strdup("anna@ours.example");
    copy->sender = g_strdup("");
    copy->from = g_strdup("anna@ours.example");
    copy->subject = g_strdup("見積 \x1b[1m");
    copy->trouble = g_strdup("450");
    copy->ended_by = g_strdup("time");
    copy->why = g_strdup("\xff");
    g_ptr_array_add(copy->recipients, g_strdup("x@example.com"));
    g_ptr_array_add(copy->recipients, g_strdup("y@example.com"));
    g_ptr_array_add(copy->groups, g_strdup("sales"));
    g_ptr_array_add(copy->findings, g_strdup("attach.encrypted.zip: a.zip"));
    copy->can = 1U << SK_DESK_STOP | 1U << SK_DESK_PERSON;
    return copy;
}

static void
compare_copies(const SkDeskCopy *a, const SkDeskCopy *b)
{
    g_assert_cmpstr(a->id, ==, b->id);
    g_assert_cmpstr(a->message, ==, b->message);
    g_assert_cmpint(a->state, ==, b->state);
    g_assert_cmpint(a->variant, ==, b->variant);
    g_assert_cmpint(a->original, ==, b->original);
    g_assert_cmpint(a->direction, ==, b->direction);
    g_assert_cmpuint(a->waits, ==, b->waits);
    g_assert_cmpuint(a->open, ==, b->open);
    g_assert_cmpint(a->review, ==, b->review);
    g_assert_cmpint(a->made_us, ==, b->made_us);
    g_assert_cmpint(a->due_us, ==, b->due_us);
    g_assert_cmpint(a->expires_us, ==, b->expires_us);
    g_assert_cmpint(a->ended_us, ==, b->ended_us);
    g_assert_cmpuint(a->size, ==, b->size);
    g_assert_cmpuint(a->tries, ==, b->tries);
    g_assert_cmpstr(a->owner, ==, b->owner);
    g_assert_cmpstr(a->sender, ==, b->sender);
    g_assert_cmpstr(a->from, ==, b->from);
    g_assert_cmpstr(a->trouble, ==, b->trouble);
    g_assert_cmpstr(a->ended_by, ==, b->ended_by);
    g_assert_cmpuint(a->can, ==, b->can);
    g_assert_cmpuint(a->recipients->len, ==, b->recipients->len);
    for (guint i = 0; i < a->recipients->len; i++)
        g_assert_cmpstr(a->recipients->pdata[i], ==, b->recipients->pdata[i]);
    g_assert_cmpuint(a->groups->len, ==, b->groups->len);
    for (guint i = 0; i < a->groups->len; i++)
        g_assert_cmpstr(a->groups->pdata[i], ==, b->groups->pdata[i]);
    g_assert_cmpuint(a->findings->len, ==, b->findings->len);
    for (guint i = 0; i < a->findings->len; i++)
        g_assert_cmpstr(a->findings->pdata[i], ==, b->findings->pdata[i]);
}

static SkDeskAnswer *
make_answer(void)
{
    SkDeskAnswer *answer = sk_desk_answer_new(SK_DESK_TOO_LATE);
    SkHoldEvent event = {9, "01kaj0000000000000aa-2", "stopped", "ben@ours.example", "wrong"};

    answer->text = g_strdup("it was sent");
    answer->purpose = g_strdup("stop");
    answer->person = g_strdup("anna@ours.example");
    answer->language = g_strdup("ja");
    answer->content = g_strnfill(10000, 'Q');
    answer->more = true;
    answer->choices = sk_desk_choices_new(&(SkHoldPerson){.hold_s = 300,
                                                          .tell = SK_TELL_DIGEST,
                                                          .language = "en",
                                                          .away_from_us = 7,
                                                          .away_until_us = 8,
                                                          .deputy = (char *)"b@ours.example"});
    g_ptr_array_add(answer->copies, make_copy());
    sk_desk_answer_add_event(answer, &event);
    return answer;
}

static void
test_answer(void)
{
    g_autoptr(SkDeskAnswer) said = make_answer(), back = NULL;
    g_autofree char *json = sk_desk_answer_write(said);
    g_autoptr(GError) error = NULL;
    const SkDeskEvent *event;

    back = sk_desk_answer_read(json, &error);
    g_assert_no_error(error);
    g_assert_cmpint(back->result, ==, SK_DESK_TOO_LATE);
    g_assert_cmpstr(back->text, ==, said->text);
    g_assert_cmpstr(back->purpose, ==, said->purpose);
    g_assert_cmpstr(back->person, ==, said->person);
    g_assert_cmpstr(back->language, ==, said->language);
    g_assert_cmpstr(back->content, ==, said->content);
    g_assert_true(back->more);
    g_assert_cmpint(back->choices->hold_s, ==, 300);
    g_assert_cmpint(back->choices->tell, ==, SK_TELL_DIGEST);
    g_assert_cmpstr(back->choices->language, ==, "en");
    g_assert_cmpint(back->choices->away_from_us, ==, 7);
    g_assert_cmpint(back->choices->away_until_us, ==, 8);
    g_assert_cmpstr(back->choices->deputy, ==, "b@ours.example");
    g_assert_cmpuint(back->copies->len, ==, 1);
    compare_copies(said->copies->pdata[0], back->copies->pdata[0]);
    g_assert_cmpuint(back->events->len, ==, 1);
    event = back->events->pdata[0];
    g_assert_cmpint(event->at_us, ==, 9);
    g_assert_cmpstr(event->copy, ==, "01kaj0000000000000aa-2");
    g_assert_cmpstr(event->what, ==, "stopped");
    g_assert_cmpstr(event->who, ==, "ben@ours.example");
    g_assert_cmpstr(event->text, ==, "wrong");
}

/* Whoever shows an answer on a terminal or a page gets nothing that could forge it. */
static void
test_safe(void)
{
    g_autoptr(SkDeskCopy) copy = make_copy();
    g_autofree char *json = sk_desk_copy_write(copy);
    const char *subject = strstr(json, "\"subject\":");

    g_assert_true(g_str_has_prefix(subject, "\"subject\":\"見積 \\\\x1b[1m\""));
    g_assert_nonnull(strstr(json, "\"why\":\"\\\\xff\""));
    g_assert_nonnull(strstr(json, "\"can\":[\"stop\",\"person\"]"));
}

static void
test_bad_questions(void)
{
    static const char *const cases[] = {
        "",
        "{",
        "[]",
        "17",
        "{}",
        "{\"verb\":\"fly\"}",
        "{\"verb\":1}",
        "{\"verb\":\"stop\",\"verb\":\"look\"}",
        "{\"verb\":\"stop\",\"token\":7}",
        "{\"verb\":\"stop\",\"token\":\"a\\u0000b\"}",
        "{\"verb\":\"stop\",\"text\":\"\xff\"}",
        "{\"verb\":\"stop\"} {\"verb\":\"stop\"}",
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(SkDeskQuestion) question = {0};
        g_autoptr(GError) error = NULL;

        g_test_message("case %zu", i);
        g_assert_false(sk_desk_question_read(cases[i], &question, &error));
        g_assert_error(error, SK_ERROR, SK_ERROR_PROTOCOL);
    }
}

static void
test_bad_answers(void)
{
    static const char *const cases[] = {
        "",
        "{}",
        "{\"result\":\"fine\"}",
        "{\"result\":\"ok\",\"copies\":{}}",
        "{\"result\":\"ok\",\"copies\":[7]}",
        "{\"result\":\"ok\",\"copies\":[{\"id\":\"a\",\"message\":\"a\",\"state\":\"lost\","
        "\"variant\":\"whole\",\"direction\":\"inbound\"}]}",
        "{\"result\":\"ok\",\"copies\":[{\"id\":\"a\",\"message\":\"a\",\"state\":\"sent\","
        "\"variant\":\"whole\",\"direction\":\"inbound\",\"size\":-1}]}",
        "{\"result\":\"ok\",\"copies\":[{\"id\":\"a\",\"message\":\"a\",\"state\":\"sent\","
        "\"variant\":\"whole\",\"direction\":\"inbound\",\"can\":[\"fly\"]}]}",
        "{\"result\":\"ok\",\"copies\":[{\"message\":\"a\",\"state\":\"sent\","
        "\"variant\":\"whole\",\"direction\":\"inbound\"}]}",
        "{\"result\":\"ok\",\"events\":[{}]}",
        "{\"result\":\"ok\",\"choices\":7}",
        "{\"result\":\"ok\",\"choices\":{\"tell\":\"loudly\"}}",
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;

        g_test_message("case %zu", i);
        g_assert_null(sk_desk_answer_read(cases[i], &error));
        g_assert_error(error, SK_ERROR, SK_ERROR_PROTOCOL);
    }
}

static char *
make_long(size_t text_len)
{
    g_autofree char *text = g_strnfill(text_len, 'a');

    return g_strdup_printf("{\"verb\":\"stop\",\"text\":\"%s\"}", text);
}

static void
test_limits(void)
{
    g_autofree char *fits = make_long(SK_DESK_TEXT_MAX);
    g_autofree char *beyond = make_long(SK_DESK_TEXT_MAX + 1);
    g_autofree char *far_beyond = make_long(SK_DESK_MAX);
    g_auto(SkDeskQuestion) question = {0}, none = {0};
    g_autoptr(SkDeskAnswer) answer = sk_desk_answer_new(SK_DESK_OK);
    g_autofree char *many = NULL;

    g_assert_true(sk_desk_question_read(fits, &question, NULL));
    g_assert_false(sk_desk_question_read(beyond, &none, NULL));
    g_assert_false(sk_desk_question_read(far_beyond, &none, NULL));
    for (unsigned i = 0; i <= SK_DESK_LIST; i++)
        sk_desk_answer_add_event(answer, &(SkHoldEvent){.at_us = 1, .what = "tried"});
    many = sk_desk_answer_write(answer);
    g_assert_null(sk_desk_answer_read(many, NULL));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    sk_desk_wipe_json();
    g_test_add_func("/hold/desk/question", test_question);
    g_test_add_func("/hold/desk/all-verbs", test_all_verbs);
    g_test_add_func("/hold/desk/answer", test_answer);
    g_test_add_func("/hold/desk/safe", test_safe);
    g_test_add_func("/hold/desk/bad-questions", test_bad_questions);
    g_test_add_func("/hold/desk/bad-answers", test_bad_answers);
    g_test_add_func("/hold/desk/limits", test_limits);
    return g_test_run();
}
