"""Where the vision process is, and the deadlines that it is held to."""

from dataclasses import dataclass
from enum import StrEnum


class VisionState(StrEnum):
    """Where the vision process is."""

    STARTING = "starting"
    READY = "ready"
    BACKING_OFF = "backing_off"
    """It died too often and is left alone for a while."""
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class VisionHealth:
    """How the vision process is.

    Attributes:
        restarts: how often it had to be started again.
        last_error: why the last time, or what does not work in it; no personal data.
    """

    state: VisionState
    restarts: int
    last_error: str


@dataclass(frozen=True, slots=True)
class Limits:
    """Deadlines and the restart budget, in seconds.

    Attributes:
        picture: longest wait for a new picture; an older one than that is no new one.
        answer: longest time a request may take; then the process counts as silent and is replaced.
        start: longest time from start to ready.
        wait: how long a request waits for a process that is starting.
        idle: how often an idle process is asked for a sign of life.
        restarts: so many in `window`, then nothing for `pause`.
    """

    picture: float = 2.0
    answer: float = 5.0
    start: float = 30.0
    wait: float = 4.0
    idle: float = 5.0
    restarts: int = 5
    window: float = 60.0
    pause: float = 30.0
