/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/ledger-person.h"

#include "base/error.h"
#include "ledger/passage-json.h"
#include "ledger/passage-testing.h"

static char *
document_new(const SkPassage *passage)
{
    char *document = sk_passage_json_new(passage, NULL);

    g_assert_nonnull(document);
    return document;
}

static char *
show(const char *address, const char *document)
{
    g_autoptr(SkMailPerson) person = sk_mail_person_new(address, NULL);
    g_autoptr(GError) error = NULL;
    char *shown = NULL;

    g_assert_true(sk_ledger_person_show(person, document, &shown, &error));
    g_assert_no_error(error);
    return shown;
}

static char *
erase(const char *address, const char *document, bool *ret_emptied)
{
    g_autoptr(SkMailPerson) person = sk_mail_person_new(address, NULL);
    g_autoptr(GError) error = NULL;
    char *erased = NULL;

    g_assert_true(sk_ledger_person_erase(person, document, &erased, ret_emptied, &error));
    g_assert_no_error(error);
    return erased;
}

/* Whether WORD is in TEXT, in letters of any case. */
static bool
has(const char *text, const char *word)
{
    g_autofree char *lower = g_ascii_strdown(text, -1);

    return strstr(lower, word) != NULL;
}

static void
test_show(void)
{
    static const struct {
        const char *address;
        const char *is; /* NULL: he is nothing in it */
        const char *others;
        const char *without; /* a word that is not for him */
    } cases[] = {
        {"anna@example.net", "\"is\":[\"sender\",\"from\"]", "\"other_recipients\":2", "carl@"},
        {"ben@example.com", "\"is\":[\"recipient\"]", "\"other_recipients\":1", "carl@"},
        {"CARL@EXAMPLE.ORG", "\"is\":[\"recipient\"]", "\"other_recipients\":1", "ben@"},
        {"carl@example.org", "\"is\":[\"recipient\"]", "\"other_recipients\":1", "ben@"},
        {"dora@example.org", NULL, NULL, NULL},
        {"rl@example.org", NULL, NULL, NULL},
    };
    g_autoptr(SkPassage) passage = sk_test_passage_full("b", 2000);
    g_autofree char *document = NULL;

    g_free(passage->smtp);
    passage->smtp =
        g_strdup("550 5.7.1 never written to before (for carl@example.org, ben@example.com)");
    document = document_new(passage);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *shown = show(cases[i].address, document);

        g_test_message("case %zu: %s", i, shown);
        g_assert_true((shown != NULL) == (cases[i].is != NULL));
        if (shown == NULL)
            continue;
        g_assert_nonnull(strstr(shown, cases[i].is));
        g_assert_nonnull(strstr(shown, cases[i].others));
        g_assert_false(has(shown, cases[i].without));
        g_assert_true(has(shown, "anna@example.net"));
        g_assert_true(has(shown, "192.0.2.25") == (i == 0));
        g_assert_true(has(shown, "\"smtp\":\"550 5.7.1\""));
    }
}

/* What is said to the sender alone, and by a login that is an address. */
static void
test_show_alone(void)
{
    g_autoptr(SkPassage) passage = sk_test_passage_plain("a", 1000);
    g_autofree char *document = NULL, *shown = NULL;

    passage->envelope->login = g_strdup("eva@example.com");
    passage->smtp = g_strdup("550 5.7.1 no");
    document = document_new(passage);
    shown = show("ben@example.com", document);
    g_assert_true(has(shown, "\"smtp\":\"550 5.7.1 no\""));
    g_assert_true(has(shown, "\"other_recipients\":0"));
    g_free(shown);
    shown = show("eva@example.com", document);
    g_assert_true(has(shown, "\"is\":[\"login\"]"));
}

static void
test_erase(void)
{
    static const struct {
        const char *address;
        bool emptied;
        const char *stays; /* a word that must still be there */
    } cases[] = {
        {"anna@example.net", true, "carl@example.org"},
        {"carl@example.org", false, "anna@example.net"},
        {"ben@example.com", false, "lunch on friday?"},
    };
    g_autoptr(SkPassage) passage = sk_test_passage_full("b", 2000);
    g_autofree char *document = NULL;

    g_free(passage->smtp);
    passage->smtp = g_strdup("550 5.7.1 請求書.zip for carl@example.org");
    document = document_new(passage);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        bool emptied = !cases[i].emptied;
        g_autofree char *erased = erase(cases[i].address, document, &emptied);
        g_autofree char *again = erase(cases[i].address, erased, &(bool){false});
        g_autoptr(SkPassage) read = sk_passage_json_read(erased, NULL);

        g_test_message("case %zu: %s", i, erased);
        g_assert_true(emptied == cases[i].emptied);
        g_assert_false(has(erased, cases[i].address));
        g_assert_true(has(erased, cases[i].stays));
        g_assert_true(has(erased, SK_LEDGER_ERASED));
        g_assert_null(again);
        /* It is still a passage that can be judged and counted. */
        g_assert_nonnull(read);
        g_assert_cmpint(read->received_us, ==, passage->received_us);
        g_assert_cmpint(read->fate, ==, passage->fate);
        g_assert_cmpuint(sk_findings_count(read->findings), ==,
                         sk_findings_count(passage->findings));
        g_assert_cmpuint(read->recipients->len, ==, 2);
    }
}

