# SPDX-License-Identifier: Apache-2.0
"""The command line as a person uses it: answers, exit statuses, what it says when something is wrong."""
import json
import os
import re
import subprocess

import pytest

import samples
import stack

TOP = stack.TOP
STRICT = os.path.join(TOP, "etc", "policy.strict")


def run(*args, stdin=None, cwd=None):
    return subprocess.run([stack.program("sekisho"), *args], input=stdin, capture_output=True, timeout=120, cwd=cwd)


def scan(tmp_path, name, content, *args):
    path = tmp_path / name
    path.write_bytes(content)
    return run("scan", "--policy", STRICT, "--direction", "inbound", *args, str(path))


def test_clean_message_exits_0(tmp_path):
    r = scan(tmp_path, "clean.eml", samples.message("a@theirs.example", ["b@ours.example"], "minutes"))
    assert (r.returncode, r.stderr) == (0, b"")
    assert b"deliver" in r.stdout


def test_encrypted_zip_exits_1_and_says_why(tmp_path):
    mail = samples.message("a@theirs.example", ["b@ours.example"], "minutes", [("minutes.zip", samples.encrypted_zip())])
    r = scan(tmp_path, "ppap.eml", mail)
    assert r.returncode == 1
    assert b"attach.encrypted.zip" in r.stdout and b"minutes.zip" in r.stdout and b"550 5.7.1" in r.stdout


def test_json_of_scan(tmp_path):
    mail = samples.message("a@theirs.example", ["b@ours.example", "c@ours.example"], "minutes",
                           [("minutes.zip", samples.encrypted_zip("ZipCrypto"))])
    r = scan(tmp_path, "ppap.eml", mail, "--json")
    lines = r.stdout.decode().splitlines()
    assert len(lines) == 1
    o = json.loads(lines[0])
    assert o["direction"] == "inbound" and o["file"].endswith("ppap.eml")
    assert {f["id"] for f in o["findings"]} == {"attach.any", "attach.encrypted.zip"}
    assert o["decision"]["fate"] == "reject" and o["decision"]["text"].startswith("550 5.7.1 ")
    (copy,) = o["copies"]
    assert copy["recipients"] == ["b@ours.example", "c@ours.example"]
    assert (copy["fate"], copy["waits"], copy["edits"], len(copy["rules"])) == ("reject", [], [], 1)


def test_json_of_inspect(tmp_path):
    (tmp_path / "plain.zip").write_bytes(samples.plain_zip())
    (tmp_path / "secret.7z").write_bytes(samples.encrypted_7z(headers=True))
    r = run("inspect", "--json", str(tmp_path))
    plain, secret = [json.loads(line) for line in r.stdout.splitlines()]
    assert r.returncode == 1
    assert (plain["type"], plain["encrypted"], plain["inspected"], plain["findings"]) == ("zip", "none", True, [])
    assert (secret["type"], secret["encrypted"], secret["inspected"]) == ("7z", "headers", False)
    assert [f["id"] for f in secret["findings"]] == ["attach.encrypted.7z"]


TYPES = {"string": str, "boolean": bool, "integer": int, "object": dict, "array": list, "array of strings": list}


def described():
    """doc/schemata.md: {"inspect": {member: type}, "scan/decision": …}."""
    tables, chapter, table = {}, "", ""
    for line in open(os.path.join(TOP, "doc", "schemata.md")):
        if line.startswith("## "):
            chapter = table = line[3:].strip()
        elif found := re.match(r"(?:One of )?`(\w+)`( of `[\w-]+`)?(?:;[^:]*)?:$", line):
            table = "%s/%s%s" % (chapter, found[1], (found[2] or "").replace("`", ""))
        elif line.startswith("A finding is"):
            table = "finding"
        elif found := re.match(r"\| `(\w+)` \| ([a-z ]+?) \|", line):
            tables.setdefault(table, {})[found[1]] = found[2]
    return tables


def check_members(value, table, seen):
    """VALUE has only members of its TABLE, of the type that stands there."""
    for name, member in value.items():
        assert name in table, name
        assert type(member) is TYPES[table[name]], (name, member)
        seen.add(name)


