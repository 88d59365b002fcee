# SPDX-License-Identifier: Apache-2.0
"""The stores that a test may be run on: what goes into [store], and a look inside past the programs."""
import contextlib
import os
import re
import sqlite3
import subprocess

import postgresql
import stack


class Sqlite:
    """keep.db and know.db in a folder."""

    def __init__(self, folder):
        self.folder = os.path.join(str(folder), "store")
        self.setting = "sqlite:" + self.folder

    def close(self):
        pass

    def prepare(self, stack):
        """What STACK needs before it is started: it makes its tables and watches its policy itself."""

    def restart(self):
        """There is nothing that could be."""

    def run(self, database, sql, rows=((),)):
        """SQL with $1, $2 … once for each row of values, in one transaction; the rows that the last one gives."""
        path = os.path.join(self.folder, database + ".db")
        with contextlib.closing(sqlite3.connect(path, timeout=30)) as db, db:
            for row in rows:
                given = db.execute(sql, {str(i): value for i, value in enumerate(row, 1)}).fetchall()
        return given

    def make_table(self, name, columns):
        """In keep, for the clerk to write."""
        self.run("keep", "CREATE TABLE %s (%s)" % (name, columns))

    @contextlib.contextmanager
    def locked(self, database, sql):
        """Keeps everybody else from writing, once SQL was run. For an engine with one writer at a time."""
        path = os.path.join(self.folder, database + ".db")
        with contextlib.closing(sqlite3.connect(path, timeout=30, isolation_level=None)) as db:
            db.execute(sql)
            db.execute("BEGIN IMMEDIATE")
            yield
            db.execute("COMMIT")


def literal(value):
    """A value of a test, as SQL has it."""
    if isinstance(value, str):
        return "'%s'" % value.replace("'", "''")
    return "NULL" if value is None else str(value)


class PostgreSQL:
    """A server of the test's own, where each program has its role."""

    def __init__(self, folder):
        self.server = postgresql.PostgreSQL()
        self.restarted = 0
        self.server.createdb("sekisho")
        self.setting = self.server.url("sekisho")
        self.conf = os.path.join(str(folder), "owner.conf")
        with open(self.conf, "w") as f:
            f.write("[store]\nstore = %s\n" % self.server.url("sekisho", user="postgres"))
        self.as_owner("store", "migrate")

    def as_owner(self, *args):
        subprocess.run([stack.program("sekisho"), *args, "-c", self.conf], check=True, timeout=60)

    def close(self):
        self.server.remove()

    def prepare(self, stack):
        self.as_owner("policy", "load", stack.policy)

    def restart(self):
        """By its administrator, and every other time because the power fails."""
        self.restarted += 1
        if self.restarted % 2 == 0:
            self.server.kill()
            self.server.start()
        else:
            self.server.restart()

    def run(self, database, sql, rows=((),)):
        each = [re.sub(r"\$(\d+)", lambda m: literal(row[int(m[1]) - 1]), sql) for row in rows]
        text = "SET search_path = %s;\nBEGIN;\n%s;\nCOMMIT;\n" % (database, ";\n".join(each))
        given = self.server.run(text, "sekisho")
        return [tuple(int(v) if re.fullmatch(r"-?\d+", v) else v for v in row) for row in given]

    def make_table(self, name, columns):
        self.run("keep", "CREATE TABLE %s (%s); GRANT SELECT, INSERT ON %s TO sekisho_clerk" % (name, columns, name))


STORES = {"sqlite": Sqlite, "postgresql": PostgreSQL}


def may_be_tried(name):
    """Whether what it takes is installed."""
    return name != "postgresql" or postgresql.find_programs() is not None
