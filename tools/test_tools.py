# SPDX-License-Identifier: Apache-2.0
"""Each check passes a good tree and refuses a bad sample, for the reason that is expected."""

import json
import os
import pathlib
import shutil
import stat
import subprocess

import pytest

TOOLS = pathlib.Path(__file__).resolve().parent
HEAD = "/* SPDX-License-Identifier: Apache-2.0 */\n"
RINGS = """# ring 0 - ground
base:                 |
# ring 1 - nouns
mail:     base        | gmime
port:     base mail   |
# ring 2 - capabilities
attach:   base mail   | zlib
ledger:   base port   | jansson
# ring 3 - the world
store:    base port   | sqlite3
"""


def write(root, path, text):
    target = root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text)
    return target


@pytest.fixture(name="root")
def good_tree(tmp_path):
    """A small tree that nothing is wrong with."""
    write(tmp_path, "src/RINGS", RINGS)
    for folder in ("base", "mail", "port", "attach", "ledger", "store"):
        write(tmp_path, f"src/{folder}/{folder}.h", HEAD + "#pragma once\n")
    write(tmp_path, "src/attach/attach.c",
          HEAD + '#include <glib.h>\n#include <zlib.h>\n\n#include "base/base.h"\n')
    return tmp_path


def run(tool, root, *args):
    done = subprocess.run(["/usr/bin/python3", str(TOOLS / tool), "--root", str(root),
                           *map(str, args)], text=True, capture_output=True, check=False)
    return done.returncode, done.stdout + done.stderr


def refuse(tool, root, expected, *args):
    code, said = run(tool, root, *args)
    assert code == 1, said
    assert expected in said


def accept(tool, root, *args):
    code, said = run(tool, root, *args)
    assert code == 0, said


@pytest.mark.parametrize("tool", ["check-rings", "check-style", "check-sql", "check-man"])
def test_good_tree(tool, root):
    accept(tool, root)


@pytest.mark.parametrize("include, expected", [
    ('"store/store.h"', "RINGS does not grant store to attach"),
    ('"ledger/ledger.h"', "RINGS does not grant ledger to attach"),
    ('"attach.h"', 'own includes are written "folder/file.h"'),
    ('"../base/base.h"', 'own includes are written "folder/file.h"'),
    ('"base/none.h"', "there is no src/base/none.h"),
    ("<gmime/gmime.h>", "RINGS does not grant gmime to attach"),
    ("<openssl/evp.h>", "RINGS does not grant openssl to attach"),
    ("<curl/curl.h>", "<curl/curl.h>: unknown"),
    ('"mail/mail-private.h"', "private to mail"),
    ('"base/base-testing.h"', "is for tests"),
])
def test_rings_include(root, include, expected):
    write(root, "src/mail/mail-private.h", HEAD + "#pragma once\n")
    write(root, "src/base/base-testing.h", HEAD + "#pragma once\n")
    path = write(root, "src/attach/attach.c", HEAD + f"#include {include}\n")
    refuse("check-rings", root, expected)
    path.write_text(HEAD + f"/* #include {include} */\n")
    accept("check-rings", root)


@pytest.mark.parametrize("line, expected", [
    ("attach:   base store  | zlib", "store, which no line above names"),
    ("attach:   base attach | zlib", "attach, which no line above names"),
    ("attach:   base ledger | zlib", "ledger, which no line above names"),
    ("attach    base | zlib", 'expected "folder: folders | headers"'),
])
def test_rings_grant(root, line, expected):
    write(root, "src/RINGS", RINGS.replace("attach:   base mail   | zlib", line))
    refuse("check-rings", root, expected)


def test_rings_sideways(root):
    """The line above names it, but ring 2 knows no neighbours."""
    write(root, "src/RINGS", RINGS.replace("ledger:   base port", "ledger:   base attach"))
    refuse("check-rings", root, "includes point downwards")


