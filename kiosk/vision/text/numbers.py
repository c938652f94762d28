"""Numbers with check characters: read with their own alphabet, several times when in doubt, repaired only on proof."""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import cv2
import numpy as np

from kiosk.vision.faces import Image
from kiosk.vision.text.layout import Mark, Row, around
from kiosk.vision.text.lines import Glyph, Quad, TextEngine, TextLine, cut
from kiosk.wire import gb11643, gb32100

LENGTH = 18
SURE_GLYPH = 0.97
"""A number whose every character was read with this score is what is printed, whatever its check character says."""
LEAST_DOUBT = 0.05
"""Another reading of a character counts from this probability on."""
STRETCHES = (1.0, 1.25, 0.85)
"""A number that fails its check is read again, wider and narrower: equal digits in a row are lost at one width only."""
_MOST_CHANGES = 2


@dataclass(frozen=True, slots=True)
class NumberKind:
    """A kind of number of 18 characters.

    Attributes:
        valid: whether the check character is right.
        proves: whether a *changed* reading is proven by it.
    """

    alphabet: str
    valid: Callable[[str], bool]
    proves: Callable[[str], bool]


def _code_proves(code: str) -> bool:
    # One check character of 31 is too weak for a proof when there are several candidates: both must be right.
    return gb32100.is_valid(code) and gb32100.organisation_is_valid(code)


IDENTITY = NumberKind("0123456789X", gb11643.is_valid, gb11643.is_valid)
CREDIT_CODE = NumberKind(gb32100.ALPHABET, gb32100.is_valid, _code_proves)


@dataclass(frozen=True, slots=True)
class NumberRead:
    """A number as it was read.

    Attributes:
        valid: whether its check character is right.
        repaired: whether a character was changed on the check character's proof.
    """

    text: str
    score: float
    valid: bool
    repaired: bool = False


def number_run(row: Row) -> tuple[Mark, ...]:
    """The longest run of capital letters and digits in a row, gaps allowed; empty when it is shorter than 12."""
    best: tuple[Mark, ...] = ()
    for match in re.finditer(r"[0-9A-Za-z〇○]+", unicodedata.normalize("NFKC", row.text)):
        if len(row.text) == len(unicodedata.normalize("NFKC", row.text)) and match.end() - match.start() > len(best):
            best = row.marks[match.start() : match.end()]
    return best if len(best) >= 12 else ()


def read_number(
    engine: TextEngine,
    image: Image,
    lines: Sequence[TextLine],
    marks: Sequence[Mark],
    kind: NumberKind,
    also: Callable[[str], bool] | None = None,
) -> NumberRead | None:
    """Read the number that these glyphs are part of.

    Args:
        marks: the glyphs as they were read with every character allowed.
        also: what a changed reading must agree with as well (the printed date of birth).

    Returns:
        None when nothing of about the right length is there.
    """
    free = _plain("".join(mark.char for mark in marks))
    if len(free) == LENGTH and kind.valid(free):
        return NumberRead(free, sum(mark.score for mark in marks) / len(marks), valid=True)
    quads = around(lines, marks, image)
    reads: list[tuple[Glyph, ...]] = []
    for stretch in STRETCHES:
        glyphs = _glyphs(engine, image, quads, kind.alphabet, stretch)
        text = "".join(glyph.char for glyph in glyphs)
        if len(text) == LENGTH:
            reads.append(glyphs)
            if text == free and all(glyph.score >= SURE_GLYPH for glyph in glyphs):
                return NumberRead(text, _score(glyphs), valid=False)  # twice the same: this is what is printed
            if kind.valid(text):
                changed = text != free and any(_plain(glyph.raw) != glyph.char for glyph in glyphs)
                return NumberRead(text, _score(glyphs), valid=True, repaired=changed)
    if not reads:
        # Of another kind, or cut off: a wrong number with its fault visible, or none.
        alike = 15 <= len(free) <= 21 and all(one in kind.alphabet for one in free)
        return NumberRead(free, 0.0, valid=False) if alike else None
    common = Counter("".join(glyph.char for glyph in glyphs) for glyphs in reads).most_common(1)[0][0]
    repaired = {text for glyphs in reads for text in _repairs(glyphs) if kind.proves(text) and (not also or also(text))}
    score = max(_score(glyphs) for glyphs in reads if "".join(glyph.char for glyph in glyphs) == common)
    if len(repaired) == 1:
        return NumberRead(repaired.pop(), score, valid=True, repaired=True)
    return NumberRead(common, score, valid=False)


def _glyphs(
    engine: TextEngine, image: Image, quads: Sequence[Quad], alphabet: str, stretch: float
) -> tuple[Glyph, ...]:
    """Read the pieces of a number, stretched sideways."""
    glyphs: list[Glyph] = []
    for quad in quads:
        strip = cut(image, quad)
        size = (max(8, round(strip.shape[1] * stretch)), strip.shape[0])
        strip = np.asarray(cv2.resize(strip, size, interpolation=cv2.INTER_LINEAR), np.uint8)
        whole = np.array([[0, 0], [size[0], 0], [size[0], size[1]], [0, size[1]]], np.float64)
        glyphs += engine.recognise(strip, [whole], alphabet)[0].glyphs
    return tuple(glyphs)


def _repairs(glyphs: tuple[Glyph, ...]) -> Iterator[str]:
    """Readings with one or two doubtful characters taken for what the network held them for as well."""
    if all(glyph.score >= SURE_GLYPH for glyph in glyphs):
        return
    doubtful = [
        (place, other)
        for place, glyph in enumerate(glyphs)
        for other, probability in glyph.others
        if glyph.score < SURE_GLYPH and probability >= LEAST_DOUBT
    ]
    text = [glyph.char for glyph in glyphs]
    for number, (place, other) in enumerate(doubtful):
        once = text.copy()
        once[place] = other
        yield "".join(once)
        for second, another in doubtful[number + 1 :] if _MOST_CHANGES > 1 else ():
            if second != place:
                twice = once.copy()
                twice[second] = another
                yield "".join(twice)


def _score(glyphs: Sequence[Glyph]) -> float:
    return sum(glyph.score for glyph in glyphs) / max(len(glyphs), 1)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).upper()


# Dates --------------------------------------------------------------------------------------------------------------

_DAY = re.compile(r"(\d{4})\D{0,2}?[年.．。,/\-·](\d{1,2})[月.．。,/\-·](\d{1,2})日?")
_SOLID = re.compile(r"(?<!\d)(\d{4})(\d{2})(\d{2})(?!\d)")


def dates_in(text: str) -> list[date]:
    """Every date in a text: `2018年06月21日`, `2018.06.21`, `20180621`. What is no date is left out."""
    plain = unicodedata.normalize("NFKC", text).replace("O", "0").replace("o", "0").replace(" ", "")
    found = [(match.start(), match) for match in _DAY.finditer(plain)]
    found = found or [(match.start(), match) for match in _SOLID.finditer(plain)]
    dates = []
    for _, match in sorted(found, key=lambda one: one[0]):
        try:
            dates.append(date(*(int(part) for part in match.groups())))
        except ValueError:
            continue
    return dates
