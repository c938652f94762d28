"""The devices of a gate, plugged in."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from drivers.simulate.__main__ import start
from drivers.simulate.contract import Simulator
from tests.provisioning.technician import GATE


@pytest.fixture
def plugged(tmp_path: Path) -> Iterator[dict[str, Simulator]]:
    """The devices of a gate, each in a folder that does not say what it is."""
    with ExitStack() as stack:
        devices: dict[str, Simulator] = {}
        for number, key in enumerate(GATE):
            devices[key] = start(key, tmp_path / "plugged" / f"port-{number}")
            stack.callback(devices[key].close)
        yield devices
