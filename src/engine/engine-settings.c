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
    { "clerk", "desk", SK_SETTING_TEXT, "/run/sekisho/clerk", 0, 0,
      "UNIX socket for questions that show a token: the pages." },
    { "clerk", "desk_group", SK_SETTING_TEXT, "", 0, 0,
      "Group that may connect there; empty: only the clerk's own user." },
    { "clerk", "operator", SK_SETTING_TEXT, "/run/sekisho/clerk-operator", 0, 0,
      "UNIX socket for the commands of administrators." },
    { 0 },
};
static const SkSettingSpec hold[] = {
    { "hold", "release", SK_SETTING_TEXT, "inet:127.0.0.1:10026", 0, 0,
      "SMTP listener of this host's Postfix that takes what is released: inet:ADDRESS:PORT or unix:PATH." },
    { "hold", "release_key", SK_SETTING_TEXT, "/etc/sekisho/release.key", 0, 0,
      "File with the key by which the gate of a host knows what its clerk releases." },
    { "hold", "release_threads", SK_SETTING_INT, "4", 1, 64,
      "Copies released side by side." },
    { "hold", "release_rate", SK_SETTING_INT, "500", 1, 100000,
      "Copies that leave in a second at most, so that a down-time does not end in a flood." },
    { "hold", "retry", SK_SETTING_TIME, "1m", 1, 86400,
      "How long a copy waits that Postfix did not take for now; doubled each time, up to an hour." },
    { "hold", "retry_for", SK_SETTING_TIME, "5d", 60, 30 * 86400LL,
      "How long that is tried before the copy goes back." },
    { "hold", "confirm_for", SK_SETTING_TIME, "24h", 60, 30 * 86400LL,
      "How long a copy waits for its sender's word before it goes back to him." },
    { "hold", "approval_for", SK_SETTING_TIME, "3d", 60, 90 * 86400LL,
      "How long a copy waits for approval before it goes back; days of work hours count." },
    { "hold", "escalate_after", SK_SETTING_TIME, "30m", 60, 30 * 86400LL,
      "Working time after which the deputy is asked as well." },
    { "hold", "review_for", SK_SETTING_TIME, "14d", 60, 365 * 86400LL,
      "How long a copy waits for review or a password before it expires." },
    { "hold", "work_days", SK_SETTING_LIST, "mon tue wed thu fri", 0, 0,
      "Days that count as working time." },
    { "hold", "work_hours", SK_SETTING_TEXT, "9:00-18:00", 0, 0,
      "Hours that count as working time, in the site's time zone." },
    { "hold", "groups", SK_SETTING_TEXT, "/etc/sekisho/groups", 0, 0,
      "File with the groups that approve: name: address, address; deputy address." },
    { "hold", "admins", SK_SETTING_LIST, "", 0, 0,
      "Addresses of those who review what only administrators may, and are told of it." },
    { 0 },
};
static const SkSettingSpec notice[] = {
    { "notice", "from", SK_SETTING_TEXT, "", 0, 0,
      "Address that notices come from; empty: sekisho at the first own domain." },
    { "notice", "language", SK_SETTING_TEXT, "both", 0, 0,
      "Language of notices to those who chose none: ja, en or both." },
    { "notice", "sender_after", SK_SETTING_TIME, "5m", 0, 86400,
      "The sender of a mail that waits so long, or in which something was found, is told." },
    { "notice", "inbound", SK_SETTING_TEXT, "at-once", 0, 0,
      "How recipients of held mail are told who did not choose: at-once, digest or never." },
    { "notice", "digest_at", SK_SETTING_TEXT, "8:00", 0, 0,
      "When digests are sent, in the site's time zone." },
    { "notice", "reply", SK_SETTING_TEXT, "", 0, 0,
      "Address of ours that stops a mail when its notice is answered: stop@example.com; empty: none." },
    { 0 },
};
static const SkSettingSpec web[] = {
    { "web", "listen", SK_SETTING_TEXT, "127.0.0.1:8480", 0, 0,
      "Where the pages are served: ADDRESS:PORT, or [ADDRESS]:PORT; empty: there are none." },
    { "web", "url", SK_SETTING_TEXT, "", 0, 0,
      "What people reach the pages by: https://mail.example.com/sekisho; empty: notices have no links." },
    { "web", "certificate", SK_SETTING_TEXT, "", 0, 0,
      "File with certificate and chain (PEM); empty: plain HTTP, for a proxy in front." },
    { "web", "key", SK_SETTING_TEXT, "", 0, 0,
      "File with the key of the certificate (PEM)." },
    { 0 },
};
static const SkSettingSpec clamd[] = {
    { "clamd", "socket", SK_SETTING_TEXT, "", 0, 0,
      "Where clamd listens: unix:/run/clamav/clamd.ctl or inet:127.0.0.1:3310; empty: no virus scan." },
    { "clamd", "connections", SK_SETTING_INT, "8", 1, 200,
      "Scans side by side, of one gate." },
    { "clamd", "wait", SK_SETTING_TIME, "30s", 1, 300,
      "How long a scan may take, waiting for a free connection included." },
    { "clamd", "size", SK_SETTING_SIZE, "25M", 1 << 20, 2LL << 30,
      "Bytes given to a scan at most; clamd's StreamMaxLength must not be smaller." },
    { "clamd", "members", SK_SETTING_BOOL, "yes", 0, 0,
      "Whether files that the inspector unpacked are scanned as well, each by itself." },
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
    { "retention", "held", SK_SETTING_TIME, "30d", 3600, 3650 * 86400LL,
      "How long held mail is kept, with its content unless it was sent, after its end." },
    { "retention", "conversations", SK_SETTING_TIME, "30d", 86400, 3650 * 86400LL,
      "How long it is known who took part in which conversation." },
    { 0 },
};
/* clang-format on */

const SkSettingSpec *const sk_engine_setting_tables[] = {
    site,  gate, policy, inspector, limits, store,     keeper,
    clerk, hold, notice, web,       clamd,  retention, NULL};

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

const char *const *
sk_engine_settings_disabled(const SkSettings *settings)
{
    static const char *const none[] = {NULL}, *const malware[] = {"malware", NULL};

    return sk_settings_peek_text(settings, "clamd", "socket")[0] != '\0' ? none : malware;
}