def test_rings_upward(root):
    text = RINGS.replace("mail:     base        | gmime\n", "") \
        .replace("port:     base mail", "port:     base").replace("# ring 1 - nouns", "") \
        + "# ring 1 - nouns\nmail: base store | gmime\n"
    write(root, "src/RINGS", text)
    refuse("check-rings", root, "mail (ring 1) is granted store (ring 3)")


def test_rings_unknown_folder(root):
    write(root, "src/other/other.h", HEAD + "#pragma once\n")
    refuse("check-rings", root, "RINGS does not name other")
    shutil.rmtree(root / "src" / "other")
    shutil.rmtree(root / "src" / "store")
    refuse("check-rings", root, "there is no src/store")


def test_rings_tests_may(root):
    write(root, "src/attach/attach-test.c", HEAD + '#include "store/store.h"\n')
    accept("check-rings", root)


@pytest.mark.parametrize("path, text, expected", [
    ("a.c", "int a;\n", "SPDX"),
    ("a.h", HEAD + "int a;\n", "#pragma once"),
    ("a.py", "import os\n", "SPDX"),
    ("a.c", HEAD + "\tint a;\n", "a tab"),
    ("a.c", HEAD + "int a; \n", "blanks at the end"),
    ("a.c", HEAD + "int a;", "no newline"),
    ("a.c", HEAD + "/* TO" + "DO: more */\n", "unfinished"),
    ("a.c", HEAD + "int a;\n" * 800, "801 lines, 800 are allowed"),
    ("a.h", HEAD + "#pragma once\n" + "int a;\n" * 300, "302 lines, 300"),
    ("a.c", HEAD + "void\nf(void)\n{\n" + "    g();\n" * 77 + "}\n", "f() has 81 lines"),
    ("a.c", HEAD + "void\nf(int a, int b, int c, int d, int e, int f, int g, int h,\n"
     "  int (*i)(int, int))\n{\n}\n", "f() has 9 parameters"),
])
def test_style(root, path, text, expected):
    write(root, "src/base/" + path, text)
    refuse("check-style", root, expected)


@pytest.mark.parametrize("body, depth", [
    ("if (a) { for (;;) { while (b) { switch (c) { case 1: if (d) { if (e) { f(); } } } } } }", 6),
    ("if (a) for (;;) while (b) if (c) if (d) if (e) f();", 6),
    ("do { if (a) { if (b) { if (c) { if (d) { if (e) f(); } } } } } while (x);", 6),
    ("if (a) f(); else if (b) f(); else if (c) f(); else if (d) f(); else if (e) f(); else f();",
     0),
    ("T t[] = {{1, {2, {3, {4, {5, {6}}}}}}}; for (;;) { if (a) { f(); } }", 0),
    ("if (a) f(); if (a) f(); if (a) f(); if (a) f(); if (a) f(); if (a) f(); if (a) f();", 0),
])
def test_nesting(root, body, depth):
    write(root, "src/base/a.c", HEAD + "void\nf(void)\n{\n    " + body + "\n}\n")
    if depth:
        refuse("check-style", root, f"f() nests {depth} deep")
    else:
        accept("check-style", root)


@pytest.mark.parametrize("call", [
    "strcpy(a, b)", "strcat(a, b)", "sprintf(a, b)", "gets(a)", "system(a)", "popen(a, b)",
    "g_spawn_sync(a)", "atoi(a)", "atol(a)", "strtok(a, b)", "rand()", "random()",
    "g_error(\"a\")", "abort()", "exit(1)", "time(NULL)"])
def test_banned(root, call):
    text = HEAD + f"void\nf(void)\n{{\n    {call};\n}}\n"
    path = write(root, "src/base/a.c", text)
    refuse("check-style", root, call.split("(", maxsplit=1)[0] + "() is banned; use ")
    path.write_text(HEAD + f"/* {call} */\nconst char *a = \"{call.replace(chr(34), '')}\";\n")
    accept("check-style", root)


def test_style_goto(root):
    write(root, "src/base/a.c", HEAD + "void\nf(void)\n{\n    goto out;\n}\n")
    refuse("check-style", root, "goto is banned")


