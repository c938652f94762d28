"""Pages that are drawn: rows of text in columns, headings, pictures. A4 at 150 dpi, grey."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw, ImageFont, UnidentifiedImageError

from provisioning.talk import CannotDo, Exit

SIZE: Final = (1240, 1754)
MARGIN: Final = 90
_INK: Final = 20
_LINE: Final = 170
_FONTS: Final = Path("/usr/share/fonts/opentype/noto")
_FACES: Final = {False: "NotoSansCJK-Regular.ttc", True: "NotoSansCJK-Bold.ttc"}
_SIMPLIFIED: Final = 2
"""Face of the collection for simplified Chinese."""
_OWN: Final = Path(__file__).resolve().parents[1] / "ui" / "assets" / "fonts"
_OWN_FACES: Final = {False: "NotoSansSC-Regular.ttf", True: "NotoSansSC-Bold.ttf"}


@dataclass(frozen=True, slots=True)
class Text:
    """One cell: its text, and its share of the row's width."""

    text: str
    share: float
    bold: bool = False


@lru_cache(maxsize=16)
def _font(size: int, *, bold: bool) -> ImageFont.FreeTypeFont:
    try:
        own = _OWN / _OWN_FACES[bold]
        if own.exists():
            return ImageFont.truetype(str(own), size)
        return ImageFont.truetype(str(_FONTS / _FACES[bold]), size, index=_SIMPLIFIED)
    except OSError as error:
        raise CannotDo(Exit.NOT_NOW, "no Chinese font is here: run make setup, or install fonts-noto-cjk") from error


def _wrapped(text: str, font: ImageFont.FreeTypeFont, room: float) -> list[str]:
    """Lines that fit; a break goes behind a space or any Chinese character, else inside a word."""
    lines: list[str] = []
    line = ""
    for character in text.replace("\n", " "):
        if line and font.getlength(line + character) > room:
            at = line.rfind(" ")
            if at > len(line) // 2 and character.isascii():
                lines.append(line[:at])
                line = line[at + 1 :] + character
            else:
                lines.append(line)
                line = character.lstrip()
        else:
            line += character
    return [*lines, line]


class Pages:
    """Pages that fill from top to bottom.

    Args:
        foot: stands at the foot of every page, before its number.
    """

    def __init__(self, foot: str) -> None:
        self._foot = foot
        self._pages: list[Image.Image] = []
        self._new()

    def _new(self) -> None:
        self._page = Image.new("L", SIZE, 255)
        self._draw = ImageDraw.Draw(self._page)
        self._pages.append(self._page)
        self._y = MARGIN

    def _room(self, height: int) -> None:
        if self._y + height > SIZE[1] - MARGIN - 40:
            self._new()

    def title(self, text: str, below: str) -> None:
        """The report's own title."""
        self._draw.text((MARGIN, self._y), text, _INK, _font(52, bold=True))
        self._draw.text((MARGIN, self._y + 70), below, _INK, _font(26, bold=False))
        self._y += 130

    def heading(self, text: str) -> None:
        """A heading, never alone at the foot of a page."""
        self._room(150)
        self._y += 26
        self._draw.text((MARGIN, self._y), text, _INK, _font(28, bold=True))
        self._y += 44
        self._draw.line((MARGIN, self._y, SIZE[0] - MARGIN, self._y), _LINE, 2)
        self._y += 10

    def row(self, cells: tuple[Text, ...], size: int = 19) -> None:
        """A row of cells, each wrapped in its own column."""
        width, step = SIZE[0] - 2 * MARGIN, round(size * 1.42)
        columns = [_wrapped(cell.text, _font(size, bold=cell.bold), width * cell.share - 14) for cell in cells]
        height = step * max(len(column) for column in columns) + 6
        self._room(height)
        x = float(MARGIN)
        for cell, column in zip(cells, columns, strict=True):
            for number, line in enumerate(column):
                self._draw.text((x, self._y + number * step), line, _INK, _font(size, bold=cell.bold))
            x += width * cell.share
        self._y += height

    def picture(self, caption: str, path: Path) -> None:
        """A picture with its caption."""
        try:
            with Image.open(path) as given:
                shown = given.convert("L")
        except (OSError, UnidentifiedImageError) as error:
            raise CannotDo(Exit.BAD_INPUT, f"{path} is no picture that can be read: {error}") from error
        shown.thumbnail((SIZE[0] - 2 * MARGIN, 640))
        self._room(shown.height + 80)
        self._y += 20
        self._draw.text((MARGIN, self._y), caption, _INK, _font(19, bold=False))
        self._page.paste(shown, (MARGIN, self._y + 32))
        self._y += shown.height + 50

    def done(self) -> list[Image.Image]:
        """The pages, with their feet."""
        for number, page in enumerate(self._pages, start=1):
            draw = ImageDraw.Draw(page)
            text = f"{self._foot} · {number}/{len(self._pages)}"
            draw.text((MARGIN, SIZE[1] - MARGIN), text, 90, _font(17, bold=False))
        return self._pages
