"""Before the form: what an item needs, who qualifies, and what was begun earlier."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from kiosk.view.common import Words
from kiosk.view.desk.choosing import NO_WORDS


@dataclass(frozen=True, slots=True)
class PaperLine:
    """A paper as it is announced.

    Attributes:
        later: it may follow within so many days; 0 may not.
        maybe: whether it is needed depends on the answers.
    """

    title: Words
    line: Words
    later: int = 0
    maybe: bool = False


class Handled(StrEnum):
    """Who accepts and who decides."""

    HERE = "here"
    COLLECT_HERE = "collect_here"
    ACCEPT_REMOTELY = "accept_remotely"
    DECIDE_REMOTELY = "decide_remotely"


@dataclass(frozen=True, slots=True)
class BeforeYouStart:
    """What is needed, how long it takes, what it costs. `Next` or `Back`.

    Attributes:
        working_days: promised; 0 is done at once.
        statutory_days: what the law allows; 0 where it does not say.
        papers: to be photographed.
        decided_by: who decides, where that is not this hall.
        result_from: where the result comes from.
        courier: the result can be sent home.
        notices: what else one has to know.
    """

    title: Words
    needs: tuple[Words, ...]
    minutes: int
    working_days: int
    fee: Words
    statutory_days: int = 0
    papers: tuple[PaperLine, ...] = ()
    handled: Handled = Handled.HERE
    decided_by: Words = NO_WORDS
    result_from: Words = NO_WORDS
    courier: bool = False
    notices: tuple[Words, ...] = ()
    identified: bool = True
    """Otherwise the card is asked for next."""


@dataclass(frozen=True, slots=True)
class NotEligible:
    """This cannot be applied for, and why, and what to do instead. `Next` chooses another item, `Back` changes it.

    Attributes:
        final: nothing that was answered can change it (one's age).
    """

    title: Words
    reason: Words
    instead: Words
    final: bool = False


@dataclass(frozen=True, slots=True)
class SavedDraft:
    """An application that was begun here and not finished.

    Attributes:
        until: the last day it is kept.
        kept: saved by the person; otherwise it was interrupted.
    """

    key: str
    title: Words
    saved: datetime
    until: date
    kept: bool


@dataclass(frozen=True, slots=True)
class SavedDrafts:
    """Welcome back: go on with what was begun? `Choose(item key)`, `Discard(item key)`, or `Next` for something new."""

    name_masked: str
    drafts: tuple[SavedDraft, ...]


@dataclass(frozen=True, slots=True)
class DraftKept:
    """Saved: come back with the same card by then. `Next` ends, `ToWindow` takes it to a window instead."""

    title: Words
    until: date
    window: bool = False
    """It can go on at a window."""


@dataclass(frozen=True, slots=True)
class ItemChanged:
    """The office has changed the item in the meantime. `Next` goes on: what was filled in stays where it still fits.

    Attributes:
        gone: it is not offered here any more; `Next` chooses another one.
    """

    title: Words
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Discard:
    """Delete this saved draft."""

    key: str


@dataclass(frozen=True, slots=True)
class SaveForLater:
    """Keep what was filled in, and leave."""
