"""Characters that nobody knows how to say: by their strokes in order, by their parts, by their number in Unicode."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from kiosk.input.pack import Pack

STROKES: Final = "一丨丿丶乛"
"""横 竖 撇 点 折: the five strokes, as they are typed and shown."""
_NUMBER: Final = re.compile(r"(?:[Uu]\+?|0[xX])?([0-9A-Fa-f]{4,6})$")
_SAME: Final = (
    *("氵水氺", "亻人", "扌手", "忄心⺗", "艹艸", "讠言訁", "钅金釒", "纟糸糹", "饣食飠"),
    *("犭犬", "灬火", "礻示", "衤衣", "刂刀", "⺮竹𥫗", "阝阜邑", "辶辵", "月肉"),
    *("王玉", "罒网", "攵攴", "车車", "马馬", "鸟鳥", "鱼魚", "门門", "页頁"),
    *("贝貝", "见見", "风風", "龙龍", "齿齒", "长長镸", "卤鹵", "麦麥", "黾黽"),
    *("齐齊", "龟龜", "疒", "爪爫", "羊⺶", "牛牜"),
)
"""Forms of the same part."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A character.

    Attributes:
        strokes: in writing order, each one of `STROKES`; empty when nobody has written them down.
        parts: the characters it is made of, and what those are made of.
    """

    character: str
    strokes: str
    parts: str


class Shapes:
    """Characters by what they look like; all of Unicode's up to Extension D and the standard's younger ones.

    Args:
        pack: the data file.
    """

    def __init__(self, pack: Pack) -> None:
        self._pack = pack
        self._same = {form: forms for forms in _SAME for form in forms}

    @cached_property
    def _rows(self) -> list[str]:
        return self._pack.text("shape.table").split("\n")

    def shape(self, character: str) -> Shape | None:
        """What a character looks like, None when it is not in the table."""
        found = next((row for row in self._rows if row.startswith(character)), None) if len(character) == 1 else None
        return None if found is None else _shape(found)

    def find(self, *, begin: str = "", count: int | None = None, parts: str = "", most: int = 180) -> list[Shape]:
        """Characters that look so, common ones first.

        Args:
            begin: the first strokes, each one of `STROKES` or a digit 1 to 5 for 横 竖 撇 点 折.
            count: of all strokes.
            parts: characters that are in it, in any order; given twice it is in it twice or more deeply.
            most: how many at most.
        """
        begin = begin.translate(str.maketrans("12345", STROKES))
        if not begin and count is None and not parts:
            return []
        forms = [self._same.get(part, part) for part in dict.fromkeys(parts)]
        found: list[Shape] = []
        for row in self._rows:
            character, strokes, within = row.split("\t")
            if begin and not strokes.startswith(begin):
                continue
            if count is not None and len(strokes) != count:
                continue
            if all(any(form in within or form == character for form in same) for same in forms):
                found.append(Shape(character, strokes, within))
                if len(found) >= most:
                    break
        return found

    def numbered(self, text: str) -> str | None:
        """The character of a number in Unicode (`4DAE`, `U+4DAE`), None when it is no Chinese character's."""
        match = _NUMBER.match(text.strip())
        if match is None:
            return None
        code = int(match[1], 16)
        han = any(low <= code <= high for low, high in _HAN)
        return chr(code) if han else None

    def everything(self) -> Iterator[Shape]:
        """All, common ones first."""
        return (_shape(row) for row in self._rows)


_HAN: Final = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAD9), (0x20000, 0x2FA1D), (0x30000, 0x323AF))


def _shape(row: str) -> Shape:
    character, strokes, parts = row.split("\t")
    return Shape(character, strokes, parts)
