"""What every test may use."""

import io
import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from kiosk import log

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Pictures and vectors that are not part of the product. A user's clone has none; CI must have them."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        if os.environ.get("CI") == "true":
            pytest.fail(f"{folder} is missing: CI must run with the shared data beside the clone")
        pytest.skip("no shared data beside this clone: tests on real pictures are left out")
    return folder


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What is logged, whatever other tests have set up."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    stream = io.StringIO()
    log.set_up(stream=stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()
