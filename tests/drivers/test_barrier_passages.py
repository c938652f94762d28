"""The same people at every barrier that has beams: what they do is what the driver says, whatever opens the lane."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol, cast

import pytest

from drivers.contract import Driver, Kind
from drivers.kinds import Barrier, BarrierState, Crossing
from drivers.registry import WHERE, driver_class
from drivers.simulate.__main__ import start
from drivers.simulate.turnstile import People

CLOSED = BarrierState(beam_a=False, beam_b=False, door_open=False)
BARRIERS = [key for key in WHERE if key.startswith(f"{Kind.BARRIER}/")]
AT_LEAST = {"barrier/gpio", "barrier/lcus", "barrier/modbus-relay", "barrier/osdp"}


class Watched(Barrier, Protocol):
    """A barrier as the tests use it."""

    def open(self) -> object: ...
    def close(self) -> None: ...


Both = tuple[Watched, People]


def test_no_barrier_with_beams_is_left_out() -> None:
    assert set(BARRIERS) >= AT_LEAST


@pytest.fixture(params=BARRIERS)
def both(request: pytest.FixtureRequest, tmp_path: Path, plugged_in: contextlib.ExitStack) -> Both:
    simulator = start(request.param, tmp_path)
    plugged_in.callback(simulator.close)
    assert isinstance(simulator, People)
    found = driver_class(request.param)
    driver: Driver = found(found.options.model_validate(simulator.options))
    plugged_in.callback(driver.close)
    driver.open()
    return cast("Watched", driver), simulator


@contextlib.contextmanager
def somebody(does: Callable[[], bool], simulator: People) -> Iterator[list[bool]]:
    did: list[bool] = []
    thread = threading.Thread(target=lambda: did.append(simulator.wait_released(20) and does()))
    thread.start()
    yield did
    thread.join()


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize(
    ("person", "crossing"),
    [
        ("walk_through", Crossing.PASSED),
        ("turn_back", Crossing.TURNED_BACK),
        ("tailgate", Crossing.TAILGATED),
        ("hold_open", Crossing.HELD_OPEN),
    ],
)
def test_what_people_do(both: Both, person: str, crossing: Crossing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("drivers.barrier.passage_beams.CLOSING_S", 0.8)
    monkeypatch.setattr("drivers.barrier.passage_beams.GIVEN_UP_S", 0.3)
    driver, simulator = both
    does: Callable[[], bool] = getattr(simulator, person)
    with somebody(does, simulator) as did:
        assert driver.let_one_pass(10) is crossing
    assert did == [True]
    assert simulator.releases == 1
    until(lambda: not simulator.turnstile.released)


def test_nobody_comes_and_the_release_expires(both: Both) -> None:
    driver, simulator = both
    assert driver.let_one_pass(0.3) is Crossing.NOBODY
    until(lambda: not simulator.turnstile.released)
    until(lambda: driver.state() == CLOSED)
    assert not simulator.walk_through()


def test_forced(both: Both) -> None:
    driver, simulator = both
    assert not driver.state().forced
    thread = threading.Thread(target=simulator.force)
    thread.start()
    until(lambda: driver.state().forced)
    thread.join()
    until(lambda: not simulator.turnstile.door_open)
    # the alarm outlives the deed, until somebody is let in again
    assert driver.state().forced
    assert driver.let_one_pass(0.2) is Crossing.NOBODY
    assert driver.state() == CLOSED
    assert simulator.releases == 1


def test_who_was_let_in_forced_nothing(both: Both) -> None:
    driver, simulator = both
    with somebody(simulator.walk_through, simulator):
        assert driver.let_one_pass(60) is Crossing.PASSED
    for _ in range(3):
        assert not driver.state().forced
