"""Pictograms, drawn by us: strokes of one weight with round ends on a 48 unit grid, `y` counting down."""

import math
from functools import lru_cache
from typing import Final, Literal, NamedTuple

from kivy.graphics import Color, Rectangle
from kivy.graphics.texture import Texture

from ui import masks, theme
from ui.surface import Box, Surface, Toward
from ui.widgets.drawn import Drawn
from ui.widgets.shape import picture

Name = Literal[
    "arrow", "backspace", "barrier", "bars", "camera", "card", "card_on_reader", "chevron", "clock", "code",
    "contrast", "cross", "cup", "dots", "exclamation", "face", "hall", "health", "info", "letters", "mask", "minus",
    "money", "paper", "pause", "phone", "plus", "printer", "question", "receipt", "repeat", "speaker", "staff",
    "thermometer", "tick", "two_people", "wheelchair",
]  # fmt: skip


class Stroke(NamedTuple):
    """A line through points, or with one point a dot."""

    points: tuple[tuple[float, float], ...]
    closed: bool = False


def _line(*numbers: float, closed: bool = False) -> Stroke:
    return Stroke(tuple(zip(numbers[::2], numbers[1::2], strict=True)), closed)


def _arc(x: float, y: float, radius: float, start: float, end: float) -> Stroke:
    """Part of a circle; degrees clockwise from the right, as `y` counts down."""
    steps = max(8, int(abs(end - start) / 6))
    angles = [math.radians(start + (end - start) * step / steps) for step in range(steps + 1)]
    return Stroke(tuple((x + radius * math.cos(angle), y + radius * math.sin(angle)) for angle in angles))


def _circle(x: float, y: float, radius: float) -> Stroke:
    return Stroke(_arc(x, y, radius, 0, 360).points[:-1], closed=True)


def _round(x: float, y: float, w: float, h: float, radius: float) -> Stroke:
    points: list[tuple[float, float]] = []
    for cx, cy, start in (
        (x + w - radius, y + radius, -90),
        (x + w - radius, y + h - radius, 0),
        (x + radius, y + h - radius, 90),
        (x + radius, y + radius, 180),
    ):
        points.extend(_arc(cx, cy, radius, start, start + 90).points)
    return Stroke(tuple(points), closed=True)


def _joined(*strokes: Stroke, closed: bool = False) -> Stroke:
    return Stroke(tuple(point for stroke in strokes for point in stroke.points), closed)


def _person(x: float, y: float, scale: float) -> tuple[Stroke, ...]:
    return (
        _circle(x, y - 8 * scale, 7 * scale),
        _joined(
            _line(x - 14 * scale, y + 18 * scale),
            _arc(x, y + 16 * scale, 14 * scale, 180, 360),
            _line(x + 14 * scale, y + 18 * scale),
        ),
    )


_THERMOMETER: Final = _joined(_arc(24, 36, 7.5, -58, 238), _arc(24, 10, 4, 180, 360), closed=True)

