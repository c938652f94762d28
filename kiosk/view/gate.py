"""View states of the gate, in the order a person meets them."""

from dataclasses import dataclass
from enum import StrEnum

from kiosk.view.common import CardProblem


@dataclass(frozen=True, slots=True)
class Welcome:
    """Nobody is here: lay your card on the reader.

    Attributes:
        inside: how many are inside, None when it is not counted.
        offline: the hub has not been heard of for a while; everything still works.
    """

    hall: str
    lane: str
    problem: CardProblem = CardProblem.NONE
    inside: int | None = None
    capacity: int | None = None
    offline: bool = False


@dataclass(frozen=True, slots=True)
class ReadingCard:
    """The card is being read: leave it where it is."""


class FaceHint(StrEnum):
    """What the person should do for the camera."""

    LOOK = "look"
    """Look at the camera."""
    COME_CLOSER = "come_closer"
    STEP_BACK = "step_back"
    ONE_AT_A_TIME = "one_at_a_time"
    HOLD_STILL = "hold_still"
    LOWER_MASK = "lower_mask"


@dataclass(frozen=True, slots=True)
class LookAtCamera:
    """The face is compared with the card's photo. The live picture is drawn by the screen itself.

    Attributes:
        name_masked: e.g. `王*明`.
        progress: 0 to 1.
    """

    name_masked: str
    hint: FaceHint = FaceHint.LOOK
    progress: float = 0.0


@dataclass(frozen=True, slots=True)
class TakingTemperature:
    """The forehead's temperature is being taken.

    Attributes:
        again: the first try did not settle.
    """

    name_masked: str
    again: bool = False
    progress: float = 0.0


class CodeHint(StrEnum):
    """What became of the last code."""

    NONE = "none"
    NOT_A_CODE = "not_a_code"
    """That was no code of this hall: show the appointment code."""


@dataclass(frozen=True, slots=True)
class ShowCode:
    """Hold the appointment code before the scanner."""

    name_masked: str
    hint: CodeHint = CodeHint.NONE


@dataclass(frozen=True, slots=True)
class Deciding:
    """A moment."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """Please walk through.

    Attributes:
        temperature_c: the person's own value, shown small; None when it was not taken.
        companions: how many may come along.
    """

    name_masked: str
    temperature_c: float | None = None
    companions: int = 0


@dataclass(frozen=True, slots=True)
class Refused:
    """Not today, why, and where to go. `reasons` are values of `kiosk.wire.rules.Reason`."""

    reasons: tuple[str, ...]
    name_masked: str = ""


@dataclass(frozen=True, slots=True)
class Referred:
    """Staff are coming. `reasons` are values of `kiosk.wire.rules.Reason`."""

    reasons: tuple[str, ...]
    name_masked: str = ""


class Ending(StrEnum):
    """How it ended at the barrier, where the person has to do something about it."""

    NOBODY_PASSED = "nobody_passed"
    """The release expired: start again."""
    TURNED_BACK = "turned_back"
    TAILGATED = "tailgated"
    """Two passed: staff are called."""
    HELD_OPEN = "held_open"
    FAULT = "fault"
    """The barrier does not open: staff are called."""


@dataclass(frozen=True, slots=True)
class PassageNotice:
    """What the beams saw was not one person walking through."""

    ending: Ending
