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
    """Saved: come back with the same card by then. `Next` ends."""

    title: Words
    until: date


@dataclass(frozen=True, slots=True)
class ItemChanged:
    """The office has changed the item in the meantime. `Next` goes on: what was filled in stays where it still fits.

    Attributes:
        gone: it is not offered here any more; `Next` chooses another one.
    """

    title: Words
    gone: bool = False


class Field(StrEnum):
    """How a question is answered."""

    CHOICE = "choice"
    PHONE = "phone"
    DIGITS = "digits"
    DATE = "date"
    """`YYYY-MM-DD`, typed on the digit pad."""
    CONFIRM = "confirm"
    """A prefilled text: right as it is, or staff."""
    MULTI = "multi"
    """Several options; the answer is their keys joined by `,`."""
    AMOUNT = "amount"
    """Yuan, with two decimals at most."""
    TEXT = "text"
    ADDRESS = "address"
    ID_NUMBER = "id_number"
    CREDIT_CODE = "credit_code"
    CODE = "code"
    """Capital letters and digits."""


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
    NOT_AN_ID = "not_an_id"
    NOT_A_CREDIT_CODE = "not_a_credit_code"
    NOT_AN_AMOUNT = "not_an_amount"
    TOO_FEW = "too_few"
    TOO_MANY = "too_many"
    WRONG_FORM = "wrong_form"
    CONTRADICTS = "contradicts"


@dataclass(frozen=True, slots=True)
class Option:
    """One possible answer."""

    key: str
    title: Words
    line: Words = NO_WORDS


class Part(StrEnum):
    """What a question belongs to."""

    FORM = "form"
    ELIGIBILITY = "eligibility"
    """Whether one qualifies; `step` counts these questions alone."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question a screen; the question is the title. Answered by `Answer(key, value)` or `Back`.

    Attributes:
        step: counts from 1 over the whole application: questions, papers and the check.
        value: what is filled in already.
        unit: e.g. 元, shown after the digits.
        max_length: of a typed answer in characters; of `MULTI` how many.
        message: what is wrong, in the item's own words, where it has some.
        optional: may be left empty.
        prefilled: the value was not typed here: it comes from the card or an earlier answer.
        can_save: what was filled in can be kept for later (`SaveForLater`).
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
    message: Words = NO_WORDS
    optional: bool = False
    prefilled: bool = False
    part: Part = Part.FORM
    can_save: bool = False


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


class Side(StrEnum):
    """Which side of a card is photographed."""

    ONLY = "only"
    """It is no card: there is one."""
    FRONT = "front"
    BACK = "back"


@dataclass(frozen=True, slots=True)
class CapturePaper:
    """Lay the paper under the camera. The live picture is drawn by the screen itself. `Back`, or by itself.

    Attributes:
        outline: corners of the page as shares of the picture's width and height, clockwise from top left; None when
            none is seen.
        progress: 0 to 1 until it shoots by itself.
        later: the paper may follow within so many days: `BringLater`; 0 may not.
        page: which page of the paper it will be, from 1.
        most: how many it may have.
    """

    step: int
    steps: int
    title: Words
    hint: PaperHint
    outline: tuple[tuple[float, float], ...] | None = None
    progress: float = 0.0
    later: int = 0
    can_save: bool = False
    side: Side = Side.ONLY
    page: int = 1
    most: int = 1


@dataclass(frozen=True, slots=True)
class CheckPaper:
    """Is it readable? `Next`, `Retake` or `Back`; with several pages `AddPage` and `ShowPages`, too.

    Attributes:
        page: JPEG of the cropped page.
        back: JPEG of a card's other side; empty where there is none.
        number: which page it is, from 1.
        count: how many there are.
        most: how many there may be.
    """

    step: int
    steps: int
    title: Words
    page: bytes
    can_save: bool = False
    back: bytes = b""
    number: int = 1
    count: int = 1
    most: int = 1


PAGES_SHOWN = 6
"""So many pages of a paper fit on one screen."""


@dataclass(frozen=True, slots=True)
class PaperPages:
    """All pages of a paper, in their order.

    `Next`, `Back`, `AddPage`, `ShowPage`, `MovePage`, `RemovePage`, or `ShowPages` for those before and after.

    Attributes:
        first: number of the first page that is shown, from 1.
        pages: JPEG of each that is shown, at most `PAGES_SHOWN`.
        count: how many there are.
        most: how many there may be.
    """

    step: int
    steps: int
    title: Words
    first: int
    pages: tuple[bytes, ...]
    count: int
    most: int
    can_save: bool = False


@dataclass(frozen=True, slots=True)
class ReadingPaper:
    """A moment: what stands on the paper is compared with what was filled in. `Next` does not wait for it."""

    step: int
    steps: int
    title: Words
    page: bytes


@dataclass(frozen=True, slots=True)
class Differing:
    """One thing that was filled in otherwise than it was read. `key` is answered by `Edit(key)`; empty when fixed."""

    key: str
    caption: Words
    typed: str
    read: str


@dataclass(frozen=True, slots=True)
class PaperDiffers:
    """The paper seems to say something else. `Next` leaves it as it is, `Edit(key)` changes it, `Retake`, `Back`."""

    step: int
    steps: int
    title: Words
    differing: tuple[Differing, ...]
    can_save: bool = False


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
    can_save: bool = False
    signs: bool = False
    """The signature comes next, and nothing is handed in yet."""


@dataclass(frozen=True, slots=True)
class Sign:
    """What is declared and promised, and a field to sign in. `Signed(...)` or `Back`.

    Attributes:
        declared: line by line.
        promises: papers that follow, each with its day; signed for, too.
        empty: what was written is no signature: it was only touched.
    """

    step: int
    steps: int
    declared: tuple[Words, ...]
    promises: tuple[Words, ...] = ()
    empty: bool = False
    can_save: bool = False


class PayState(StrEnum):
    """How the payment stands."""

    ASKING = "asking"
    WAITING = "waiting"
    """The code is shown."""
    UNSURE = "unsure"
    """The code was shown, and the line went down."""
    LINE_DOWN = "line_down"
    """No code could be made."""
    NOT_POSSIBLE = "not_possible"
    """The payment service refuses."""
    EXPIRED = "expired"
    PAID = "paid"


@dataclass(frozen=True, slots=True)
class PayFee:
    """Pay by the code on the screen. By itself when it is paid, `PayAgain` for a new code, or `PayAtWindow`.

    Attributes:
        fen: what is to be paid.
        qr: payload of the code; empty while there is none.
        seconds: how long the code is good.
    """

    title: Words
    fen: int
    state: PayState
    qr: str = ""
    seconds: int = 0
    can_save: bool = False


@dataclass(frozen=True, slots=True)
class Submitting:
    """A moment: it is being stored."""


@dataclass(frozen=True, slots=True)
class Deciding:
    """Handed in; it is decided at once, and the result comes in a moment. `Next` does not wait for it.

    Attributes:
        seconds: how long it is waited for yet.
    """

    title: Words
    number: str
    seconds: int


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


class Fee(StrEnum):
    """How the fee stands."""

    NONE = "none"
    PAID = "paid"
    AT_WINDOW = "at_window"
    UNSURE = "unsure"
    """A code was shown, and the line went down: not to be paid twice."""


class Outcome(StrEnum):
    """What became of an item that is done at once."""

    NONE = "none"
    """Nothing yet."""
    GRANTED = "granted"
    REFUSED = "refused"
    RETURNED = "returned"
    """Something is to be mended."""


@dataclass(frozen=True, slots=True)
class OwedPaper:
    """A paper that follows by a day."""

    title: Words
    due: date


@dataclass(frozen=True, slots=True)
class Done:
    """Handed in: number, date promised, QR, where the receipt is. `Reprint`, or `Next` to finish.

    Attributes:
        qr: payload of the QR code, the same as on the slip.
        earlier: handed in before the terminal was interrupted; shown again when the same person returns.
        owed: papers that follow.
        decided_by: who decides, where that is not this hall.
        courier: the result is sent.
        outcome: what became of an item that is done at once.
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
    owed: tuple[OwedPaper, ...] = ()
    fee: Fee = Fee.NONE
    decided_by: Words = NO_WORDS
    courier: bool = False
    outcome: Outcome = Outcome.NONE
    provisional: bool = False
    """The promised day may move: the holidays of that year are not known yet."""


