"""Text before it is drawn: which font has which character, how wide it is, and where a line may end.

SDL2_ttf has no fallback and Kivy breaks lines at spaces only, so both are done here: runs per font by the fonts' own
character maps, widths by their advances, and line ends by the Chinese rules (no closing mark begins a line, no opening
mark ends one).
"""

from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import Final, NamedTuple

from ui.font_tables import Advances, read

FONTS: Final = Path(__file__).parent / "assets" / "fonts"


class Face(NamedTuple):
    """One font file, and the name it is registered under."""

    name: str
    file: str


REGULAR: Final = Face("noto", "NotoSansSC-Regular.ttf")
BOLD: Final = Face("noto-bold", "NotoSansSC-Bold.ttf")
RARE: Final = (Face("hana-a", "HanaMinA.ttf"), Face("hana-b", "HanaMinB.ttf"))
"""Asked in this order for a character that Noto Sans SC lacks; loaded when the first such character comes."""
FACES: Final = (REGULAR, BOLD, *RARE)

_CLOSING: Final = frozenset("、。,.:;!?)]}%‰℃元”’…·」』】》〉）］｝，．：；！？—")
_OPENING: Final = frozenset("([{“‘「『【《〈（［｛¥￥")
_SLACK: Final = 1.0
_SHORT: Final = 3.5
"""A last line of fewer ems is a mere end."""
_ELLIPSIS: Final = "…"


class FontsMissingError(RuntimeError):
    """A font file is not where `make` puts it; nothing can be drawn."""


@cache
def _metrics(face: Face) -> Advances:
    path = FONTS / face.file
    if not path.is_file():
        raise FontsMissingError(f"font {face.file} is missing: run make to fetch it")
    return read(path)


@lru_cache(maxsize=8192)
def face_of(character: str, *, bold: bool = False) -> Face | None:
    """The first font of the chain that has the character; None when none has it."""
    code = ord(character)
    first = BOLD if bold else REGULAR
    for face in (first, *RARE):
        if code in _metrics(face).glyphs:
            return face
    return None


def missing(text: str) -> set[str]:
    """The characters of a text that no font can draw."""
    return {character for character in text if character != "\n" and face_of(character) is None}


@lru_cache(maxsize=8192)
def _advance(character: str, *, bold: bool) -> float:
    face = face_of(character, bold=bold)
    return 1.0 if face is None else _metrics(face).width(ord(character))


def width(text: str, *, bold: bool = False) -> float:
    """Width of one line in ems."""
    return sum(_advance(character, bold=bold) for character in text)


def runs(text: str, *, bold: bool = False) -> Iterator[tuple[Face, str]]:
    """Cut a text into pieces that one font can draw; a character nobody has goes with the main font's box."""
    main = BOLD if bold else REGULAR
    current, piece = main, ""
    for character in text:
        face = main if character == "\n" else face_of(character, bold=bold) or main
        if face != current and piece:
            yield current, piece
            piece = ""
        current = face
        piece += character
    if piece:
        yield current, piece


def markup(text: str, *, bold: bool = False) -> str:
    """Kivy markup for a text in the main font, with rare characters in theirs; everything else is escaped."""
    main = BOLD if bold else REGULAR
    parts = []
    for face, piece in runs(text, bold=bold):
        escaped = piece.replace("&", "&amp;").replace("[", "&bl;").replace("]", "&br;")
        parts.append(escaped if face == main else f"[font={face.name}]{escaped}[/font]")
    return "".join(parts)


def _wide(character: str) -> bool:
    """Han, kana, full-width marks: a line may end beside them. Not quotes: the apostrophe of English is one of them."""
    return ord(character) >= 0x2E80 or character in "·—…"


def _may_break(before: str, after: str) -> bool:
    if after in _CLOSING or before in _OPENING:
        return False
    if before == " ":
        return True
    if after == " ":
        return False
    return _wide(before) or _wide(after)


def _pieces(line: str) -> list[str]:
    """The unbreakable pieces of a line, a space staying with the piece before it."""
    found: list[str] = []
    for character in line:
        if found and not _may_break(found[-1][-1], character):
            found[-1] += character
        else:
            found.append(character)
    return found