def test_style_tables_do_not_count(root):
    table = "/* clang-format off */\n" + "int a;\n" * 900 + "/* clang-format on */\n"
    write(root, "src/base/a.c", HEAD + table)
    accept("check-style", root)


@pytest.mark.parametrize("path, text, expected", [
    ("src/attach/a.c", 'char *a = "SELECT x FROM y";', "SQL belongs in X-store.c"),
    ("src/attach/a.c", 'char *a = "DELETE "\n"FROM y";', "SQL belongs in X-store.c"),
    ("src/attach/a.c", 'char *a = "UPDATE t SET x = 1";', "SQL belongs in X-store.c"),
    ("src/ledger/a-store.c", 'char *a = g_strdup_printf("SELECT %s", b);', "is a constant"),
    ("src/ledger/a-store.c", 'char *a = g_strconcat(b, "SELECT 1", NULL);', "is a constant"),
    ("src/store/a.c", 'char *a = "CREATE TRIGGER x";', "no triggers"),
])
def test_sql(root, path, text, expected):
    write(root, path, HEAD + text + "\n")
    refuse("check-sql", root, expected)


@pytest.mark.parametrize("path, text", [
    ("src/ledger/a-store.c", 'char *a = "SELECT x FROM y WHERE z = $1";'),
    ("src/store/a.c", 'char *a = "PRAGMA x";'),
    ("src/attach/a-test.c", 'char *a = "SELECT x FROM y";'),
    ("src/attach/a.c", 'char *a = "select a file to update"; /* SELECT x FROM y */'),
])
def test_sql_good(root, path, text):
    write(root, path, HEAD + text + "\n")
    accept("check-sql", root)


def make_build(root):
    command = {"directory": str(root), "file": "x.c",
               "command": "cc -I../src -Wall -std=gnu17 -o x.o -c x.c"}
    write(root, "build/compile_commands.json", json.dumps([command]))
    return root / "build"


def test_headers(root):
    build = make_build(root)
    accept("check-headers", root, build)
    write(root, "src/base/lazy.h", HEAD + "#pragma once\nuint8_t forgotten(void);\n")
    refuse("check-headers", root, "src/base/lazy.h: does not compile alone", build)
    write(root, "src/base/lazy.h", HEAD + "struct Twice { int a; };\n")
    refuse("check-headers", root, "redefinition", build)


@pytest.mark.skipif(shutil.which("clang-format") is None, reason="clang-format is missing")
def test_format(root):
    shutil.copy(TOOLS.parent / ".clang-format", root)
    accept("check-format", root)
    write(root, "src/base/a.c", HEAD + "int a( void ){return 1;}\n")
    refuse("check-format", root, "clang-formatted")


def test_format_without_tool(root, tmp_path_factory):
    done = subprocess.run(["/usr/bin/python3", str(TOOLS / "check-format"), "--root", str(root)],
                          env={**os.environ, "PATH": str(tmp_path_factory.mktemp("empty"))},
                          text=True, capture_output=True, check=False)
    assert done.returncode == 77
    assert "not installed" in done.stdout


DEF = HEAD + """
SK_FINDING_DEF(ATTACH_ANY, "attach.any", BUILT, "attach", "an attachment")
SK_FINDING_DEF(SPF_PASS, "spf.pass", RESERVED, "spf", "the domain allows this")
"""


@pytest.fixture(name="findings_root")
def tree_with_findings(root):
    write(root, "src/verdict/findings.def", DEF)
    write(root, "src/attach/state.c", HEAD + "int x = SK_FINDING_ATTACH_ANY;\n")
    write(root, "tests/corpus/attach/one/expect", "zip none yes\nattach.any [1] a.zip\n")
    (root / "doc").mkdir()
    assert run("make-findings", root, "--write")[0] == 0
    return root


