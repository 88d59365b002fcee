/* SPDX-License-Identifier: Apache-2.0 */

/* From a URL to a connection. */

#include <errno.h>
#include <poll.h>
#include <string.h>

#include "base/clock.h"
#include "base/limit.h"
#include "store/store-postgres-private.h"

#define SCHEME          "postgresql://"
#define CONNECT_MS      5000
#define MAX_PARAMETERS  80
#define UNSENT_MS       "10000" /* bytes that no host confirms: it is gone */
#define IDLE_IN_OPEN_MS (2 * SK_LIMIT_DB_STATEMENT_MS)

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PQconninfoOption, PQconninfoFree)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PGconn, PQfinish)

static bool
refuse_url(GError **error, const char *why)
{
    g_set_error(error, SK_ERROR, SK_ERROR_CONFIG,
                "[store] store: %s; write postgresql://HOST/DATABASE, or "
                "postgresql:///DATABASE?host=/var/run/postgresql",
                why);
    return false;
}

static const char *
value_of(const PQconninfoOption *options, const char *keyword)
{
    for (const PQconninfoOption *o = options; o->keyword != NULL; o++) {
        if (strcmp(o->keyword, keyword) == 0)
            return o->val != NULL && *o->val != '\0' ? o->val : NULL;
    }
    return NULL;
}

/* libpq marks with "*" what must not be shown: passwords, also that of a client's key. */
static bool
has_password(const PQconninfoOption *options)
{
    for (const PQconninfoOption *o = options; o->keyword != NULL; o++) {
        if (*o->dispchar == '*' && o->val != NULL)
            return true;
    }
    return false;
}

static PQconninfoOption *
parse_url(const char *url, GError **error)
{
    g_autoptr(PQconninfoOption) options = NULL;

    if (g_str_has_prefix(url, SCHEME))
        options = PQconninfoParse(url, NULL);
    /* What libpq says about it would repeat it, and a password with it. */
    if (options == NULL) {
        refuse_url(error, "its value is no URL of a PostgreSQL database");
        return NULL;
    }
    if (has_password(options)) {
        g_set_error(error, SK_ERROR, SK_ERROR_CONFIG,
                    "[store] store: a password does not belong in the URL; put it into a file "
                    "named after the role, in [store] password_dir");
        return NULL;
    }
    if (value_of(options, "dbname") == NULL) {
        refuse_url(error, "the URL names no database");
        return NULL;
    }
    return g_steal_pointer(&options);
}

bool
sk_store_postgres_check_url(const char *url, GError **error)
{
    g_autoptr(PQconninfoOption) options = parse_url(url, error);

    return options != NULL;
}

static char *
session_options(const char *before, const SkPostgresOptions *o)
{
    return g_strdup_printf(
        "%s%s-c search_path=%s -c statement_timeout=%d -c lock_timeout=%d "
        "-c idle_in_transaction_session_timeout=%d -c default_transaction_read_only=%s",
        before != NULL ? before : "", before != NULL ? " " : "", o->schema,
        o->statement_ms != 0 ? o->statement_ms : SK_LIMIT_DB_STATEMENT_MS,
        o->wait_ms != 0 ? o->wait_ms : SK_LIMIT_DB_WAIT_MS, IDLE_IN_OPEN_MS,
        o->read_only ? "on" : "off");
}

static const char *
own_name(void)
{
    const char *user = g_getenv("PGUSER");

    return user != NULL && *user != '\0' ? user : g_get_user_name();
}

bool
sk_postgres_target_init(SkPostgresTarget *target,
                        const SkPostgresOptions *options,
                        GError **error)
{
    g_autoptr(PQconninfoOption) parsed = parse_url(options->url, error);
    const char *user;

    if (parsed == NULL)
        return false;
    user = value_of(parsed, "user");
    if (user == NULL)
        user = options->user != NULL ? options->user : own_name();
    *target = (SkPostgresTarget){
        .url = g_strdup(options->url),
        .user = g_strdup(user),
        .program = g_strdup(options->program),
        .options = session_options(value_of(parsed, "options"), options),
        .password_dir = g_strdup(options->password_dir),
        .place = g_strdup_printf("%s (%s)", options->url, options->schema),
        .connect_ms = options->connect_ms != 0 ? options->connect_ms : CONNECT_MS,
        .owner = options->owner,
    };
    return true;
}

