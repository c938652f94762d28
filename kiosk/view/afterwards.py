"""View states and intents of the desk's other services: what was handed in before, and what else one can do here."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from kiosk.view.common import Words
from kiosk.view.desk import NO_WORDS


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


class ScanHint(StrEnum):
    """What to do with the receipt before the camera."""

    HOLD = "hold"
    NOT_A_RECEIPT = "not_a_receipt"
    CAMERA_AWAY = "camera_away"


@dataclass(frozen=True, slots=True)
class ScanReceipt:
    """Lay the receipt's code under the camera. By itself, `Do(TYPE)` to type its number, or `Back`."""

    hint: ScanHint = ScanHint.HOLD


@dataclass(frozen=True, slots=True)
class Asking:
    """The hub is being asked: a moment."""


@dataclass(frozen=True, slots=True)
class SubmissionLine:
    """One submission in the list. `standing` is a value of `kiosk.wire.progress.Standing`."""

    number: str
    title: Words
    standing: str
    since: datetime
    wants: bool = False
    """The office asks for something."""


@dataclass(frozen=True, slots=True)
class Submissions:
    """What this person handed in, what waits for them first. `Choose(number)` or `Back`."""

    name_masked: str
    lines: tuple[SubmissionLine, ...]


@dataclass(frozen=True, slots=True)
class StepLine:
    """One step that was made. `what` is one of the hub's steps (`receive`, `accept`, …)."""

    what: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ProgressShown:
    """Where one submission stands. `Do(CORRECT | BRING | WITHDRAW | MORE_TIME | FETCH)` or `Back`.

    Attributes:
        standing: value of `kiosk.wire.progress.Standing`.
        due: decided by then.
        asked: what the office asks for and has not come, in its words.
        asked_due: by this day.
        deferred: papers that may follow.
        reason: of a refusal.
        parcel: the carrier and its number.
        results: documents that can be printed here; `printable` when they can be printed now.
    """

    number: str
    title: Words
    standing: str
    since: datetime
    steps: tuple[StepLine, ...]
    due: date | None = None
    provisional: bool = False
    asked: tuple[str, ...] = ()
    asked_due: date | None = None
    deferred: tuple[Words, ...] = ()
    deferred_due: date | None = None
    reason: str = ""
    parcel: str = ""
    may_withdraw: bool = False
    may_have_more_time: bool = False
    results: int = 0
    printable: bool = False


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
    ADD = "add"
    """One more page."""


@dataclass(frozen=True, slots=True)
class Sure:
    """Before it is done: `Next` does it, `Back` leaves everything as it is. `what`: WITHDRAW, MORE_TIME or CANCEL."""

    what: Act
    title: Words
    number: str = ""
    begins: datetime | None = None


@dataclass(frozen=True, slots=True)
class WantedRow:
    """One thing that the office asks for.

    Attributes:
        key: answered by `Choose(key)`; empty for what has to be brought to a window.
        words: what is wanted, in the office's words; may be empty.
        done: it has come before, or was given just now.
        value: what was given now; no words when nothing was.
    """

    key: str
    title: Words
    words: str = ""
    done: bool = False
    value: Words = NO_WORDS


@dataclass(frozen=True, slots=True)
class Correction:
    """Only what is asked for, handed in once. `Choose(key)`, `Next` when `ready`, or `Back`."""

    number: str
    title: Words
    rows: tuple[WantedRow, ...]
    due: date | None = None
    ready: bool = False
    window: bool = False
    """Something of it can only be mended at a window."""


class News(StrEnum):
    """What became of something."""

    WITHDRAWN = "withdrawn"
    MORE_TIME = "more_time"
    HANDED_IN = "handed_in"
    CANCELLED = "cancelled"
    THANKS = "thanks"
    """An opinion was taken."""
    PRINTED = "printed"
    NOT_PRINTED = "not_printed"
    PRINT_UNSURE = "print_unsure"
    LINE_DOWN = "line_down"
    """No answer; asked again nothing is done twice."""
    NO_SUBMISSIONS = "no_submissions"
    NOT_YOURS = "not_yours"
    """No submission of this person has that number."""
    NO_FORMS = "no_forms"
    NO_OPINIONS = "no_opinions"
    NO_SLOTS = "no_slots"
    FULL = "full"
    ALREADY_BOOKED = "already_booked"
    CHANGED = "changed"
    """Somebody or something was quicker: look again."""
    QUEUE_FULL = "queue_full"
    NOT_POSSIBLE = "not_possible"
    NO_PHOTO = "no_photo"
    """This desk cannot make ID photos."""


class Slip(StrEnum):
    """Where a slip is."""

    NONE = "none"
    PRINTING = "printing"
    PRINTED = "printed"
    ON_SCREEN = "on_screen"
    """The printer cannot: photograph the screen."""
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Told:
    """What became of it. `Next`, and where it can be tried again (`again`) `Next` does and `Back` leaves it.

    Attributes:
        day: until when, or by when.
        code: of an opinion, to ask for the reply with.
        detail: why the printer did not print: an IPP reason or an error's code.
    """

    what: News
    title: Words = NO_WORDS
    day: date | None = None
    code: str = ""
    slip: Slip = Slip.NONE
    again: bool = False
    detail: str = ""


