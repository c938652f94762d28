"""The watch list: whom entry staff should look at. Signed by the hub for the gates (`Signed.kind` is `watch`).

No name, no number and no picture is in it: a person is their digest in this hall, and the list is looked into with the
document that they show, never with a face. It works with the line down; an entry ends by its date, also then.
"""

from datetime import date
from enum import StrEnum
from typing import Annotated, Final

import msgspec

from kiosk.wire.evidence import Digest, Moment, Name, Wire

KIND: Final = "watch"
MOST_ENTRIES: Final = 5000
MOST_NOTE: Final = 120
NOT_THEM: Final = "watch_not_them"
DEALT_WITH: Final = "watch_dealt_with"
"""Reasons with which staff let in somebody whom the list had sent, as they stand in `StaffAction.reason`."""


class WatchClass(StrEnum):
    """Why staff should look; what they do about each says `ui.staff_words.WATCH_DUTIES`. The most pressing first."""

    WANTED = "wanted"
    """Sought by the police, who asked for it."""
    NEEDS_HELP = "needs_help"
    """Somebody is missed: an old person who lost the way, a child."""
    COURT_BAN = "court_ban"
    """A court has forbidden them to enter."""
    DOCUMENT_LOST = "document_lost"
    """The document was reported lost or stolen: whoever shows it may be somebody else."""
    DISORDER = "disorder"
    """Disturbed the hall again and again, with a record of it. Complaining and petitioning are no disorder."""


HELD: Final = frozenset({WatchClass.WANTED})
"""Kept whatever the person asks for, and not told to them: the law of criminal procedure keeps it secret."""


class WatchEntry(Wire, frozen=True, kw_only=True):
    """One entry, as gates need it."""

    id: Annotated[str, msgspec.Meta(pattern="^[A-Z2-7]{8}$")]
    person: Digest
    """`person_digest` of the document's number under the hall's key."""
    kind: WatchClass
    note: Annotated[str, msgspec.Meta(max_length=MOST_NOTE)] = ""
    """What else staff should do or know."""
    begins: Moment
    ends: Moment
    """From then on it is none, whether or not a newer list has come."""
    dealt: date | None = None
    """The day in China on which staff of this hall have dealt with it: on that day it calls nobody out again."""


class WatchList(Wire, frozen=True, kw_only=True):
    """All entries of a hall."""

    version: Annotated[int, msgspec.Meta(ge=1)]
    hall: Name
    made: Moment
    entries: Annotated[tuple[WatchEntry, ...], msgspec.Meta(max_length=MOST_ENTRIES)]
