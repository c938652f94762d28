"""What every test may use."""

import gc
import io
import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from hypothesis import HealthCheck, settings

from kiosk import log
from tests.longest import LONGEST

ROOT = Path(__file__).resolve().parent.parent
# Before any test is decorated: how long an example takes says something about the machine only. CI looks at the same
# examples each time (.ci/run), as is Hypothesis' own way there; developers' runs look further.
settings.register_profile(
    "machine", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize="SAME_EXAMPLES" in os.environ
)
settings.load_profile("machine")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """After pytest-randomly has mixed them: what takes long comes first, so that no worker ends long after the rest."""
    place = {name: number for number, name in enumerate(LONGEST)}
    if gone := [name for name in LONGEST if not (ROOT / name.partition("::")[0]).is_file()]:
        raise pytest.UsageError(f"tests/longest.py names what is not there: {', '.join(gone)}")

    def rank(item: pytest.Item) -> int:
        test, file = item.nodeid.partition("[")[0], item.nodeid.partition("::")[0]
        return place.get(test, place.get(file, len(LONGEST)))

    items.sort(key=rank)


def pytest_collection_finish() -> None:
    """All modules are there for good: the collector need not go through them again after each test."""
    gc.collect()
    gc.freeze()


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
