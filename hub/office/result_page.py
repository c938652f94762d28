"""The document of a result that is made by itself: one page, A4, in Chinese. Pure; call it in a thread."""

import importlib.util
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw, ImageFont

_A4: Final = (1654, 2339)
"""Pixels at 200 dpi."""
_DPI: Final = 200
_LEFT: Final = 180
_SPLIT: Final = 620
_INK: Final = (20, 20, 20)
_SOFT: Final = (90, 90, 90)
_HIGH: Final = 62


class NoFont(Exception):
    """The screens' fonts are not installed beside the hub: no document can be drawn."""


@dataclass(frozen=True, slots=True)
class ResultPage:
    """What stands on it.

    Attributes:
        office: who decided.
        lines: captions and values.
    """

    title: str
    office: str
    lines: tuple[tuple[str, str], ...]
    note: str
    day: str


def drawn(page: ResultPage) -> bytes:
    """The page as PDF.

    Raises:
        NoFont: see there.
    """
    sheet = Image.new("RGB", _A4, "white")
    draw = ImageDraw.Draw(sheet)
    body, small, bold = _font("Regular", 38), _font("Regular", 30), _font("Bold", 64)
    right = _A4[0] - _LEFT
    draw.text((_A4[0] // 2, 260), page.title, font=bold, fill=_INK, anchor="mm")
    y = 400
    for caption, value in page.lines:
        rows = _broken(value, body, right - _SPLIT - 40)
        high = max(1, len(rows)) * _HIGH + 40
        draw.rectangle((_LEFT, y, right, y + high), outline=_SOFT, width=2)
        draw.line((_SPLIT, y, _SPLIT, y + high), fill=_SOFT, width=2)
        draw.text((_LEFT + 24, y + 20), caption, font=body, fill=_INK)
        for place, row in enumerate(rows):
            draw.text((_SPLIT + 24, y + 20 + place * _HIGH), row, font=body, fill=_INK)
        y += high
    for row in _broken(page.note, small, right - _LEFT):
        y += 56
        draw.text((_LEFT, y), row, font=small, fill=_SOFT)
    draw.text((right, _A4[1] - 420), page.office, font=body, fill=_INK, anchor="rm")
    draw.text((right, _A4[1] - 340), page.day, font=body, fill=_INK, anchor="rm")
    out = io.BytesIO()
    sheet.save(out, "PDF", resolution=_DPI, quality=85)
    return out.getvalue()


def _broken(text: str, font: ImageFont.FreeTypeFont, room: float) -> list[str]:
    rows, row = [], ""
    for sign in text:
        if row and font.getlength(row + sign) > room:
            rows.append(row)
            row = ""
        row += sign
    return [*rows, row] if row else rows


def _font(weight: str, size: int) -> ImageFont.FreeTypeFont:
    spec = importlib.util.find_spec("ui")
    folders = [] if spec is None else [Path(place) for place in spec.submodule_search_locations or ()]
    files = [folder / "assets" / "fonts" / f"NotoSansSC-{weight}.ttf" for folder in folders]
    file = next((file for file in files if file.is_file()), None)
    if file is None:
        raise NoFont(weight)
    return ImageFont.truetype(str(file), size)