PICTOGRAMS: Final[dict[Name, tuple[Stroke, ...]]] = {
    "arrow": (_line(24, 41, 24, 8), _line(10, 22, 24, 8, 38, 22)),
    "backspace": (_line(17, 11, 43, 11, 43, 37, 17, 37, 5, 24, closed=True),
                  _line(23, 18, 35, 30), _line(35, 18, 23, 30)),
    "barrier": (_round(7, 14, 8, 28, 2), _line(15, 20, 43, 20), _line(15, 26, 43, 26), _line(4, 42, 20, 42)),
    "bars": (_line(10, 16, 38, 16), _line(10, 24, 38, 24), _line(10, 32, 38, 32)),
    "camera": (
        _joined(_line(6, 15, 15, 15, 18, 9, 30, 9, 33, 15, 42, 15, 42, 39, 6, 39), closed=True),
        _circle(24, 26, 7),
    ),
    "card": (
        _round(5, 11, 38, 26, 4),
        _circle(15.5, 20.5, 3.5),
        _joined(_line(9.5, 31), _arc(15.5, 31, 5, 200, 340), _line(21.5, 31)),
        _line(27, 19, 37, 19),
        _line(27, 25, 37, 25),
        _line(27, 31, 33, 31),
    ),
    "card_on_reader": (
        _round(8, 5, 32, 21, 3),
        _circle(16, 13, 2.6),
        _arc(16, 21, 4, 205, 335),
        _line(25, 12, 34, 12),
        _line(25, 18, 34, 18),
        _arc(24, 23, 8, 45, 135),
        _arc(24, 23, 12.5, 45, 135),
        _round(4, 40, 40, 5, 2),
    ),
    "chevron": (_line(18, 11, 31, 24, 18, 37),),
    "clock": (_circle(24, 24, 18), _line(24, 13, 24, 24, 32, 29)),
    "code": (
        _round(7, 7, 13, 13, 2),
        _round(28, 7, 13, 13, 2),
        _round(7, 28, 13, 13, 2),
        _line(28, 28, 28, 33),
        _line(34, 28, 41, 28),
        _line(41, 34, 41, 41, 34, 41),
        _line(28, 40.5),
        _line(34.5, 34.5),
    ),
    "contrast": (_circle(24, 24, 18), _line(24, 6, 24, 42), _line(30, 9, 30, 39), _line(36, 14, 36, 34)),
    "cup": (_joined(_line(8, 18, 36, 18, 36, 30), _arc(27, 30, 9, 0, 90), _arc(17, 30, 9, 90, 180), closed=True),
            _arc(36, 24.5, 6, -90, 90), _line(7, 44, 37, 44), _line(16, 5, 16, 11), _line(27, 5, 27, 11)),
    "cross": (_line(12, 12, 36, 36), _line(36, 12, 12, 36)),
    "dots": (_circle(11, 24, 1.8), _circle(24, 24, 1.8), _circle(37, 24, 1.8)),
    "exclamation": (_line(24, 10, 24, 29), _line(24, 37.5)),
    "face": (_line(6, 14, 6, 6, 14, 6), _line(34, 6, 42, 6, 42, 14), _line(42, 34, 42, 42, 34, 42),
             _line(14, 42, 6, 42, 6, 34), _circle(24, 24, 11), _line(20, 22), _line(28, 22), _arc(24, 24, 5, 30, 150)),
    "hall": (_line(5, 18, 24, 6, 43, 18, 5, 18, closed=True), _line(11, 24, 11, 36), _line(19.7, 24, 19.7, 36),
             _line(28.3, 24, 28.3, 36), _line(37, 24, 37, 36), _line(5, 42, 43, 42)),
    "health": (_round(13, 3, 22, 42, 4), _line(24, 13, 24, 27), _line(17, 20, 31, 20), _line(21, 38.5, 27, 38.5)),
    "info": (_line(24, 11), _line(24, 20, 24, 38)),
    "letters": (_line(3, 40, 17, 8, 31, 40), _line(8, 29, 26, 29), _line(33, 40, 39.5, 25, 46, 40),
                _line(35, 35.5, 44, 35.5)),
    "mask": (
        _joined(_line(9, 26), _arc(24, 19, 15, 180, 360), _line(39, 26)),
        _line(18, 18),
        _line(30, 18),
        _joined(_line(12, 26), _line(24, 23), _line(36, 26, 34, 36), _line(24, 43), _line(14, 36), closed=True),
        _line(19, 31, 29, 31),
        _line(20, 36, 28, 36),
        _line(9, 26, 12, 27),
        _line(39, 26, 36, 27),
    ),
    "minus": (_line(10, 24, 38, 24),),
    "money": (_circle(24, 24, 18), _line(17, 13, 24, 22, 31, 13), _line(24, 22, 24, 36), _line(17, 25, 31, 25),
              _line(17, 30, 31, 30)),
    "paper": (_line(10, 4, 29, 4, 38, 13, 38, 44, 10, 44, closed=True), _line(17, 20, 31, 20), _line(17, 28, 31, 28),
              _line(17, 36, 26, 36)),
    "pause": (_line(17, 12, 17, 36), _line(31, 12, 31, 36)),
    "phone": (_round(13, 3, 22, 42, 4), _round(18, 11, 5, 5, 0.6), _round(26, 11, 4, 5, 0.6), _round(18, 19, 5, 5, 0.6),
              _line(26.5, 20.5, 29.5, 20.5, 29.5, 23.5), _line(21, 38.5, 27, 38.5)),
    "plus": (_line(10, 24, 38, 24), _line(24, 10, 24, 38)),
    "printer": (_line(13, 17, 13, 5, 35, 5, 35, 17), _round(5, 17, 38, 17, 3), _line(13, 29, 35, 29, 35, 43, 13, 43,
                closed=True), _line(36, 23)),
    "question": (_joined(_arc(24, 17, 8, 180, 395), _line(24, 28)), _line(24, 37.5)),
    "receipt": (_line(11, 43, 11, 5, 37, 5, 37, 43, 32.6, 39, 28.3, 43, 24, 39, 19.6, 43, 15.3, 39, closed=True),
                _line(18, 14, 30, 14), _line(18, 22, 30, 22), _line(18, 30, 25, 30)),
    "repeat": (_arc(24, 25, 16, -60, 215), _line(22, 3, 32.5, 11, 23, 19)),
    "speaker": (_line(5, 18, 14, 18, 25, 8, 25, 40, 14, 30, 5, 30, closed=True), _arc(25, 24, 9, -48, 48),
                _arc(25, 24, 17, -48, 48)),
    "staff": (_circle(24, 17, 8), _arc(24, 17, 13, 180, 360), _line(11, 17, 11, 21), _line(37, 17, 37, 21),
              _joined(_line(8, 43), _arc(24, 43, 16, 190, 350), _line(40, 43))),
    "thermometer": (_THERMOMETER, _line(24, 17, 24, 36), _line(33, 12, 38, 12), _line(33, 19, 38, 19)),
    "tick": (_line(9, 25, 20, 36, 39, 13),),
    "two_people": (*_person(16, 22, 0.8), *_person(33, 22, 0.8)),
    "wheelchair": (_circle(19, 7, 3.4), _line(19, 14, 20, 27, 32, 27, 38, 41, 43, 39), _line(20, 20, 30, 20),
                   _arc(20, 32, 12, 30, 228)),
}  # fmt: skip