def test_findings(findings_root):
    accept("check-findings", findings_root)
    page = (findings_root / "doc" / "findings.md").read_text()
    assert "## attach\n\n| id | meaning |\n|---|---|\n| `attach.any` | an attachment |\n" in page
    assert page.index("## Reserved") < page.index("spf.pass")


def test_findings_page(findings_root):
    write(findings_root, "doc/findings.md", "old\n")
    refuse("check-findings", findings_root, "doc/findings.md: is not what")


def test_findings_never_stated(findings_root):
    (findings_root / "src" / "attach" / "state.c").unlink()
    refuse("check-findings", findings_root, "attach.any is BUILT, but nothing states it")


def test_findings_reserved_but_stated(findings_root):
    write(findings_root, "src/attach/more.c", HEAD + "int y = SK_FINDING_SPF_PASS;\n")
    refuse("check-findings", findings_root, "spf.pass is RESERVED, but something states it")


def test_findings_never_tested(findings_root):
    write(findings_root, "tests/corpus/attach/one/expect", "zip none yes\nattach.anything\n")
    refuse("check-findings", findings_root, "attach.any is in no corpus case and no test")
    write(findings_root, "src/policy/policy-test.c", HEAD + "int y = SK_FINDING_ATTACH_ANY;\n")
    refuse("check-findings", findings_root, "attach.any is in no corpus case and no test")
    write(findings_root, "tests/e2e/test_a.py", "assert 'attach.any' in answer\n")
    accept("check-findings", findings_root)


def test_findings_not_understood(findings_root):
    write(findings_root, "src/verdict/findings.def", DEF + "SK_FINDING_DEF(BROKEN)\n")
    code, said = run("check-findings", findings_root)
    assert code == 1 and "3 lines, 2 of them understood" in said


def test_findings_without_corpus(findings_root):
    shutil.rmtree(findings_root / "tests" / "corpus")
    code, said = run("check-findings", findings_root)
    assert code == 77 and "was not checked" in said


PAGE = """.Dd January 1, 2024
.Dt SEKISHO 1
.Os
.Sh NAME
.Nm sekisho
.Nd a gateway
.Sh COMMANDS
.Bl -tag -width Ds
.It Ic scan
Looks.
.It Ic passage list
Lists.
.El
"""


@pytest.mark.skipif(shutil.which("mandoc") is None, reason="mandoc is missing")
def test_man(root):
    write(root, "doc/man/sekisho.1", PAGE)
    table = 'static const Command commands[] = {\n    {"scan", run_scan},\n' \
            '    {"passage", run_passage},\n};\n'
    write(root, "src/cli/cli.c", HEAD + table)
    accept("check-man", root)
    write(root, "src/cli/cli.c", HEAD + table.replace("scan", "dance"))
    refuse("check-man", root, 'does not describe "sekisho dance"')
    write(root, "src/cli/cli.c", HEAD + table)
    write(root, "doc/man/sekisho.1", PAGE.replace(".El\n", ".Xy\n"))
    refuse("check-man", root, "skipping unknown macro")


SETTINGS = "gate\tthreads\tnumber\t2\t1\t64\ngate\tlimit\tsize\t10M\t1024\t1073741824\n" \
           "gate\tgroup\ttext\t\t0\t0\n"
CONF = """.Ss [gate]
.Bl -tag -width Ds
.It Va threads Pq Vt number , from 1 to 64 , default Li 2
.It Va limit Pq Vt size , from 1k to 1G , default Li 10M
.It Va group Pq Vt text , default none
.El
"""


