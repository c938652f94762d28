"""What two beams and a door contact say about who went through. A pure state machine: time and inputs in, verdict out.

Beam A stands on the side people come from, beam B behind the door. One person breaks A, then B. Nobody is counted who
did not break both, in this order; a second one who did is a tailgater. A lane with less to see with says less: a door
contact alone tells that somebody opened the door and shut it again, and no sensor at all tells nothing.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, Protocol

from drivers.kinds import BarrierState, Crossing

BOUNCE_S: Final = 0.15
"""A beam that is free for less than this was never free: an arm, a bag, a coat."""
SETTLE_S: Final = 0.2
"""The lane counts as closed after it was closed for this long."""
GIVEN_UP_S: Final = 2.0
"""Somebody who left beam A this long ago and has not reached B has turned back."""
CLOSING_S: Final = 5.0
"""A door that is still open this long after its last reason was held open."""
SLOWEST_S: Final = 0.5
"""Two looks further apart than this do not tell in which order beams were broken."""


class Sensors(StrEnum):
    """What a lane is watched with."""

    BEAMS = "beams"
    """Two beams, with or without a door contact."""
    DOOR = "door"
    """A door contact alone."""
    NONE = "none"
    """Nothing: whether somebody passed is never known."""


class LaneWatch(Protocol):
    """Watches one release from its beginning to its verdict."""

    def may_lock(self, now: float) -> bool:
        """Whether the release has done its work."""
        ...

    def feed(self, now: float, state: BarrierState) -> Crossing | None:
        """Take a sample; the verdict once there is one."""
        ...


def watch_for(sensors: Sensors, released: float, within: float, pulse_seconds: float) -> LaneWatch:
    """Choose how a release is watched.

    Args:
        sensors: what there is to see with.
        released: when it was released, any monotonic seconds.
        within: seconds in which somebody has to start passing.
        pulse_seconds: how long the lock is off, at most.
    """
    if sensors is Sensors.BEAMS:
        return Passage(released, within)
    if sensors is Sensors.DOOR:
        return DoorPassage(released, within)
    return BlindPassage(released, min(within, pulse_seconds))


@dataclass(slots=True)
class _Beam:
    """One beam without its bounces."""

    broken: bool = False
    changed: float = float("-inf")
    breaks: int = 0

    def feed(self, now: float, *, broken: bool) -> bool:
        """Take a sample; True if somebody new broke the beam."""
        if broken == self.broken:
            return False
        new = broken and now - self.changed >= BOUNCE_S
        self.broken, self.changed = broken, now
        self.breaks += new
        return new


class Passage:
    """Watches one release from its beginning to its verdict.

    Args:
        released: when the barrier was released, any monotonic seconds.
        within: seconds in which somebody has to start passing.
    """

    def __init__(self, released: float, within: float) -> None:
        self._window_ends = released + within
        self._latest = released + within + 2 * CLOSING_S
        self._a = _Beam()
        self._b = _Beam()
        self._tight = 0  # people who were in A when the one before them left B, so that A never became free
        self._passed = 0
        self._leaving = False  # somebody walks the other way: leaving is always free
        self._door_open = False
        self._door_changed = released
        self._quiet_since: float | None = None

    @property
    def passed(self) -> int:
        """How many people have reached beam B from beam A."""
        return self._passed

    def may_lock(self, now: float) -> bool:
        """Whether the release has done its work: somebody reached B, turned back, or came too late."""
        return self._passed > 0 or now >= self._window_ends or self._turned_back(now)

    def feed(self, now: float, state: BarrierState) -> Crossing | None:
        """Take a sample.

        Args:
            now: seconds on the clock of `released`, not before the last sample.
            state: the inputs.

        Returns:
            The verdict, once the lane is closed again or has had its time; None until then.
        """
        self._count(now, state)
        if state.door_open != self._door_open:
            self._door_open, self._door_changed = state.door_open, now
        closed = not state.door_open and not state.beam_b
        if not closed:
            self._quiet_since = None
        elif self._quiet_since is None:
            self._quiet_since = now
        if self._quiet_since is not None and now - self._quiet_since >= SETTLE_S and self._is_over(now):
            return self._verdict(self._when_closed())
        if now >= self._deadline():
            return self._verdict(Crossing.HELD_OPEN if not closed else self._when_closed())
        return None

    def _count(self, now: float, state: BarrierState) -> None:
        left_b = self._b.broken and not state.beam_b
        new_a = self._a.feed(now, broken=state.beam_a)
        new_b = self._b.feed(now, broken=state.beam_b)
        if self._leaving:
            # what the leaving person breaks on the way out is not an entry
            if new_a:
                self._a.breaks -= 1
            if not state.beam_a and not state.beam_b:
                self._leaving = False
        elif new_b:
            if self._passed < self._a.breaks + self._tight:
                self._passed += 1
            elif not self._passed:
                self._leaving = True
        if left_b and state.beam_a and self._passed and self._passed == self._a.breaks + self._tight:
            self._tight += 1

    def _turned_back(self, now: float) -> bool:
        return (
            self._a.breaks > 0
            and not self._passed
            and not self._a.broken
            and not self._b.broken
            and now - self._a.changed >= GIVEN_UP_S
        )

    def _is_over(self, now: float) -> bool:
        if self._passed or self._turned_back(now):
            return True
        return now >= self._window_ends and not self._a.broken

    def _deadline(self) -> float:
        if self._passed:
            return min(self._latest, max(self._b.changed, self._door_changed) + CLOSING_S)
        return min(self._latest, self._window_ends + CLOSING_S)

    def _when_closed(self) -> Crossing:
        if self._passed:
            return Crossing.PASSED
        return Crossing.TURNED_BACK if self._a.breaks else Crossing.NOBODY

    def _verdict(self, otherwise: Crossing) -> Crossing:
        return Crossing.TAILGATED if self._passed > 1 else otherwise


class DoorPassage:
    """Watches one release of a door with nothing but its contact. It cannot count, so it never sees a tailgater.

    Args:
        released: when the door was released, any monotonic seconds.
        within: seconds in which somebody has to open it.
    """

    def __init__(self, released: float, within: float) -> None:
        self._window_ends = released + within
        self._opened: float | None = None
        self._shut_since: float | None = None

    def may_lock(self, now: float) -> bool:
        """Whether the release has done its work: the door was opened, or the time is over."""
        return self._opened is not None or now >= self._window_ends

    def feed(self, now: float, state: BarrierState) -> Crossing | None:
        """Take a sample; see `Passage.feed`."""
        if state.door_open:
            self._shut_since = None
            if self._opened is None:
                self._opened = now
            return Crossing.HELD_OPEN if now - self._opened >= 2 * CLOSING_S else None
        if self._opened is None:
            return Crossing.NOBODY if now >= self._window_ends else None
        if self._shut_since is None:
            self._shut_since = now
        return Crossing.PASSED if now - self._shut_since >= SETTLE_S else None


class BlindPassage:
    """Waits for the end of a release that nothing watches.

    Args:
        released: when it was released, any monotonic seconds.
        lasts: seconds until it is locked again.
    """

    def __init__(self, released: float, lasts: float) -> None:
        self._ends = released + lasts

    def may_lock(self, now: float) -> bool:
        """Whether its time is over."""
        return now >= self._ends

    def feed(self, now: float, state: BarrierState) -> Crossing | None:  # noqa: ARG002  there is nothing to see
        """Say that it is not known, when the time is over."""
        return Crossing.UNKNOWN if now >= self._ends else None


class Watchman:
    """Looks at a lane between releases, and notices that it was forced.

    Forced is: somebody comes through the locked lane from beam A, or the door is opened from that side, or a door that
    was shut stands open for long without a release. Leaving is always free: who breaks beam B first is leaving. How
    somebody came through is only judged when the looks are close together. The alarm stays until the next release.
    """

    def __init__(self) -> None:
        self._before_a = False
        self._looked = float("-inf")
        self._shut = self._leaving = self._forced = False
        self._open_since: float | None = None

    def released(self) -> None:
        """A release begins: forget the alarm, and wait until the lane is seen shut before it can be forced again."""
        self._shut = self._leaving = self._forced = False
        self._open_since = None

    def look(self, now: float, state: BarrierState) -> BarrierState:
        """Take a sample of the locked lane; the same state with `forced` filled in."""
        close = now - self._looked <= SLOWEST_S
        self._looked = now
        free = not (state.beam_a or state.beam_b or state.door_open)
        if free:
            self._shut, self._leaving, self._open_since = True, False, None
        elif self._shut:
            self._judge(now, state, close=close)
        self._before_a = state.beam_a
        return replace(state, forced=self._forced)

    def _judge(self, now: float, state: BarrierState, *, close: bool) -> None:
        if not state.door_open:
            self._open_since = None
        elif self._open_since is None:
            self._open_since = now
        if self._open_since is not None and now - self._open_since >= 2 * CLOSING_S:
            self._forced = True
        if state.beam_b and not state.beam_a and not self._before_a:
            self._leaving = True
        elif close and not self._leaving and (state.door_open or state.beam_b):
            self._forced = True
