"""What the vision process reads of a paper. Plain data; imports no OpenCV, so that journeys may know it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Protocol

READ_WITHIN = 20.0
"""Seconds that a page may take: a form in small print on a busy machine takes half of that."""
LINES_WITHIN = 60.0
"""The same where every line is read, and nobody waits for it."""


class DocumentKind(StrEnum):
    """What a picture is said to show."""

    ID_FRONT = "id_front"
    """The side of a resident identity card with the portrait."""
    ID_BACK = "id_back"
    LICENCE = "licence"
    """A business licence (营业执照), or one that is laid out like it."""
    FORM = "form"
    """Any page of captions and values."""
    MRZ = "mrz"
    """A passport, visa or card with a machine readable zone."""


class Key(StrEnum):
    """The fields that are known by name; a form's other fields are keyed by their captions as printed."""

    NUMBER = "number"
    NAME = "name"
    SEX = "sex"
    ETHNIC_GROUP = "ethnic_group"
    BIRTH = "birth"
    ADDRESS = "address"
    ISSUER = "issuer"
    VALID_FROM = "valid_from"
    VALID_UNTIL = "valid_until"
    CODE = "code"
    """Unified social credit code."""
    TYPE = "type"
    LEGAL_REPRESENTATIVE = "legal_representative"
    CAPITAL = "capital"
    FOUNDED = "founded"
    TERM = "term"
    SCOPE = "scope"
    PHONE = "phone"
    NATIONALITY = "nationality"


class Checked(StrEnum):
    """Whether something proves a field."""

    PASSED = "passed"
    """Its check character is right, or another field says the same."""
    FAILED = "failed"
    """Its check character is wrong, or another field says otherwise: staff or the person must look."""
    NONE = "none"
    """Nothing on the paper can prove it."""


class TextProblem(StrEnum):
    """Why a document gave nothing, or not all."""

    NONE = "none"
    NO_PICTURE = "no_picture"
    """Empty, too small, too large or of an unknown form."""
    NO_TEXT = "no_text"
    OTHER_DOCUMENT = "other_document"
    """There is text, but nothing that such a document has."""
    NOT_AVAILABLE = "not_available"
    """The models are missing or altered."""
    TOO_LATE = "too_late"
    """The deadline passed."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a document.

    Attributes:
        value: as printed, without spaces between Chinese characters; dates as `YYYY-MM-DD`.
        score: 0 to 1: the network's own, which is no probability of being right.
        repaired: a character was changed because the check character proves it: show it for confirmation.
    """

    value: str
    score: float
    checked: Checked = Checked.NONE
    repaired: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """The fields of a page.

    Attributes:
        values: only what was found, by `Key`, or by a form's captions.
    """

    kind: DocumentKind
    values: dict[str, Field] = field(default_factory=dict)
    problem: TextProblem = TextProblem.NONE


@dataclass(frozen=True, slots=True, repr=False)
class PrintedLine:
    """A line of a page, as it is printed. `repr` is masked.

    Attributes:
        text: what it says, without what cannot be printed.
        corners: in the picture's pixels, clockwise from the start of the text's upper edge.
    """

    text: str
    corners: tuple[tuple[float, float], tuple[float, float], tuple[float, float], tuple[float, float]]

    def __repr__(self) -> str:
        return f"PrintedLine({len(self.text)} characters)"


@dataclass(frozen=True, slots=True)
class PageLines:
    """Every line of a page, from top to bottom; none where there is a problem."""

    lines: tuple[PrintedLine, ...] = ()
    problem: TextProblem = TextProblem.NONE


class LineReader(Protocol):
    """Reads whole papers for a text layer, as journeys see it: `VisionProcess` is one."""

    async def read_lines(self, page: bytes, *, within: float = LINES_WITHIN) -> PageLines:
        """Read every line of a page, a picture file; after `within` seconds the answer is TOO_LATE.

        Raises:
            SightLost: the process died or is restarting.
        """
        ...


class PageReader(Protocol):
    """Reads papers, as journeys see it: `VisionProcess` is one. To compare: `kiosk.vision.text.compare`."""

    async def read_page(
        self,
        page: bytes,
        kind: DocumentKind,
        today: date,
        *,
        wanted: Collection[str] | None = None,
        captions: Mapping[str, Sequence[str]] | None = None,
        within: float = READ_WITHIN,
    ) -> Reading:
        """Read the fields of a page, a picture file; after `within` seconds the answer is TOO_LATE.

        Raises:
            SightLost: the process died or is restarting.
        """
        ...
