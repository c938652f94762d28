"""Both sides of a card on one A4 page, at the card's true size, with a mark that says what the copy is for."""

import importlib.util
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pictures
from PIL import ImageDraw, ImageFont

from kiosk.vision.faces import Image
from kiosk.vision.pages.picture import PageProblem, as_picture

A4_MM = (210.0, 297.0)
CARD_MM = (85.6, 54.0)
"""ISO/IEC 7810 ID-1 as GA 490 has it for the resident identity card."""
MM_PER_INCH = 25.4
MOST_DPI, LEAST_DPI = 300, 100
MOST_ENLARGED = 1.2
"""Pixels are not invented beyond that: the sheet has fewer dots an inch instead."""
ASPECT_SLACK = 0.12
_MIDDLES = (0.30, 0.56)
"""Where the middles of front and back lie, in heights of the sheet."""
_MARK_SHARE = 0.30
_MARK_COLOUR = (96, 96, 96)
_MARK_DEGREES = 30.0
_MARK_MM, _MARK_GAP_MM = 5.5, (14.0, 12.0)
_LONGEST_MARK = 60
_FONT = "NotoSansSC-Regular.ttf"


class SheetProblem(StrEnum):
    """Why there is no sheet."""

    NONE = "none"
    NOT_A_PICTURE = "not_a_picture"
    NOT_A_CARD = "not_a_card"
    """Its sides are not in a card's proportion."""
    TOO_SMALL = "too_small"
    """It would have fewer than 100 dots an inch at its true size: nothing on it could be read."""
    NO_FONT = "no_font"
    """There is no font that has the mark's characters; a copy without the mark that was asked for is not made."""
    BAD_MARK = "bad_mark"
    """It is longer than 60 characters or has characters that cannot be drawn."""


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """An A4 page.

    Attributes:
        image: (height, width, 3) BGR, empty when there is a problem.
        dpi: dots an inch.
    """

    image: Image
    dpi: int
    problem: SheetProblem


def card_sheet(
    front: NDArray[np.generic], back: NDArray[np.generic], mark: str = "", font: Path | None = None
) -> Sheet:
    """Put both sides of an upright card, cropped to its edges, on one A4 page at true size.

    Args:
        front: what the card shows first, (height, width, 3) BGR, landscape.
        back: the other side.
        mark: what the copy is for, e.g. 仅用于办理居住登记, drawn aslant over the cards; "" for none.
        font: a font that has the mark's characters; by default the screens' Noto Sans SC.
    """
    file = font or mark_font()
    cards, dpi, problem = _usable(front, back)
    if problem is SheetProblem.NONE and mark:
        problem = _mark_problem(mark, file)
    if problem is not SheetProblem.NONE:
        return Sheet(np.zeros((0, 0, 3), np.uint8), 0, problem)
    sheet = np.full((_pixels(A4_MM[1], dpi), _pixels(A4_MM[0], dpi), 3), 255, np.uint8)
    size = (_pixels(CARD_MM[0], dpi), _pixels(CARD_MM[1], dpi))
    for card, share in zip(cards, _MIDDLES, strict=True):
        way = cv2.INTER_AREA if card.shape[1] > size[0] else cv2.INTER_CUBIC
        left, top = (sheet.shape[1] - size[0]) // 2, round(share * sheet.shape[0]) - size[1] // 2
        sheet[top : top + size[1], left : left + size[0]] = cv2.resize(card, size, interpolation=way)
    return Sheet(_marked(sheet, mark, file, dpi) if mark and file else sheet, dpi, SheetProblem.NONE)


def mark_font() -> Path | None:
    """The font for marks: the one that the screens use (fetched by `make`), or None."""
    spec = importlib.util.find_spec("ui")
    folders = [] if spec is None else [Path(place) for place in spec.submodule_search_locations or ()]
    files = [folder / "assets" / "fonts" / _FONT for folder in folders]
    return next((file for file in files if file.is_file()), None)


def _usable(front: NDArray[np.generic], back: NDArray[np.generic]) -> tuple[tuple[Image, ...], int, SheetProblem]:
    """Both sides as pictures, and how many dots an inch they allow; or why not."""
    sides = [as_picture(front), as_picture(back)]
    problems = {problem for _, problem in sides} - {PageProblem.NONE}
    if problems:
        return (), 0, SheetProblem.TOO_SMALL if problems == {PageProblem.TOO_SMALL} else SheetProblem.NOT_A_PICTURE
    cards = tuple(picture for picture, _ in sides)
    if any(abs(card.shape[1] / card.shape[0] / (CARD_MM[0] / CARD_MM[1]) - 1.0) > ASPECT_SLACK for card in cards):
        return (), 0, SheetProblem.NOT_A_CARD
    seen = min(card.shape[1] / (CARD_MM[0] / MM_PER_INCH) for card in cards)
    dpi = int(min(MOST_DPI, MOST_ENLARGED * seen))
    return cards, dpi, SheetProblem.NONE if dpi >= LEAST_DPI else SheetProblem.TOO_SMALL


def _mark_problem(mark: str, file: Path | None) -> SheetProblem:
    if len(mark) > _LONGEST_MARK or not mark.isprintable():
        return SheetProblem.BAD_MARK
    if file is None:
        return SheetProblem.NO_FONT
    try:
        font = ImageFont.truetype(str(file), 32)
    except OSError:
        return SheetProblem.NO_FONT
    # What the font lacks would be drawn as boxes: a mark that nobody can read.
    missing = bytes(font.getmask("\U0010fffd"))
    lacks = any(not char.isspace() and bytes(font.getmask(char)) == missing for char in mark)
    return SheetProblem.NO_FONT if lacks else SheetProblem.NONE


def _pixels(millimetres: float, dpi: int) -> int:
    return round(millimetres / MM_PER_INCH * dpi)


def _marked(sheet: Image, mark: str, file: Path, dpi: int) -> Image:
    """The mark again and again over the whole sheet, pale enough that everything below stays readable."""
    height, width = sheet.shape[:2]
    font = ImageFont.truetype(str(file), _pixels(_MARK_MM, dpi))
    left, top, right, bottom = (round(side) for side in font.getbbox(mark))
    step = (right - left + _pixels(_MARK_GAP_MM[0], dpi), bottom - top + _pixels(_MARK_GAP_MM[1], dpi))
    side = round(float(np.hypot(width, height)))
    layer = Pictures.new("L", (side, side), 0)
    draw = ImageDraw.Draw(layer)
    for row, y in enumerate(range(0, side, step[1])):
        for x in range(-(row % 2) * step[0] // 2, side, step[0]):
            draw.text((x - left, y - top), mark, font=font, fill=255)
    aslant = layer.rotate(_MARK_DEGREES, resample=Pictures.Resampling.BILINEAR)
    x, y = (side - width) // 2, (side - height) // 2
    ink = np.asarray(aslant.crop((x, y, x + width, y + height)), np.float32)[:, :, None] / 255.0 * _MARK_SHARE
    colour = np.array(_MARK_COLOUR, np.float32)
    return np.asarray(sheet * (1.0 - ink) + colour * ink + 0.5, np.uint8)
