/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * keeper-desk - answers one question of one peer: gives grants, opens what a grant allows
 *
 * Knows of no socket. Writes one line to the log for each grant, each use and each refusal: who
 * asked, why, for what; never a token, a key or a secret.
 *
 * Security: the grant is looked at before the site key, so that who has none cannot make the
 * keeper work.
 */

#include <sys/types.h>

#include "base/clock.h"
#include "process/process-keeper-wire.h"

typedef enum {
    SK_DOOR_REQUESTS,
    SK_DOOR_GRANTS,
    SK_N_DOORS
} SkDoor;

const char *sk_door_name(SkDoor door);

/* Who is on the other side, by the kernel. */
typedef struct {
    pid_t pid;
    uid_t uid;
} SkPeer;

typedef struct SkDesk SkDesk;

/* Takes the opening SECRET over. */
SkDesk *sk_desk_new(const SkClock *clock, SkSecret *secret);
void sk_desk_free(SkDesk *desk);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkDesk, sk_desk_free)

/* Appends one frame to OUT, which has room for one. False: this is no question for that DOOR;
 * nothing was appended. */
bool sk_desk_answer(SkDesk *desk,
                    SkDoor door,
                    const SkPeer *peer,
                    const SkFrame *frame,
                    SkBuffer *out) G_GNUC_WARN_UNUSED_RESULT;