def test_json_is_what_the_page_says(tmp_path):
    """Both ways: nothing comes out that is not described, everything described comes out."""
    tables, seen = described(), {name: set() for name in ("inspect", "finding", "scan", "scan/decision", "scan/copies")}
    secret = samples.encrypted_zip()
    (tmp_path / "a.zip").write_bytes(secret)
    (tmp_path / "b.eml").write_bytes(samples.message("a@theirs.example", ["b@ours.example"], "x", [("m.zip", secret)]))
    for document in map(json.loads, run("inspect", "--json", str(tmp_path)).stdout.splitlines()):
        check_members(document, tables["inspect"], seen["inspect"])
        for finding in document["findings"]:
            check_members(finding, tables["finding"], seen["finding"])
    document = json.loads(scan(tmp_path, "b.eml", (tmp_path / "b.eml").read_bytes(), "--json").stdout)
    check_members(document, tables["scan"], seen["scan"])
    check_members(document["decision"], tables["scan/decision"], seen["scan/decision"])
    for copy in document["copies"]:
        check_members(copy, tables["scan/copies"], seen["scan/copies"])
    for finding in document["findings"]:
        check_members(finding, tables["finding"], seen["finding"])
    seen["finding"].add("recipient")  # no check of this version states one
    for name in seen:
        assert seen[name] == set(tables[name]), name
    clean = scan(tmp_path, "c.eml", samples.message("a@theirs.example", ["b@ours.example"], "x"), "--json")
    assert json.loads(clean.stdout)["decision"] == {"fate": "deliver"}


def test_standard_input():
    mail = samples.message("a@theirs.example", ["b@ours.example"], "minutes", [("m.zip", samples.encrypted_zip())])
    r = run("scan", "--policy", STRICT, "--direction", "outbound", "-", stdin=mail)
    assert r.returncode == 1 and b"outbound" in r.stdout


def test_folder_keeps_the_order_of_names(tmp_path):
    for i in range(40):
        (tmp_path / ("%02d.eml" % i)).write_bytes(samples.message("a@theirs.example", ["b@ours.example"], str(i)))
    r = run("scan", "--json", "--policy", STRICT, str(tmp_path))
    names = [os.path.basename(json.loads(line)["file"]) for line in r.stdout.splitlines()]
    assert names == sorted(names) and len(names) == 40


def test_unreadable_files_are_named_and_the_others_judged(tmp_path):
    mail = samples.message("a@theirs.example", ["b@ours.example"], "minutes")
    for name in ("a.eml", "c.eml"):
        (tmp_path / name).write_bytes(mail)
    (tmp_path / "b.eml").symlink_to("/nowhere")
    with open(tmp_path / "d.eml", "wb") as f:
        f.truncate(2 << 20)
    conf = tmp_path.parent / "small.conf"
    conf.write_text("[gate]\nmessage_limit = 1M\n")
    r = run("scan", "--json", "-c", str(conf), "--policy", STRICT, str(tmp_path))
    assert [os.path.basename(json.loads(line)["file"]) for line in r.stdout.splitlines()] == ["a.eml", "c.eml"]
    err = r.stderr.decode().splitlines()
    assert r.returncode == 2 and len(err) == 2, err
    assert "b.eml: No such file" in err[0] and "d.eml: the message is larger than 1048576 bytes" in err[1]


def test_output_that_cannot_be_written_is_trouble(tmp_path):
    (tmp_path / "a.zip").write_bytes(samples.plain_zip())
    with open("/dev/full", "wb") as full:
        r = subprocess.run([stack.program("sekisho"), "inspect", str(tmp_path)], stdout=full, stderr=subprocess.PIPE, timeout=60)
    assert r.returncode == 2 and b"could not be written" in r.stderr


def test_complaints_cannot_move_the_cursor():
    r = run("inspect", "/no\x1b[2J\nwhere")
    assert r.returncode == 2 and r.stderr == b"sekisho: /no\\x1b[2J\\x0awhere: No such file or directory\n"


