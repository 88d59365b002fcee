# SPDX-License-Identifier: Apache-2.0
"""The stores that a test may be run on: what goes into [store], and a look inside past the programs."""
import contextlib
import os
import sqlite3


class Sqlite:
    """keep.db and know.db in a folder."""

    def __init__(self, folder):
        self.folder = os.path.join(str(folder), "store")
        self.setting = "sqlite:" + self.folder

    def close(self):
        pass

    def run(self, database, sql, rows=((),)):
        """SQL with $1, $2 … once for each row of values, in one transaction; the rows that the last one gives."""
        path = os.path.join(self.folder, database + ".db")
        with contextlib.closing(sqlite3.connect(path, timeout=30)) as db, db:
            for row in rows:
                given = db.execute(sql, {str(i): value for i, value in enumerate(row, 1)}).fetchall()
        return given

    @contextlib.contextmanager
    def locked(self, database, sql):
        """Keeps everybody else from writing, once SQL was run. For an engine with one writer at a time."""
        path = os.path.join(self.folder, database + ".db")
        with contextlib.closing(sqlite3.connect(path, timeout=30, isolation_level=None)) as db:
            db.execute(sql)
            db.execute("BEGIN IMMEDIATE")
            yield
            db.execute("COMMIT")


STORES = {"sqlite": Sqlite}