_TURN: Final = {Toward.UP: 0, Toward.RIGHT: 1, Toward.DOWN: 2, Toward.LEFT: 3}


def _turned(point: tuple[float, float], quarters: int) -> tuple[float, float]:
    x, y = point
    for _ in range(quarters):
        x, y = 48 - y, x
    return x, y


@lru_cache(maxsize=256)
def _picture(name: Name, side: int, half: float, quarters: int) -> Texture:
    unit = side / 48
    lines = []
    for stroke in PICTOGRAMS[name]:
        points = [(x * unit, side - y * unit) for x, y in (_turned(point, quarters) for point in stroke.points)]
        lines.append([*points, points[0]] if stroke.closed else points)
    return picture(masks.white(masks.stroked(lines, side, half)), side)


class Pictogram(Drawn):
    """One pictogram in a square box.

    Args:
        surface: where it is drawn.
        name: which one.
        box: a square.
        colour: of the strokes.
        toward: turns it; drawn upward.
        weight: of the strokes on the 48 unit grid.

    Attributes:
        sign: its name.
        colour: of the strokes, as it is called.
    """

    def __init__(
        self,
        surface: Surface,
        name: Name,
        box: Box,
        *,
        colour: theme.Colour = theme.BLUE,
        toward: Toward = Toward.UP,
        weight: float = theme.STROKE,
    ) -> None:
        super().__init__(surface.pos(box), surface.size(box))
        self.sign, self.colour = name, colour
        side = max(1, round(self.width))
        half = max(0.75, weight * self.width / 96)
        with self.canvas:
            Color(*surface.tone(colour))
            texture = _picture(name, side, half, _TURN[toward])
            Rectangle(texture=texture, pos=(round(self.x), round(self.y)), size=texture.size)
