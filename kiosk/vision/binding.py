"""Photographed pages as one document: card sides on one page, what the copy is for across each, its provenance below.

The mark is drawn into the picture, not laid over it: it cannot be taken off by deleting an object of the PDF. It only
darkens, and only as much as leaves print readable. What was read of a page lies under its picture, to be searched.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import hypot
from pathlib import Path
from typing import Final

import anyio.to_thread
import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pictures
from PIL import ImageDraw, ImageFont

from kiosk.vision.faces import Image
from kiosk.vision.pages.finish import Tone
from kiosk.vision.pdf import PdfPage, PdfProblem, bind, pdf_page
from kiosk.vision.reading import PrintedLine
from kiosk.vision.scribe import unpacked
from kiosk.vision.sheets import Document, NotBound, Sheet, Stamp

FONT: Final = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
"""Of the package fonts-noto-cjk, which the receipts are drawn with, too."""
MOST_DOCUMENT_BYTES: Final = 16 * 1024 * 1024
"""A document grows no larger; what is over it goes into the next. Sealed it has to stay below 20 MiB."""
A4: Final = 297.0 / 210.0
CARD_MM: Final = 85.6
"""Long side of a card (ISO/IEC 7810 ID-1)."""
_SHARE: Final = 0.055
"""Height of the mark's letters as a share of the page's shorter side."""
_BELOW: Final = 0.026
"""The same of the line below."""
_LEAST_BELOW: Final = 10
_TILT: Final = 30.0
"""Degrees."""
_PALE: Final = 0.16
"""How much the mark darkens."""
_SIMPLIFIED: Final = 2
"""Of the collection, the face of simplified Chinese."""


class Binding:
    """Binds papers in a thread of its own; a `PaperBinder`.

    Args:
        font: for the mark; without it the mark is only as good as Latin letters can say it.
    """

    def __init__(self, font: Path = FONT) -> None:
        self._font = font

    async def bind(self, sheets: Sequence[Sheet], stamp: Stamp) -> tuple[Document, ...]:
        """Bind the pages of one paper in their order: one document, or several where one would be too large.

        Raises:
            NotBound: a page is no picture.
        """
        return await anyio.to_thread.run_sync(bound, tuple(sheets), stamp, self._font)


def bound(sheets: Sequence[Sheet], stamp: Stamp, font: Path = FONT) -> tuple[Document, ...]:
    """See `Binding.bind`. Each page's picture is given up as soon as it is encoded."""
    documents: list[Document] = []
    pages: list[PdfPage] = []
    size = 0
    for number, sheet in enumerate(sheets, 1):
        page = _page(sheet, stamp, font, number)
        if pages and size + len(page.data) > MOST_DOCUMENT_BYTES:
            documents.append(_document(pages))
            pages, size = [], 0
        pages.append(page)
        size += len(page.data)
    documents.append(_document(pages))
    return tuple(documents)


def _page(sheet: Sheet, stamp: Stamp, font: Path, number: int) -> PdfPage:
    picture, lines = _unpacked(sheet.picture, number), _laid(sheet.lines)
    if sheet.back:
        back = _unpacked(sheet.back, number)
        upper, lower = _places(picture, back)
        lines = (*upper.moved(lines), *lower.moved(_laid(sheet.back_lines)))
        picture = on_one_page(picture, back)
    page = pdf_page(stamped(picture, stamp, font), Tone.COLOUR, lines)
    if page.problem is not PdfProblem.NONE:
        raise NotBound(f"page {number}: {page.problem.value}")
    return page


def _unpacked(picture: bytes, number: int) -> Image:
    image = unpacked(picture)
    if image is None:
        raise NotBound(f"page {number} is no picture")
    return image


def _document(pages: Sequence[PdfPage]) -> Document:
    made = bind(pages)
    if made.problem is not PdfProblem.NONE:
        raise NotBound(made.problem.value)
    return Document(made.data, made.pages)


def on_one_page(front: Image, back: Image) -> Image:
    """Both sides of a card on one A4 page, one below the other, in nearly their true size.

    Args:
        front, back: (height, width, 3) BGR; a side that stands upright is laid down.

    Returns:
        (height, width, 3) BGR, in the proportion of A4, as fine as the finer side.
    """
    places = _places(front, back)
    page = np.full((*places[0].page, 3), 255, np.uint8)
    for side, place in zip((front, back), places, strict=True):
        lying = _lying(side)
        left, top, width, height = place.box
        how = cv2.INTER_AREA if width <= lying.shape[1] else cv2.INTER_CUBIC
        page[top : top + height, left : left + width] = cv2.resize(lying, (width, height), interpolation=how)
    return page


@dataclass(frozen=True, slots=True)
class _Laid:
    """A line whose corners are an array, as a page takes them."""

    text: str
    quad: NDArray[np.float64]


