# SPDX-License-Identifier: Apache-2.0
"""sekisho as a peer of the mail benchmark (tools/bench puts this file among the others).

Gate and inspector as `sekisho serve` runs them, policy.strict with every refusal turned into an observed rule, so that every message
takes the whole way; ledger on disk. SK_BUILD names the build to measure."""
import os
import subprocess

PROTO = "milter"
BUILD = os.environ["SK_BUILD"]
TOP = os.environ["SK_TOP"]


def observed(policy):
    """Each active rule as an observed one: all conditions are judged, nothing is refused."""
    lines = [line.strip() for line in policy.splitlines()]
    return "\n".join(line if not line or line.startswith(("#", "observe")) else "observe " + line for line in lines) + "\n"


def start(b):
    with open(TOP + "/etc/policy.strict") as f:
        policy = b.write("policy", observed(f.read()))
    conf = b.write("sekisho.conf", """[site]
own_domains = gw.example
[gate]
inbound = unix:%(d)s/inbound
outbound =
forward =
release =
socket_group =
[policy]
file = %(p)s
[inspector]
socket = %(d)s/inspector
[web]
listen =
[store]
store = sqlite:%(d)s/store
blobs = file:%(d)s/store/blobs
""" % {"d": b.dir, "p": policy})
    b.spawn("sekisho", [BUILD + "/src/sekisho", "serve", "-c", conf])
    return ["unix:%s/inbound" % b.dir]


def version():
    return subprocess.run([BUILD + "/src/sekisho", "--version"], capture_output=True, text=True).stdout.split()[-1]
