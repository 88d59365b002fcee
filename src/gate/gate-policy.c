/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/gate-policy.h"

#include <sys/stat.h>

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "engine/engine-policy-load.h"

/* Looks at the file for each look at the store. */
#define LOOKS_A_POLL 2
/* How often a policy is read that names other lists each time. */
#define READ_TRIES 3

struct SkGatePolicy {
    SkGatePolicyOptions options;
    char *file;
    char *by, *note; /* of versions that come from the file */
    GThread *thread;

    GMutex lock; /* guards what follows */
    GCond wake, settled;
    bool end;
    unsigned asked, done; /* reloads */
    SkPolicy *policy;
    int64_t version;

    /* The thread's own. */
    SkDb *keep;       /* NULL: to be opened */
    bool failing;     /* the log knows */
    GPtrArray *paths; /* of the file and its lists */
    char *seen;       /* what they looked like in the last look */
    char *read;       /* and when they were read last */
    int64_t refused;  /* a version that this program cannot read; the log knows */
    unsigned looks;
};

/* What is said of a rule that is only observed is for whoever turns it on, not for the log of
 * every start: `policy check` shows it. */
static void
log_complaint(const SkComplaint *complaint)
{
    g_autofree char *where = sk_complaint_where(complaint);
    SkLogLevel level = complaint->observed ? SK_LOG_DEBUG : SK_LOG_WARNING;

    if (complaint->grade == SK_COMPLAINT_ERROR)
        level = SK_LOG_CRITICAL;
    sk_log(level, "policy", "at", where, "problem", complaint->message, NULL);
}

static void
log_complaints(const GPtrArray *complaints)
{
    for (guint i = 0; i < complaints->len; i++)
        log_complaint(complaints->pdata[i]);
}

static char *
today_new(const SkGatePolicy *p)
{
    return sk_site_today(p->options.site, sk_clock_now_us(sk_clock_real()));
}

static void
log_policy(const SkGatePolicy *p,
           const char *what,
           int64_t version,
           guint rules,
           const SkPolicyVersion *from)
{
    g_autofree char *number = g_strdup_printf("%" PRId64, version);
    g_autofree char *count = g_strdup_printf("%u", rules);

    sk_log(SK_LOG_INFO, what, "version", number, "rules", count, "file",
           from == NULL ? p->file : NULL, "by", from != NULL ? from->loaded_by : NULL, NULL);
}

/* Puts POLICY, which it takes over, in force for the messages that begin now. */
static void
set_policy(SkGatePolicy *p, SkPolicy *policy, int64_t version)
{
    SkPolicy *old;

    g_mutex_lock(&p->lock);
    old = p->policy;
    p->policy = policy;
    p->version = version;
    g_mutex_unlock(&p->lock);
    g_clear_pointer(&old, sk_policy_unref);
}