@pytest.mark.parametrize("old, new, expected", [
    ("", "", None),
    (".It Va threads Pq Vt number , from 1 to 64 , default Li 2\n", "",
     "does not describe [gate] threads"),
    ("threads", "fibres", "describes [gate] fibres, which no table has"),
    ("Li 2", "Li 3", "[gate] threads: the table has"),
    ("to 64", "to 65", "[gate] threads: the table has"),
    ("to 1G", "to 2G", "[gate] limit: the table has"),
    ("Vt text", "Vt list", "[gate] group: the table has"),
    (" , default none", "", 'expected ".It Va key'),
])
def test_settings(root, old, new, expected):
    program = write(root, "dump", f"#!/bin/sh\nprintf '%s' '{SETTINGS}'\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    write(root, "doc/man/sekisho.conf.5", CONF.replace(old, new) if old else CONF)
    if expected:
        refuse("check-settings", root, expected, program)
    else:
        accept("check-settings", root, program)


SCHEMATA = """# x

## history

```json
{"version": 1}
```

| `version` | integer | |

## simulate

```json
{"judged": {"inbound": 1}, "rules": [{"name": "x", "own": true, "count": 1}]}
```

| `judged` | object | |
| `rules` | array | |

## passage

```json
{"id": "a", "size": 1}
```

| `id` | string | |
| `size` | integer | |
"""
WRITER = """    put_text(out, object, "id", passage->id);
    put(out, object, "size", json_integer(passage->size));
    put(out, one, "args", x); put(out, one, "line", x); put(out, one, "part", x);
    put(out, one, "detail", x); put(out, one, "recipient", x);
"""
HISTORY = """static void
print_json(int version)
{
    sk_cli_print_json(json_pack("{s:I}", "version", 1));
}
"""
SIMULATED = """    json_pack("{s:o, s:o}", "judged", f("inbound"), "rules",
              json_pack("{s:s, s:b, s:I}", "name", x, "own", y, "count", z));
"""


@pytest.mark.parametrize("old, new, expected", [
    ("", "", None),
    ('"size": 1}', '"size": 1', "the example is no JSON"),
    ('"size": 1}', '"size":\n1}', "a document is one line"),
    ("| `size`", "| `bulk`", 'does not describe "size"'),
    ("| `size`", "| `bulk`", 'describes "bulk" of a passage, which is never written'),
    ('"size": 1}', '"bulk": 1}', 'has "bulk" in the example'),
    ("| `version`", "| `number`", 'does not describe "version" of history'),
    ("| `rules`", "| `lines`", 'describes "lines" of simulate, which is never written'),
    ('"judged": {', '"jugded": {', 'the example of simulate and its table differ in "judged"'),
])
def test_schemata(root, old, new, expected):
    write(root, "src/ledger/passage-json-write.c", HEAD + WRITER)
    write(root, "src/cli/cli-policy-history.c", HEAD + HISTORY)
    write(root, "src/cli/cli-simulated-json.c", HEAD + SIMULATED)
    write(root, "doc/schemata.md", SCHEMATA.replace(old, new) if old else SCHEMATA)
    if expected:
        refuse("check-schemata", root, expected)
    else:
        accept("check-schemata", root)


def link(root, name, source, *libraries):
    program = root / name
    subprocess.run(["cc", "-x", "c", "-", "-o", program, "-Wl,--no-as-needed", *libraries], input=source, text=True, check=True)
    return program


def test_links(root):
    clean = link(root, "clean", "int sk_mail_header_read; int main(void) { return 0; }")
    parser = link(root, "parser", "int sk_attach_scan_part(void) { return 0; } int main(void) { return 0; }")
    library = link(root, "library", "int main(void) { return 0; }", "-larchive")
    # Gate, keeper, clerk and command line link no parser; the inspector does.
    accept("check-links", root, *[clean] * 5, parser)
    for i in range(5):
        programs = [clean] * 5
        programs[i] = parser
        refuse("check-links", root, "links sk_attach_scan_part", *programs, parser)
    refuse("check-links", root, "links libarchive.so", *[clean] * 4, library, parser)
    refuse("check-links", root, "links no parser", *[clean] * 6)


TAP = "1..4\nok 1 /a\nok 2 /b # SKIP no reason\nnot ok 3 /c\nok 4 /d\n"


@pytest.mark.parametrize("tests, expected", [
    ([("OK", "")], "1 passed, 0 failed"),
    ([("OK", TAP.replace("not ok", "ok"))], "3 passed, 0 failed, 1 skipped"),
    ([("FAIL", TAP)], "2 passed, 1 failed, 1 skipped"),
    # Crashed after its last test had passed, or before its first.
    ([("ERROR", "1..2\nok 1 /a\n")], "1 passed, 1 failed"),
    ([("ERROR", "1..2\n")], "0 passed, 1 failed"),
    ([("TIMEOUT", "")], "0 passed, 1 failed"),
    ([("OK", ""), ("SKIP", "")], "1 passed, 0 failed, 1 skipped"),
    ([("FAIL", "ok, I thought\n")], "0 passed, 1 failed"),
    ([], "0 passed, 0 failed"),
])
def test_sum_meson(tmp_path, tests, expected):
    log = "".join(json.dumps({"name": "x", "result": result, "stdout": out}) + "\n"
                  for result, out in tests)
    path = write(tmp_path, "testlog.json", log)
    done = subprocess.run([str(TOOLS / "sum-tests"), str(path)], text=True, capture_output=True,
                          check=False)
    assert done.stdout.splitlines()[-1] == expected
    assert (done.returncode == 0) == (" 0 failed" in expected and expected[0] != "0")


def test_sum_pytest(tmp_path):
    case = "import pytest\n" \
           "def test_a(): pass\n" \
           "def test_b(): assert 0\n" \
           "def test_c(): pytest.skip()\n" \
           "def test_d(broken): pass\n" \
           "@pytest.fixture\ndef broken(): assert 0\n"
    write(tmp_path, "test_x.py", case)
    subprocess.run(["/usr/bin/python3", "-m", "pytest", "-q", "-p", "no:cacheprovider",
                    f"--junitxml={tmp_path}/x.xml", str(tmp_path)], capture_output=True,
                   check=False)
    done = subprocess.run([str(TOOLS / "sum-tests"), f"{tmp_path}/x.xml", f"{tmp_path}/none.xml"],
                          text=True, capture_output=True, check=False)
    assert done.stdout == "1 passed, 3 failed, 1 skipped\n"
    assert done.returncode == 1


def run_install(tmp_path, present, *groups, apt="exit 0"):
    """tools/install with a dpkg that knows PRESENT, and an apt that only notes its words."""
    fakes = {
        "dpkg-query": f"case ' {present} ' in *\" $3 \"*) echo installed;; *) exit 1;; esac",
        "apt-get": f"echo apt-get \"$@\" >>{tmp_path}/calls; {apt}",
        "debconf-set-selections": f"cat >>{tmp_path}/calls",
        "id": "echo 0",
    }
    for name, body in fakes.items():
        write(tmp_path, f"bin/{name}", f"#!/bin/sh\n{body}\n").chmod(0o755)
    write(tmp_path, "calls", "")
    shutil.copy(TOOLS / "install", tmp_path)
    write(tmp_path, "packages", "# all\n[build]\ngcc\nmeson\n\n[run]\npostfix\n[test]\nmandoc\n")
    done = subprocess.run([str(tmp_path / "install"), *groups], text=True, capture_output=True,
                          env={"PATH": f"{tmp_path}/bin:/usr/bin:/bin"}, check=False)
    return done, (tmp_path / "calls").read_text()


def test_install_nothing(tmp_path):
    done, calls = run_install(tmp_path, "gcc meson mandoc", "build", "test")
    assert (done.returncode, done.stdout, calls) == (0, "", "")


def test_install_missing(tmp_path):
    done, calls = run_install(tmp_path, "gcc mandoc", "build", "run")
    assert done.returncode == 0
    assert done.stdout == "Installing: meson postfix\n"
    assert calls.splitlines() == [
        "postfix postfix/main_mailer_type select No configuration",
        "apt-get -q -y update",
        "apt-get -q -y install --no-install-recommends meson postfix"]


def test_install_failure(tmp_path):
    done, _ = run_install(tmp_path, "gcc", "build", apt="echo no such mirror; exit 1")
    assert done.returncode == 1
    assert "no such mirror" in done.stderr and "Could not install: meson" in done.stderr
