"""Where lines stand to each other: the page turned upright, rows of glyphs, captions and the values beside them.

A detector splits and joins as it likes ("名        称" comes in two boxes, "性别女 民族汉" in one or in three), so
nothing below looks at boxes: a row is one run of glyphs, each with its place, and a caption is found in that run.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import cv2
import numpy as np

from kiosk.vision.faces import Image
from kiosk.vision.text.characters import simplified_character
from kiosk.vision.text.lines import Quad, TextEngine, TextLine, box_quad, cut, lengths

SURE = 0.9
"""Lines read with this mean score are not upside down."""
_PROBES = 3
_GAP = 1.7
"""Glyphs whose middles are farther apart than that many line heights do not belong together."""
_NEXT_ROW = 2.3
"""A continuation is at most that many line heights below."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A glyph on the page.

    Attributes:
        x, y: its middle, on the page turned straight, in pixels.
        height: of its line.
        line, index: which glyph of which line.
        apart: how far its middle is from the one before in its row, in line heights.
    """

    char: str
    score: float
    x: float
    y: float
    height: float
    line: int
    index: int
    apart: float = 99.0


@dataclass(frozen=True, slots=True)
class Row:
    """Glyphs beside each other, from left to right, without spaces."""

    marks: tuple[Mark, ...]

    @property
    def text(self) -> str:
        """Its characters."""
        return "".join(mark.char for mark in self.marks)

    @property
    def y(self) -> float:
        """Its middle."""
        return sum(mark.y for mark in self.marks) / len(self.marks)

    @property
    def height(self) -> float:
        """Of its lines, the median."""
        return sorted(mark.height for mark in self.marks)[len(self.marks) // 2]


@dataclass(frozen=True, slots=True)
class Caption:
    """A caption that was found.

    Attributes:
        key: which.
        row, start, end: its glyphs are `rows[row].marks[start:end]`.
    """

    key: str
    row: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Value:
    """What stands beside or below a caption."""

    marks: tuple[Mark, ...] = ()
    breaks: tuple[int, ...] = field(default=())

    @property
    def text(self) -> str:
        """Its characters."""
        return "".join(mark.char for mark in self.marks)

    @property
    def score(self) -> float:
        """Of its glyphs the mean; 0 without any."""
        return sum(mark.score for mark in self.marks) / len(self.marks) if self.marks else 0.0


# Turning ------------------------------------------------------------------------------------------------------------


def upright(engine: TextEngine, image: Image, side: int) -> tuple[Image, tuple[Quad, ...], tuple[TextLine, ...]]:
    """Turn a page by quarters so that its text reads from left to right.

    Args:
        side: of the copy on which lines are looked for.

    Returns:
        The page, where its lines are, and those lines that were recognised to learn its direction; their quads are the
        same objects.
    """
    quads = engine.find(image, side)
    if not quads:
        return image, (), ()
    long = [lengths(quad) for quad in quads]
    across = sum(along for along, down in long if along > 2 * down)
    if sum(down for along, down in long if down > 2 * along) > across:
        image = np.ascontiguousarray(np.rot90(image))
        quads = engine.find(image, side)
    probes = sorted(quads, key=lambda quad: abs(lengths(quad)[0] / lengths(quad)[1] - 7.0))[:_PROBES]
    lines = engine.recognise(image, probes)
    if _mean(lines) >= SURE:
        return image, quads, lines
    height, width = image.shape[:2]
    turned = np.ascontiguousarray(np.rot90(image, 2))
    flipped = [np.roll(np.array([width, height]) - quad, 2, axis=0) for quad in probes]
    if _mean(engine.recognise(turned, flipped)) > _mean(lines) + 0.05:
        return turned, engine.find(turned, side), ()
    return image, quads, lines


def _mean(lines: Sequence[TextLine]) -> float:
    return sum(line.score for line in lines) / len(lines) if lines else 0.0


def single_rows(image: Image, quads: Iterable[Quad]) -> tuple[Quad, ...]:
    """Split boxes that hold characters above each other, which the detector makes of spaced captions."""
    result: list[Quad] = []
    for quad in quads:
        along, down = lengths(quad)
        result += _split(image, quad) if down > 1.6 * along else [quad]
    return tuple(result)


def _split(image: Image, quad: Quad) -> list[Quad]:
    strip = cv2.cvtColor(cut(image, quad), cv2.COLOR_BGR2GRAY)
    _, ink = cv2.threshold(strip, 0, 255, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)
    filled = np.asarray(ink, np.uint8).max(axis=1) > 0
    edges = np.flatnonzero(np.diff(np.concatenate([[False], filled, [False]]).astype(np.int8)))
    runs = [(int(start), int(end)) for start, end in zip(edges[::2], edges[1::2], strict=True)]
    joined: list[tuple[int, int]] = []
    for start, end in runs:
        if joined and start - joined[-1][1] < 0.25 * strip.shape[1]:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    margin = 0.1 * strip.shape[1]
    down = (quad[3] - quad[0]) / strip.shape[0]
    pieces = []
    for start, end in joined:
        if end - start < 0.3 * strip.shape[1]:
            continue
        upper, lower = quad[0] + down * (start - margin), quad[0] + down * (end + margin)
        along = quad[1] - quad[0]
        pieces.append(np.array([upper, upper + along, lower + along, lower]))
    return pieces or [quad]


# Rows ---------------------------------------------------------------------------------------------------------------


def rows_of(lines: Sequence[TextLine]) -> list[Row]:
    """All glyphs of the page in rows, from top to bottom, straightened by the lines' usual slope."""
    slopes = [
        float(np.arctan2(*(line.quad[1] - line.quad[0])[::-1]))
        for line in lines
        if lengths(line.quad)[0] > 3 * lengths(line.quad)[1]
    ]
    slope = float(np.median(slopes)) if slopes else 0.0
    turn = np.array([[np.cos(slope), np.sin(slope)], [-np.sin(slope), np.cos(slope)]])
    marks: list[list[Mark]] = []
    for number, line in enumerate(lines):
        start, end = (line.quad[0] + line.quad[3]) / 2, (line.quad[1] + line.quad[2]) / 2
        height = lengths(line.quad)[1]
        placed = []
        for index, glyph in enumerate(line.glyphs):
            if glyph.char.isspace():
                continue
            x, y = turn @ (start + (end - start) * glyph.place)
            placed.append(Mark(glyph.char, glyph.score, float(x), float(y), height, number, index))
        if placed:
            marks.append(placed)
    rows: list[list[Mark]] = []
    for placed in sorted(marks, key=lambda placed: placed[0].y):
        for row in rows[-4:]:
            nearest = min(row, key=lambda mark: abs(mark.x - placed[0].x))
            if abs(nearest.y - placed[0].y) < 0.5 * min(nearest.height, placed[0].height):
                row.extend(placed)
                break
        else:
            rows.append(placed)
    return [Row(_spaced(sorted(row, key=lambda mark: mark.x))) for row in rows]