/* One path of what the files look like: what a change of them changes. */
static void
append_look(GString *look, const char *path)
{
    struct stat st;

    if (stat(path, &st) != 0)
        g_string_append(look, "missing\n");
    else
        g_string_append_printf(look, "%ju %ju %jd %jd.%09ld\n", (uintmax_t)st.st_dev,
                               (uintmax_t)st.st_ino, (intmax_t)st.st_size,
                               (intmax_t)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
}

static char *
look_at_files(const SkGatePolicy *p)
{
    GString *look = g_string_new(NULL);

    for (guint i = 0; i < p->paths->len; i++)
        append_look(look, p->paths->pdata[i]);
    return g_string_free(look, FALSE);
}

/* Notes where the lists are, those that could not be read included: they may appear. Without a
 * SOURCE not even the file could be read, and they are where they were. True: they are others
 * than before. */
static bool
set_paths(SkGatePolicy *p, const SkPolicySource *source)
{
    g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
    bool same = source == NULL || p->paths->len == source->lists->len + 1;

    if (source == NULL)
        return false;
    g_ptr_array_add(paths, g_strdup(p->file));
    for (guint i = 0; i < source->lists->len; i++) {
        const SkPolicyList *list = source->lists->pdata[i];

        g_ptr_array_add(paths, sk_engine_policy_list_path(p->file, list->name));
        same = same && strcmp(paths->pdata[i + 1], p->paths->pdata[i + 1]) == 0;
    }
    g_ptr_array_unref(p->paths);
    p->paths = g_steal_pointer(&paths);
    return !same;
}

static void
read_once(SkGatePolicy *p, SkPolicyRead *read, GPtrArray *complaints, GError **error)
{
    g_autofree char *today = today_new(p);
    const SkPolicyReading reading = {.today = today,
                                     .disabled_checks = p->options.disabled_checks,
                                     .complaints = complaints};

    g_ptr_array_set_size(complaints, 0);
    sk_policy_read_clear(read);
    *read = (SkPolicyRead){0};
    read->policy = sk_engine_policy_read(p->file, &reading, &read->source, error);
}

/* Reads file and lists, after a look at each of them: what changes while they are read, the
 * next look sees. When other lists are named than before, they are looked at and read anew. */
static bool
read_file(SkGatePolicy *p, SkPolicyRead *ret_read, GPtrArray *complaints, GError **error)
{
    g_autoptr(GError) trouble = NULL;
    unsigned tries = 0;

    do {
        g_clear_error(&trouble);
        g_free(p->read);
        p->read = look_at_files(p);
        read_once(p, ret_read, complaints, &trouble);
    } while (set_paths(p, ret_read->source) && ++tries < READ_TRIES);
    if (trouble != NULL)
        g_propagate_error(error, g_steal_pointer(&trouble));
    return ret_read->policy != NULL;
}

static bool
open_keep(SkGatePolicy *p, GError **error)
{
    if (p->keep == NULL)
        p->keep = p->options.open(p->options.data, error);
    return p->keep != NULL;
}

/* Takes VERSION over as it is stored. */
static bool
take_version(SkGatePolicy *p, int64_t number, const char *what, GError **error)
{
    g_autofree char *today = today_new(p);
    g_autoptr(GPtrArray) complaints =
        g_ptr_array_new_with_free_func((GDestroyNotify)sk_complaint_free);
    const SkPolicyReading reading = {.today = today,
                                     .disabled_checks = p->options.disabled_checks,
                                     .complaints = complaints};
    g_autoptr(SkPolicyVersion) version = NULL;
    SkPolicy *policy = sk_engine_policy_fetch(p->keep, number, &reading, &version, error);

    log_complaints(complaints);
    if (policy == NULL)
        return false;
    log_policy(p, what, number, sk_policy_count(policy), version);
    set_policy(p, policy, number);
    return true;
}

/* Puts what was read in force, in the store and here. What is stored already is not new, but it
 * may be to us. */
static bool
take_file(SkGatePolicy *p, SkPolicyRead *read, const char *what, GError **error)
{
    const SkPolicyLoading loading = {.by = p->by, .note = p->note};
    guint rules = sk_policy_count(read->policy);
    int64_t version = 0;
    bool is_new = false;

    if (!open_keep(p, error) ||
        !sk_engine_policy_store(p->keep, read, &loading, &version, &is_new, error))
        return false;
    if (version == p->version && !is_new) {
        sk_log(SK_LOG_INFO, "policy read again, it has not changed", NULL);
        return true;
    }
    set_policy(p, g_steal_pointer(&read->policy), version);
    log_policy(p, what, version, rules, NULL);
    return true;
}

/* The first trouble with the store is told, and its end. */
static void
tell_store(SkGatePolicy *p, const GError *trouble)
{
    if ((trouble != NULL) == p->failing)
        return;
    p->failing = trouble != NULL;
    if (trouble != NULL)
        sk_log_error(SK_LOG_WARNING,
                     "versions of the policy cannot be read or stored, the one in force stays",
                     trouble);
    else
        sk_log(SK_LOG_INFO, "versions of the policy can be read and stored again", NULL);
}

/* A connection of which nobody knows what it is in is not used again. */
static void
fail_store(SkGatePolicy *p, const GError *trouble)
{
    g_clear_pointer(&p->keep, sk_db_close);
    tell_store(p, trouble);
}

static bool
has_changed(SkGatePolicy *p)
{
    g_autofree char *look = look_at_files(p);
    bool rests = g_strcmp0(look, p->seen) == 0;

    g_free(p->seen);
    p->seen = g_steal_pointer(&look);
    /* What is being written is waited for: it must look the same twice. */
    return rests && g_strcmp0(p->seen, p->read) != 0;
}

static void
follow_file(SkGatePolicy *p)
{
    g_auto(SkPolicyRead) read = {0};
    g_autoptr(GPtrArray) complaints =
        g_ptr_array_new_with_free_func((GDestroyNotify)sk_complaint_free);
    g_autoptr(GError) error = NULL;
    bool is_policy = read_file(p, &read, complaints, &error);

    if (is_policy && take_file(p, &read, "policy loaded", &error)) {
        log_complaints(complaints);
        return;
    }
    if (!is_policy) {
        log_complaints(complaints);
        sk_log_error(SK_LOG_CRITICAL, "policy not loaded, the old one stays in force", error);
        return;
    }
    /* As if it had not been read, so that the next look tries again. When somebody else was
     * first, what he did is there to be seen then. */
    g_clear_pointer(&p->read, g_free);
    if (!g_error_matches(error, SK_ERROR, SK_ERROR_CONFLICT))
        fail_store(p, error);
}

static void
follow_store(SkGatePolicy *p)
{
    g_autoptr(GError) error = NULL;
    SkPolicyInForce now;

    if (!open_keep(p, &error) || !sk_policy_store_in_force(p->keep, &now, &error)) {
        fail_store(p, error);
        return;
    }
    tell_store(p, NULL);
    if (now.version == 0 || now.version == p->version || now.version == p->refused)
        return;
    if (take_version(p, now.version, "policy loaded", &error))
        return;
    if (!g_error_matches(error, SK_ERROR, SK_ERROR_CONFIG)) {
        fail_store(p, error);
        return;
    }
    p->refused = now.version;
    sk_log_error(SK_LOG_CRITICAL, "policy not loaded, the old one stays in force", error);
}

/* Waits for the next look; false: the end. */
static bool
wait_for_look(SkGatePolicy *p, unsigned *ret_asked)
{
    int64_t until = g_get_monotonic_time() + 1000 * p->options.look_ms;
    bool again = true, end;

    g_mutex_lock(&p->lock);
    while (again && !p->end && p->asked == p->done)
        again = g_cond_wait_until(&p->wake, &p->lock, until);
    *ret_asked = p->asked;
    end = p->end;
    g_mutex_unlock(&p->lock);
    return !end;
}

static void
note_done(SkGatePolicy *p, unsigned asked)
{
    g_mutex_lock(&p->lock);
    p->done = asked;
    g_cond_broadcast(&p->settled);
    g_mutex_unlock(&p->lock);
}

static void *
run(void *data)
{
    SkGatePolicy *p = data;
    unsigned asked = 0;

    while (wait_for_look(p, &asked)) {
        bool forced = asked != p->done;

        if (p->options.watched && (has_changed(p) || forced))
            follow_file(p);
        if (forced || ++p->looks % LOOKS_A_POLL == 0)
            follow_store(p);
        note_done(p, asked);
    }
    g_clear_pointer(&p->keep, sk_db_close);
    return NULL;
}

static bool
start_from_file(SkGatePolicy *p, GError **error)
{
    g_auto(SkPolicyRead) read = {0};
    g_autoptr(GPtrArray) complaints =
        g_ptr_array_new_with_free_func((GDestroyNotify)sk_complaint_free);
    bool is_policy = read_file(p, &read, complaints, error);

    log_complaints(complaints);
    p->seen = g_strdup(p->read);
    return is_policy && take_file(p, &read, "policy in force", error);
}

static bool
start_from_store(SkGatePolicy *p, GError **error)
{
    SkPolicyInForce now;

    if (!sk_policy_store_in_force(p->keep, &now, error))
        return false;
    if (now.version != 0)
        return take_version(p, now.version, "policy in force", error);
    g_set_error(error, SK_ERROR, SK_ERROR_CONFIG,
                "no policy has been loaded: `sekisho policy load`");
    return false;
}

static bool
start(SkGatePolicy *p, GError **error)
{
    bool ok = open_keep(p, error) &&
              sk_policy_store_note_findings(p->keep, p->options.disabled_checks, error) &&
              (p->options.watched ? start_from_file(p, error) : start_from_store(p, error));

    /* The thread opens its own. */
    g_clear_pointer(&p->keep, sk_db_close);
    return ok;
}

SkGatePolicy *
sk_gate_policy_new(const SkGatePolicyOptions *options, GError **error)
{
    g_autoptr(SkGatePolicy) p = g_new0(SkGatePolicy, 1);

    p->options = *options;
    if (p->options.look_ms == 0)
        p->options.look_ms = 1000;
    p->file = g_strdup(options->file);
    p->by = g_strdup_printf("sekisho-gate on %s", g_get_host_name());
    p->note = g_strdup_printf("read from %s", options->file);
    p->paths = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(p->paths, g_strdup(options->file));
    g_mutex_init(&p->lock);
    g_cond_init(&p->wake);
    g_cond_init(&p->settled);
    if (!start(p, error))
        return NULL;
    p->thread = g_thread_new("policy", run, p);
    return g_steal_pointer(&p);
}

void
sk_gate_policy_free(SkGatePolicy *p)
{
    if (p == NULL)
        return;
    g_mutex_lock(&p->lock);
    p->end = true;
    g_cond_signal(&p->wake);
    g_mutex_unlock(&p->lock);
    g_clear_pointer(&p->thread, g_thread_join);
    g_clear_pointer(&p->policy, sk_policy_unref);
    g_ptr_array_unref(p->paths);
    g_free(p->file);
    g_free(p->by);
    g_free(p->note);
    g_free(p->seen);
    g_free(p->read);
    g_mutex_clear(&p->lock);
    g_cond_clear(&p->wake);
    g_cond_clear(&p->settled);
    g_free(p);
}

SkPolicy *
sk_gate_policy_ref(SkGatePolicy *p)
{
    SkPolicy *policy;

    g_mutex_lock(&p->lock);
    policy = sk_policy_ref(p->policy);
    g_mutex_unlock(&p->lock);
    return policy;
}

int64_t
sk_gate_policy_get_version(SkGatePolicy *p)
{
    int64_t version;

    g_mutex_lock(&p->lock);
    version = p->version;
    g_mutex_unlock(&p->lock);
    return version;
}

void
sk_gate_policy_reload(SkGatePolicy *p)
{
    g_mutex_lock(&p->lock);
    p->asked++;
    g_cond_signal(&p->wake);
    g_mutex_unlock(&p->lock);
}

void
sk_gate_policy_settle(SkGatePolicy *p)
{
    unsigned asked;

    g_mutex_lock(&p->lock);
    asked = p->asked;
    while ((int)(p->done - asked) < 0)
        g_cond_wait(&p->settled, &p->lock);
    g_mutex_unlock(&p->lock);
}
