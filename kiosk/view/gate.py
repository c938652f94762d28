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
        code: an appointment code made out to the person may be shown instead of the card.
        passport: a passport may be shown to the scanner.
    """

    hall: str
    lane: str
    problem: CardProblem = CardProblem.NONE
    inside: int | None = None
    capacity: int | None = None
    offline: bool = False
    code: bool = False
    passport: bool = False


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


class Movement(StrEnum):
    """What the person is asked to do, so that a picture cannot pass for them."""

    LOOK_AHEAD = "look_ahead"
    TURN_LEFT = "turn_left"
    """The person's own left."""
    TURN_RIGHT = "turn_right"
    COME_CLOSER = "come_closer"


@dataclass(frozen=True, slots=True)
class FollowMovement:
    """The movement check: one movement at a time, in an order that nobody knows before.

    Attributes:
        step: which of `steps`, from 1.
        progress: of this movement, 0 to 1.
        hint: what is in the way just now.
    """

    name_masked: str
    movement: Movement
    step: int
    steps: int
    progress: float = 0.0
    hint: FaceHint = FaceHint.LOOK


@dataclass(frozen=True, slots=True)
class WearMask:
    """Put your mask on; staff have some.

    Attributes:
        must: without one nobody is let in; else it is only asked for.
    """

    name_masked: str
    must: bool
    progress: float = 0.0


class TemperatureHint(StrEnum):
    """What the person should do for the thermometer."""

    STAND = "stand"
    """Stand still and look at the camera."""
    ONE_AT_A_TIME = "one_at_a_time"
    COME_BACK = "come_back"
    """Nobody is before it, or somebody else: the one whose card it was, please."""


@dataclass(frozen=True, slots=True)
class TakingTemperature:
    """The forehead's temperature is being taken.

    Attributes:
        again: the first try did not settle.
    """

    name_masked: str
    again: bool = False
    progress: float = 0.0
    hint: TemperatureHint = TemperatureHint.STAND


class CodeHint(StrEnum):
    """What became of the last code."""

    NONE = "none"
    NOT_A_CODE = "not_a_code"
    """That was no code of this hall: show the appointment code."""
    NOT_HEALTH = "not_health"
    """That was no proof of health: show the health code."""
    ANOTHER_PART = "another_part"
    """One of several parts was read: show the next."""


@dataclass(frozen=True, slots=True)
class ShowCode:
    """Hold the appointment code before the scanner."""

    name_masked: str
    hint: CodeHint = CodeHint.NONE


@dataclass(frozen=True, slots=True)
class ShowHealth:
    """Hold the health code or certificate before the scanner: your own telephone's, or a family member's."""

    name_masked: str
    hint: CodeHint = CodeHint.NONE


@dataclass(frozen=True, slots=True)
class HallFull:
    """The hall is full: wait until somebody leaves.

    Attributes:
        waiting: how many are before the one who comes now.
    """

    hall: str
    lane: str
    inside: int
    capacity: int
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class LanePaused:
    """Staff have closed this lane for a while: take the next one."""

    hall: str
    lane: str


@dataclass(frozen=True, slots=True)
class HelpComing:
    """Somebody asked for help or for the green channel: staff are called, and the lane waits for them."""


@dataclass(frozen=True, slots=True)
class Deciding:
    """A moment."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """Please walk through.

    Attributes:
        name_masked: empty where a code, and no document, said who it is.
        temperature_c: the person's own value, shown small; None when it was not taken.
        companions: how many of the party are to come after this one.
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
    """Staff are coming. `reasons` are values of `kiosk.wire.rules.Reason`; without any nothing is said but to wait."""

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
