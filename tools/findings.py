# SPDX-License-Identifier: Apache-2.0
"""findings - reads findings.def, and writes the page about it"""

import collections
import re

Finding = collections.namedtuple("Finding", "symbol id state check meaning")

HEAD = """# Findings

Every fact that a check can state about a message, by the id that the policy, the ledger and
`--json` use. An id stands for everything below it, too: `attach.encrypted` is any of
`attach.encrypted.zip`, `attach.encrypted.pdf` and so on. Ids are added, never renamed.

This page is made of `src/verdict/findings.def` by `tools/make-findings --write`.
"""

RESERVED = """
## Reserved

These names are taken for checks that are still to come; nothing states them yet. A policy may
use them behind `observe`; the rule is then skipped, with a warning.

| id | meaning |
|---|---|
"""


def read(root):
    text = (root / "src" / "verdict" / "findings.def").read_text()
    pattern = r'SK_FINDING_DEF\((\w+), "([^"]+)", (\w+), "([^"]+)",\s*"((?:[^"\\]|\\.)*)"\)'
    found = [Finding(*match.groups()) for match in re.finditer(pattern, text)]
    calls = len(re.findall(r"^SK_FINDING_DEF\(", text, re.MULTILINE))
    if calls != len(found):
        raise SystemExit(f"findings.def: {calls} lines, {len(found)} of them understood")
    return found


def page(found):
    text = HEAD
    groups = collections.OrderedDict()
    for one in found:
        if one.state == "BUILT":
            groups.setdefault(one.id.split(".")[0], []).append(one)
    for group, members in groups.items():
        text += f"\n## {group}\n\n| id | meaning |\n|---|---|\n"
        text += "".join(f"| `{one.id}` | {one.meaning} |\n" for one in members)
    reserved = [one for one in found if one.state == "RESERVED"]
    if reserved:
        text += RESERVED + "".join(f"| `{one.id}` | {one.meaning} |\n" for one in reserved)
    return text