def _fill(line: str, room: float, *, bold: bool) -> list[str]:
    lines, current = [], ""
    for piece in _pieces(line):
        if current and width((current + piece).rstrip(), bold=bold) > room:
            lines.append(current.rstrip())
            current = ""
        rest = piece
        while width(rest.rstrip(), bold=bold) > room and len(rest) > 1:
            cut = len(rest) - 1
            while cut > 1 and width(rest[:cut], bold=bold) > room:
                cut -= 1
            lines.append(rest[:cut])
            rest = rest[cut:]
        current += rest
    lines.append(current.rstrip())
    return lines


def broken(text: str, room: float, *, bold: bool = False, even: bool = False) -> list[str]:
    """Break a text into lines.

    Lines are made even when the last one would be a mere end: a single character alone on a line is no line.

    Args:
        text: may hold line feeds, which are kept.
        room: width of a line in ems.
        bold: in which weight.
        even: make them even when the last one would be shorter than half, as suits centred lines.

    Returns:
        The lines, without trailing spaces.
    """
    lines: list[str] = []
    for paragraph in text.split("\n"):
        filled = _fill(paragraph, room, bold=bold)
        if 1 < len(filled) <= 4 and width(filled[-1], bold=bold) < (0.5 * room if even else _SHORT):
            lines.extend(_even(paragraph, room, len(filled), bold=bold))
        else:
            lines.extend(filled)
    return lines


def _even(paragraph: str, room: float, count: int, *, bold: bool) -> list[str]:
    low, high = min(room, max(room / count, longest_piece(paragraph, bold=bold))), room
    while high - low > 0.25:
        middle = (low + high) / 2
        if len(_fill(paragraph, middle, bold=bold)) <= count:
            high = middle
        else:
            low = middle
    return _fill(paragraph, high, bold=bold)


def longest_piece(text: str, *, bold: bool = False) -> float:
    """Width in ems of the longest piece that should not be broken, a Latin word for instance."""
    return max(width(piece.rstrip(), bold=bold) for line in text.split("\n") for piece in _pieces(line) or [""])


class Fitted(NamedTuple):
    """A text that fits its room.

    Attributes:
        size: in the unit the room was given in.
        cut: whether something had to be left out.
    """

    lines: list[str]
    size: float
    cut: bool


def fitted(
    text: str, room: tuple[float, float], size: float, smallest: float, *, bold: bool = False, even: bool = False
) -> Fitted:
    """Break a text for a room, with smaller letters if need be, and with an ellipsis as the last resort.

    Args:
        text: what to show.
        room: width and height, same unit as `size`.
        size: wanted size of the letters.
        smallest: the smallest size that may be used.
        bold: in which weight.
        even: as in `broken`.
    """
    now = size
    longest = longest_piece(text, bold=bold)
    while True:
        lines = broken(text, (room[0] - _SLACK) / now, bold=bold, even=even)
        whole = longest * now <= room[0]
        if len(lines) * now * LINE_HEIGHT <= room[1] + 0.5 and (whole or now <= smallest):
            return Fitted(lines, now, cut=False)
        if now <= smallest:
            break
        now = max(smallest, now - 4)
    fit = max(1, int(room[1] / (now * LINE_HEIGHT)))
    kept = lines[:fit]
    last = kept[-1]
    while last and width(last + _ELLIPSIS, bold=bold) > room[0] / now:
        last = last[:-1]
    return Fitted([*kept[:-1], last + _ELLIPSIS], now, cut=True)


LINE_HEIGHT: Final = 1.448
"""Height of a line in ems, as Noto Sans SC states it (ascender 1160, descender 288 of 1000)."""


def grouped(number: str) -> str:
    """A receipt number in groups of four, from the left, so that it can be read out; its own hyphens are kept."""
    if not number.isalnum() or len(number) < 6:
        return number
    return " ".join(number[place : place + 4] for place in range(0, len(number), 4))
