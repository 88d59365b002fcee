# SPDX-License-Identifier: Apache-2.0
"""tree - what the checks share: finding the files, reading C, saying what is wrong

Every check takes --root DIR (default: the tree it lies in), prints a line "file:line: what" for
each thing it refuses, and exits 1 when there was one, 77 when it could not judge.
"""

import argparse
import pathlib
import re
import sys

SKIPPED = 77


def parse_args(doc, *extra):
    """--root, and positional arguments by the names in EXTRA."""
    parser = argparse.ArgumentParser(description=doc)
    here = pathlib.Path(__file__).resolve().parent.parent
    parser.add_argument("--root", type=pathlib.Path, default=here)
    for name in extra:
        parser.add_argument(name)
    return parser.parse_args()


def files(root, *suffixes, folders=("src", "tests", "tools")):
    """Paths below FOLDERS that end in one of SUFFIXES, in a stable order."""
    found = []
    for folder in folders:
        for path in (root / folder).rglob("*"):
            if path.is_file() and path.suffix in suffixes:
                found.append(path)
    return sorted(found)


def is_test(path):
    """Whether a C file is a test: of a unit, a fuzz target, or anything in tests/."""
    return (path.stem.endswith(("-test", "-fuzz", "-testing", "-fixture")) or "tests" in path.parts[:-1])


_TOKEN = re.compile(
    r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|' r"'(?:\\.|[^'\\\n])*'", re.DOTALL)


def _blank(text, keep=""):
    inner = re.sub(r"[^\n]", " ", text)
    return keep + inner[len(keep):len(inner) - len(keep)] + keep if keep else inner


def without_comments(text):
    """The same text with comments blanked; lines and columns stay."""
    return _TOKEN.sub(lambda m: _blank(m[0]) if m[0][0] == "/" else m[0], text)


def bare_code(text):
    """The same text with comments and the inside of literals blanked; lines stay."""
    return _TOKEN.sub(lambda m: _blank(m[0]) if m[0][0] == "/" else _blank(m[0], m[0][0]), text)


def strings(text):
    """(line, content) of each string literal; neighbours are joined as the compiler does."""
    code = without_comments(text)
    code = re.sub(r"^[ \t]*#[ \t]*include[^\n]*", lambda m: _blank(m[0]), code,
                  flags=re.MULTILINE)
    for match in re.finditer(r'"(?:\\.|[^"\\\n])*"(?:\s*"(?:\\.|[^"\\\n])*")*', code):
        parts = re.findall(r'"((?:\\.|[^"\\\n])*)"', match[0])
        yield code.count("\n", 0, match.start()) + 1, "".join(parts)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


class Report:
    """Collects what is wrong."""

    def __init__(self, root):
        self.root = root
        self.count = 0

    def say(self, path, line, what):
        self.count += 1
        try:
            path = path.relative_to(self.root)
        except (AttributeError, ValueError):
            pass
        print(f"{path}:{line}: {what}" if line else f"{path}: {what}")

    def finish(self):
        sys.exit(1 if self.count else 0)
