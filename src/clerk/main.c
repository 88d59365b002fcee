/* SPDX-License-Identifier: Apache-2.0 */

/*
 * sekisho-clerk - does what time demands: deletes what was kept long enough, seals anew after
 * a rotation
 *
 * Talks to: the databases, the place of blobs, the keeper.
 * Reads: the configuration.
 * Never has: private keys; parsers of foreign formats.
 */

#include "clerk/clerk-start.h"

int
main(int argc, char **argv)
{
    return sk_clerk_start(argc, argv, sk_clerk_duties);
}
