/* SPDX-License-Identifier: Apache-2.0 */

/*
 * sekisho-inspector - opens hostile bytes in processes that have nothing to lose
 */

#include "engine/engine-inspect.h"
#include "inspector/inspector-edit.h"
#include "inspector/inspector-start.h"

int
main(int argc, char **argv)
{
    static const SkInspectorWork work = {sk_engine_inspect, sk_inspector_edit};

    return sk_inspector_start(argc, argv, &work);
}