def test_hostile_names_cannot_move_the_cursor(tmp_path):
    path = tmp_path / "evil\x1b[2J\nfake: deliver.zip"
    path.write_bytes(samples.encrypted_zip())
    r = run("inspect", str(path))
    assert b"\x1b" not in r.stdout and b"\\x1b[2J\\x0afake" in r.stdout


def test_explain_names_rules_and_reasons(tmp_path):
    path = tmp_path / "ppap.eml"
    path.write_bytes(samples.message("a@theirs.example", ["b@ours.example"], "x", [("m.zip", samples.encrypted_zip())]))
    r = run("policy", "explain", "--policy", STRICT, "--direction", "inbound", str(path))
    out = r.stdout.decode()
    assert r.returncode == 0 and "for b@ours.example (inbound): reject" in out
    assert "built in" in out and "attach.encrypted" in out


def test_explain_says_what_observed_rules_would_do(tmp_path):
    path, policy = tmp_path / "a.eml", tmp_path / "policy"
    path.write_bytes(samples.message("a@theirs.example", ["b@ours.example"], "x", [("m.zip", samples.encrypted_zip())]))
    policy.write_text('inbound when attach.any then mark "外部"\nobserve inbound when attach.encrypted then reject "no"\n')
    for command in (["policy", "explain"], ["scan"]):
        r = run(*command, "--policy", str(policy), "--direction", "inbound", str(path))
        out = r.stdout.decode()
        assert r.returncode == 0 and 'deliver, mark "外部"' in out, out
        assert 'without "observe" it would be: reject, mark "外部"\n' in out
        assert "not in the policy" not in out and 'observe inbound when attach.encrypted then reject "no"' in out


@pytest.mark.parametrize("args, status, words", [
    ([], 2, "usage: sekisho COMMAND"),
    (["frobnicate"], 2, 'no command "frobnicate"'),
    (["scan"], 2, "scan what?"),
    (["scan", "--policy", STRICT, "/nowhere.eml"], 2, "/nowhere.eml: No such file"),
    (["scan", "--bogus", "x"], 2, "Unknown option --bogus"),
    (["scan", "--direction", "sideways", "x"], 2, 'not "sideways"'),
    (["scan", "--policy", "/no/policy", "x"], 2, "/no/policy: No such file"),
    (["scan", "-c", "/no/config", "x"], 2, "/no/config"),
    (["inspect"], 2, "inspect what?"),
    (["policy"], 2, "policy what? check, explain"),
    (["policy", "frob"], 2, 'policy has no "frob"'),
    (["passage", "show"], 2, "takes one id"),
    (["passage", "list", "--fate", "eaten"], 2, 'not "eaten"'),
    (["config", "frob"], 2, 'config has no "frob"'),
])
def test_wrong_use_says_what_is_wrong(args, status, words):
    r = run(*args)
    assert r.returncode == status and words in r.stderr.decode() and r.stdout == b""


def test_policy_errors_have_file_line_column_and_caret(tmp_path):
    path = tmp_path / "policy"
    path.write_text("inbound when attach.encrypted then reject\ninbound when attach.encrpyted then reject\n")
    r = run("policy", "check", str(path))
    err = r.stderr.decode()
    assert r.returncode == 1
    assert "%s:2:14: error:" % path in err and "\n             ^" in err


def test_config_errors_have_file_line_column(tmp_path):
    path = tmp_path / "conf"
    path.write_text("[gate]\nthreads = many\n")
    r = run("config", "check", "-c", str(path))
    assert r.returncode == 1 and "%s:2:11: threads must be a number" % path in r.stderr.decode()


@pytest.mark.parametrize("lines, words", [
    ("[gate]\ninbound = unix:sekisho/inbound\n", "[gate] inbound: milter endpoint \"unix:sekisho/inbound\": the path must begin with /"),
    ("[gate]\nforward = inet:mail.example:10\n", "[gate] forward: milter endpoint"),
    ("[site]\nhelp_url = see our page\n", "help_url: only ASCII without blanks"),
    ("[site]\nown_networks = 192.0.2.0/99\n", "192.0.2.0/99"),
])
def test_config_check_reads_what_the_programs_will(tmp_path, lines, words):
    path = tmp_path / "conf"
    path.write_text(lines + "\n[policy]\nfile = %s\n" % STRICT)
    r = run("config", "check", "-c", str(path))
    assert r.returncode == 1 and words in r.stderr.decode()


