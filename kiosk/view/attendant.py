"""View states and intents of the staff screens at a lane.

Personal data are masked here as everywhere; what was found is named by values of `kiosk.wire`, which the screens put
into words.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from kiosk.view.common import CardProblem


@dataclass(frozen=True, slots=True)
class Name:
    """A member of staff on the list of names.

    Attributes:
        id: as in the signed list.
        name: as colleagues see it.
    """

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class ChooseName:
    """Who are you? Or lay your own card on the reader.

    Attributes:
        names: who was here lately first; empty where no list has been received.
        card: a staff card may be used, because the reader is there.
        refused: the card that was laid down is nobody's on the list.
    """

    names: tuple[Name, ...]
    card: bool = True
    refused: bool = False


class PinProblem(StrEnum):
    """What was wrong with the last PIN."""

    NONE = "none"
    WRONG = "wrong"
    LOCKED = "locked"
    """Wrong too often: the pad is closed for some minutes."""


@dataclass(frozen=True, slots=True)
class EnterPin:
    """Type your PIN; it is not shown.

    Attributes:
        left: tries before the pad is closed.
        minutes: until it opens again, where it is closed.
    """

    name: str
    problem: PinProblem = PinProblem.NONE
    left: int = 5
    minutes: int = 0


class Done(StrEnum):
    """What has just been registered."""

    NOTHING = "nothing"
    ADMITTED = "admitted"
    NOT_OPENED = "not_opened"
    """It is registered, and the barrier did not move."""
    NOBODY_PASSED = "nobody_passed"
    TURNED_AWAY = "turned_away"
    MEASURED = "measured"
    OPENED = "opened"
    PAUSED = "paused"
    RESUMED = "resumed"
    COUNTED = "counted"
    DISINFECTED = "disinfected"
    PAPER_CHANGED = "paper_changed"
    ENROLLED = "enrolled"
    REMOVED = "removed"
    NO_ROOM = "no_room"
    """So many are recognised here already that one more would be too many for the stated rate."""
    CARD_NOT_GOOD = "card_not_good"
    FACE_NOT_SEEN = "face_not_seen"
    """The camera did not see the face of the card, or cannot see at all."""


@dataclass(frozen=True, slots=True)
class Overview:
    """What a member of staff can do here.

    Attributes:
        staff: who is signed in.
        waiting: people sent to staff who have no answer yet.
        trouble: devices that need somebody.
        inside: by the best count; None where nothing counts.
        disinfect: it is due.
        passages: since the last disinfection.
        paper: there is a printer whose paper can be changed.
        regulars: how many are recognised without a card; None where nobody can be.
        done: what has just been registered.
    """

    lane: str
    staff: str
    waiting: int = 0
    trouble: int = 0
    inside: int | None = None
    capacity: int | None = None
    paused: bool = False
    offline: bool = False
    disinfect: bool = False
    passages: int = 0
    paper: bool = False
    regulars: int | None = None
    done: Done = Done.NOTHING


@dataclass(frozen=True, slots=True)
class DeviceLine:
    """A device and how it is: values of `kiosk.devices.supervisor.State`, and the error's remedy."""

    name: str
    state: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class LaneFacts:
    """How the lane is.

    Attributes:
        entered: heads in today, by the beams; `left` those out.
        list_minutes: age of the appointment list; None where there is none.
        outbox: what waits for the hub; `refused` what it will never take.
    """

    devices: tuple[DeviceLine, ...] = ()
    entered: int = 0
    left: int = 0
    inside: int | None = None
    capacity: int | None = None
    level: str = ""
    rules_version: int = 0
    list_minutes: int | None = None
    outbox: int = 0
    refused: int = 0
    offline: bool = False


@dataclass(frozen=True, slots=True)
class PassageLine:
    """One passage in the list.

    Attributes:
        id: of the passage.
        clock: local time, `HH:MM`.
        verdict: value of `kiosk.wire.rules.Verdict`.
        reason: the first, a value of `kiosk.wire.rules.Reason`.
        crossed: value of `kiosk.wire.events.Crossed`; empty while it is open.
        answer: what staff did, a value of `kiosk.wire.events.StaffAct`; empty for nothing.
    """

    id: str
    clock: str
    name_masked: str
    verdict: str
    reason: str
    crossed: str = ""
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Passages:
    """The last passages, those that wait for staff first."""

    lines: tuple[PassageLine, ...]


class Good(StrEnum):
    """How a finding speaks."""

    YES = "yes"
    NO = "no"
    LOOK = "look"
    """Somebody has to look."""
    QUIET = "quiet"
    """Not asked for, or neither."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One part of the evidence.

    Attributes:
        part: field of `kiosk.wire.evidence.Evidence`.
        said: a value of its enumeration, or why there is nothing.
        value: a temperature or a count that goes with it, as text; may be empty.
    """

    part: str
    said: str
    good: Good
    value: str = ""


@dataclass(frozen=True, slots=True)
class SecondReading:
    """A temperature that staff took.

    Attributes:
        high: by the rules in force.
    """

    celsius: float
    clock: str
    staff: str
    high: bool = False


