/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli-judge.h"

#include <sys/mman.h>

#include <string.h>

#include "base/clock.h"
#include "base/limit.h"
#include "base/random.h"
#include "cli/cli.h"
#include "engine/engine-judge.h"
#include "engine/engine-message.h"

static void
add_recipients(const SkCliJudge *judge, SkPassage *passage, SkBytes header)
{
    bool fits = true;

    if (judge->recipients == NULL) {
        sk_engine_read_recipients(passage->envelope, header);
        return;
    }
    for (char **address = judge->recipients; fits && *address != NULL; address++)
        fits = sk_envelope_add_recipient(passage->envelope, *address, NULL);
}

static SkOrigin
guess_origin(const SkCliJudge *judge, const SkPassage *passage)
{
    SkDirection direction;

    if (judge->direction == NULL)
        return sk_site_is_ours(judge->site, passage->from) ? SK_ORIGIN_OUTBOUND
                                                           : SK_ORIGIN_INBOUND;
    g_assert(sk_direction_parse(judge->direction, &direction));
    if (direction == SK_DIRECTION_INBOUND)
        return SK_ORIGIN_INBOUND;
    return direction == SK_DIRECTION_FORWARD ? SK_ORIGIN_FORWARD : SK_ORIGIN_OUTBOUND;
}

/* The option speaks for all recipients, whatever our domains say. */
static void
force_direction(const SkCliJudge *judge, SkPassage *passage)
{
    SkDirection direction;

    if (judge->direction == NULL || !sk_direction_parse(judge->direction, &direction))
        return;
    for (guint i = 0; i < passage->recipients->len; i++) {
        SkPassageRecipient *recipient = passage->recipients->pdata[i];

        recipient->direction = direction;
        recipient->to_internal =
            direction == SK_DIRECTION_INBOUND || direction == SK_DIRECTION_INTERNAL;
    }
}

static SkBytes
map_spool(SkSpool *spool, void **ret_map)
{
    int fd = sk_spool_peek_fd(spool);

    *ret_map = MAP_FAILED;
    if (fd < 0)
        return sk_spool_peek_bytes(spool);
    *ret_map = mmap(NULL, sk_spool_size(spool), PROT_READ, MAP_PRIVATE, fd, 0);
    return *ret_map != MAP_FAILED ? sk_bytes(*ret_map, sk_spool_size(spool)) : sk_bytes("", 0);
}

/* An address that is too long is no address; a message that names nobody is judged for one
 * unknown recipient; of too many the first are judged. */
static void
set_envelope(const SkCliJudge *judge, SkPassage *passage, SkBytes header)
{
    const char *sender = judge->sender != NULL ? judge->sender : passage->from;
    bool ok = sender != NULL && sk_envelope_set_sender(passage->envelope, sender, NULL);

    if (!ok)
        ok = sk_envelope_set_sender(passage->envelope, "", NULL);
    add_recipients(judge, passage, header);
    if (sk_envelope_count(passage->envelope) == 0)
        ok = sk_envelope_add_recipient(passage->envelope, "", NULL);
    g_assert(ok);
}

SkPassage *
sk_cli_judge(const SkCliJudge *judge, SkSpool *spool, SkFindings *findings)
{
    int64_t now = sk_clock_now_us(sk_clock_real());
    SkPassage *passage = sk_passage_new();
    void *map;
    SkBytes bytes = map_spool(spool, &map);
    SkBytes header = sk_engine_header_of(bytes);

    passage->id = sk_random_id(now);
    passage->received_us = now;
    passage->envelope = sk_envelope_new();
    passage->size = sk_spool_size(spool);
    sk_findings_free(passage->findings);
    passage->findings = findings;
    sk_engine_read_header(passage, header);
    set_envelope(judge, passage, header);
    if (map != MAP_FAILED)
        munmap(map, sk_spool_size(spool));
    passage->origin = guess_origin(judge, passage);
    sk_engine_add_recipients(judge->site, passage);
    force_direction(judge, passage);
    sk_engine_decide(judge->site, judge->policy, now, passage);
    return passage;
}

const char *
sk_cli_direction(const SkPassage *passage)
{
    const SkPassageRecipient *first = passage->recipients->pdata[0];

    for (guint i = 1; i < passage->recipients->len; i++) {
        if (((SkPassageRecipient *)passage->recipients->pdata[i])->direction !=
            first->direction)
            return sk_origin_name(passage->origin);
    }
    return sk_direction_name(first->direction);
}

bool
sk_cli_check_direction(const char *direction)
{
    SkDirection parsed;

    if (direction == NULL || sk_direction_parse(direction, &parsed))
        return true;
    (void)sk_cli_fail("--direction is inbound, outbound, internal or forward, not \"%s\"",
                      direction);
    return false;
}
