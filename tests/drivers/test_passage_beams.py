"""Who went through: the state machine of the beams, fed with samples as the driver takes them."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.barrier.passage_beams import CLOSING_S, GIVEN_UP_S, Passage
from drivers.kinds import BarrierState, Crossing

SAMPLE_S = 0.04
WITHIN = 4.0
A, B, DOOR = 1, 2, 4
FREE = DOOR  # nobody in the lane, the door open
Script = list[tuple[int, float]]


def run(script: Script, within: float = WITHIN, phase: float = 0.0) -> tuple[Crossing, float]:
    """Feed a script of (inputs, seconds), its last state held for ever; give the verdict and when it came."""
    passage = Passage(100.0, within)
    ends = list(itertools.accumulate(seconds for _, seconds in script))
    for number in itertools.count():
        since = phase + number * SAMPLE_S
        inputs = next((state for (state, _), end in zip(script, ends, strict=True) if since < end), script[-1][0])
        verdict = passage.feed(100.0 + since, BarrierState(bool(inputs & A), bool(inputs & B), bool(inputs & DOOR)))
        if verdict is not None:
            return verdict, since
        assert since < within + 2 * CLOSING_S + 1, "no verdict"
    raise AssertionError


WALK: Script = [(A | DOOR, 0.15), (A | B | DOOR, 0.15), (B | DOOR, 0.15)]
WIDE: Script = [(A | DOOR, 0.2), (FREE, 0.4), (B | DOOR, 0.2)]
SHUT: Script = [(FREE, 0.2), (0, 99)]


@pytest.mark.parametrize("phase", [0.0, 0.01, 0.02, 0.03])
@pytest.mark.parametrize(
    ("script", "verdict"),
    [
        ([(FREE, 1), *WALK, *SHUT], Crossing.PASSED),
        ([(FREE, 1), *WIDE, *SHUT], Crossing.PASSED),
        ([*WALK, *SHUT], Crossing.PASSED),
        # both beams seen at once, by somebody in a hurry
        ([(FREE, 1), (A | B | DOOR, 0.1), *SHUT], Crossing.PASSED),
        # an arm and a bag: the beams flicker
        (
            [(A | DOOR, 0.1), (FREE, 0.08), (A | DOOR, 0.1), (B | DOOR, 0.1), (FREE, 0.08), (B | DOOR, 0.1), *SHUT],
            Crossing.PASSED,
        ),
        # the next person waits in beam A while the door closes
        ([*WALK, (FREE, 0.2), (A, 99)], Crossing.PASSED),
        # a tripod has no door contact
        ([(A, 0.15), (A | B, 0.15), (B, 0.15), (0, 99)], Crossing.PASSED),
        # he went back, thought again and went through
        ([(A | DOOR, 0.4), (FREE, 1), (A | DOOR, 0.3), (B | DOOR, 0.3), *SHUT], Crossing.PASSED),
        ([(FREE, 1), (A | DOOR, 0.4), *SHUT], Crossing.TURNED_BACK),
        ([(A | DOOR, 6), *SHUT], Crossing.TURNED_BACK),
        # one close behind the other, beam A free for a moment, or never
        ([*WALK, (A | DOOR, 0.3), (A | B | DOOR, 0.1), (B | DOOR, 0.2), *SHUT], Crossing.TAILGATED),
        (
            [(A | DOOR, 0.2), (A | B | DOOR, 0.3), (A | DOOR, 0.3), (A | B | DOOR, 0.2), (B | DOOR, 0.2), *SHUT],
            Crossing.TAILGATED,
        ),
        # the second one is between the beams when the first one breaks B
        (
            [(A | DOOR, 0.2), (FREE, 0.2), (A | DOOR, 0.2), (B | DOOR, 0.2), (FREE, 0.3), (B | DOOR, 0.2), *SHUT],
            Crossing.TAILGATED,
        ),
        ([(FREE, 5), (0, 99)], Crossing.NOBODY),
        ([(0, 99)], Crossing.NOBODY),
        # somebody leaves the building through the open lane
        ([(B | DOOR, 0.2), (A | B | DOOR, 0.1), (A | DOOR, 0.2), (FREE, 4), (0, 99)], Crossing.NOBODY),
        ([*WALK, (FREE, 99)], Crossing.HELD_OPEN),
        ([(A | DOOR, 0.2), (B | DOOR, 99)], Crossing.HELD_OPEN),
        ([(FREE, 99)], Crossing.HELD_OPEN),
        # two, and the door held: the people matter more than the door
        ([*WALK, (A | DOOR, 0.3), (A | B | DOOR, 0.1), (B | DOOR, 0.2), (FREE, 99)], Crossing.TAILGATED),
    ],
)
def test_verdicts(script: Script, verdict: Crossing, phase: float) -> None:
    assert run(script, phase=phase)[0] is verdict


def test_a_verdict_waits_for_the_door() -> None:
    assert run([*WALK, (FREE, 2), (0, 99)])[1] > 2.4


def test_it_may_lock_when_somebody_reached_b() -> None:
    passage = Passage(0, WITHIN)
    passage.feed(0.1, BarrierState(beam_a=True, beam_b=False, door_open=True))
    assert not passage.may_lock(0.1)
    passage.feed(0.2, BarrierState(beam_a=True, beam_b=True, door_open=True))
    assert passage.may_lock(0.2)
    assert passage.passed == 1


def test_it_may_lock_when_he_turned_back_or_the_time_is_over() -> None:
    passage = Passage(0, WITHIN)
    passage.feed(0.1, BarrierState(beam_a=True, beam_b=False, door_open=True))
    passage.feed(0.5, BarrierState(beam_a=False, beam_b=False, door_open=True))
    assert not passage.may_lock(0.5 + GIVEN_UP_S / 2)
    assert passage.may_lock(0.5 + GIVEN_UP_S)
    assert Passage(0, WITHIN).may_lock(WITHIN)


states = st.tuples(st.integers(0, 7), st.floats(0.01, 2.0))


@given(st.lists(states, min_size=1, max_size=30), st.floats(0.1, 15), st.floats(0, SAMPLE_S))
def test_there_is_always_a_verdict_in_time_and_it_is_honest(script: Script, within: float, phase: float) -> None:
    verdict, when = run(script, within, phase)
    assert when <= within + 2 * CLOSING_S + SAMPLE_S
    seen = [state for state, _ in script]
    a, b = any(state & A for state in seen), any(state & B for state in seen)
    if verdict in {Crossing.PASSED, Crossing.TAILGATED}:
        assert a
        assert b
    if verdict is Crossing.TURNED_BACK:
        assert a


@given(st.lists(st.tuples(st.sampled_from([0, A, DOOR, A | DOOR]), st.floats(0.01, 2.0)), min_size=1, max_size=30))
def test_nobody_passes_who_never_reached_b(script: Script) -> None:
    assert run(script)[0] not in {Crossing.PASSED, Crossing.TAILGATED}


@given(st.floats(0.2, 3), *(st.floats(0.09, 0.6) for _ in range(3)), st.floats(0, SAMPLE_S))
def test_one_walker_at_any_speed_has_passed(before: float, in_a: float, both: float, in_b: float, phase: float) -> None:
    script = [(FREE, before), (A | DOOR, in_a), (A | B | DOOR, both), (B | DOOR, in_b), *SHUT]
    assert run(script, phase=phase)[0] is Crossing.PASSED


@given(st.floats(0.2, 0.6), st.floats(0.25, 0.6), st.floats(0.1, 0.6), st.floats(0, SAMPLE_S))
def test_two_walkers_are_two_whatever_their_distance(first: float, gap: float, second: float, phase: float) -> None:
    script = [(A | DOOR, first), (B | DOOR, first), (A | DOOR, gap), (A | B | DOOR, second), (B | DOOR, second), *SHUT]
    assert run(script, phase=phase)[0] is Crossing.TAILGATED