@dataclass(frozen=True, slots=True)
class WatchTold:
    """Why the watch list sent somebody to staff; never a number.

    Attributes:
        kind: value of `kiosk.wire.watch.WatchClass`; empty for an entry that has ended since.
        note: what else staff should do, in the words of whoever asked for it.
        companion: it is about somebody of their party.
        alone: there is no other reason: staff may let them in with one press.
    """

    kind: str
    note: str = ""
    companion: bool = False
    alone: bool = True


@dataclass(frozen=True, slots=True)
class OnePassage:
    """A person's evidence, and what staff may do.

    Attributes:
        open: sent to staff and without an answer: may be admitted or turned away.
        named: somebody's document was read; else they should be registered first.
        watch: why the watch list sent them; None for everybody else.
    """

    line: PassageLine
    number_masked: str
    reasons: tuple[str, ...]
    findings: tuple[Finding, ...]
    readings: tuple[SecondReading, ...] = ()
    open: bool = False
    named: bool = True
    watch: WatchTold | None = None


class Choice(StrEnum):
    """For what a reason is chosen."""

    ADMIT = "admit"
    TURN_AWAY = "turn_away"
    OPEN = "open"


ANSWERED_WITH_THE_LIST: Final = frozenset({"appointment_checked", "health_checked", "mask_given"})
"""Reasons that are not offered beside the watch list's own: who has dealt with it has seen to these too, and more than
eight rows are no targets on a low panel."""


@dataclass(frozen=True, slots=True)
class ChooseReason:
    """Why? Chosen from a list, stored with the act."""

    choice: Choice
    reasons: tuple[str, ...]
    name_masked: str = ""


class TypedProblem(StrEnum):
    """What was wrong with what was typed."""

    NONE = "none"
    EMPTY = "empty"
    TEMPERATURE = "temperature"
    """Not between 34.0 and 42.0."""
    CHECK_CHARACTER = "check_character"
    """The number does not agree with its check character or its date of birth: a typing error, or a forged card."""
    PASSPORT = "passport"
    """Not five to eighteen letters and digits."""
    COUNT = "count"
    CONSENT = "consent"
    """Not three to thirty-two letters, digits and dashes."""


class Asked(StrEnum):
    """What is to be typed."""

    TEMPERATURE = "temperature"
    """Tenths of a degree: `365` is 36.5."""
    COUNT = "count"
    NUMBER = "number"
    """A citizen's identity number, eighteen characters, the last may be X."""
    PASSPORT = "passport"
    CONSENT = "consent"
    """The number on the consent that was signed on paper."""
    NAME = "name"
    """As the document writes it, in Latin letters; may be left empty."""


@dataclass(frozen=True, slots=True)
class TypeIn:
    """One thing to type.

    Attributes:
        before: what was typed and refused, to be mended.
        told: what goes with it: the name for a temperature, the count until now.
    """

    asked: Asked
    problem: TypedProblem = TypedProblem.NONE
    before: str = field(default="", repr=False)
    told: str = ""


@dataclass(frozen=True, slots=True)
class ChooseDocument:
    """Which document does the person hold?"""


@dataclass(frozen=True, slots=True)
class RegularLine:
    """Somebody who agreed to be recognised.

    Attributes:
        until: local date, `YYYY-MM-DD`, when the consent ends.
    """

    id: str
    name_masked: str
    until: str


@dataclass(frozen=True, slots=True)
class Regulars:
    """Who is recognised here without a card, the newest first.

    Attributes:
        room: how many there may be.
        rate: at most so often a stranger is taken for one of them, as a share.
        done: what has just been registered.
    """

    lines: tuple[RegularLine, ...]
    room: int
    rate: float
    done: Done = Done.NOTHING


@dataclass(frozen=True, slots=True)
class OneRegular:
    """Somebody who agreed: may be removed at once, also because they ask for it."""

    line: RegularLine


@dataclass(frozen=True, slots=True)
class RegularCard:
    """Whoever signed the consent lays their own card on the reader."""

    problem: CardProblem = CardProblem.NONE


# Intents -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OpenStaff:
    """工作人员: open the staff screens."""


@dataclass(frozen=True, slots=True)
class Choose:
    """A row of a list: a member of staff, a passage, a reason, a document."""

    key: str


@dataclass(frozen=True, slots=True)
class Pin:
    """The PIN, as typed. Never in a log."""

    digits: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed. Never in a log."""

    text: str = field(repr=False)


class Duty(StrEnum):
    """What is chosen on the overview or with a passage."""

    STATE = "state"
    PASSAGES = "passages"
    REGISTER = "register"
    OPEN = "open"
    PAUSE = "pause"
    RESUME = "resume"
    COUNT = "count"
    DISINFECTED = "disinfected"
    PAPER = "paper"
    ADMIT = "admit"
    TURN_AWAY = "turn_away"
    MEASURE = "measure"
    NOT_THEM = "not_them"
    """Whom the watch list sent is somebody else: let them in."""
    DEALT_WITH = "dealt_with"
    """Whom the watch list sent was seen to: let them in, and do not send them to staff again today."""
    REGULARS = "regulars"
    ENROL = "enrol"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True)
class Do:
    """Do this."""

    duty: Duty
