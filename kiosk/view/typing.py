"""View state and intents of writing: a question that is answered with Chinese, letters or digits on the screen."""

from dataclasses import dataclass
from enum import StrEnum

from kiosk.view.desk import Question


class Layout(StrEnum):
    """Which keys are shown."""

    PINYIN = "pinyin"
    HAND = "hand"
    """A field to write in with the finger."""
    STROKES = "strokes"
    """横竖撇点折, for characters that nobody knows how to say."""
    PARTS = "parts"
    """What a character is made of: 氵, 木."""
    CODE = "code"
    """Hexadecimal: its number in Unicode, or its bytes in GB 18030."""
    LATIN = "latin"
    DIGITS = "digits"
    IDENTITY = "identity"
    """Digits and X."""


@dataclass(frozen=True, slots=True)
class Write:
    """One question that is answered by writing. `Key`, `Delete`, `Pick`, `Turn`, `Use`, `Ink`, `Alike`; `Next`, `Back`.

    Attributes:
        question: what is asked; its `value` is what stood there at first.
        text: what is written so far.
        composing: letters or strokes that are no text yet.
        candidates: what they may mean, at most nine.
        page: of the candidates, from 0.
        more: another page follows.
        layout: which keys are shown.
        alike: sounds that many do not tell apart (zh and z, n and l …) stand for each other.
        before: what stands before the text already and is not written: the place of an address.
    """

    question: Question
    text: str = ""
    composing: str = ""
    candidates: tuple[str, ...] = ()
    page: int = 0
    more: bool = False
    layout: Layout = Layout.PINYIN
    alike: bool = False
    before: str = ""


# Intents -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, repr=False)
class Key:
    """One sign: a letter, a digit, an apostrophe, a stroke."""

    sign: str

    def __repr__(self) -> str:
        return "Key(masked)"


@dataclass(frozen=True, slots=True)
class Delete:
    """The last sign away; `everything` clears all of it."""

    everything: bool = False


@dataclass(frozen=True, slots=True)
class Pick:
    """This candidate of the page, from 0."""

    number: int


@dataclass(frozen=True, slots=True)
class Turn:
    """This page of the candidates, from 0."""

    page: int


@dataclass(frozen=True, slots=True)
class Use:
    """These keys."""

    layout: Layout


@dataclass(frozen=True, slots=True)
class Alike:
    """Let sounds that many do not tell apart stand for each other, or not."""

    on: bool


@dataclass(frozen=True, slots=True, repr=False)
class Ink:
    """What was written with the finger, all strokes so far.

    Attributes:
        strokes: a tuple of points a stroke; each a share of the field's width and height, `y` downwards.
    """

    strokes: tuple[tuple[tuple[float, float], ...], ...]

    def __repr__(self) -> str:
        return "Ink(masked)"