def _spaced(marks: list[Mark]) -> tuple[Mark, ...]:
    result = marks[:1]
    for before, mark in pairwise(marks):
        result.append(replace(mark, apart=(mark.x - before.x) / mark.height))
    return tuple(result)


# Captions -----------------------------------------------------------------------------------------------------------


def captions_in(rows: Sequence[Row], spellings: Mapping[str, Sequence[str]], *, loose: bool = False) -> list[Caption]:
    """Find captions: at the start of a row, after a gap, or below another caption's start.

    One wrong character is forgiven from four characters on; a caption of one character needs a gap after it.

    Args:
        spellings: what each caption may be, longest first.
        loose: also in the middle of a run of glyphs.
    """
    found: list[Caption] = []
    doubtful: list[Caption] = []
    wanted = sorted(((text, key) for key, texts in spellings.items() for text in texts), key=lambda one: -len(one[0]))
    for number, row in enumerate(rows):
        plain = "".join(simplified_character(mark.char) for mark in row.marks)
        taken: set[int] = set()
        for text, key in wanted:
            for start in range(len(row.marks) - len(text) + 1):
                span = range(start, start + len(text))
                if taken.intersection(span) or not _same(plain[start : start + len(text)], text):
                    continue
                if len(text) == 1 and not (start + 1 < len(row.marks) and row.marks[start + 1].apart > _GAP):
                    continue
                caption = Caption(key, number, start, start + len(text))
                if start == 0 or row.marks[start].apart > _GAP or (loose and len(text) > 1):
                    found.append(caption)
                    taken.update(span)
                elif plain[start : start + len(text)] == text:
                    doubtful.append(caption)
    starts = [rows[one.row].marks[one.start].x for one in found]
    for caption in doubtful:
        mark = rows[caption.row].marks[caption.start]
        overlaps = any(one.row == caption.row and one.start < caption.end and caption.start < one.end for one in found)
        if not overlaps and any(abs(mark.x - start) < 0.5 * mark.height for start in starts):
            found.append(caption)
    return sorted(found, key=lambda one: (one.row, one.start))


