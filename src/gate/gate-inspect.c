/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/gate-inspect.h"

#include "net/net-clamd.h"
#include "process/process-inspect.h"
#include "process/process-scan.h"

/* Workers at most for each direction, of all threads together; at least one each. */
static unsigned
workers_each(const SkSettings *settings, unsigned n_threads)
{
    unsigned all = (unsigned)sk_settings_get_int(settings, "inspector", "workers");

    if (all == 0)
        all = 2 * g_get_num_processors();
    return MAX(1, all / n_threads);
}

static SkScan *
make_scan(SkLoop *loop, const SkSettings *settings, unsigned n_threads, GError **error)
{
    unsigned all = (unsigned)sk_settings_get_int(settings, "clamd", "connections");
    SkClamdOptions options = {
        .endpoint = sk_settings_peek_text(settings, "clamd", "socket"),
        .connections = MAX(1, all / n_threads),
        .wait_ms = 1000 * sk_settings_get_int(settings, "clamd", "wait"),
        .size = (uint64_t)sk_settings_get_int(settings, "clamd", "size"),
    };

    return sk_clamd_new(loop, &options, error);
}

/* A worker that waits for a scanner must not be ended for it. */
static int64_t
need_ms(const SkSettings *settings)
{
    return 1000 * sk_settings_get_int(settings, "inspector", "wall_time") / 2;
}

SkInspect *
sk_gate_inspect_new(SkLoop *loop,
                    const SkSettings *settings,
                    unsigned n_threads,
                    SkScan **ret_scan,
                    GError **error)
{
    SkScan *scan = NULL;
    SkInspect *inspect;

    if (sk_settings_peek_text(settings, "clamd", "socket")[0] != '\0') {
        scan = make_scan(loop, settings, n_threads, error);
        if (scan == NULL)
            return NULL;
    }
    inspect =
        sk_process_inspect_new(loop, sk_settings_peek_text(settings, "inspector", "socket"),
                               workers_each(settings, n_threads),
                               1000 * sk_settings_get_int(settings, "gate", "inspector_wait"));
    if (scan != NULL && sk_settings_get_bool(settings, "clamd", "members"))
        sk_process_inspect_set_scan(inspect, scan, need_ms(settings));
    *ret_scan = scan;
    return scan != NULL ? sk_process_scan_new(inspect, scan) : inspect;
}
