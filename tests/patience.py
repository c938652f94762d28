"""What a busy machine takes from everybody here is not the silence of a device.

Devices are simulated in threads beside the driver, and a driver waits a few tenths of a second for them: where the
whole process stands still for that long, the wait goes on for as long as it stood. On a quiet machine nothing changes.
"""

import threading
import time
from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from drivers.errors import Effect
from drivers.transport.line import Line

if TYPE_CHECKING:
    import select

BEAT = 0.01
"""Seconds between two looks at the clock."""
LATE = 0.005
"""A look that comes so much later was kept waiting by the machine."""
BEFORE = 0.5
"""The wait that is over may have begun so many seconds before its deadline."""


class Pulse:
    """A thread that does nothing but look at the clock, and so finds out when threads do not get to run."""

    def __init__(self) -> None:
        self._stood: deque[tuple[float, float]] = deque(maxlen=256)
        self._beat = threading.Condition()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="pulse", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        last = time.monotonic()
        while not self._ended.wait(BEAT):
            now = time.monotonic()
            with self._beat:
                if now - last - BEAT > LATE:
                    self._stood.append((now, now - last - BEAT))
                self._beat.notify_all()
            last = now

    def stood(self, since: float) -> float:
        """For how many seconds nothing went on here, up to the next beat.

        Args:
            since: monotonic seconds.
        """
        with self._beat:
            self._beat.wait(1.0)
            return sum(seconds for ended, seconds in self._stood if ended >= since)

    def end(self) -> None:
        """Stop."""
        self._ended.set()
        self._thread.join()


@pytest.fixture(scope="session")
def pulse() -> Iterator[Pulse]:
    beating = Pulse()
    yield beating
    beating.end()


@pytest.fixture(autouse=True)
def patient_lines(pulse: Pulse, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines wait for as much longer as the process stood still meanwhile."""
    wait_on = Line._wait_on

    def patient(self: Line, poll: "select.poll", deadline: float, effect: Effect) -> bool:
        now = time.monotonic()
        since, given = min(now, deadline - BEFORE), 0.0
        # Also who was kept from asking in time, and not who only looks what is there.
        waits = deadline > now or LATE < now - deadline < BEFORE
        while not wait_on(self, poll, deadline, effect):
            stood = pulse.stood(since) if waits else 0.0
            if stood <= given:
                return False
            deadline, given = time.monotonic() + stood - given, stood
        return True

    monkeypatch.setattr(Line, "_wait_on", patient)
