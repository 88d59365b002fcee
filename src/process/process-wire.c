/* SPDX-License-Identifier: Apache-2.0 */
#include "process/process-wire.h"

#include <string.h>

#include "base/text.h"

/* Ends of whole frames. They differ, and hold a byte that no UTF-8 text has: a result cut short
 * and completed by an obituary has the wrong end. */
#define RESULT_END   0xff6b6fffu
#define OBITUARY_END 0xff6964ffu

/* A finding id or a type is far shorter; texts are cut at SK_LIMIT_FINDING_TEXT plus "…". */
#define ID_MAX   64
#define TEXT_MAX (SK_LIMIT_FINDING_TEXT + 8)

enum {
    FLAG_BY_FD = 1 << 0,
    FLAG_SCAN_MEMBERS = 1 << 1,
};

enum {
    FLAG_INSPECTED = 1 << 0,
    FLAG_LAST = 1 << 1,
};

bool
sk_wire_put_job(SkBuffer *out, uint32_t number, const SkInspectJob *job, uint64_t size)
{
    bool by_fd = job->fd >= 0;
    SkFrameWriter w;

    sk_frame_begin(&w, out, SK_WIRE_JOB);
    sk_frame_put_u32(&w, number);
    sk_frame_put_u8(&w, (uint8_t)job->kind);
    sk_frame_put_u8(
        &w, (uint8_t)((by_fd ? FLAG_BY_FD : 0) | (job->scan_members ? FLAG_SCAN_MEMBERS : 0)));
    sk_frame_put_u64(&w, size);
    sk_frame_put_text(&w, job->name);
    return sk_frame_finish(&w, by_fd ? 0 : size);
}

bool
sk_wire_get_job(SkBytes body, SkWireJob *ret_job)
{
    g_auto(SkWireJob) job = {0};
    SkFrameReader r;
    uint8_t kind, flags;

    sk_frame_open(&r, body);
    job.number = sk_frame_get_u32(&r);
    kind = sk_frame_get_u8(&r);
    flags = sk_frame_get_u8(&r);
    job.size = sk_frame_get_u64(&r);
    job.name = sk_frame_get_text(&r, 4 * SK_LIMIT_NAME);
    job.kind = kind == SK_INSPECT_FILE ? SK_INSPECT_FILE : SK_INSPECT_MAIL;
    job.by_fd = (flags & FLAG_BY_FD) != 0;
    job.scan_members = (flags & FLAG_SCAN_MEMBERS) != 0;
    if (!job.by_fd)
        job.bytes = sk_frame_get_rest(&r);
    if (!sk_frame_end(&r) || job.number == 0 || kind > SK_INSPECT_FILE ||
        flags > (FLAG_BY_FD | FLAG_SCAN_MEMBERS))
        return false;
    if (!job.by_fd && job.bytes.len != job.size)
        return false;
    *ret_job = job;
    job.name = NULL;
    return true;
}

void
sk_wire_job_clear(SkWireJob *job)
{
    g_clear_pointer(&job->name, g_free);
}

bool
sk_wire_put_result(SkBuffer *out, uint32_t number, bool last, const SkInspectResult *result)
{
    size_t n = sk_findings_count(result->findings);
    SkFrameWriter w;

    sk_frame_begin(&w, out, SK_WIRE_RESULT);
    sk_frame_put_u32(&w, number);
    sk_frame_put_u8(
        &w, (uint8_t)((result->inspected ? FLAG_INSPECTED : 0) | (last ? FLAG_LAST : 0)));
    sk_frame_put_u8(&w, (uint8_t)result->encrypted);
    sk_frame_put_text(&w, result->type);
    sk_frame_put_u32(&w, (uint32_t)n);
    for (size_t i = 0; i < n; i++) {
        const SkFinding *one = sk_findings_peek(result->findings, i);

        sk_frame_put_text(&w, sk_finding_id_name(one->id));
        sk_frame_put_text(&w, one->part);
        sk_frame_put_text(&w, one->subject);
        sk_frame_put_text(&w, one->detail);
    }
    sk_frame_put_u32(&w, RESULT_END);
    return sk_frame_finish(&w, 0);
}

static void
add_unknown(SkFindings *findings, const char *part, const char *name)
{
    g_autofree char *detail =
        g_strdup_printf("the inspector states %s, which this version does not know", name);

    sk_findings_add(findings, SK_FINDING_INSPECT_LIMIT, part, NULL, detail);
}

static void
read_finding(SkFrameReader *r, SkFindings *findings)
{
    g_autofree char *name = sk_frame_get_text(r, ID_MAX);
    g_autofree char *part = sk_frame_get_text(r, TEXT_MAX);
    g_autofree char *subject = sk_frame_get_text(r, TEXT_MAX);
    g_autofree char *detail = sk_frame_get_text(r, TEXT_MAX);
    SkFindingId id;

    if (name == NULL)
        r->failed = true;
    if (r->failed)
        return;
    if (sk_finding_id_parse(name, &id))
        sk_findings_add(findings, id, part, subject, detail);
    else
        add_unknown(findings, part, name);
}