def _laid(lines: Sequence[PrintedLine]) -> tuple[_Laid, ...]:
    return tuple(_Laid(line.text, np.array(line.corners, np.float64)) for line in lines)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where one side of a card lies on the page for both.

    Attributes:
        page: height and width of the page, in pixels.
        box: left, top, width and height of the side on it.
        side: height and width of the side as it was photographed.
    """

    page: tuple[int, int]
    box: tuple[int, int, int, int]
    side: tuple[int, int]

    def moved(self, lines: Sequence[_Laid]) -> tuple[_Laid, ...]:
        """Lines of the side in the pixels of the page."""
        high, wide = self.side
        left, top, width, height = self.box
        moved = []
        for line in lines:
            quad = line.quad
            if high > wide:  # laid down, clockwise
                quad = np.column_stack([high - quad[:, 1], quad[:, 0]])
            scale = (width / max(high, wide), height / min(high, wide))
            moved.append(_Laid(line.text, quad * scale + (left, top)))
        return tuple(moved)


def _places(front: Image, back: Image) -> tuple[_Place, _Place]:
    """Where both sides of a card go on their page."""
    sides = [(side.shape[0], side.shape[1]) for side in (front, back)]
    width = min(2480, round(max(max(side) for side in sides) * 210.0 / (1.5 * CARD_MM)))
    height = round(width * A4)
    across = round(width * 1.5 * CARD_MM / 210.0)
    places = []
    for number, side in enumerate(sides):
        down = round(min(side) * across / max(side))
        share = min(1.0, round(height * 0.4) / down)
        size = (max(1, round(across * share)), max(1, round(down * share)))
        left, top = (width - size[0]) // 2, round(height * (0.07 + 0.46 * number))
        places.append(_Place((height, width), (left, top, *size), side))
    return places[0], places[1]


def _lying(side: Image) -> Image:
    if side.shape[0] <= side.shape[1]:
        return side
    return np.asarray(cv2.rotate(side, cv2.ROTATE_90_CLOCKWISE), np.uint8)


# The mark -----------------------------------------------------------------------------------------------------------


def stamped(picture: Image, stamp: Stamp, font: Path = FONT) -> Image:
    """A page with what the copy is for across it, and its provenance in a line added below.

    Args:
        picture: (height, width, 3) BGR.
        stamp: the words.
        font: of the mark.

    Returns:
        (height + the line, width, 3) BGR; the picture itself is only darkened.
    """
    height, width = picture.shape[:2]
    side = min(height, width)
    mask = _across(stamp.purpose, width, height, max(12, round(side * _SHARE)), font)
    darker = 1.0 - _PALE * (mask.astype(np.float32) / 255.0)[:, :, None]
    marked = np.asarray(picture * darker, np.uint8)
    line = _below(stamp, width, max(14, round(side * _BELOW)), font)
    return np.vstack([marked, line])


def _across(words: str, width: int, height: int, size: int, font: Path) -> Image:
    """The words again and again, tilted, as (height, width) from 0 to 255."""
    pen = _pen(font, size)
    words, face = pen.sayable(words), pen.face
    long = int(hypot(width, height)) + 2 * size
    sheet = Pictures.new("L", (long, long), 0)
    draw = ImageDraw.Draw(sheet)
    wide = max(1, round(draw.textlength(words, font=face))) + 4 * size
    for row, y in enumerate(range(size, long, round(size * 5.5))):
        for x in range(-(row % 2) * (wide // 2), long, wide):
            draw.text((x, y), words, fill=255, font=face)
    turned = sheet.rotate(_TILT, Pictures.Resampling.BILINEAR)
    left, top = (long - width) // 2, (long - height) // 2
    return np.asarray(turned.crop((left, top, left + width, top + height)), np.uint8)


def _below(stamp: Stamp, width: int, size: int, font: Path) -> Image:
    """One line with provenance and purpose; in smaller letters where it would not fit."""
    high = round(size * 1.8)
    while True:
        pen = _pen(font, size)
        words = pen.sayable(f"{stamp.grade} · {stamp.purpose}")
        line = Pictures.new("RGB", (width, high), (255, 255, 255))
        draw = ImageDraw.Draw(line)
        long = draw.textlength(words, font=pen.face)
        if long <= width - 2 * size or size <= _LEAST_BELOW:
            break
        size = max(_LEAST_BELOW, min(size - 1, int(size * (width - 2 * size) / long)))
    draw.text((size, round((high - 1.4 * size) / 2)), words, fill=(40, 40, 40), font=pen.face)
    return np.asarray(line, np.uint8)[:, :, ::-1]


class _Pen:
    """A font of one size, and what it can write."""

    def __init__(self, font: Path, size: int) -> None:
        self.face: ImageFont.FreeTypeFont | ImageFont.ImageFont
        try:
            self.face = ImageFont.truetype(str(font), size, index=_SIMPLIFIED if font.suffix == ".ttc" else 0)
            self._latin = False
        except OSError:
            self.face = ImageFont.load_default(size)
            self._latin = True

    def sayable(self, words: str) -> str:
        """The words, or what is left of them where the font has Latin letters only."""
        return f"COPY {''.join(char for char in words if char.isascii())}".strip() if self._latin else words


@lru_cache(maxsize=8)
def _pen(font: Path, size: int) -> _Pen:
    return _Pen(font, size)