static void
test_erase_empties(void)
{
    g_autoptr(SkPassage) passage = sk_test_passage_full("b", 2000);
    g_autoptr(SkPassage) read = NULL;
    g_autofree char *document = document_new(passage), *erased = NULL;
    bool emptied = false;

    erased = erase("anna@example.net", document, &emptied);
    read = sk_passage_json_read(erased, NULL);
    g_assert_null(read->subject);
    g_assert_null(read->message_id);
    g_assert_null(read->envelope->queue_id);
    g_assert_null(read->envelope->client_address);
    g_assert_cmpstr(read->envelope->login, ==, SK_LEDGER_ERASED);
    g_assert_cmpstr(read->envelope->sender, ==, SK_LEDGER_ERASED);
    g_assert_cmpstr(read->from, ==, SK_LEDGER_ERASED);
    g_assert_cmpstr(read->smtp, ==, "550 5.7.1");
    g_assert_cmpstr(sk_findings_peek(read->findings, 0)->subject, ==, NULL);
    g_assert_cmpint(sk_findings_peek(read->findings, 0)->id, ==,
                    SK_FINDING_ATTACH_ENCRYPTED_ZIP);
}

/* Where somebody else's server, not his machine, was the client. */
static void
test_erase_only_recipient(void)
{
    g_autoptr(SkPassage) passage = sk_test_passage_plain("a", 1000);
    g_autoptr(SkPassage) read = NULL;
    g_autofree char *document = document_new(passage), *erased = NULL;
    bool emptied = false;

    erased = erase("ben@example.com", document, &emptied);
    read = sk_passage_json_read(erased, NULL);
    g_assert_true(emptied);
    g_assert_null(read->subject);
    g_assert_cmpstr(read->envelope->client_address, ==, "192.0.2.25");
    g_assert_cmpstr(read->envelope->sender, ==, "anna@example.net");
    g_assert_cmpstr(((SkPassageRecipient *)read->recipients->pdata[0])->address, ==,
                    SK_LEDGER_ERASED);
    g_assert_cmpstr(sk_envelope_peek(read->envelope, 0)->address, ==, SK_LEDGER_ERASED);
}

/* Every place that can hold text, the ones nobody thinks of included. */
static void
test_erase_everywhere(void)
{
    g_autofree char *erased = NULL;
    bool emptied = true;

    erased = erase(
        "dora@example.org",
        "{\"version\":1,\"envelope\":{\"sender_args\":\"AUTH=dora+40example.org\","
        "\"sender\":\"list+dora=example.org@example.net\",\"recipients\":["
        "{\"address\":\"ben@example.com\",\"args\":\"ORCPT=rfc822;Dora@example.org\"}]},"
        "\"subject\":\"Re: dora@example.org!\",\"message_id\":\"<dora@example.org>\","
        "\"findings\":[{\"detail\":\"宛先DORA@example.orgへ\"}],\"recipients\":["
        "{\"address\":\"ben@example.com\",\"decision\":{\"notify\":[\"dora@example.org\"],"
        "\"text\":\"ask dora@example.org\"}},{\"address\":\"isidora@example.org\"}],"
        "\"of a later version\":[[\"dora@example.org\"]]}",
        &emptied);
    g_assert_cmpstr(
        erased, ==,
        "{\"version\":1,\"envelope\":{\"sender_args\":\"AUTH=erased@invalid\","
        "\"sender\":\"list+erased@invalid@example.net\",\"recipients\":["
        "{\"address\":\"ben@example.com\",\"args\":\"ORCPT=rfc822;erased@invalid\"}]},"
        "\"subject\":\"Re: erased@invalid!\",\"message_id\":\"<erased@invalid>\","
        "\"findings\":[{\"detail\":\"宛先erased@invalidへ\"}],\"recipients\":["
        "{\"address\":\"ben@example.com\",\"decision\":{\"notify\":[\"erased@invalid\"],"
        "\"text\":\"ask erased@invalid\"}},{\"address\":\"isidora@example.org\"}],"
        "\"of a later version\":[[\"erased@invalid\"]]}");
    g_assert_false(emptied);
}

static void
test_damaged(void)
{
    static const char *const documents[] = {"", "{", "[]", "null", "{\"a\":1,\"a\":2}"};
    g_autoptr(SkMailPerson) person = sk_mail_person_new("anna@example.net", NULL);

    for (size_t i = 0; i < G_N_ELEMENTS(documents); i++) {
        g_autoptr(GError) error = NULL, same = NULL;
        char *untouched = NULL;
        bool emptied = true;

        g_assert_false(sk_ledger_person_show(person, documents[i], &untouched, &error));
        g_assert_error(error, SK_ERROR, SK_ERROR_PROTOCOL);
        g_assert_false(
            sk_ledger_person_erase(person, documents[i], &untouched, &emptied, &same));
        g_assert_error(same, SK_ERROR, SK_ERROR_PROTOCOL);
        g_assert_null(untouched);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/ledger-person/show", test_show);
    g_test_add_func("/ledger-person/show-alone", test_show_alone);
    g_test_add_func("/ledger-person/erase", test_erase);
    g_test_add_func("/ledger-person/erase-empties", test_erase_empties);
    g_test_add_func("/ledger-person/erase-only-recipient", test_erase_only_recipient);
    g_test_add_func("/ledger-person/erase-everywhere", test_erase_everywhere);
    g_test_add_func("/ledger-person/damaged", test_damaged);
    return g_test_run();
}
