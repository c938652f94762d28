"""Judges: programs of others, each of which may be missing. A test that cannot ask its judge says so and is skipped."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent


@pytest.fixture
def node() -> Callable[[str], str]:
    """Runs JavaScript with this folder's packages, and returns what it printed."""
    program = shutil.which("node")
    if program is None or not (HERE / "node_modules" / "receiptio").is_dir():
        pytest.skip("the judges from npm are not installed: run `npm ci --ignore-scripts` in tests/judges")

    def run(script: str) -> str:
        done = subprocess.run([program, "-e", script], cwd=HERE, capture_output=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode().strip()

    return run


@pytest.fixture
def installed() -> Callable[[str, str], str]:
    """Finds a program, or skips the test and says which package has it."""

    def find(program: str, package: str) -> str:
        found = shutil.which(program, path="/usr/sbin:/usr/bin:/usr/local/bin")
        if found is None:
            pytest.skip(f"{program} is not installed (Debian package {package})")
        return found

    return find
