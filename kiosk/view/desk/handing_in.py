"""Check, sign, pay, hand in."""

from dataclasses import dataclass
from enum import StrEnum

from kiosk.view.common import Words


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
    """What is declared and promised, and a field to sign in. `Signed(...)`, `ConfirmInstead` or `Back`.

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


@dataclass(frozen=True, slots=True)
class Confirm:
    """The same for somebody who does not write here: their card once more, or `Confirmed(...)`; or `Back` to writing.

    Attributes:
        declared, promises: as in `Sign`.
        card: the reader works; otherwise only the number confirms.
        wrong: the number was not theirs, or the card.
    """

    step: int
    steps: int
    declared: tuple[Words, ...]
    promises: tuple[Words, ...] = ()
    card: bool = True
    wrong: bool = False
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
class Edit:
    """Change this answer, then come back to the check page."""

    key: str


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
class ConfirmInstead:
    """I do not write here: let me confirm in another way."""


@dataclass(frozen=True, slots=True, repr=False)
class Confirmed:
    """The last four characters of one's own number."""

    last: str

    def __repr__(self) -> str:
        return "Confirmed(masked)"


@dataclass(frozen=True, slots=True)
class PayAgain:
    """Ask for a code again."""


@dataclass(frozen=True, slots=True)
class PayAtWindow:
    """Hand in now, and pay at a window by the receipt."""
