"""The data file of Chinese input, or a clear word why it is not there."""

import pytest

from kiosk.input.pack import PLACE, Pack
from kiosk.input.writer import Engines


@pytest.fixture(scope="session")
def pack() -> Pack:
    if not PLACE.is_file():
        pytest.skip(f"no {PLACE.name}: `make setup` builds it")
    return Pack()


@pytest.fixture(scope="session")
def engines(pack: Pack) -> Engines:
    return Engines(pack)