def _same(read: str, caption: str) -> bool:
    if read == caption:
        return True
    return len(caption) >= 4 and sum(a != b for a, b in zip(read, caption, strict=True)) == 1


def value_of(rows: Sequence[Row], caption: Caption, captions: Sequence[Caption], *, most_rows: int = 8) -> Value:
    """What stands to the right of a caption, with the rows below that belong to it; or, when nothing does, below it."""
    marks = _right_of(rows, caption, captions)
    if not marks:
        return _below(rows, caption, captions)
    left = marks[0].x - 1.0 * marks[0].height
    right = _limit(rows, caption, captions)
    breaks: list[int] = []
    last = rows[caption.row]
    for number in range(caption.row + 1, len(rows)):
        row = rows[number]
        if row.y - last.y > _NEXT_ROW * max(marks[0].height, 1.0) or len(breaks) + 1 >= most_rows:
            break
        here = [one for one in captions if one.row == number]
        start_x = rows[caption.row].marks[caption.start].x
        if any(abs(row.marks[one.start].x - start_x) < 3 * row.height for one in here):
            break
        limit = min([right, *(row.marks[one.start].x - 1 for one in here if row.marks[one.start].x > left)])
        more = [mark for mark in row.marks if left <= mark.x < limit]
        if not more or more[0].x - left > 3.5 * more[0].height:
            continue
        breaks.append(len(marks))
        marks += more
        last = row
    return Value(tuple(marks), tuple(breaks))


def _right_of(rows: Sequence[Row], caption: Caption, captions: Sequence[Caption]) -> list[Mark]:
    row = rows[caption.row]
    ends = [one.start for one in captions if one.row == caption.row and one.start >= caption.end]
    marks = list(row.marks[caption.end : min(ends, default=len(row.marks))])
    while marks and marks[0].char in ":：;；":
        marks = marks[1:]
    return marks


def _limit(rows: Sequence[Row], caption: Caption, captions: Sequence[Caption]) -> float:
    """Where the next column of captions begins."""
    start = rows[caption.row].marks[caption.end - 1].x
    later = [one for one in captions if one.row >= caption.row and one.key != caption.key]
    columns = [rows[one.row].marks[one.start] for one in later]
    return min((mark.x - 0.4 * mark.height for mark in columns if mark.x > start + 3 * mark.height), default=1e9)


def _below(rows: Sequence[Row], caption: Caption, captions: Sequence[Caption]) -> Value:
    first = rows[caption.row].marks[caption.start]
    for number in range(caption.row + 1, min(caption.row + 3, len(rows))):
        row = rows[number]
        if row.y - first.y > _NEXT_ROW * max(first.height, row.height):
            break
        taken = {place for one in captions if one.row == number for place in range(one.start, one.end)}
        marks: list[Mark] = []
        for place, mark in enumerate(row.marks):
            if mark.x < first.x - 1.5 * first.height or place in taken:
                continue
            if (marks and mark.apart > 2 * _GAP) or (not marks and mark.x > first.x + 6 * first.height):
                break
            marks.append(mark)
        if marks:
            return Value(tuple(marks))
    return Value()


def around(lines: Sequence[TextLine], marks: Sequence[Mark], image: Image) -> tuple[Quad, ...]:
    """The quads of the pieces of lines that hold these glyphs, each with half a glyph's margin."""
    quads = []
    for number in dict.fromkeys(mark.line for mark in marks):
        quad = lines[number].quad
        along, down = lengths(quad)
        places = [lines[number].glyphs[mark.index].place for mark in marks if mark.line == number]
        margin = 0.75 * down / along
        start, end = max(0.0, min(places) - margin), min(1.0, max(places) + margin)
        upper, lower = quad[1] - quad[0], quad[2] - quad[3]
        quads.append(
            np.array([quad[0] + upper * start, quad[0] + upper * end, quad[3] + lower * end, quad[3] + lower * start])
        )
    return tuple(quads) or (box_quad(0, 0, image.shape[1], image.shape[0]),)