void
sk_postgres_target_clear(SkPostgresTarget *target)
{
    g_free(target->url);
    g_free(target->user);
    g_free(target->program);
    g_free(target->options);
    g_free(target->password_dir);
    g_free(target->place);
}

static char *
password_file(const SkPostgresTarget *target)
{
    return g_build_filename(target->password_dir, target->user, NULL);
}

/* The first line; RET_PASSWORD stays NULL where none is to be sent. */
static bool
read_password(const SkPostgresTarget *target, char **ret_password, GError **error)
{
    g_autofree char *path = NULL;
    g_autofree char *text = NULL;
    g_autoptr(GError) trouble = NULL;

    if (target->password_dir == NULL)
        return true;
    path = password_file(target);
    if (!g_file_get_contents(path, &text, NULL, &trouble)) {
        bool missing = g_error_matches(trouble, G_FILE_ERROR, G_FILE_ERROR_NOENT);

        if (missing && target->owner)
            return true;
        g_set_error(error, SK_ERROR, missing ? SK_ERROR_CONFIG : SK_ERROR_DENIED,
                    "the password of role %s of the database cannot be read (%s); make the "
                    "file, readable for the user that runs this program, or empty [store] "
                    "password_dir",
                    target->user, trouble->message);
        return false;
    }
    text[strcspn(text, "\r\n")] = '\0';
    *ret_password = g_steal_pointer(&text);
    return true;
}

typedef struct {
    const char *keywords[MAX_PARAMETERS + 1];
    const char *values[MAX_PARAMETERS + 1];
    int n;
} Parameters;

/* Of two that are named alike, libpq takes the later one. */
static void
add_parameter(Parameters *p, const char *keyword, const char *value)
{
    g_assert(p->n < MAX_PARAMETERS);
    if (value == NULL || *value == '\0')
        return;
    p->keywords[p->n] = keyword;
    p->values[p->n++] = value;
}

static void
fill_parameters(Parameters *p,
                const SkPostgresTarget *target,
                const PQconninfoOption *parsed,
                const char *password)
{
    add_parameter(p, "tcp_user_timeout", UNSENT_MS);
    add_parameter(p, "keepalives_idle", "30");
    add_parameter(p, "keepalives_interval", "10");
    add_parameter(p, "keepalives_count", "3");
    for (const PQconninfoOption *o = parsed; o->keyword != NULL; o++)
        add_parameter(p, o->keyword, o->val);
    add_parameter(p, "user", target->user);
    add_parameter(p, "password", password);
    add_parameter(p, "application_name", target->program);
    add_parameter(p, "client_encoding", "UTF8");
    add_parameter(p, "options", target->options);
}

/* Time for each of the hosts that the URL may name. */
static int64_t
patience_for(const SkPostgresTarget *target, const PQconninfoOption *parsed)
{
    const char *hosts = value_of(parsed, "host");
    int n = 1;

    for (; hosts != NULL && *hosts != '\0'; hosts++)
        n += *hosts == ',';
    return (int64_t)n * target->connect_ms;
}

/* Until it is connected, or has failed; false: neither came in time. */
static bool
drive(PGconn *conn, int64_t patience_ms)
{
    int64_t deadline = sk_clock_mono_ms(sk_clock_real()) + patience_ms;
    PostgresPollingStatusType state = PGRES_POLLING_WRITING;

    while (state == PGRES_POLLING_READING || state == PGRES_POLLING_WRITING) {
        short events = state == PGRES_POLLING_READING ? POLLIN : POLLOUT;
        struct pollfd pfd = {PQsocket(conn), events, 0};
        int64_t left = deadline - sk_clock_mono_ms(sk_clock_real());
        int n = left > 0 ? poll(&pfd, 1, (int)left) : 0;

        if (n == 0)
            return false;
        if (n > 0 || errno != EINTR)
            state = PQconnectPoll(conn);
    }
    return true;
}

