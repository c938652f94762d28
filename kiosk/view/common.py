"""View states and intents that every role has."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final


class Language(StrEnum):
    """The languages of the screens."""

    ZH_HANS = "zh-Hans"
    ZH_HANT = "zh-Hant"
    EN = "en"


@dataclass(frozen=True, slots=True)
class Words:
    """A text that comes as data (an item's title), in each language."""

    zh_hans: str
    zh_hant: str
    en: str

    def of(self, language: Language) -> str:
        """The text in one language."""
        match language:
            case Language.ZH_HANS:
                return self.zh_hans
            case Language.ZH_HANT:
                return self.zh_hant
            case Language.EN:
                return self.en


class Mode(StrEnum):
    """How a screen can be made easier. Each is switched with one touch, at any step, and ends with the person."""

    LARGE = "large"
    """Larger letters."""
    CONTRAST = "contrast"
    """White and yellow on black, at least 7:1."""
    LOW = "low"
    """Everything that is touched within reach of somebody who sits."""
    CALM = "calm"
    """For whoever wants time: one column, fewer choices at once, the voice on, no time limit, nothing moves."""


@dataclass(frozen=True, slots=True)
class Modes:
    """Which modes are on; any of them together."""

    large: bool = False
    contrast: bool = False
    low: bool = False
    calm: bool = False

    def has(self, mode: Mode) -> bool:
        """Whether a mode is on."""
        return bool(getattr(self, mode.value))

    def switched(self, mode: Mode, *, on: bool) -> "Modes":
        """The same with one mode switched."""
        return replace(self, **{mode.value: on})


NO_MODES: Final = Modes()
"""As everybody begins."""


class Cause(StrEnum):
    """Why a terminal is not in service."""

    STARTING = "starting"
    DEVICE = "device"
    """A device without which nothing works is away."""
    NO_RULES = "no_rules"
    DISK = "disk"
    FAULT = "fault"
    LOCKED = "locked"
    """The hub has it serve nobody for now."""
    FIRE = "fire"
    """The fire alarm is on: the lane stands open, and everybody leaves."""
    MAINTENANCE = "maintenance"
    """A technician has taken it out of service."""


@dataclass(frozen=True, slots=True)
class OutOfService:
    """暂停服务: what to do instead, and for staff what is wrong.

    Attributes:
        device: name of the device that is away, empty when it is not a device.
        staff_entry: the staff screens can be opened meanwhile.
        words: what whoever locked it has to say, instead of where else to go; empty for nothing.
    """

    cause: Cause
    device: str = ""
    staff_entry: bool = False
    words: str = ""


class CardProblem(StrEnum):
    """What went wrong with the card, to be mended by the person in front."""

    NONE = "none"
    MOVED = "moved"
    """Taken away too soon: lay it flat and wait."""
    WRONG_CARD = "wrong_card"
    """Not an identity card."""
    UNREADABLE = "unreadable"
    PASSPORT = "passport"
    """The lines of a passport were not read rightly: show them again."""


# Intents -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Back:
    """One step back; nothing is lost."""


@dataclass(frozen=True, slots=True)
class Next:
    """Go on."""


@dataclass(frozen=True, slots=True)
class Cancel:
    """Stop, and forget what was entered."""


@dataclass(frozen=True, slots=True)
class Stay:
    """I am still here."""


@dataclass(frozen=True, slots=True)
class CallStaff:
    """Help, or another way than the machine's."""


@dataclass(frozen=True, slots=True)
class ChangeLanguage:
    """Show everything in this language from now on."""

    language: Language


@dataclass(frozen=True, slots=True)
class SwitchMode:
    """Switch a mode on or off."""

    mode: Mode
    on: bool
