"""The papers: photographed, checked, put in order."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from kiosk.view.common import Words


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
    NEXT_PAGE = "next_page"
    """The page that was just photographed still lies there."""
    TURN_OVER = "turn_over"
    """The same side of the card still lies upwards."""
    CAMERA_AWAY = "camera_away"
    """The camera does not answer; please wait or call staff."""


class PhoneWay(StrEnum):
    """Whether a paper can come from the person's own telephone."""

    NO = "no"
    """This paper cannot, or nothing here serves it."""
    YES = "yes"
    LINE_DOWN = "line_down"
    """Not now: there is no line to the hub."""


class EarlierWay(StrEnum):
    """Whether a paper that was handed in before can be used again."""

    NO = "no"
    YES = "yes"
    LINE_DOWN = "line_down"


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
        phone: it may come from the telephone: `FromPhone`.
        earlier: one that was handed in before may serve: `FromEarlier`.
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
    phone: PhoneWay = PhoneWay.NO
    earlier: EarlierWay = EarlierWay.NO


class PhoneStage(StrEnum):
    """How far the telephone is."""

    ASKING = "asking"
    """The code is being fetched."""
    WAITING = "waiting"
    OPENED = "opened"
    """The page is open on a telephone."""
    ARRIVING = "arriving"
    """Pages have come; the person may send more."""
    FETCHING = "fetching"
    """A moment: the pages are fetched and looked at."""
    EXPIRED = "expired"
    LINE_DOWN = "line_down"
    NOT_POSSIBLE = "not_possible"
    """The hub has no page for telephones."""
    UNREADABLE = "unreadable"
    """What came cannot be used."""


@dataclass(frozen=True, slots=True)
class PhonePaper:
    """Send the paper from your telephone by this code. By itself when all has come, `TakeThem`, `NewCode` or `Back`.

    Attributes:
        qr: payload of the code; empty while there is none.
        seconds: how long it is good.
        count: how many pages have come.
        most: how many there may be.
        sides: two pictures are wanted: front and back.
    """

    step: int
    steps: int
    title: Words
    stage: PhoneStage
    qr: str = ""
    seconds: int = 0
    count: int = 0
    most: int = 1
    can_save: bool = False
    sides: bool = False


@dataclass(frozen=True, slots=True)
class EarlierPaper:
    """A paper that was handed in before. `Choose(key)`.

    Attributes:
        item: for what it was handed in.
        number: of that submission.
        grade: provenance, A to D.
    """

    key: str
    item: Words
    number: str
    handed_in: date
    pages: int
    grade: str


@dataclass(frozen=True, slots=True)
class EarlierPapers:
    """Which of these shall be used again? `Choose(key)` or `Back`."""

    step: int
    steps: int
    title: Words
    papers: tuple[EarlierPaper, ...]
    can_save: bool = False


@dataclass(frozen=True, slots=True)
class ReuseEarlier:
    """Is it this one, and may it be used for this too? `Next` agrees, `Back` does not, `Retake` brings another one.

    Attributes:
        page: JPEG of its first page.
        chosen: it was agreed to before.
    """

    step: int
    steps: int
    title: Words
    paper: EarlierPaper
    page: bytes
    can_save: bool = False
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class CheckPaper:
    """Is it readable? `Next`, `Retake` or `Back`; with several pages `AddPage` and `ShowPages`, too.

    Attributes:
        page: JPEG of the cropped page.
        back: JPEG of a card's other side; empty where there is none.
        number: which page it is, from 1.
        count: how many there are.
        most: how many there may be.
        doubt: what may be wrong with it, of a page from elsewhere.
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
    doubt: PaperHint = PaperHint.GOOD


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
class BringLater:
    """The paper is not here: it follows."""


@dataclass(frozen=True, slots=True)
class Retake:
    """Photograph the paper again."""


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


@dataclass(frozen=True, slots=True)
class FromPhone:
    """The paper comes from my telephone."""


@dataclass(frozen=True, slots=True)
class FromEarlier:
    """I have handed this paper in before."""


@dataclass(frozen=True, slots=True)
class NewCode:
    """A new code for the telephone; the one before is good no more."""


@dataclass(frozen=True, slots=True)
class TakeThem:
    """What has come from the telephone is all."""
