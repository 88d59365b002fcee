# SPDX-License-Identifier: Apache-2.0
"""`sekisho setup postfix --print` against Postfix's own tools: what is printed is what Postfix understands."""
import os
import subprocess

import pytest

import stack

TOP = stack.TOP
STRICT = os.path.join(TOP, "etc", "policy.strict")


def run(*args, env=None):
    return subprocess.run([stack.program("sekisho"), *args], capture_output=True, text=True, timeout=60,
                          env=dict(os.environ, **(env or {})))


@pytest.fixture
def postfix_folder(tmp_path):
    """A configuration of Postfix with what was printed, and nothing else."""
    def make(printed):
        main, _, master = printed.partition("# ---- master.cf ----\n")
        folder = tmp_path / "postfix"
        folder.mkdir()
        (folder / "main.cf").write_text("compatibility_level = 3.6\nqueue_directory = /var/spool/postfix\n" + main)
        (folder / "master.cf").write_text(master)
        return str(folder)
    return make


def conf_with(tmp_path, *lines):
    conf = tmp_path / "conf"
    conf.write_text("\n".join(lines) + "\n[policy]\nfile = %s\n" % STRICT)
    return str(conf)


def postconf(folder, *args):
    r = subprocess.run(["postconf", "-c", folder, *args], capture_output=True, text=True, check=True)
    assert r.stderr == "", r.stderr  # no unused parameter, no name that Postfix does not know
    return r.stdout


def test_postfix_understands_what_is_printed(tmp_path, postfix_folder):
    printed = run("setup", "postfix", "--print", "-c", conf_with(tmp_path)).stdout
    folder = postfix_folder(printed)
    settings = postconf(folder, "-n")
    assert "smtpd_milters = unix:sekisho/inbound\n" in settings
    assert "non_smtpd_milters = unix:sekisho/outbound\n" in settings
    assert "milter_default_action = tempfail\n" in settings
    services = postconf(folder, "-P")
    assert "submission/inet/smtpd_milters = unix:sekisho/outbound\n" in services
    assert "127.0.0.1:10026/inet/smtpd_milters = unix:sekisho/release\n" in services
    assert "127.0.0.1:10027/inet/smtpd_milters = unix:sekisho/forward\n" in services
    assert "127.0.0.1:10026/inet/local_header_rewrite_clients =\n" in services  # no byte of it is ours to change
    assert "127.0.0.1:10026/inet/smtpd_relay_restrictions = permit_mynetworks,reject\n" in services


def test_it_follows_the_configuration(tmp_path):
    conf = conf_with(tmp_path, "[gate]", "inbound = inet:127.0.0.1:9001", "forward =", "[hold]", "release = inet:127.0.0.1:2525")
    printed = run("setup", "postfix", "--print", "-c", conf).stdout
    assert "smtpd_milters = inet:127.0.0.1:9001\n" in printed and "\n127.0.0.1:2525 inet n " in printed
    assert "forward" not in printed


def test_config_check_sees_what_postfix_is_not_told(tmp_path, postfix_folder):
    conf = conf_with(tmp_path)
    folder = postfix_folder(run("setup", "postfix", "--print", "-c", conf).stdout)
    fine = run("config", "check", "-c", conf, env={"MAIL_CONFIG": folder})
    assert fine.returncode == 0 and "smtpd_milters" not in fine.stderr and "tempfail" not in fine.stderr, fine.stderr
    with open(folder + "/main.cf", "w") as f:
        f.write("compatibility_level = 3.6\nqueue_directory = /var/spool/postfix\nsmtpd_milters = inet:127.0.0.1:11332\n"
                "milter_default_action = accept\n")
    with open(folder + "/master.cf", "w") as f:
        f.write("smtp inet n - y - - smtpd\n")
    told = run("config", "check", "-c", conf, env={"MAIL_CONFIG": folder})
    assert told.returncode == 0
    for origin in ("inbound", "outbound", "release"):
        assert "names unix:sekisho/%s" % origin in told.stderr
    assert "milter_default_action is accept" in told.stderr


def test_config_check_says_who_would_hear_of_nothing(tmp_path):
    told = run("config", "check", "-c", conf_with(tmp_path)).stderr
    assert "[hold] admins is empty" in told and "[web] url and [notice] reply are empty" in told
    own = ["[site]", "own_domains = ours.example", "[hold]", "admins = admin@ours.example", "[notice]", "reply = stop@ours.example"]
    fine = run("config", "check", "-c", conf_with(tmp_path, *own))
    assert fine.returncode == 0 and "empty" not in fine.stderr, fine.stderr


def test_nothing_is_changed_by_itself(tmp_path):
    r = run("setup", "postfix", "-c", conf_with(tmp_path))
    assert r.returncode == 2 and "--print" in r.stderr and r.stdout == ""
