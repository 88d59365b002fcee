/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/engine-settings.h"

#include "base/limit.h"

/* clang-format off */
static const SkSettingSpec site[] = {
    { "site", "own_domains", SK_SETTING_LIST, "", 0, 0,
      "Domains whose mailboxes are ours; a name with a leading dot stands for its subdomains." },
    { "site", "own_networks", SK_SETTING_LIST, "", 0, 0,
      "Networks of our own servers: mail they hand to the inbound socket counts as outbound." },
    { "site", "time_zone", SK_SETTING_TEXT, "", 0, 0,
      "Where the dates of the policy hold, as in Asia/Tokyo; empty: the machine's." },
    { "site", "help_url", SK_SETTING_TEXT, "", 0, 0,
      "A page for people whose mail was refused; added to SMTP answers." },
    { 0 },
};
static const SkSettingSpec gate[] = {
    { "gate", "inbound", SK_SETTING_TEXT, "unix:/var/spool/postfix/sekisho/inbound", 0, 0,
      "Socket for mail from outside: unix:PATH or inet:ADDRESS:PORT; empty: none." },
    { "gate", "outbound", SK_SETTING_TEXT, "unix:/var/spool/postfix/sekisho/outbound", 0, 0,
      "Socket for mail from our people: submission, and sendmail by non_smtpd_milters." },
    { "gate", "forward", SK_SETTING_TEXT, "unix:/var/spool/postfix/sekisho/forward", 0, 0,
      "Socket for what mailbox rules send." },
    { "gate", "release", SK_SETTING_TEXT, "unix:/var/spool/postfix/sekisho/release", 0, 0,
      "Socket for the release of held mail." },
    { "gate", "socket_group", SK_SETTING_TEXT, "postfix", 0, 0,
      "Group that may connect to the UNIX sockets; empty: only the gate's own user." },
    { "gate", "message_limit", SK_SETTING_SIZE, "100M", 64 << 10, 2LL << 30,
      "Largest message taken; Postfix's message_size_limit must not be larger." },
    { "gate", "threads", SK_SETTING_INT, "0", 0, 64,
      "Event loops; 0: one a processor." },
    { "gate", "inspector_wait", SK_SETTING_TIME, "20s", 1, 300,
      "How long a message waits for a free inspector before it is deferred." },
    { 0 },
};
static const SkSettingSpec policy[] = {
    { "policy", "file", SK_SETTING_TEXT, "/etc/sekisho/policy", 0, 0,
      "The rules, as they are edited; what is in force is a version of them in the store." },
    { 0 },
};
static const SkSettingSpec inspector[] = {
    { "inspector", "socket", SK_SETTING_TEXT, "/run/sekisho/inspector", 0, 0,
      "UNIX socket of the inspector." },
    { "inspector", "workers", SK_SETTING_INT, "0", 0, 256,
      "Workers at most for each direction; 0: two a processor." },
    { "inspector", "worker_messages", SK_SETTING_INT, "1000", 1, 1000000,
      "Messages a worker sees before it is replaced." },
    { "inspector", "wall_time", SK_SETTING_TIME, "20s", 1, 60,
      "How long one inspection may take; then its worker is killed." },
    { "inspector", "memory", SK_SETTING_SIZE, "512M", 64 << 20, 16LL << 30,
      "Memory of one worker above what it starts with." },
    { 0 },
};
static const SkSettingSpec limits[] = {
    { "limits", "depth", SK_SETTING_INT, "8", 1, 30,
      "Containers in containers that are opened." },
    { "limits", "parts", SK_SETTING_INT, "2000", 10, 100000,
      "MIME parts of one message." },
    { "limits", "entries", SK_SETTING_INT, "20000", 100, 10000000,
      "Entries of archives listed for one message." },
    { "limits", "unpacked_entries", SK_SETTING_INT, "2000", 10, 1000000,
      "Entries unpacked for one message." },
    { "limits", "unpacked_size", SK_SETTING_SIZE, "100M", 1 << 20, 4LL << 30,
      "Bytes unpacked for one message." },
    { "limits", "ratio", SK_SETTING_INT, "200", 10, 100000,
      "Unpacked bytes for each packed byte, after the first MiB." },
    { "limits", "cpu_time", SK_SETTING_TIME, "10s", 1, 60,
      "CPU time of one inspection." },
    { 0 },
};
static const SkSettingSpec store[] = {
    { "store", "store", SK_SETTING_TEXT, "sqlite:/var/lib/sekisho", 0, 0,
      "Where everything is remembered: sqlite:DIR on one host, postgresql://… for several." },
    { "store", "blobs", SK_SETTING_TEXT, "file:/var/lib/sekisho/blobs", 0, 0,
      "Where large sealed files lie: file:DIR." },
    { "store", "password_dir", SK_SETTING_TEXT, "", 0, 0,
      "Folder with a file for each PostgreSQL role, which has its password; empty: none is sent." },
    { "store", "hash_key", SK_SETTING_TEXT, "/etc/sekisho/hash.key", 0, 0,
      "File with the key of the digests by which stored files are recognised; the same on every host." },
    { 0 },
};
static const SkSettingSpec keeper[] = {
    { "keeper", "socket", SK_SETTING_TEXT, "/run/sekisho/keeper", 0, 0,
      "UNIX socket for requests that show a grant." },
    { "keeper", "grants", SK_SETTING_TEXT, "/run/sekisho/keeper-grants", 0, 0,
      "UNIX socket where gate and clerk open grants." },
    { "keeper", "secret", SK_SETTING_TEXT, "/etc/sekisho/keeper.secret", 0, 0,
      "File with the secret that opens the site key; a systemd credential of its name goes before it." },
    { 0 },
};
static const SkSettingSpec clerk[] = {
    { "clerk", "threads", SK_SETTING_INT, "2", 1, 64,
      "Jobs done side by side." },
    { "clerk", "lease", SK_SETTING_TIME, "60s", 5, 3600,
      "How long a clerk has a job for itself before another may take it." },
    { 0 },
};
static const SkSettingSpec retention[] = {
    { "retention", "ledger", SK_SETTING_TIME, "90d", 3600, 3650 * 86400LL,
      "How long passages are kept." },
    { "retention", "login_addresses", SK_SETTING_TIME, "30d", 3600, 3650 * 86400LL,
      "How long passages say from which machine somebody logged in." },
    { "retention", "policy", SK_SETTING_TIME, "730d", 86400, 3650 * 86400LL,
      "How long versions of the policy are kept that are not in force any more." },
    { "retention", "jobs", SK_SETTING_TIME, "30d", 3600, 3650 * 86400LL,
      "How long jobs are kept that were given up." },
    { 0 },
};
/* clang-format on */

const SkSettingSpec *const sk_engine_setting_tables[] = {
    site, gate, policy, inspector, limits, store, keeper, clerk, retention, NULL};

SkSettings *
sk_engine_settings_read(const char *path, GError **error)
{
    return sk_settings_read(path, sk_engine_setting_tables, error);
}

SkBudgetLimits
sk_engine_settings_limits(const SkSettings *settings)
{
    return (SkBudgetLimits){
        .bytes = (uint64_t)sk_settings_get_int(settings, "limits", "unpacked_size"),
        .entries = (uint32_t)sk_settings_get_int(settings, "limits", "entries"),
        .unpacked_entries =
            (uint32_t)sk_settings_get_int(settings, "limits", "unpacked_entries"),
        .parts = (uint32_t)sk_settings_get_int(settings, "limits", "parts"),
        .depth = (uint32_t)sk_settings_get_int(settings, "limits", "depth"),
        .ratio = (uint32_t)sk_settings_get_int(settings, "limits", "ratio"),
        .cpu_ms = 1000 * sk_settings_get_int(settings, "limits", "cpu_time"),
    };
}
