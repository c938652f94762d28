"""Devices at the other end of real wires."""

import threading
import time
from collections.abc import Callable

import pytest


@pytest.fixture
def until() -> Callable[[Callable[[], bool]], None]:
    """Wait for a condition, with a deadline that only a hang reaches."""

    def wait(condition: Callable[[], bool]) -> None:
        pause = threading.Event()
        deadline = time.monotonic() + 20
        while not condition():
            assert time.monotonic() < deadline, "never happened"
            pause.wait(0.01)

    return wait
