# SPDX-License-Identifier: Apache-2.0
"""A Postfix of one's own: configuration, queue and log in a temporary directory, loopback only.

    with Postfix() as postfix:
        inbound = postfix.add_smtpd(milters=["unix:/run/x/inbound"])
        login = postfix.add_smtpd(milters=["unix:/run/x/outbound"], options={...})
        postfix.set_sendmail_milters(["unix:/run/x/outbound"])
        postfix.start()
        answer = postfix.send(inbound, "a@example.com", ["b@example.net"], b"Subject: x\\r\\n\\r\\n")
        mail, = postfix.delivered(1)

All mail goes to a sink (smtpsink.py) that keeps it byte for byte. Needs root and Debian's postfix;
reads nothing of /etc/postfix and does not touch a Postfix that runs on the machine.
"""
import collections
import grp
import os
import pwd
import random
import shutil
import signal
import smtplib
import socket
import subprocess
import tempfile
import time

from smtpsink import Sink

DAEMONS = "/usr/lib/postfix/sbin"

# An SMTP answer: code, text with its enhanced code, and the command that it answered.
Answer = collections.namedtuple("Answer", "code text step")

SERVICES = """\
pickup unix n - n 1 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
discard unix - - n - - discard
error unix - - n - - error
retry unix - - n - - error
showq unix n - n - - showq
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


handed_out = set()


def free_port():
    """A port that nobody else is given before Postfix has it: not of those that the system hands out, never twice."""
    while True:
        port = random.SystemRandom().randrange(10240, 16000)
        with socket.socket() as s:
            try:
                s.bind(("127.0.0.1", port))
            except OSError:
                continue
        if port not in handed_out:
            handed_out.add(port)
            return port


def stuffed(data):
    """The message as it follows DATA: dots doubled, CRLF at the end, the final dot."""
    if data.startswith(b"."):
        data = b"." + data
    data = data.replace(b"\r\n.", b"\r\n..")
    return data + (b"" if data.endswith(b"\r\n") or not data else b"\r\n") + b".\r\n"


class Postfix:
    def __init__(self, settings=None):
        """settings: lines of main.cf that differ from the ones below."""
        self.directory = tempfile.mkdtemp(prefix="postfix-")
        os.chmod(self.directory, 0o755)   # Postfix's user has to pass through
        self.log_path = self.directory + "/mail.log"
        self.sink = Sink()
        self._settings, self._services, self._master = settings or {}, [], None
        self._sendmail_milters = ()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    # ---- before start() ------------------------------------------------

    def add_smtpd(self, milters=(), options=None, port=None):
        """An SMTP listener; its port. options: settings of this listener only."""
        port = port or free_port()
        options = {"smtpd_milters": ",".join(milters), "syslog_name": "postfix/%d" % port, **(options or {})}
        arguments = "".join("\n  -o { %s = %s }" % item for item in options.items())
        self._services.append("127.0.0.1:%d inet n - n - - smtpd%s\n" % (port, arguments))
        return port

    def add_release(self, milter, port, options=None):
        """The listener for held mail: for this host only, which has rewritten its addresses when it came."""
        return self.add_smtpd([milter], {"local_header_rewrite_clients": "", "smtpd_recipient_limit": "10000",
                                         "smtpd_relay_restrictions": "permit_mynetworks, reject", **(options or {})}, port)

    def set_sendmail_milters(self, milters):
        """non_smtpd_milters: for what comes through sendmail(1)."""
        self._sendmail_milters = milters

    def _main_cf(self):
        return {
            "compatibility_level": "3.6", "queue_directory": self.directory + "/queue",
            "data_directory": self.directory + "/data", "daemon_directory": DAEMONS, "command_directory": "/usr/sbin",
            "shlib_directory": "/usr/lib/postfix", "meta_directory": self.directory + "/conf",
            "maillog_file": self.log_path, "maillog_file_prefixes": self.directory,
            "inet_interfaces": "127.0.0.1", "inet_protocols": "all", "mynetworks": "127.0.0.0/8",
            "smtpd_banner": "$myhostname ESMTP " + os.path.basename(self.directory),
            "myhostname": "mx.example.org", "mydestination": "", "local_recipient_maps": "", "alias_maps": "",
            "alias_database": "", "default_transport": "smtp:[127.0.0.1]:%d" % self.sink.port,
            "relay_domains": "static:all", "relay_transport": "$default_transport",
            "smtp_line_length_limit": "0", "smtp_tls_security_level": "none", "smtp_dns_support_level": "disabled",
            "message_size_limit": "104857600", "mailbox_size_limit": "0", "in_flow_delay": "0",
            "smtpd_client_connection_count_limit": "0", "smtpd_authorized_xclient_hosts": "127.0.0.0/8",
            "smtpd_peername_lookup": "no", "smtpd_error_sleep_time": "0", "smtpd_soft_error_limit": "1000",
            "smtpd_hard_error_limit": "1000", "milter_protocol": "6", "milter_default_action": "tempfail",
            "non_smtpd_milters": ",".join(self._sendmail_milters), **self._settings,
        }

    def _write(self):
        user, drop = pwd.getpwnam("postfix").pw_uid, grp.getgrnam("postdrop").gr_gid
        queue = self.directory + "/queue/"
        for name in ("conf", "queue", "data", "queue/pid"):
            os.makedirs(self.directory + "/" + name, mode=0o755)
        os.chown(self.directory + "/data", user, -1)
        for name in ("active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "private",
                     "saved", "trace"):
            os.mkdir(queue + name, 0o700)
            os.chown(queue + name, user, -1)
        for name, mode in (("public", 0o710), ("maildrop", 0o730)):
            os.mkdir(queue + name)
            os.chmod(queue + name, mode)
            os.chown(queue + name, user, drop)
        open(self.directory + "/conf/dynamicmaps.cf", "w").close()
        with open(self.directory + "/conf/main.cf", "w") as f:
            f.writelines("%s = %s\n" % item for item in self._main_cf().items())
        with open(self.directory + "/conf/master.cf", "w") as f:
            f.write("".join(self._services) + SERVICES)

    # ---- running -----------------------------------------------------------

    def start(self):
        self._write()
        self.sink.start()
        self._run()

    def kill_and_start(self, pause=0):
        """As if the power failed: master and all its children, at once; then again on the same queue."""
        os.killpg(self._master.pid, signal.SIGKILL)
        self._master.wait()
        time.sleep(pause)
        self._run()

    def _run(self):
        conf = self.directory + "/conf"
        # A session of its own: master ends its whole process group with itself.
        self._master = subprocess.Popen([DAEMONS + "/master", "-c", conf, "-d"], start_new_session=True,
                                        env={**os.environ, "MAIL_CONFIG": conf}, stdin=subprocess.DEVNULL)
        for service in self._services:
            self._wait(int(service.split(" ")[0].split(":")[1]))

    def _wait(self, port, secs=30):
        end = time.monotonic() + secs
        while time.monotonic() < end and self._master.poll() is None:
            try:
                with socket.create_connection(("127.0.0.1", port), 5) as s:
                    # Another Postfix that took the port in the meantime must not be taken for ours.
                    if os.path.basename(self.directory).encode() in s.recv(512):
                        s.sendall(b"QUIT\r\n")
                        return
            except OSError:
                pass
            time.sleep(.1)
        raise RuntimeError("Postfix does not answer on port %d:\n%s" % (port, self.maillog()))

    def stop(self):
        if self._master is None:
            self.sink.server_close()
            return
        self._master.send_signal(signal.SIGTERM)
        try:
            self._master.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(self._master.pid, signal.SIGKILL)
            self._master.wait()
        self._master = None
        self.sink.stop()

    def connect(self, port, client=None, login=None, helo="client.example"):
        """An smtplib.SMTP that has said EHLO. client: (address, name) and login are claimed by XCLIENT."""
        smtp = smtplib.SMTP("127.0.0.1", port, local_hostname=helo, timeout=60)
        smtp.ehlo()
        claims = []
        if client:
            claims += ["ADDR=" + client[0], "NAME=" + client[1]]
        if login:
            claims += ["LOGIN=" + login]
        if claims:
            smtp.docmd("XCLIENT", " ".join(claims))
            smtp.ehlo()
        return smtp

    def send(self, port, sender, recipients, data, mail_args="", **who):
        """Sends the bytes in a session of their own; the first answer that refuses, else the last one."""
        smtp = self.connect(port, **who)
        try:
            return self.send_on(smtp, sender, recipients, data, mail_args)
        finally:
            smtp.close()

    def send_on(self, smtp, sender, recipients, data, mail_args=""):
        """The same on a connection that is open, and stays so."""
        commands = [("MAIL", "FROM:<%s> %s" % (sender, mail_args))]
        commands += [("RCPT", "TO:<%s>" % recipient) for recipient in recipients] + [("DATA", "")]
        for verb, arguments in commands:
            code, text = smtp.docmd(verb, arguments.strip())
            if code >= 400:
                smtp.docmd("RSET")
                return Answer(code, text.decode("utf-8", "replace"), verb)
        smtp.send(stuffed(data))
        code, text = smtp.getreply()
        return Answer(code, text.decode("utf-8", "replace"), ".")

    def sendmail(self, sender, recipients, data):
        """Through sendmail(1), which wants LF line ends. Returns once the mail is in the queue of pickup."""
        conf = self.directory + "/conf"
        subprocess.run(["/usr/sbin/sendmail", "-C", conf, "-i", "-f", sender, "--", *recipients], check=True,
                       input=data.replace(b"\r\n", b"\n"), env={**os.environ, "MAIL_CONFIG": conf})

    # ---- what became of it ------------------------------------------------

    def delivered(self, n=1, secs=30):
        """The mails (sender, recipients, data) that came since the last call, waiting for n of them."""
        return self.sink.take(n, secs)

    def queued(self):
        """Files of the queues through which mail passes."""
        return [os.path.join(root, name) for queue in ("maildrop", "incoming", "active", "deferred", "hold")
                for root, _, names in os.walk(self.directory + "/queue/" + queue) for name in names]

    def is_empty(self):
        """Nothing that was taken is in the queue: files that cleanup or postdrop was killed over have no x bit."""
        def is_whole(path):
            try:
                return os.stat(path).st_mode & 0o100
            except FileNotFoundError:
                return False
        return not any(is_whole(path) for path in self.queued())

    def settle(self, secs=30):
        """Waits until nothing is on its way: then what is not delivered never will be. Mail that was deferred or
        held is on its way."""
        end = time.monotonic() + secs
        while self.queued() and time.monotonic() < end:
            time.sleep(.05)
        return not self.queued()

    def maillog(self):
        try:
            with open(self.log_path, encoding="utf-8", errors="replace") as f:
                return f.read()
        except FileNotFoundError:
            return ""