@dataclass(frozen=True, slots=True)
class TakeYourThings:
    """请取走您的证件: card, paper and receipt.

    Attributes:
        card_left: the card still lies on the reader; said aloud, too.
    """

    card_left: bool = False


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


@dataclass(frozen=True, slots=True)
class Browse:
    """Look for an item this way."""

    by: By


@dataclass(frozen=True, slots=True)
class SearchFor:
    """Items that these words or letters find."""

    text: str


@dataclass(frozen=True, slots=True)
class Discard:
    """Delete this saved draft."""

    key: str


@dataclass(frozen=True, slots=True)
class SaveForLater:
    """Keep what was filled in, and leave."""


@dataclass(frozen=True, slots=True)
class BringLater:
    """The paper is not here: it follows."""


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


@dataclass(frozen=True, slots=True)
class AddPage:
    """Photograph one more page of this paper."""


@dataclass(frozen=True, slots=True)
class ShowPages:
    """All pages of this paper, from this number on."""

    first: int = 1


@dataclass(frozen=True, slots=True)
class ShowPage:
    """This page, large; numbers count from 1."""

    number: int


@dataclass(frozen=True, slots=True)
class MovePage:
    """Put this page to another place."""

    number: int
    to: int


@dataclass(frozen=True, slots=True)
class RemovePage:
    """Throw this page away."""

    number: int


@dataclass(frozen=True, slots=True, repr=False)
class Signed:
    """What was written.

    Attributes:
        strokes: x, y in shares of the field's shorter side, from its upper left corner, `y` downwards.
        across: the field's width in the same unit.
        down: its height.
    """

    strokes: tuple[tuple[tuple[float, float], ...], ...]
    across: float = 2.0
    down: float = 1.0

    def __repr__(self) -> str:
        return "Signed(masked)"


@dataclass(frozen=True, slots=True)
class PayAgain:
    """Ask for a code again."""


@dataclass(frozen=True, slots=True)
class PayAtWindow:
    """Hand in now, and pay at a window by the receipt."""
