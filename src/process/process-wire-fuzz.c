/* SPDX-License-Identifier: Apache-2.0 */
#include "process/process-wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
read_result(SkBytes body)
{
    SkWireResult result;

    if (!sk_wire_get_result(body, &result))
        return;
    g_assert(result.number > 0 && result.result->encrypted <= SK_ENCRYPTED_HEADERS);
    g_assert(sk_findings_count(result.result->findings) <= SK_LIMIT_FINDINGS);
    sk_inspect_result_free(result.result);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_auto(SkWireJob) job = {0};
    SkBytes stream = {data, size};
    SkObituary obituary;
    SkFrame frame;

    if (sk_wire_find_obituary(stream, &obituary))
        g_assert(obituary.death < SK_N_DEATHS);
    if (sk_frame_next(stream, SK_WIRE_JOB_LIMIT, &frame) != SK_FRAME_READY)
        return 0;
    if (frame.type == SK_WIRE_RESULT)
        read_result(frame.body);
    if (sk_wire_get_job(frame.body, &job) && !job.by_fd)
        g_assert(job.bytes.len == job.size);
    return 0;
}
