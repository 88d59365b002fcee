/* SPDX-License-Identifier: Apache-2.0 */

/*
 * sekisho-inspector - opens hostile bytes in processes that have nothing to lose
 */

#include "engine/engine-inspect.h"
#include "inspector/inspector-start.h"

int
main(int argc, char **argv)
{
    return sk_inspector_start(argc, argv, sk_engine_inspect);
}
