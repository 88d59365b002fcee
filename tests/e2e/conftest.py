# SPDX-License-Identifier: Apache-2.0
"""End-to-end tests: SK_BUILD names the build folder to test (default: build/release)."""
import os
import pathlib
import sys

import pytest

TESTS = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TESTS / "lib"))
sys.dont_write_bytecode = True


@pytest.fixture(scope="session")
def build():
    """The build folder, a pathlib.Path."""
    path = pathlib.Path(os.environ.get("SK_BUILD", TESTS.parent / "build/release")).resolve()
    if not path.is_dir():
        pytest.exit("%s is not there: build first, or say SK_BUILD=folder" % path)
    return path


@pytest.fixture(scope="session", autouse=True)
def needs_root():
    if os.geteuid() != 0:
        pytest.skip("Postfix needs root")


@pytest.fixture
def own_folder(tmp_path):
    for parent in list(tmp_path.parents)[:3]:
        if str(parent).startswith("/tmp/"):
            os.chmod(parent, 0o755)
    return tmp_path
