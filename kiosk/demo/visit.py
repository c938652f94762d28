"""A visit to the gate: what somebody brings along, and what became of it as they saw it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime

from kiosk.demo.films import Films
from kiosk.demo.people import Visitor


@dataclass
class Visit:
    """What became of a visit, as the visitor saw it.

    Attributes:
        began: when they came, by the wall clock; `ended` when they left.
        told: what the screens said at the end of each try: `admitted`, `refused` or `referred`.
        walked: how often this person, or one of their party, went through the turnstile.
        interrupted: how often the terminal went away in the middle.
        stuck_at: what stood on the screen when the visitor gave up.
        back_ms: how long a device needed from being plugged in until the gate served again.
    """

    visitor: Visitor
    began: datetime
    ended: datetime
    told: list[str] = field(default_factory=list)
    walked: int = 0
    interrupted: int = 0
    back_ms: float | None = None
    stuck_at: str = ""


@dataclass(frozen=True)
class Props:
    """What a visitor brings along, and what happens around them.

    Attributes:
        code: the appointment code they show; None where they show nothing.
        proof: the proof of health they show.
        films: how they move before the camera; None where nobody will ask them to.
        cut_power: takes the gate's power away, once.
        service_breaks: makes the health-code service answer nothing useful, until `service_mends`.
    """

    code: bytes | None = None
    proof: bytes | None = None
    films: Films | None = None
    cut_power: Callable[[], Awaitable[None]] | None = None
    service_breaks: Callable[[], None] | None = None
    service_mends: Callable[[], None] | None = None
