"""A field to sign in with the finger."""

from collections.abc import Callable
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


class SignatureField(Widget):
    """The field, with a line to write on.

    Args:
        surface: where it is drawn.
        box: its place.
        strokes: what was written before it was drawn anew.
        written: called after each stroke.

    Attributes:
        strokes: what was written, in shares of the field's shorter side from its upper left corner, `y` downwards.
    """

    def __init__(self, surface: Surface, box: Box, strokes: Strokes, written: Callable[[], None]) -> None:
        super().__init__(size_hint=(None, None), pos=surface.pos(box), size=surface.size(box))
        self._surface, self._written = surface, written
        self._strokes: list[list[tuple[float, float]]] = []
        self._line: SmoothLine | None = None
        self.add_widget(Panel(surface, box, edge=theme.EDGE))
        line = Box(box.x + 48, box.y + box.h * 0.78, box.w - 96, 3)
        self.add_widget(Panel(surface, line, fill=theme.HAIRLINE, radius=0))
        side = min(self.width, self.height)
        for stroke in () if surface.discreet else strokes:
            self._strokes.append([(self.x + x * side, self.top - y * side) for x, y in stroke])
            self._begin(self._strokes[-1])
        self._line = None

    @property
    def strokes(self) -> Strokes:
        """See the class."""
        side = min(self.width, self.height)
        return tuple(tuple(((x - self.x) / side, (self.top - y) / side) for x, y in stroke) for stroke in self._strokes)

    def _begin(self, stroke: list[tuple[float, float]]) -> None:
        points = [part for point in stroke for part in point]
        with self.canvas.after:
            Color(*theme.INK)
            self._line = SmoothLine(
                points=points if len(stroke) > 1 else points * 2, width=self._surface.px(_WIDTH) / 2
            )

    def on_touch_down(self, touch: MotionEvent) -> bool:
        """A stroke begins."""
        if not self.collide_point(*touch.pos) or self._surface.discreet:
            return False
        if len(self._strokes) >= _MOST_STROKES:
            return True
        touch.grab(self)
        self._strokes.append([(touch.pos[0], touch.pos[1])])
        self._begin(self._strokes[-1])
        return True

    def on_touch_move(self, touch: MotionEvent) -> bool:
        """It goes on, inside the field."""
        if touch.grab_current is not self or self._line is None:
            return False
        x = min(max(touch.pos[0], self.x), self.right)
        y = min(max(touch.pos[1], self.y), self.top)
        stroke = self._strokes[-1]
        if len(stroke) < _MOST_POINTS and abs(x - stroke[-1][0]) + abs(y - stroke[-1][1]) >= _LEAST:
            stroke.append((x, y))
            self._line.points = [part for point in stroke for part in point]
        return True

    def on_touch_up(self, touch: MotionEvent) -> bool:
        """It ends."""
        if touch.grab_current is not self:
            return False
        touch.ungrab(self)
        self._line = None
        self._written()
        return True
