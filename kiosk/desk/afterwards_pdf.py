"""Documents for the A4 printer: copies, ID photos at their true size, filled forms. Pure; call it in a thread."""

import importlib.util
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw, ImageFont

DPI: Final = 300
A4: Final = (2480, 3508)
"""A4 in pixels at 300 dpi."""
_MARGIN: Final = 118
"""10 mm: no printer reaches the edge."""
_QUALITY: Final = 88
_FONT: Final = "NotoSansSC-{weight}.ttf"
_INK: Final = (20, 20, 20)
_LINE: Final = (120, 120, 120)


class NoFont(Exception):
    """The screens' fonts are not installed: no form can be drawn."""


def _millimetres(length: float) -> int:
    return round(length / 25.4 * DPI)


def _bound(pages: list[Image.Image]) -> bytes:
    document = io.BytesIO()
    first, *rest = pages
    # JPEG inside, at its true size: so it is printed without scaling.
    first.save(document, "PDF", resolution=DPI, quality=_QUALITY, save_all=True, append_images=rest)
    return document.getvalue()


def copies(pages: tuple[bytes, ...]) -> bytes:
    """Captured pages on A4, each as large as it fits, upright.

    Args:
        pages: JPEG each, in order.

    Returns:
        The PDF.
    """
    sheets = []
    for jpeg in pages:
        with Image.open(io.BytesIO(jpeg)) as picture:
            page = picture.convert("RGB")
        if page.width > page.height:
            page = page.rotate(90, expand=True)
        room = (A4[0] - 2 * _MARGIN, A4[1] - 2 * _MARGIN)
        share = min(room[0] / page.width, room[1] / page.height)
        page = page.resize((round(page.width * share), round(page.height * share)), Image.Resampling.LANCZOS)
        sheet = Image.new("RGB", A4, "white")
        sheet.paste(page, ((A4[0] - page.width) // 2, (A4[1] - page.height) // 2))
        sheets.append(sheet)
    return _bound(sheets)


def photo_sheet(photo: bytes, wide: int, high: int, count: int = 8) -> bytes:
    """ID photos at their true size with lines to cut along.

    Args:
        photo: JPEG, as `take_id_photo` cut it.
        wide: of the print in millimetres.
        high: of the print in millimetres.
        count: how many.

    Returns:
        The PDF, to be printed without scaling.
    """
    size = (_millimetres(wide), _millimetres(high))
    with Image.open(io.BytesIO(photo)) as picture:
        print_ = picture.convert("RGB").resize(size, Image.Resampling.LANCZOS)
    sheet = Image.new("RGB", A4, "white")
    draw = ImageDraw.Draw(sheet)
    gap = _millimetres(5)
    across = 4
    left = (A4[0] - across * size[0] - (across - 1) * gap) // 2
    for place in range(count):
        x = left + place % across * (size[0] + gap)
        y = _millimetres(25) + place // across * (size[1] + gap)
        sheet.paste(print_, (x, y))
        draw.rectangle((x - 1, y - 1, x + size[0], y + size[1]), outline=_LINE)
    return _bound([sheet])


@dataclass(frozen=True, slots=True, repr=False)
class FilledForm:
    """A form to be signed by hand. Never in a log.

    Attributes:
        rows: caption and value.
        sign, day: captions of the two lines at the end.
    """

    hall: str
    title: str
    department: str
    rows: tuple[tuple[str, str], ...]
    sign: str
    day: str
    note: str


def form(filled: FilledForm) -> tuple[bytes, int]:
    """A filled form as it is printed: a table, and room for the signature.

    Returns:
        The PDF, and how many pages it has.

    Raises:
        NoFont: see there.
    """
    sheets, body, small = [], _font("Regular", 44), _font("Regular", 34)
    left, right, split = 200, A4[0] - 200, 820

    def sheet() -> tuple[Image.Image, ImageDraw.ImageDraw, int]:
        page = Image.new("RGB", A4, "white")
        draw = ImageDraw.Draw(page)
        draw.text((A4[0] // 2, 200), filled.hall, font=small, fill=_INK, anchor="mm")
        draw.text((A4[0] // 2, 310), filled.title, font=_font("Bold", 72), fill=_INK, anchor="mm")
        draw.text((A4[0] // 2, 410), filled.department, font=small, fill=_INK, anchor="mm")
        return page, draw, 490

    page, draw, y = sheet()
    for caption, value in filled.rows:
        names = broken(caption, body, split - left - 50)
        values = broken(value, body, right - split - 50)
        high = max(len(names), len(values)) * 64 + 48
        if y + high > A4[1] - 720:
            sheets.append(page)
            page, draw, y = sheet()
        draw.rectangle((left, y, right, y + high), outline=_INK, width=3)
        draw.line((split, y, split, y + high), fill=_INK, width=3)
        for place, (lines, x) in enumerate(((names, left + 25), (values, split + 25))):
            del place
            for row, line in enumerate(lines):
                draw.text((x, y + 24 + row * 64), line, font=body, fill=_INK)
        y += high
    y += 120
    draw.text((left, y), filled.note, font=small, fill=_INK)
    y += 220
    for caption, x in ((filled.sign, left), (filled.day, left + 1150)):
        draw.text((x, y), caption, font=body, fill=_INK)
        wide = round(draw.textlength(caption, font=body))
        draw.line((x + wide + 20, y + 60, x + 900, y + 60), fill=_INK, width=3)
    sheets.append(page)
    return _bound(sheets), len(sheets)


def broken(text: str, font: ImageFont.FreeTypeFont, room: float) -> list[str]:
    """A text in lines that fit; Latin words stay whole where they can."""
    lines, line, word = [], "", ""
    for sign in f"{text} ":
        if sign == " " or ord(sign) > 0x2E7F:
            piece = word + ("" if sign == " " else sign)
            word = ""
            if line and font.getlength(line + piece) > room:
                lines.append(line.rstrip())
                line = ""
            while font.getlength(piece) > room:
                cut = next(n for n in range(len(piece), 0, -1) if n == 1 or font.getlength(piece[:n]) <= room)
                lines.append(piece[:cut])
                piece = piece[cut:]
            line += piece + (sign if sign == " " else "")
        else:
            word += sign
    lines.append(line.rstrip())
    return lines


def _font(weight: str, size: int) -> ImageFont.FreeTypeFont:
    spec = importlib.util.find_spec("ui")
    folders = [] if spec is None else [Path(place) for place in spec.submodule_search_locations or ()]
    files = [folder / "assets" / "fonts" / _FONT.format(weight=weight) for folder in folders]
    file = next((file for file in files if file.is_file()), None)
    if file is None:
        raise NoFont(_FONT.format(weight=weight))
    return ImageFont.truetype(str(file), size)