static void
read_type(SkFrameReader *r, SkInspectResult *result)
{
    g_autofree char *type = sk_frame_get_text(r, ID_MAX);

    if (type != NULL)
        result->type = sk_text_safe(sk_bytes(type, strlen(type)), ID_MAX);
}

static void
read_findings(SkFrameReader *r, SkFindings *findings)
{
    uint32_t n = sk_frame_get_u32(r);

    if (n > SK_LIMIT_FINDINGS)
        r->failed = true;
    for (uint32_t i = 0; i < n && !r->failed; i++)
        read_finding(r, findings);
}

bool
sk_wire_get_result(SkBytes body, SkWireResult *ret_result)
{
    g_autoptr(SkInspectResult) result = sk_inspect_result_new();
    uint32_t number, end;
    uint8_t flags, encrypted;
    SkFrameReader r;

    sk_frame_open(&r, body);
    number = sk_frame_get_u32(&r);
    flags = sk_frame_get_u8(&r);
    encrypted = sk_frame_get_u8(&r);
    read_type(&r, result);
    read_findings(&r, result->findings);
    end = sk_frame_get_u32(&r);
    if (!sk_frame_end(&r) || end != RESULT_END || number == 0 ||
        encrypted > SK_ENCRYPTED_HEADERS || flags > (FLAG_INSPECTED | FLAG_LAST))
        return false;
    result->encrypted = (SkEncrypted)encrypted;
    result->inspected = (flags & FLAG_INSPECTED) != 0;
    *ret_result = (SkWireResult){number, (flags & FLAG_LAST) != 0, g_steal_pointer(&result)};
    return true;
}

void
sk_wire_write_obituary(uint8_t out[SK_WIRE_OBITUARY_SIZE], const SkObituary *obituary)
{
    g_auto(SkBuffer) buffer;
    SkFrameWriter w;

    sk_buffer_init(&buffer, SK_WIRE_OBITUARY_SIZE);
    sk_frame_begin(&w, &buffer, SK_WIRE_OBITUARY);
    sk_frame_put_u32(&w, obituary->number);
    sk_frame_put_u8(&w, (uint8_t)obituary->death);
    sk_frame_put_u8(&w, obituary->signal);
    sk_frame_put_u32(&w, OBITUARY_END);
    g_assert(sk_frame_finish(&w, 0) && buffer.len == SK_WIRE_OBITUARY_SIZE);
    memcpy(out, buffer.data, SK_WIRE_OBITUARY_SIZE);
}

bool
sk_wire_find_obituary(SkBytes stream, SkObituary *ret_obituary)
{
    SkObituary obituary;
    SkFrameReader r;
    SkFrame frame;
    uint8_t death;

    if (stream.len < SK_WIRE_OBITUARY_SIZE)
        return false;
    stream = sk_bytes_from(stream, stream.len - SK_WIRE_OBITUARY_SIZE);
    if (sk_frame_next(stream, SK_WIRE_OBITUARY_SIZE, &frame) != SK_FRAME_READY ||
        frame.type != SK_WIRE_OBITUARY)
        return false;
    sk_frame_open(&r, frame.body);
    obituary.number = sk_frame_get_u32(&r);
    death = sk_frame_get_u8(&r);
    obituary.signal = sk_frame_get_u8(&r);
    if (sk_frame_get_u32(&r) != OBITUARY_END || !sk_frame_end(&r) || death >= SK_N_DEATHS)
        return false;
    obituary.death = (SkDeath)death;
    *ret_obituary = obituary;
    return true;
}

SkInspectResult *
sk_wire_result_of_death(SkDeath death, const char *detail)
{
    static const SkFindingId ids[SK_N_DEATHS] = {
        [SK_DEATH_CRASHED] = SK_FINDING_INSPECT_CRASHED,
        [SK_DEATH_TIMEOUT] = SK_FINDING_INSPECT_TIMEOUT,
        [SK_DEATH_LIMIT] = SK_FINDING_INSPECT_LIMIT,
    };
    SkInspectResult *result = sk_inspect_result_new();

    g_assert(death < SK_N_DEATHS);
    sk_findings_add(result->findings, ids[death], NULL, NULL, detail);
    return result;
}

static char *
describe_death(const SkObituary *obituary)
{
    if (obituary->death == SK_DEATH_TIMEOUT)
        return g_strdup("longer than the inspection of one message may take");
    if (obituary->death == SK_DEATH_LIMIT)
        return g_strdup("more memory than the inspection of one message may use");
    if (obituary->signal == 0)
        return g_strdup("the worker ended without an answer");
    return g_strdup_printf("the worker was ended by signal %u", obituary->signal);
}

SkInspectResult *
sk_wire_result_of_obituary(const SkObituary *obituary)
{
    g_autofree char *detail = describe_death(obituary);

    return sk_wire_result_of_death(obituary->death, detail);
}