static char *
cause_of(const char *message)
{
    g_autofree char *first = g_strndup(message, strcspn(message, "\n"));

    return g_strdup(g_strstrip(first));
}

static bool
names_user(const char *url)
{
    g_autoptr(PQconninfoOption) parsed = parse_url(url, NULL);

    return parsed != NULL && value_of(parsed, "user") != NULL;
}

static bool
say_refused(const SkPostgresTarget *target, const char *cause, GError **error)
{
    g_autofree char *file = target->password_dir != NULL ? password_file(target) : NULL;

    /* A password that was sent is what is wrong, whoever he is. */
    if (target->owner && !names_user(target->url) &&
        (file == NULL || !g_file_test(file, G_FILE_TEST_EXISTS))) {
        g_set_error(
            error, SK_ERROR, SK_ERROR_DENIED,
            "database %s does not let role %s in (%s); this command needs the owner of "
            "the database: set PGUSER to his role, and PGPASSWORD to the password if he "
            "has one",
            target->url, target->user, cause);
        return false;
    }
    g_set_error(error, SK_ERROR, SK_ERROR_DENIED,
                "database %s does not let role %s in (%s); %s%s", target->url, target->user,
                cause,
                file != NULL
                    ? "correct the role on the server or its password in "
                    : "let the role in on the server (pg_hba.conf), or put its password into a "
                      "file in [store] password_dir",
                file != NULL ? file : "");
    return false;
}

/* One sentence: what happened, where, what to do. */
static bool
say_failed(const SkPostgresTarget *target, PGconn *conn, GError **error)
{
    const char *message = PQerrorMessage(conn);
    g_autofree char *state = sk_postgres_sqlstate_dup(message);
    g_autofree char *cause = cause_of(message);

    if (PQconnectionNeedsPassword(conn) || (state != NULL && g_str_has_prefix(state, "28")))
        return say_refused(target, cause, error);
    if (g_strcmp0(state, "3D000") == 0) {
        g_set_error(error, SK_ERROR, SK_ERROR_NOT_FOUND,
                    "there is no such database as %s; make it on the server (createdb), then "
                    "run `sekisho store migrate` as its owner",
                    target->url);
        return false;
    }
    if (state == NULL || g_str_has_prefix(state, "57P") || g_str_has_prefix(state, "53")) {
        g_set_error(error, SK_ERROR, SK_ERROR_TIMEOUT,
                    "database %s cannot be reached (%s); see whether the server runs and takes "
                    "connections from here",
                    target->url, cause);
        return false;
    }
    g_set_error(error, SK_ERROR, sk_postgres_code_of(state, false),
                "database %s refuses a connection of role %s: %s", target->url, target->user,
                cause);
    return false;
}

/* Notices ("relation exists, skipping") are for people at a prompt. */
static void
ignore_notice(void *data, const PGresult *notice)
{
}

PGconn *
sk_postgres_connect(const SkPostgresTarget *target, GError **error)
{
    g_autoptr(PQconninfoOption) parsed = parse_url(target->url, error);
    g_autofree char *password = NULL;
    g_autoptr(PGconn) conn = NULL;
    Parameters p = {0};

    if (parsed == NULL || !read_password(target, &password, error))
        return NULL;
    fill_parameters(&p, target, parsed, password);
    conn = PQconnectStartParams(p.keywords, p.values, 0);
    /* Verbose messages have the SQLSTATE, for which libpq has no function here. */
    PQsetErrorVerbosity(conn, PQERRORS_VERBOSE);
    PQsetNoticeReceiver(conn, ignore_notice, NULL);
    if (PQstatus(conn) != CONNECTION_BAD && !drive(conn, patience_for(target, parsed))) {
        g_set_error(error, SK_ERROR, SK_ERROR_TIMEOUT,
                    "database %s did not answer within %d ms; see whether the server runs and "
                    "is not overloaded",
                    target->url, (int)patience_for(target, parsed));
        return NULL;
    }
    if (PQstatus(conn) != CONNECTION_OK) {
        say_failed(target, conn, error);
        return NULL;
    }
    PQsetErrorVerbosity(conn, PQERRORS_DEFAULT);
    PQsetnonblocking(conn, 1);
    return g_steal_pointer(&conn);
}
