# SPDX-License-Identifier: Apache-2.0
"""A mail site of one's own: a real Postfix with all of sekisho in front, and what is said of its mail."""
import os
import re

import stack
from postfix import Postfix

OURS, THEIRS = "hanako@ours.example", "taro@theirs.example"
POLICY = open(os.path.join(stack.TOP, "etc", "policy.strict")).read()


class Site:
    """Postfix and sekisho together."""

    def __init__(self, folder, policy=POLICY, **settings):
        os.chmod(folder, 0o755)
        self.gate = stack.Stack(folder, policy, **settings)
        self.postfix = Postfix()

    def __enter__(self):
        self.gate.start()
        self.inbound = self.postfix.add_smtpd([self.gate.endpoint("inbound")])
        self.outbound = self.postfix.add_smtpd([self.gate.endpoint("outbound")])
        self.forward = self.postfix.add_smtpd([self.gate.endpoint("forward")])
        self.release = self.postfix.add_smtpd([self.gate.endpoint("release")])
        self.postfix.set_sendmail_milters([self.gate.endpoint("outbound")])
        self.postfix.start()
        return self

    def __exit__(self, *_):
        self.postfix.__exit__()
        self.gate.stop()
        assert "Sanitizer" not in self.gate.log(), self.gate.log()

    def receive(self, data, recipients=(OURS,)):
        return self.postfix.send(self.inbound, THEIRS, list(recipients), data)

    def submit(self, data, recipients=(THEIRS,)):
        return self.postfix.send(self.outbound, OURS, list(recipients), data, login="hanako")


def ident_of(data):
    return re.search(rb"^X-Sekisho: id=([0-9a-z]{20})", data, re.M).group(1).decode()


def without_added(data):
    """DATA without the trace field of ours and the Received field of Postfix."""
    data = re.sub(rb"\AX-Sekisho: [^\r]*\r\n(?:[ \t][^\r]*\r\n)*", b"", data)
    data = re.sub(rb"\AReceived: [^\r]*\r\n(?:[ \t][^\r]*\r\n)*", b"", data)
    return re.sub(rb"\AX-Sekisho: [^\r]*\r\n(?:[ \t][^\r]*\r\n)*", b"", data)
