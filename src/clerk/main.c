/* SPDX-License-Identifier: Apache-2.0 */

/*
 * sekisho-clerk - owns held mail, and does what time demands: releases, deletes what was kept
 * long enough, seals anew after a rotation
 *
 * Talks to: the databases, the place of blobs, the keeper, the inspector, Postfix; whoever asks
 * at its desk.
 * Reads: the configuration.
 * Never has: private keys; parsers of foreign formats.
 */

#include "clerk/clerk-start.h"
#include "hold/hold-desk.h"

int
main(int argc, char **argv)
{
    /* Questions may hold passwords. */
    sk_desk_wipe_json();
    return sk_clerk_start(argc, argv, sk_clerk_duties);
}