@dataclass(frozen=True, slots=True)
class AppointmentLine:
    """One appointment."""

    key: str
    begins: datetime
    department: Words


@dataclass(frozen=True, slots=True)
class Appointments:
    """Appointments of this person. `Choose(key)`, `Do(BOOK)` or `Back`."""

    name_masked: str
    lines: tuple[AppointmentLine, ...]


@dataclass(frozen=True, slots=True)
class DayFree:
    """One day, and how many may still come."""

    day: date
    free: int


@dataclass(frozen=True, slots=True)
class PickDay:
    """Which day? `Choose(day)` in ISO 8601, or `Back`."""

    department: Words
    days: tuple[DayFree, ...]


@dataclass(frozen=True, slots=True)
class HourFree:
    """One hour, and how many may still come. `key` is answered by `Choose`."""

    key: str
    begins: datetime
    free: int


@dataclass(frozen=True, slots=True)
class PickHour:
    """What time? `Choose(key)` or `Back`."""

    department: Words
    day: date
    hours: tuple[HourFree, ...]


@dataclass(frozen=True, slots=True)
class OneAppointment:
    """An appointment. `Do(MOVE | CANCEL | PRINT)`, `Next` or `Back`.

    Attributes:
        qr: text of its code, for the gate.
        fresh: booked or moved just now.
    """

    begins: datetime
    ends: datetime
    department: Words
    qr: str
    slip: Slip = Slip.NONE
    fresh: bool = False


@dataclass(frozen=True, slots=True)
class QueueNumber:
    """A number for a window. `Do(PRINT)` where the slip is not printed, `Next`."""

    text: str
    department: Words
    ahead: int
    made: datetime
    slip: Slip = Slip.NONE


@dataclass(frozen=True, slots=True)
class RateService:
    """How was it? `Rate(stars)` or `Back`."""


@dataclass(frozen=True, slots=True)
class OpinionLine:
    """One opinion of this person, and what was answered. `kind`: a value of `kiosk.wire.events.OpinionKind`."""

    code: str
    kind: str
    at: datetime
    due: date | None = None
    reply: str = ""


@dataclass(frozen=True, slots=True)
class Opinions:
    """Complaints and suggestions with a name, the newest first. `Next` or `Back`."""

    name_masked: str
    lines: tuple[OpinionLine, ...]


class PhotoHint(StrEnum):
    """What to do before the camera, for an ID photo; the values of `PhotoProblem` in words one can act on."""

    LOOK = "look"
    GOOD = "good"
    """Good as it is: hold still, it takes several and keeps the best."""
    NO_FACE = "no_face"
    SEVERAL_FACES = "several_faces"
    CLOSER = "closer"
    MOVE_INSIDE = "move_inside"
    LOOK_STRAIGHT = "look_straight"
    HEAD_UPRIGHT = "head_upright"
    UNCOVER = "uncover"
    HOLD_STILL = "hold_still"
    TOO_DARK = "too_dark"
    TOO_BRIGHT = "too_bright"
    UNEVEN_LIGHT = "uneven_light"
    GLASSES = "glasses"
    COLOURLESS = "colourless"
    BACKGROUND = "background"
    CAMERA_AWAY = "camera_away"


@dataclass(frozen=True, slots=True)
class TakePhoto:
    """The face in the oval; it shoots by itself. The live picture is drawn by the screen. `Back`.

    Attributes:
        title: of the document.
        progress: 0 to 1 until it shoots.
    """

    title: Words
    hint: PhotoHint = PhotoHint.LOOK
    progress: float = 0.0


@dataclass(frozen=True, slots=True)
class CheckPhoto:
    """The photo as it was cut. `Do(PRINT)`, `Retake` or `Back`. `photo` is a JPEG.

    Attributes:
        wide, high: of the print in millimetres.
        printable: there is a page printer that answers.
    """

    title: Words
    photo: bytes
    wide: int
    high: int
    printable: bool = False


@dataclass(frozen=True, slots=True)
class Copies:
    """The pages so far. `Do(ADD)`, `Do(PRINT)`, `Retake` takes the last away, or `Back`. `page` is the last, a JPEG."""

    pages: int
    most: int
    page: bytes
    printable: bool = True


@dataclass(frozen=True, slots=True)
class Printing:
    """The page printer works: stay here."""

    pages: int


@dataclass(frozen=True, slots=True)
class GuidePage:
    """A short explanation. `Next` or `Back`."""

    topic: Service


# Intents -------------------------------------------------------------------------------------------------------


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


@dataclass(frozen=True, slots=True)
class Rate:
    """So many stars, 1 to 5."""

    stars: int
