"""View states and intents of the desk, in the order a citizen meets them."""

from dataclasses import dataclass
from datetime import date, datetime
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


@dataclass(frozen=True, slots=True)
class Start:
    """Nobody is here: what one can do, what to have ready, lay your card on the reader."""

    hall: str
    items: tuple[ItemSummary, ...]
    problem: CardProblem = CardProblem.NONE
    printing: bool = True
    """Whether receipts can be printed now; otherwise they are shown."""
    offline: bool = False


@dataclass(frozen=True, slots=True)
class ReadingCard:
    """The card is being read: leave it where it is."""


@dataclass(frozen=True, slots=True)
class ChooseItem:
    """What would you like to do? Answered by `Choose(item key)`."""

    name_masked: str
    items: tuple[ItemSummary, ...]


@dataclass(frozen=True, slots=True)
class BeforeYouStart:
    """What is needed, how long it takes, what it costs. `Next` or `Back`."""

    title: Words
    needs: tuple[Words, ...]
    minutes: int
    working_days: int
    fee: Words


class Field(StrEnum):
    """How a question is answered."""

    CHOICE = "choice"
    PHONE = "phone"
    DIGITS = "digits"
    DATE = "date"
    """`YYYY-MM-DD`, typed on the digit pad."""
    CONFIRM = "confirm"
    """A prefilled text: right as it is, or staff."""


class AnswerProblem(StrEnum):
    """Why an answer was not taken."""

    NONE = "none"
    EMPTY = "empty"
    NOT_A_PHONE = "not_a_phone"
    NOT_A_DATE = "not_a_date"
    IN_THE_PAST = "in_the_past"
    IN_THE_FUTURE = "in_the_future"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    OUT_OF_RANGE = "out_of_range"


@dataclass(frozen=True, slots=True)
class Option:
    """One possible answer."""

    key: str
    title: Words


@dataclass(frozen=True, slots=True)
class Question:
    """One question a screen; the question is the title. Answered by `Answer(key, value)` or `Back`.

    Attributes:
        step: counts from 1 over the whole application: questions, papers and the check.
        value: what is filled in already.
        unit: e.g. 元, shown after the digits.
    """

    step: int
    steps: int
    key: str
    title: Words
    explanation: Words
    field: Field
    value: str = ""
    options: tuple[Option, ...] = ()
    unit: Words = NO_WORDS
    max_length: int = 40
    problem: AnswerProblem = AnswerProblem.NONE


class PaperHint(StrEnum):
    """What to do with the paper under the camera."""

    LAY_DOWN = "lay_down"
    """No paper is seen: lay it on the mat."""
    MOVE_INSIDE = "move_inside"
    """A corner lies outside the picture."""
    COME_CLOSER = "come_closer"
    """Too small in the picture."""
    HOLD_STILL = "hold_still"
    BLURRED = "blurred"
    GLARE = "glare"
    SHADOW = "shadow"
    ONE_PAPER = "one_paper"
    """Two papers are seen."""
    HAND_AWAY = "hand_away"
    TOO_LARGE = "too_large"
    """The page is larger than what the camera sees."""
    SMOOTH_OUT = "smooth_out"
    """Something is there, but its edges are not sure."""
    GOOD = "good"
    """It shoots by itself in a moment."""
    CAMERA_AWAY = "camera_away"
    """The camera does not answer; please wait or call staff."""


@dataclass(frozen=True, slots=True)
class CapturePaper:
    """Lay the paper under the camera. The live picture is drawn by the screen itself. `Back`, or by itself.

    Attributes:
        outline: corners of the page as shares of the picture's width and height, clockwise from top left; None when
            none is seen.
        progress: 0 to 1 until it shoots by itself.
    """

    step: int
    steps: int
    title: Words
    hint: PaperHint
    outline: tuple[tuple[float, float], ...] | None = None
    progress: float = 0.0


@dataclass(frozen=True, slots=True)
class CheckPaper:
    """Is it readable? `Next`, `Retake` or `Back`. `page` is a JPEG of the cropped page."""

    step: int
    steps: int
    title: Words
    page: bytes


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """One line of the check page. `key` is answered by `Edit(key)`; empty when it cannot be changed."""

    key: str
    caption: Words
    value: Words


@dataclass(frozen=True, slots=True)
class Review:
    """Check everything, as it will be handed in. `Next` hands in, `Edit(key)` changes, `Back`."""

    step: int
    steps: int
    title: Words
    rows: tuple[ReviewRow, ...]
    page: bytes
    """JPEG of the captured paper, small."""


@dataclass(frozen=True, slots=True)
class Submitting:
    """A moment: it is being stored."""


class Receipt(StrEnum):
    """Where the receipt is."""

    PRINTING = "printing"
    PRINTED = "printed"
    ON_SCREEN = "on_screen"
    """The printer cannot; photograph the code, or try again."""
    PRINT_UNSURE = "print_unsure"
    """It was interrupted: look whether a slip came out."""


class PrinterProblem(StrEnum):
    """Why the receipt is not printed."""

    NONE = "none"
    PAPER_OUT = "paper_out"
    COVER_OPEN = "cover_open"
    AWAY = "away"


@dataclass(frozen=True, slots=True)
class Done:
    """Handed in: number, date promised, QR, where the receipt is. `Reprint`, or `Next` to finish.

    Attributes:
        qr: payload of the QR code, the same as on the slip.
        earlier: handed in before the terminal was interrupted; shown again when the same person returns.
    """

    number: str
    title: Words
    submitted: datetime
    promised: date | None
    hotline: str
    qr: str
    receipt: Receipt
    problem: PrinterProblem = PrinterProblem.NONE
    earlier: bool = False


@dataclass(frozen=True, slots=True)
class TakeYourThings:
    """请取走您的证件: card, paper and receipt."""


@dataclass(frozen=True, slots=True)
class StillThere:
    """Nobody has touched anything for a while. `Stay`, or everything is wiped when `seconds` are over."""

    seconds: int


@dataclass(frozen=True, slots=True)
class StaffCalled:
    """Staff have been called. `Back` returns to where one was."""


# Intents -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Choose:
    """This item."""

    key: str


@dataclass(frozen=True, slots=True, repr=False)
class Answer:
    """The answer to one question, in its canonical form."""

    key: str
    value: str

    def __repr__(self) -> str:
        return f"Answer({self.key!r}, masked)"


@dataclass(frozen=True, slots=True)
class Edit:
    """Change this answer, then come back to the check page."""

    key: str


@dataclass(frozen=True, slots=True)
class Retake:
    """Photograph the paper again."""


@dataclass(frozen=True, slots=True)
class Reprint:
    """Print the receipt again."""
