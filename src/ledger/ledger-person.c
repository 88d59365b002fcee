/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/ledger-person.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

/* Letters of "550 5.7.1": what stays of a reply whose text names files and people. */
#define REPLY_CODE_LEN 9

typedef struct {
    bool sender, from, login;
    size_t his, others; /* recipients */
} Roles;

static json_t *
read_document(const char *text, GError **error)
{
    json_error_t trouble;
    json_t *document = json_loads(text, JSON_REJECT_DUPLICATES, &trouble);

    if (json_is_object(document))
        return document;
    json_decref(document);
    g_set_error(error, SK_ERROR, SK_ERROR_PROTOCOL, "the document is damaged");
    return NULL;
}

static bool
write_document(const json_t *document, char **ret_text, GError **error)
{
    char *text = json_dumps(document, JSON_COMPACT);

    if (text == NULL) {
        g_set_error(error, SK_ERROR, SK_ERROR_LIMIT, "no memory to write the document");
        return false;
    }
    *ret_text = g_strdup(text);
    free(text);
    return true;
}

static bool
is_his(const SkMailPerson *person, const json_t *object, const char *key)
{
    return sk_mail_person_is(person, json_string_value(json_object_get(object, key)));
}

static Roles
find_roles(const SkMailPerson *person, const json_t *document)
{
    const json_t *envelope = json_object_get(document, "envelope");
    const json_t *list = json_object_get(document, "recipients");
    Roles roles = {.sender = is_his(person, envelope, "sender"),
                   .from = is_his(person, document, "from"),
                   .login = is_his(person, envelope, "login")};

    for (size_t i = 0; i < json_array_size(list); i++) {
        if (is_his(person, json_array_get(list, i), "address"))
            roles.his++;
        else
            roles.others++;
    }
    return roles;
}

static json_t *
names_of_roles(const Roles *roles)
{
    json_t *names = json_array();

    if (roles->sender)
        json_array_append_new(names, json_string("sender"));
    if (roles->from)
        json_array_append_new(names, json_string("from"));
    if (roles->login)
        json_array_append_new(names, json_string("login"));
    if (roles->his > 0)
        json_array_append_new(names, json_string("recipient"));
    return names;
}

/* Removes the objects of LIST whose KEY is an address of somebody else. */
static void
keep_his(const SkMailPerson *person, json_t *list, const char *key)
{
    for (size_t i = json_array_size(list); i > 0; i--) {
        json_t *one = json_array_get(list, i - 1);

        if (json_object_get(one, key) != NULL && !is_his(person, one, key))
            json_array_remove(list, i - 1);
    }
}

/* The reply for all may name those for whom something was found. */
static void
cut_reply(json_t *document)
{
    const char *reply = json_string_value(json_object_get(document, "smtp"));

    if (reply != NULL && strlen(reply) > REPLY_CODE_LEN)
        json_object_set_new(document, "smtp", json_stringn(reply, REPLY_CODE_LEN));
}

static void
remove_all(json_t *object, const char *const *keys)
{
    for (; *keys != NULL; keys++)
        json_object_del(object, *keys);
}

/* A client with a login is somebody's own machine, one without is a server. */
static void
remove_own_machine(json_t *envelope)
{
    static const char *const of_client[] = {"client_address", "client_name", "helo", NULL};

    if (json_object_get(envelope, "login") != NULL)
        remove_all(envelope, of_client);
}

static void
leave_out_sender(json_t *envelope)
{
    remove_own_machine(envelope);
    json_object_del(envelope, "login");
}

static void
leave_out_others(const SkMailPerson *person, json_t *document, const Roles *roles)
{
    json_t *envelope = json_object_get(document, "envelope");

    keep_his(person, json_object_get(envelope, "recipients"), "address");
    keep_his(person, json_object_get(document, "recipients"), "address");
    keep_his(person, json_object_get(document, "findings"), "recipient");
    if (!roles->sender && !roles->from && !roles->login)
        leave_out_sender(envelope);
    if (roles->others > 0)
        cut_reply(document);
    json_object_set_new(document, "is", names_of_roles(roles));
    json_object_set_new(document, "other_recipients", json_integer((json_int_t)roles->others));
}

