# SPDX-License-Identifier: Apache-2.0
"""The store as an administrator looks after it: a gate fills the ledger with real mail, then `sekisho store` is asked."""
import json
import os
import pty
import re
import sqlite3
import subprocess
import time

import pytest

import samples
import stack
from site_of_tests import OURS, THEIRS, Site
from test_cli import TYPES, described

ELSE, ERASED = "jiro@else.example", "erased@invalid"


def run(*args, **kwargs):
    return subprocess.run([stack.program("sekisho"), "store", *args], capture_output=True, text=True, timeout=120,
                          stdin=subprocess.DEVNULL, **kwargs)


def ask(config, *args, status=0, **kwargs):
    r = run(*args, "-c", str(config), **kwargs)
    assert r.returncode == status, (args, r.returncode, r.stdout, r.stderr)
    assert status != 2 or (r.stdout == "" or args[0] == "migrate") and r.stderr.count("\n") == 1, r.stderr
    return r.stdout if status < 2 else r.stderr


def wait_for_passages(config, n):
    end = time.time() + 10
    while True:
        r = subprocess.run([stack.program("sekisho"), "passage", "list", "--json", "-c", config], capture_output=True, text=True)
        if r.stdout.count("\n") >= n or time.time() > end:
            return [json.loads(line) for line in r.stdout.splitlines()]
        time.sleep(.1)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A running gate with six passages: three from Taro, one of them refused, one to two people, and two from Hanako."""
    folder = tmp_path_factory.mktemp("store")
    for parent in list(folder.parents)[:3]:
        if str(parent).startswith("/tmp/"):
            os.chmod(parent, 0o755)
    with Site(folder) as s:
        s.receive(samples.japanese_message(THEIRS, [OURS]))
        s.receive(samples.message(THEIRS, [OURS], "secret", [("secret.zip", samples.encrypted_zip())]))
        s.receive(samples.message(THEIRS, [OURS, "ben@ours.example"], "two"), [OURS, "ben@ours.example"])
        s.submit(samples.message(OURS, [ELSE], "hello"), [ELSE])
        s.submit(samples.message(OURS, [THEIRS], "ask taro@theirs.example"))
        megumi = "megumi." + THEIRS
        s.postfix.send(s.inbound, megumi, [OURS], samples.message(megumi, [OURS], "somebody else"))
        assert len(wait_for_passages(s.gate.config, 6)) == 6
        ask(s.gate.config, "migrate")  # a gate alone does not make every database
        yield s


@pytest.fixture
def copy(site, tmp_path):
    """The configuration of a copy of the store, to be broken."""
    folder = os.path.join(site.gate.folder, "store")
    os.mkdir(tmp_path / "store")
    for name in os.listdir(folder):
        if name.endswith(".db"):
            with sqlite3.connect(os.path.join(folder, name)) as source, sqlite3.connect(tmp_path / "store" / name) as target:
                source.backup(target)
    return write_config(tmp_path)


def write_config(folder):
    conf = folder / "conf"
    conf.write_text("[store]\nstore = sqlite:%s/store\nblobs = file:%s/blobs\n" % (folder, folder))
    return conf


def break_with(conf, *statements):
    with sqlite3.connect(conf.parent / "store" / "know.db") as db:
        for statement in statements:
            db.execute(statement)


def check(value, table, tables, seen):
    for name, member in value.items():
        assert name in tables[table], (table, name)
        assert type(member) is TYPES[tables[table][name]], (table, name, member)
        seen.add("%s/%s" % (table, name))


LEDGER_VERSION = 3


def ledger_of(status):
    know, = (d for d in status["databases"] if d["database"] == "know")
    return next(m for m in know["modules"] if m["module"] == "ledger")


def test_status_of_a_running_gate(site):
    status = json.loads(ask(site.gate.config, "status", "--json"))
    ledger = ledger_of(status)
    assert ledger["version"] == ledger["known"] == LEDGER_VERSION
    assert {"what": "passages", "count": 6, "exact": True} in ledger["rows"]
    assert {"setting": "ledger", "what": "passages", "seconds": 90 * 86400} in status["retention"]
    assert 0 < status["passages"]["oldest_us"] < status["passages"]["newest_us"] and status["needs"] == []
    text = ask(site.gate.config, "status")
    assert "tables of version %d, 6 passages" % LEDGER_VERSION in text and "passages: 90d" in text


def test_status_is_what_the_page_says(site):
    """Both ways: nothing comes out that is not described, everything described comes out."""
    tables, seen = described(), set()
    status = json.loads(ask(site.gate.config, "status", "--json"))
    check(status, "store status", tables, seen)
    check(status["passages"], "store status/passages", tables, seen)
    for database in status["databases"]:
        check(database, "store status/databases", tables, seen)
        for module in database["modules"]:
            check(module, "store status/modules", tables, seen)
            for rows in module["rows"]:
                check(rows, "store status/rows", tables, seen)
    for name in {"blobs", "jobs", "site_key"} & set(status):
        check(status[name], "store status/" + name, tables, seen)
    for one in status["retention"]:
        check(one, "store status/retention", tables, seen)
    wanted = {"%s/%s" % (t, n) for t in tables if t.startswith("store status") for n in tables[t]}
    # What comes out when there is a site key, and when a job is due.
    sometimes = {"store status/site_key", "store status/site_key/id", "store status/site_key/made_us", "store status/jobs/oldest_due_us"}
    assert wanted - sometimes <= seen


def test_verify(site, copy):
    assert "6 passages, all well" in re.sub(r", \d+ stored files?", "", ask(site.gate.config, "verify"))
    break_with(copy, "UPDATE passage SET document = '{' WHERE fate = 'reject'")
    lines = [json.loads(line) for line in ask(copy, "verify", "--json", status=1).splitlines()]
    tables, seen = described(), set()
    for line in lines:
        check(line, "store verify", tables, seen)
    assert seen == {"store verify/" + name for name in tables["store verify"]}
    assert len(lines) == 2 and lines[0]["where"] == "ledger" and "damaged at byte 1" in lines[0]["trouble"]
    assert lines[1]["troubles"] == 1 and lines[1]["checked"]["passages"] == 6
    text = ask(copy, "verify", status=1)
    assert text.startswith("ledger: passage ") and text.count("\n") == 2


def test_verify_finds_a_damaged_page(copy):
    path = copy.parent / "store" / "know.db"
    size = path.stat().st_size
    with open(path, "r+b") as f:
        f.seek(4096 * (size // 4096 // 2))
        f.write(b"x" * 4096)
    r = run("verify", "-c", str(copy))
    assert r.returncode in (1, 2) and "Sanitizer" not in r.stderr
    assert "know: " in r.stdout or "damaged" in r.stderr or "malformed" in r.stderr


def test_what_is_no_database_is_said_in_one_sentence(copy):
    path = copy.parent / "store" / "know.db"
    path.write_bytes(b"Dear diary, " * 1000)
    for command in (["status"], ["verify"], ["migrate"], ["export", THEIRS], ["erase", "--yes", THEIRS]):
        assert "database %s: " % path in ask(copy, *command, status=2)
    assert path.read_bytes() == b"Dear diary, " * 1000


def test_export(site):
    tables, seen = described(), set()
    records = [json.loads(line) for line in ask(site.gate.config, "export", THEIRS.upper()).splitlines()]
    for record in records:
        check(record, "store export", tables, seen)
        for name in ("is", "other_recipients"):
            assert type(record["record"][name]) is TYPES[tables["store export/record of ledger"][name]]
        assert set(record["record"]) - {"is", "other_recipients"} <= set(tables["passage"])
    assert {(tuple(r["record"]["is"]), r["record"]["other_recipients"]) for r in records} == \
        {(("sender", "from"), 1), (("sender", "from"), 2), (("recipient",), 0)}
    assert len(records) == 4
    assert "ben@ours.example" not in json.dumps([r["record"]["recipients"] for r in records])
    mine = [json.loads(line)["record"] for line in ask(site.gate.config, "export", "ben@ours.example").splitlines()]
    assert [r["is"] for r in mine] == [["recipient"]] and mine[0]["recipients"][0]["address"] == "ben@ours.example"
    assert OURS not in json.dumps(mine)
    summary = run("export", "--json", "-c", site.gate.config, ELSE).stderr
    check(json.loads(summary), "store export/summary", tables, seen)
    assert json.loads(summary) == {"person": ELSE, "records": {"hold": 0, "hold-person": 0, "ledger": 1}}
    assert seen == {"%s/%s" % (t, name) for t in ("store export", "store export/summary") for name in tables[t]}


def dump(folder):
    """Every value in the database, and every byte of its files."""
    path = os.path.join(folder, "know.db")
    with sqlite3.connect("file:%s?mode=ro" % path, uri=True) as db:
        text = "\n".join(db.iterdump())
    raw = b"".join(open(path + end, "rb").read() for end in ("", "-wal") if os.path.exists(path + end))
    return text.lower(), raw.lower()


def test_erase_while_the_gate_runs(site):
    folder, before = os.path.join(site.gate.folder, "store"), wait_for_passages(site.gate.config, 6)
    assert re.search(r"[^.]taro@theirs\.example", dump(folder)[0])
    r = run("erase", "--yes", "-c", site.gate.config, THEIRS)
    assert r.returncode == 0 and "ledger: 4 rows changed" in r.stdout, r
    assert re.search(r"info: a person was erased uid=0 .*rows=4", r.stderr) and THEIRS not in r.stdout + r.stderr
    text, raw = dump(folder)
    assert not re.search(r"(?<!megumi\.)taro@theirs\.example", text)
    assert not re.search(rb"(?<!megumi\.)taro@theirs\.example", raw)
    assert "megumi.taro@theirs.example" in text and ELSE in text and "secret.zip" not in text and b"secret.zip" not in raw
    after = wait_for_passages(site.gate.config, 6)
    for old, new in zip(before, after):
        for name in ("id", "received_us", "fate", "origin", "size"):
            assert old[name] == new[name]
        assert [f["id"] for f in old["findings"]] == [f["id"] for f in new["findings"]]
    assert ask(site.gate.config, "export", THEIRS) == ""
    again = ask(site.gate.config, "erase", "--yes", THEIRS)
    assert "ledger: 0 rows changed" in again and "Nothing was kept under this address." in again
    assert "all well" in ask(site.gate.config, "verify")
    assert site.receive(samples.message(THEIRS, [OURS], "again")).code == 250
    assert len(wait_for_passages(site.gate.config, 7)) == 7


def test_erase_wants_to_be_sure(copy):
    before = dump(copy.parent / "store")[0]
    assert "--yes says that it is meant" in ask(copy, "erase", OURS, status=2)
    for answer, status in (("no", 2), ("yes", 0)):
        master, slave = pty.openpty()
        p = subprocess.Popen([stack.program("sekisho"), "store", "erase", "-c", str(copy), OURS], stdin=slave,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        os.close(slave)
        os.write(master, answer.encode() + b"\n")
        err = p.communicate(timeout=60)[1]
        os.close(master)
        assert p.returncode == status and "no way back" in err
        assert (dump(copy.parent / "store")[0] == before) == (answer == "no")


def test_erase_reaches_free_pages_and_a_vacuum(copy):
    ask(copy, "erase", "--yes", OURS)
    path = copy.parent / "store" / "know.db"
    assert OURS.encode() not in path.read_bytes().lower()
    with sqlite3.connect(path) as db:
        db.execute("VACUUM")
    assert OURS not in dump(path.parent)[0] and ELSE in dump(path.parent)[0]


LOOKING = (["status"], ["status", "--json"], ["verify"], ["export", OURS], ["erase", "--yes", OURS], ["migrate", "--dry-run"])


@pytest.mark.parametrize("command", LOOKING)
def test_looking_makes_nothing(tmp_path, command):
    conf = write_config(tmp_path)
    if command[0] == "migrate":
        assert ask(conf, *command).startswith("ledger: would take step 1, ") or "would take step" in ask(conf, *command)
    else:
        assert "no gate has run with this configuration" in ask(conf, *command, status=2)
    assert os.listdir(tmp_path) == ["conf"]
    os.mkdir(tmp_path / "store")
    run(*command, "-c", str(conf))
    assert os.listdir(tmp_path / "store") == []


def test_migrate_makes_the_store(tmp_path):
    conf = write_config(tmp_path)
    steps = ask(conf, "migrate").splitlines()
    assert "ledger: step 1, passages" in steps and "ledger: step 2, what observed rules would have done" in steps
    assert ask(conf, "migrate").startswith("nothing to do") and ask(conf, "migrate", "--dry-run").startswith("nothing to do")
    status = json.loads(ask(conf, "status", "--json"))
    assert ledger_of(status)["version"] == LEDGER_VERSION and status["needs"] == [] and "passages" not in status


def test_an_older_schema_is_brought_up(copy):
    break_with(copy, "DROP INDEX passage_machine", "ALTER TABLE passage DROP COLUMN machine",
               "ALTER TABLE passage DROP COLUMN observed", "UPDATE schema_version SET version = 1 WHERE module = 'ledger'")
    status = json.loads(ask(copy, "status", "--json", status=1))
    assert len(status["needs"]) == 1 and "`sekisho store migrate`" in status["needs"][0] and ledger_of(status)["rows"] == []
    assert "ledger: the tables have version 1" in ask(copy, "verify", status=1)
    assert "version 1" in ask(copy, "export", OURS, status=2)
    assert "ledger: would take step 2, " in ask(copy, "migrate", "--dry-run")
    assert "ledger: step 2, what observed rules would have done" in ask(copy, "migrate")
    assert "passages, all well" in re.sub(r", \d+ stored files?", "", ask(copy, "verify"))


def test_a_failed_step_is_rolled_back_and_says_what_to_do(copy):
    # The column is there already, so the step cannot add it.
    break_with(copy, "UPDATE schema_version SET version = 1 WHERE module = 'ledger'")
    before = dump(copy.parent / "store")[0]
    said = ask(copy, "migrate", status=2)
    assert 'step 2 of "ledger" (what observed rules would have done) failed' in said and "remove the cause" in said
    assert dump(copy.parent / "store")[0] == before


def test_a_newer_schema_is_refused(copy):
    break_with(copy, "UPDATE schema_version SET version = 99 WHERE module = 'ledger'")
    before = dump(copy.parent / "store")[0]
    for command in (["migrate"], ["migrate", "--dry-run"], ["export", OURS], ["erase", "--yes", OURS]):
        assert "version 99, this program knows %d" % LEDGER_VERSION in ask(copy, *command, status=2)
    assert "install the newer program" in json.loads(ask(copy, "status", "--json", status=1))["needs"][0]
    assert "version 99" in ask(copy, "verify", status=1)
    assert dump(copy.parent / "store")[0] == before


def test_an_empty_file_needs_a_migration(tmp_path):
    conf = write_config(tmp_path)
    os.mkdir(tmp_path / "store")
    (tmp_path / "store" / "know.db").touch()
    assert "`sekisho store migrate`" in ask(conf, "status", status=1)
    assert (tmp_path / "store" / "know.db").stat().st_size == 0


@pytest.mark.parametrize("line, words", [
    ("store = mysql://db", "[store] store has to be"),
    ("store = sqlite:relative/path", "[store] store has to be"),
    ("blobs = s3://bucket", "[store] blobs has to be"),
    ("sotre = sqlite:/x", "sotre"),
])
def test_wrong_settings(tmp_path, line, words):
    conf = tmp_path / "conf"
    conf.write_text("[store]\n%s\n" % line)
    for command in LOOKING + (["migrate"],):
        assert words in ask(conf, *command, status=2)


def test_missing_rights(copy, own_folder):
    """Whoever may not read the store learns that, and changes nothing."""
    folder = copy.parent / "store"
    os.chmod(own_folder, 0o755)
    os.chmod(folder, 0o750)
    before = sorted(os.listdir(folder))
    try:
        subprocess.run([stack.program("sekisho"), "--version"], user="nobody", group="nogroup", check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("nobody cannot start the programs of this build")
    for name in ("status", "verify", "export"):
        r = run(name, "-c", str(copy), *([OURS] if name == "export" else []), user="nobody", group="nogroup")
        assert r.returncode == 2 and "only root and the user of the gate may use the store" in r.stderr, r
    assert sorted(os.listdir(folder)) == before


def test_a_missing_parent_is_named_and_not_made(tmp_path):
    conf = tmp_path / "conf"
    conf.write_text("[store]\nstore = sqlite:%s/a/b/c\n[hold]\nrelease_key = %s/release.key\n" % (tmp_path, tmp_path))
    said = ask(conf, "migrate", status=2)
    r = subprocess.run([stack.program("sekisho"), "key", "init", "-c", str(conf)], capture_output=True, text=True, timeout=60)
    assert r.returncode == 2
    for text in (said, r.stderr):
        # Nobody is advised to do what he has just done.
        assert "cannot make the folder of database" in text and "`sekisho" not in text
    assert os.listdir(tmp_path) == ["conf"]


@pytest.mark.parametrize("args, words", [
    (["frob"], 'store has no "frob": it has status, migrate, verify, export, erase'),
    (["status", "x"], 'takes no "x"'), (["verify", "x"], 'takes no "x"'), (["migrate", "x"], 'takes no "x"'),
    (["export"], "takes one address"), (["erase", "a@b.example", "c@d.example"], "takes one address"),
    (["export", "taro"], '"taro" is no address'), (["erase", "--yes", "@ours.example"], "is no address"),
    (["status", "--yes"], "Unknown option --yes"),
])
def test_wrong_use(args, words):
    r = run(*args)
    assert r.returncode == 2 and words in r.stderr and r.stdout == ""


@pytest.mark.parametrize("command", ["status", "migrate", "verify", "export", "erase"])
def test_help_and_the_manual_page_have_the_same_options(command):
    page = open(os.path.join(stack.TOP, "doc", "man", "sekisho.1")).read()
    synopsis = re.search(r"^\.Cm store %s\n((?:\.(?:Op|Ar) .*\n)+)" % command, page, re.M)[1]
    in_page = set(re.findall(r"^\.Op Fl (-?[\w-]+)", synopsis, re.M))
    shown = run(command, "--help").stdout
    in_help = set(re.findall(r"^ +(?:-(\w), )?--([\w-]+)", shown, re.M))
    in_help = {short or "-" + long for short, long in in_help if long != "help"}
    assert in_page == in_help and ("address" in synopsis) == ("PERSON" in shown)


def test_export_to_a_full_disk_is_trouble(site):
    with open("/dev/full", "wb") as full:
        r = subprocess.run([stack.program("sekisho"), "store", "export", "-c", site.gate.config, OURS], stdout=full,
                           stderr=subprocess.PIPE, timeout=60)
    assert r.returncode == 2 and b"could not be written" in r.stderr
