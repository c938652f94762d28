"""A field that is written in with the finger: one character, or a signature."""

from collections.abc import Callable
from enum import Enum
from typing import Final

from kivy.graphics import Color, SmoothLine
from kivy.input.motionevent import MotionEvent
from kivy.uix.widget import Widget

from ui import theme
from ui.surface import Box, Surface
from ui.widgets.shape import Panel

Strokes = tuple[tuple[tuple[float, float], ...], ...]
_WIDTH: Final = 9.0
"""Of the line, in design units."""
_LEAST: Final = 2.0
"""Pixels that a finger must have moved to add a point."""
_MOST_POINTS: Final = 600
"""Of a stroke."""
_MOST_STROKES: Final = 80


class Guide(Enum):
    """Which thin lines help to place what is written."""

    CROSS = "cross"
    """One character stands around the middle."""
    LINE = "line"
    """A name stands on it."""


class StrokeField(Widget):
    """The field.

    Args:
        surface: where it is drawn; on a discreet one nothing is written or shown.
        box: its place.
        guide: what helps to place it.
        written: called after each stroke with all of them.
        strokes: what was written before it was drawn anew.
    """

    def __init__(
        self, surface: Surface, box: Box, guide: Guide, written: Callable[[Strokes], None], strokes: Strokes = ()
    ) -> None:
        super().__init__(size_hint=(None, None), pos=surface.pos(box), size=surface.size(box))
        self._surface, self._written = surface, written
        self._points: list[list[tuple[float, float]]] = []
        self._lines: list[SmoothLine] = []
        self.add_widget(Panel(surface, box, edge=theme.EDGE))
        for line in _guides(box, guide):
            self.add_widget(Panel(surface, line, fill=theme.HAIRLINE, radius=0))
        side = min(self.width, self.height)
        for stroke in () if surface.discreet else strokes:
            self._points.append([(self.x + x * side, self.top - y * side) for x, y in stroke])
            self._begin(self._points[-1])

    @property
    def strokes(self) -> Strokes:
        """What was written; shares of the field's shorter side from its upper left corner, `y` downwards."""
        side = min(self.width, self.height)
        return tuple(tuple(((x - self.x) / side, (self.top - y) / side) for x, y in stroke) for stroke in self._points)

    def wipe(self) -> None:
        """Empty it."""
        for line in self._lines:
            self.canvas.after.remove(line)
        self._lines, self._points = [], []

    def _begin(self, stroke: list[tuple[float, float]]) -> None:
        points = [part for point in stroke for part in point]
        with self.canvas.after:
            Color(*self._surface.tone(theme.INK))
            line = SmoothLine(points=points if len(stroke) > 1 else points * 2, width=self._surface.px(_WIDTH) / 2)
        self._lines.append(line)

    def on_touch_down(self, touch: MotionEvent) -> bool:
        """A stroke begins."""
        if not self.collide_point(*touch.pos) or self._surface.discreet:
            return False
        if len(self._points) >= _MOST_STROKES:
            return True
        touch.grab(self)
        self._points.append([(touch.pos[0], touch.pos[1])])
        self._begin(self._points[-1])
        return True

    def on_touch_move(self, touch: MotionEvent) -> bool:
        """It goes on, inside the field."""
        if touch.grab_current is not self or not self._lines:
            return False
        x = min(max(touch.pos[0], self.x), self.right)
        y = min(max(touch.pos[1], self.y), self.top)
        stroke = self._points[-1]
        if len(stroke) < _MOST_POINTS and abs(x - stroke[-1][0]) + abs(y - stroke[-1][1]) >= _LEAST:
            stroke.append((x, y))
            self._lines[-1].points = [part for point in stroke for part in point]
        return True

    def on_touch_up(self, touch: MotionEvent) -> bool:
        """It ends."""
        if touch.grab_current is not self:
            return False
        touch.ungrab(self)
        if self._points:
            self._written(self.strokes)
        return True


def _guides(box: Box, guide: Guide) -> tuple[Box, ...]:
    if guide is Guide.LINE:
        return (Box(box.x + 48, box.y + box.h * 0.78, box.w - 96, 3),)
    return (
        Box(box.x + box.w / 2 - 1, box.y + 24, 2, box.h - 48),
        Box(box.x + 24, box.y + box.h / 2 - 1, box.w - 48, 2),
    )