bool
sk_ledger_person_show(const SkMailPerson *person,
                      const char *document,
                      char **ret_shown,
                      GError **error)
{
    json_t *root = read_document(document, error);
    bool ok = true;
    Roles roles;

    if (root == NULL)
        return false;
    roles = find_roles(person, root);
    if (roles.sender || roles.from || roles.login || roles.his > 0) {
        leave_out_others(person, root, &roles);
        ok = write_document(root, ret_shown, error);
    } else {
        *ret_shown = NULL;
    }
    json_decref(root);
    return ok;
}

static SkPersonText
kind_of(const char *key)
{
    static const char *const addresses[] = {"address", "sender", "from",
                                            "login",   "notify", "recipient"};

    for (size_t i = 0; i < G_N_ELEMENTS(addresses); i++) {
        if (strcmp(key, addresses[i]) == 0)
            return SK_PERSON_ADDRESS;
    }
    return SK_PERSON_FREE;
}

/* True when VALUE, a text below KEY, had his address in it. */
static bool
scrub_text(const SkMailPerson *person, const char *key, json_t *value)
{
    g_autofree char *without = sk_mail_person_replace(person, json_string_value(value),
                                                      kind_of(key), SK_LEDGER_ERASED);

    return without != NULL && json_string_set(value, without) == 0;
}

/* Documents are four levels deep; jansson reads none of more than 2048. */
static bool
scrub(const SkMailPerson *person, const char *key, json_t *value)
{
    bool any = false;
    const char *name;
    json_t *inner;
    size_t i;

    if (json_is_string(value))
        return scrub_text(person, key, value);
    json_array_foreach(value, i, inner)
    {
        if (scrub(person, key, inner))
            any = true;
    }
    json_object_foreach(value, name, inner)
    {
        if (scrub(person, name, inner))
            any = true;
    }
    return any;
}

/* A login is mostly an address without its domain. */
static bool
is_his_login(const SkMailPerson *person, const json_t *envelope)
{
    const char *login = json_string_value(json_object_get(envelope, "login"));
    g_autofree char *address = NULL;

    if (login == NULL)
        return false;
    address = g_strconcat(login, "@", sk_mail_person_domain(person), NULL);
    return sk_mail_person_is(person, login) || sk_mail_person_is(person, address);
}

static void
forget_login(const SkMailPerson *person, json_t *envelope)
{
    remove_own_machine(envelope);
    if (is_his_login(person, envelope))
        json_object_set_new(envelope, "login", json_string(SK_LEDGER_ERASED));
}

static void
empty(const SkMailPerson *person, json_t *document, bool sent)
{
    static const char *const written[] = {"subject", "message_id", NULL};
    static const char *const in_finding[] = {"subject", "detail", NULL};
    static const char *const in_envelope[] = {"queue_id", "sender_args", NULL};
    json_t *envelope = json_object_get(document, "envelope"), *finding;
    size_t i;

    remove_all(document, written);
    remove_all(envelope, in_envelope);
    if (sent)
        forget_login(person, envelope);
    json_array_foreach(json_object_get(document, "findings"), i, finding)
    {
        remove_all(finding, in_finding);
    }
    cut_reply(document);
}

bool
sk_ledger_person_erase(const SkMailPerson *person,
                       const char *document,
                       char **ret_erased,
                       bool *ret_emptied,
                       GError **error)
{
    json_t *root = read_document(document, error);
    g_autofree char *erased = NULL;
    bool sent, emptied, ok = true;
    Roles roles;

    if (root == NULL)
        return false;
    roles = find_roles(person, root);
    sent = roles.sender || roles.from || roles.login;
    emptied = sent || (roles.his > 0 && roles.others == 0);
    if (emptied)
        empty(person, root, sent);
    if (scrub(person, "", root) || emptied)
        ok = write_document(root, &erased, error);
    json_decref(root);
    if (!ok)
        return false;
    *ret_erased = g_steal_pointer(&erased);
    *ret_emptied = emptied;
    return true;
}
