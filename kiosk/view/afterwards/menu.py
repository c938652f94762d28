"""What else can be done here, and the buttons that do it."""

from dataclasses import dataclass
from enum import StrEnum


class Service(StrEnum):
    """One thing that can be done here; `MINE`, `WINDOW`, `SAY`, `TOOLS` and `GUIDE` lead to more."""

    MINE = "mine"
    WINDOW = "window"
    SAY = "say"
    TOOLS = "tools"
    GUIDE = "guide"
    PROGRESS = "progress"
    """Everything of one's own, by card."""
    RECEIPT = "receipt"
    """One submission, by its receipt and card."""
    FORM = "form"
    """Print a filled form, to be signed by hand."""
    APPOINTMENT = "appointment"
    NUMBER = "number"
    RATING = "rating"
    SUGGESTION = "suggestion"
    COMPLAINT = "complaint"
    REPLIES = "replies"
    """What was answered to one's own opinions."""
    PHOTO = "photo"
    COPY = "copy"
    FIRST_TIME = "first_time"
    WHAT_RECEIPT = "what_receipt"
    WHAT_CORRECTION = "what_correction"
    WHAT_BRING = "what_bring"
    WHO_HELPS = "who_helps"
    PRIVACY = "privacy"


class Closed(StrEnum):
    """Why something cannot be done now."""

    NO = "no"
    """It can."""
    OFFLINE = "offline"
    NO_PAGE_PRINTER = "no_page_printer"
    CAMERA_AWAY = "camera_away"
    NO_PHOTOS = "no_photos"
    """This desk cannot cut ID photos."""


@dataclass(frozen=True, slots=True)
class MenuRow:
    """One row of a menu."""

    service: Service
    closed: Closed = Closed.NO


@dataclass(frozen=True, slots=True)
class Menu:
    """What else can be done here. Answered by `Open` or `Back`.

    Attributes:
        part: whose rows these are; None at first.
        offline: there is no line to the hub.
    """

    rows: tuple[MenuRow, ...]
    part: Service | None = None
    name_masked: str = ""
    offline: bool = False


@dataclass(frozen=True, slots=True)
class Asking:
    """The hub is being asked: a moment."""


class Act(StrEnum):
    """What is chosen with a button."""

    TYPE = "type"
    CORRECT = "correct"
    BRING = "bring"
    """A paper that was to follow."""
    WITHDRAW = "withdraw"
    MORE_TIME = "more_time"
    FETCH = "fetch"
    """Print the result."""
    BOOK = "book"
    MOVE = "move"
    CANCEL = "cancel"
    PRINT = "print"
    LAY = "lay"
    """A photograph that was brought along, instead of one that is taken here."""
    ADD = "add"
    """One more page."""


@dataclass(frozen=True, slots=True)
class GuidePage:
    """A short explanation. `Next` or `Back`."""

    topic: Service


@dataclass(frozen=True, slots=True)
class OpenServices:
    """已办业务 · 其他服务."""


@dataclass(frozen=True, slots=True)
class Open:
    """This row of the menu."""

    service: Service


@dataclass(frozen=True, slots=True)
class Do:
    """Do this."""

    act: Act