def test_packaged_policies_load():
    for name in ("policy", "policy.strict"):
        r = run("policy", "check", os.path.join(TOP, "etc", name))
        assert r.returncode == 0, r.stderr
        assert b"built in, always last" in r.stdout


def test_config_show_is_a_config_that_loads(tmp_path):
    r = run("config", "show", "--defaults")
    path = tmp_path / "conf"
    path.write_bytes(r.stdout)
    again = run("config", "show", "-c", str(path))
    assert again.stdout == r.stdout and b"[limits]" in r.stdout


def test_config_check_asks_postconf(tmp_path):
    """A postconf of our own stands for the machine's: the limits must be compared."""
    fake = tmp_path / "postconf"
    fake.write_text("#!/bin/sh\necho 999999999\n")
    fake.chmod(0o755)
    conf = tmp_path / "conf"
    conf.write_text("[policy]\nfile = %s\n" % STRICT)
    env = dict(os.environ, PATH="%s:%s" % (tmp_path, os.environ["PATH"]))
    r = subprocess.run([stack.program("sekisho"), "config", "check", "-c", str(conf)], capture_output=True, text=True, env=env)
    assert r.returncode == 1 and "message_size_limit" in r.stderr and "999999999" in r.stderr


def test_missing_inspector_is_trouble(tmp_path):
    path = tmp_path / "a.eml"
    path.write_bytes(samples.message("a@theirs.example", ["b@ours.example"], "x"))
    r = subprocess.run([stack.program("sekisho"), "scan", "--policy", STRICT, str(path)], capture_output=True, text=True,
                       env=dict(os.environ, SEKISHO_INSPECTOR="/no/inspector"))
    assert r.returncode == 2 and "/no/inspector" in r.stderr


def test_missing_policy_says_where_one_is(tmp_path):
    conf = tmp_path / "conf"
    conf.write_text("[policy]\nfile = %s\n" % (tmp_path / "none"))
    for command in (["config", "check"], ["serve"], ["scan", "/dev/null"]):
        r = run(command[0], *command[1:], "-c", str(conf))
        assert r.returncode == 2, command
        assert "there is no policy %s: copy " % (tmp_path / "none") in r.stderr.decode(), command


def test_config_check_only_counts_what_is_said_of_observed_rules(tmp_path):
    conf = tmp_path / "conf"
    conf.write_text("[policy]\nfile = %s\n" % os.path.join(TOP, "etc", "policy"))
    err = run("config", "check", "-c", str(conf)).stderr.decode()
    assert "warnings about observed rules" in err and ": warning: no check" not in err
    policy = tmp_path / "policy"
    policy.write_text("inbound when dmarc.reject then reject\n")
    conf.write_text("[policy]\nfile = %s\n" % policy)
    assert "%s:1:14: warning: no check" % policy in run("config", "check", "-c", str(conf)).stderr.decode()


def test_config_check_without_a_postfix_says_what_is_not_known(tmp_path):
    conf = tmp_path / "conf"
    conf.write_text("[policy]\nfile = %s\n" % STRICT)
    r = subprocess.run([stack.program("sekisho"), "config", "check", "-c", str(conf)], capture_output=True, text=True,
                       env=dict(os.environ, PATH=str(tmp_path)))
    assert r.returncode == 0 and "not compared with [gate] message_limit" in r.stderr


def test_list_before_the_first_start_says_who_makes_the_ledger(tmp_path):
    conf = tmp_path / "conf"
    conf.write_text("[store]\nstore = sqlite:%s\n" % tmp_path)
    r = run("passage", "list", "-c", str(conf))
    assert r.returncode == 2 and b"no gate has run with this configuration" in r.stderr
