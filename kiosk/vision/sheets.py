"""Pages on their way into a document. Plain data; imports no OpenCV, so that journeys may know it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from kiosk.vision.reading import PrintedLine


class NotBound(Exception):
    """The pages cannot be made into a document; says why."""


@dataclass(frozen=True, slots=True, repr=False)
class Sheet:
    """One page of a paper.

    Attributes:
        picture: JPEG, cropped and straightened.
        back: the other side of a card, put under the first on the same page; empty where there is none.
        lines: what is printed on the picture, in its pixels; empty where it was not read.
        back_lines: the same of the other side.
    """

    picture: bytes
    back: bytes = b""
    lines: tuple[PrintedLine, ...] = ()
    back_lines: tuple[PrintedLine, ...] = ()

    def __repr__(self) -> str:
        return f"Sheet({len(self.picture)} bytes, {len(self.back)} bytes)"


@dataclass(frozen=True, slots=True)
class Stamp:
    """What is written on each page, so that a copy serves nothing else.

    Attributes:
        purpose: what the copy is for; across the page, pale.
        grade: its provenance A to D in words; in a line below the picture.
    """

    purpose: str
    grade: str


@dataclass(frozen=True, slots=True, repr=False)
class Document:
    """A PDF.

    Attributes:
        data: the whole file.
        pages: how many it has.
    """

    data: bytes
    pages: int

    def __repr__(self) -> str:
        return f"Document({self.pages} pages, {len(self.data)} bytes)"


class PaperBinder(Protocol):
    """Makes documents of pages."""

    async def bind(self, sheets: Sequence[Sheet], stamp: Stamp) -> tuple[Document, ...]:
        """Bind the pages of one paper in their order: one document, or several where one would be too large.

        Raises:
            NotBound: a page is no picture.
        """
        ...
