"""Arriving at the desk, and finding the item."""

from dataclasses import dataclass
from enum import StrEnum

from kiosk.view.common import CardProblem, Words

NO_WORDS = Words("", "", "")
"""Nothing to say."""


@dataclass(frozen=True, slots=True)
class ItemSummary:
    """A service item in a list."""

    key: str
    title: Words
    line: Words
    """One line of explanation."""
    closed: bool = False
    """It needs papers, and the camera is away: not now at this machine."""


class By(StrEnum):
    """How to look for an item."""

    SEARCH = "search"
    EVENT = "event"
    """By life event."""
    DEPARTMENT = "department"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Start:
    """Nobody is here: what one can do, what to have ready, lay your card on the reader.

    Whoever only wants to know, or has left the card at home, answers with `Choose(item key)` or `Browse`.
    """

    hall: str
    items: tuple[ItemSummary, ...]
    problem: CardProblem = CardProblem.NONE
    printing: bool = True
    """Whether receipts can be printed now; otherwise they are shown."""
    offline: bool = False
    services: bool = False
    """There are other services: `afterwards.OpenServices`."""


@dataclass(frozen=True, slots=True)
class ReadingCard:
    """The card is being read: leave it where it is."""


@dataclass(frozen=True, slots=True)
class LayCard:
    """Lay your card on the reader to begin this item. `Back`, or by itself."""

    title: Words
    problem: CardProblem = CardProblem.NONE


@dataclass(frozen=True, slots=True)
class ChooseItem:
    """What would you like to do? Answered by `Choose(item key)`, `Browse` or `Back`.

    Attributes:
        name_masked: empty while nobody has identified.
        group: the life event or department whose items these are; no words for all.
    """

    name_masked: str
    items: tuple[ItemSummary, ...]
    group: Words = NO_WORDS
    services: bool = False
    """There are other services: `afterwards.OpenServices`."""


@dataclass(frozen=True, slots=True)
class Group:
    """A life event or department, with how many items it has."""

    key: str
    title: Words
    line: Words
    count: int


@dataclass(frozen=True, slots=True)
class ChooseGroup:
    """Which life event, or which department? Answered by `Choose(group key)` or `Back`."""

    by: By
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class FindItem:
    """Search by words or pinyin initials. Answered by `SearchFor`, `Choose(item key)`, `Browse` or `Back`.

    Attributes:
        typed: what was typed so far.
        found: the best first; while nothing is typed, what is asked for most.
    """

    typed: str
    found: tuple[ItemSummary, ...]


@dataclass(frozen=True, slots=True)
class Choose:
    """This item."""

    key: str


@dataclass(frozen=True, slots=True)
class Browse:
    """Look for an item this way."""

    by: By


@dataclass(frozen=True, slots=True)
class SearchFor:
    """Items that these words or letters find."""

    text: str
