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

#include <sys/prctl.h>
#include <sys/resource.h>

#include <stdio.h>

#include "clerk/clerk-start.h"
#include "hold/hold-desk.h"

#define EXIT_TROUBLE 2

/* Questions hold passwords, and what is released passes through: no core file, no debugger. */
static bool
hide(void)
{
    const struct rlimit none = {0, 0};

    return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 && setrlimit(RLIMIT_CORE, &none) == 0;
}

int
main(int argc, char **argv)
{
    if (!hide()) {
        fputs("sekisho-clerk: the system does not let us hide our memory\n", stderr);
        return EXIT_TROUBLE;
    }
    sk_desk_wipe_json();
    return sk_clerk_start(argc, argv, sk_clerk_duties);
}
