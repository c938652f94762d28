"""One release, the same for every barrier: authorise → pulse → beams → closed. Drivers do the steps."""

import contextlib
import time
from typing import Final, Protocol

from drivers.barrier.passage_beams import LaneWatch, Sensors, watch_for
from drivers.errors import BadFrame, DriverError, Effect, NoAnswer
from drivers.kinds import BarrierState, Crossing

SAMPLE_S: Final = 0.04
"""Between two looks at the inputs. Somebody in a hurry breaks a beam for about 0.15 s."""
LOST_SAMPLES: Final = 3
"""Looks in a row that may fail before the passage is given up. One spoilt sample is as good as none."""
LONGEST_WITHIN_S: Final = 15.0


class Lane(Protocol):
    """The steps of a barrier. Each ends within its own deadline, and says in `effect` how far it came."""

    def release(self) -> None:
        """Switch the lock off, for the length of the pulse where the board can end it by itself."""
        ...

    def lock(self) -> None:
        """Switch the lock on now."""
        ...

    def look(self) -> BarrierState:
        """Read the inputs once."""
        ...


def let_one_pass(lane: Lane, within: float, pulse_seconds: float, sensors: Sensors = Sensors.BEAMS) -> Crossing:
    """Release, watch, lock. Takes at most `within` + 10 s and what a step takes.

    The lock is asked for again as soon as somebody has reached beam B or has turned back, and at the end of the pulse.

    Args:
        lane: does the steps.
        within: seconds in which somebody has to start passing; more than 15 count as 15.
        pulse_seconds: how long the lock may be off.
        sensors: what there is to watch with.

    Raises:
        DriverError: `effect` is NO when the release did not reach the board, UNKNOWN when it may have and nobody was
            seen, YES when it was released and the lane could not be watched to the end.
    """
    spoilt: DriverError | None = None
    try:
        lane.release()  # nothing stands between the call and this: a benchmark measures it
    except (NoAnswer, BadFrame) as error:
        if error.effect is Effect.NO:
            raise
        spoilt = error  # the board may have heard: the beams will tell
    except DriverError as error:
        if error.effect is not Effect.NO:
            _try_to_lock(lane)
        raise
    try:
        watch = watch_for(sensors, time.monotonic(), min(within, LONGEST_WITHIN_S), pulse_seconds)
        crossing = _watch(lane, watch, time.monotonic() + pulse_seconds)
    except DriverError as error:
        error.effect = Effect.YES if spoilt is None else Effect.UNKNOWN
        _try_to_lock(lane)
        raise
    except BaseException:
        _try_to_lock(lane)
        raise
    if spoilt is not None and crossing in {Crossing.NOBODY, Crossing.UNKNOWN}:
        raise spoilt
    return crossing


def _watch(lane: Lane, watch: LaneWatch, pulse_ends: float) -> Crossing:
    crossing: Crossing | None = None
    locked, lost, look = False, 0, time.monotonic()
    while True:
        now = time.monotonic()
        try:
            # asked until the board confirms it: a gate is not left open for one spoilt byte
            if not locked and (watch.may_lock(now) or now >= pulse_ends):
                lane.lock()
                locked = True
            crossing = crossing or watch.feed(time.monotonic(), lane.look())
            lost = 0
        except (NoAnswer, BadFrame):
            lost += 1
            if lost >= LOST_SAMPLES:
                raise
        if crossing is not None and locked:
            return crossing
        look += SAMPLE_S
        rest = look - time.monotonic()
        if rest > 0:
            time.sleep(rest)
        else:
            look -= rest


def _try_to_lock(lane: Lane) -> None:
    with contextlib.suppress(DriverError):  # the error under way tells more
        lane.lock()
