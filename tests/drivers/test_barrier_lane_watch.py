"""Lanes with less than two beams, and lanes that are forced: the state machines, on a clock of our own."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.barrier.passage_beams import (
    CLOSING_S,
    BlindPassage,
    DoorPassage,
    LaneWatch,
    Passage,
    Sensors,
    Watchman,
    watch_for,
)
from drivers.kinds import BarrierState, Crossing

A, B, DOOR = 1, 2, 4
STEP_S = 0.1
Script = list[tuple[int, float]]


def state(inputs: int) -> BarrierState:
    return BarrierState(bool(inputs & A), bool(inputs & B), bool(inputs & DOOR))


def run(watch: LaneWatch, script: Script) -> tuple[Crossing, float]:
    """Feed a script of (inputs, seconds), its last state held for ever; give the verdict and when it came."""
    ends = list(itertools.accumulate(seconds for _, seconds in script))
    for number in itertools.count():
        now = number * STEP_S
        inputs = next((inputs for (inputs, _), end in zip(script, ends, strict=True) if now < end), script[-1][0])
        verdict = watch.feed(now, state(inputs))
        if verdict is not None:
            return verdict, now
        assert now < 100
    raise AssertionError


def alarm(script: Script, step: float = STEP_S) -> bool:
    watchman, now, forced = Watchman(), 0.0, False
    for inputs, seconds in script:
        for _ in range(max(1, round(seconds / step))):
            forced = watchman.look(now, state(inputs)).forced
            now += step
    return forced


@pytest.mark.parametrize(
    ("script", "verdict"),
    [
        ([(0, 1), (DOOR, 2), (0, 99)], Crossing.PASSED),
        ([(0, 99)], Crossing.NOBODY),
        ([(0, 1), (DOOR, 99)], Crossing.HELD_OPEN),
        # a door that swings
        ([(DOOR, 0.3), (0, 0.1), (DOOR, 0.3), (0, 99)], Crossing.PASSED),
    ],
)
def test_a_door_without_beams(script: Script, verdict: Crossing) -> None:
    assert run(watch_for(Sensors.DOOR, 0, 4, 5), script)[0] is verdict


def test_a_door_locks_behind_whoever_opened_it() -> None:
    door = DoorPassage(0, 4)
    assert not door.may_lock(1)
    door.feed(1, state(DOOR))
    assert door.may_lock(1)
    assert DoorPassage(0, 4).may_lock(4)


@given(st.lists(st.tuples(st.integers(0, 7), st.floats(0.1, 3)), min_size=1, max_size=20), st.floats(0.2, 15))
def test_a_lane_without_sensors_never_says_that_somebody_passed(script: Script, within: float) -> None:
    verdict, when = run(watch_for(Sensors.NONE, 0, within, 5), script)
    assert verdict is Crossing.UNKNOWN
    assert when <= min(within, 5) + STEP_S


def test_what_watches_what() -> None:
    assert isinstance(watch_for(Sensors.BEAMS, 0, 4, 5), Passage)
    assert isinstance(watch_for(Sensors.NONE, 0, 4, 5), BlindPassage)


@pytest.mark.parametrize(
    ("script", "forced"),
    [
        ([(0, 1)], False),
        # pushed through from outside
        ([(0, 1), (A, 0.3), (A | DOOR, 0.3), (A | B | DOOR, 0.3), (B | DOOR, 0.3), (0, 1)], True),
        # climbed over: the door never moved
        ([(0, 1), (A, 0.3), (A | B, 0.3), (B, 0.3), (0, 1)], True),
        # the door broken open and nobody to be seen
        ([(0, 1), (DOOR, 0.3), (0, 1)], True),
        # leaving is free
        ([(0, 1), (B, 0.3), (B | DOOR, 0.3), (A | B | DOOR, 0.3), (A | DOOR, 0.3), (DOOR, 1), (0, 1)], False),
        # somebody stands before the closed lane
        ([(0, 1), (A, 5), (0, 1)], False),
        # it was open when we came: who knows why
        ([(DOOR, 2), (0, 1)], False),
        ([(A | B | DOOR, 2), (0, 1)], False),
        # somebody left, and the door stayed open
        ([(0, 1), (B, 0.3), (B | DOOR, 0.3), (DOOR, 2 * CLOSING_S + 1)], True),
    ],
)
def test_forced(script: Script, *, forced: bool) -> None:
    assert alarm(script) is forced


def test_looks_far_apart_tell_nothing_about_the_order_of_beams() -> None:
    assert not alarm([(0, 2), (A | B | DOOR, 2), (0, 2)], step=2)
    assert alarm([(0, 2), (DOOR, 2 * CLOSING_S + 4)], step=2)


def test_a_release_ends_the_alarm() -> None:
    watchman = Watchman()
    watchman.look(0, state(0))
    assert watchman.look(0.1, state(DOOR)).forced
    watchman.released()
    assert not watchman.look(0.2, state(DOOR)).forced
    assert not watchman.look(0.3, state(0)).forced
    assert watchman.look(0.4, state(DOOR)).forced


@given(st.lists(st.tuples(st.sampled_from([0, A]), st.floats(0.1, 3)), max_size=20))
def test_who_only_stands_there_forces_nothing(script: Script) -> None:
    assert not alarm([(0, 0.5), *script, (0, 0.1)])
