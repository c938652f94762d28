"""Characters that nobody knows how to say: by their strokes in order, by their parts, by their number in Unicode."""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from kiosk.input.pack import Pack

STROKES: Final = "一丨丿丶乛"
"""横 竖 撇 点 折: the five strokes, as they are typed and shown."""
_UNWRITTEN: Final = 99
"""After all others: nobody has written its strokes down."""
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
        self._counts: dict[str, int] = {}

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
        return chr(code) if code <= sys.maxunicode and _is_han(chr(code)) else None

    def coded(self, text: str) -> tuple[str, ...]:
        """The characters of a code: first as a number in Unicode, then as bytes of GB 18030 (`CED2`, `8139EF30`)."""
        digits = re.sub(r"^(?:[Uu]\+?|0[xX])", "", text.strip())
        found = [one for one in (self.numbered(text),) if one]
        if re.fullmatch(r"[0-9A-Fa-f]{4}|[0-9A-Fa-f]{8}", digits):
            try:
                character = bytes.fromhex(digits).decode("gb18030")
            except UnicodeDecodeError:
                character = ""
            if len(character) == 1 and _is_han(character) and character not in found:
                found.append(character)
        return tuple(found)

    def made_of(self, parts: str, most: int = 360) -> tuple[str, ...]:
        """Characters with these parts, those with little else first: 氵木 is 沐 before 深.

        Args:
            parts: in any order and form; given twice it is in it twice or more deeply.
            most: how many at most.
        """
        if not parts:
            return ()
        own = sum(self._count(part) for part in parts)
        found = self.find(parts=parts, most=len(self._rows))
        # A sort keeps the order of equals: common characters stay before rare ones.
        found.sort(key=lambda shape: abs(len(shape.strokes) - own) if shape.strokes else _UNWRITTEN)
        return tuple(shape.character for shape in found if shape.character != parts)[:most]

    def _count(self, part: str) -> int:
        """Strokes of a part, of its shortest form: 水 stands for 氵 as well."""
        found = self._counts.get(part)
        if found is None:
            shapes = [self.shape(form) for form in self._same.get(part, part)]
            found = self._counts[part] = min((len(shape.strokes) for shape in shapes if shape is not None), default=0)
        return found

    def everything(self) -> Iterator[Shape]:
        """All, common ones first."""
        return (_shape(row) for row in self._rows)


_HAN: Final = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAD9), (0x20000, 0x2FA1D), (0x30000, 0x323AF))


def _is_han(character: str) -> bool:
    return any(low <= ord(character) <= high for low, high in _HAN)


def _shape(row: str) -> Shape:
    character, strokes, parts = row.split("\t")
    return Shape(character, strokes, parts)
