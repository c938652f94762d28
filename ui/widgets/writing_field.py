"""A field to write a character in with the finger."""

from collections.abc import Callable
from typing import Final

from kivy.graphics import Color, SmoothLine
from kivy.input.motionevent import MotionEvent
from kivy.uix.widget import Widget

from kiosk.view.typing import Ink
from ui import theme
from ui.surface import Box, Surface
from ui.widgets.shape import Panel

_WIDTH: Final = 10.0
"""Of the line, in design units."""
_LEAST: Final = 3.0
"""Pixels that a finger must have moved to add a point."""
_MOST: Final = 400
"""Points of a stroke."""


class WritingField(Widget):
    """The field.

    Args:
        surface: where it is drawn.
        box: its place.
        written: called after each stroke with all of them.
    """

    def __init__(self, surface: Surface, box: Box, written: Callable[[Ink], None]) -> None:
        super().__init__(size_hint=(None, None), pos=surface.pos(box), size=surface.size(box))
        self._surface, self._written = surface, written
        self._strokes: list[list[tuple[float, float]]] = []
        self._line: SmoothLine | None = None
        self._drawn: list[SmoothLine] = []
        self.add_widget(Panel(surface, box, edge=theme.EDGE))
        guide = Box(box.x + box.w / 2 - 1, box.y + 24, 2, box.h - 48)
        self.add_widget(Panel(surface, guide, fill=theme.HAIRLINE, radius=0))
        across = Box(box.x + 24, box.y + box.h / 2 - 1, box.w - 48, 2)
        self.add_widget(Panel(surface, across, fill=theme.HAIRLINE, radius=0))

    @property
    def strokes(self) -> tuple[tuple[tuple[float, float], ...], ...]:
        """What was written; shares of the field's shorter side from its upper left corner, `y` downwards."""
        side = min(self.width, self.height)
        return tuple(tuple(((x - self.x) / side, (self.top - y) / side) for x, y in stroke) for stroke in self._strokes)

    def wipe(self) -> None:
        """Empty it."""
        for line in self._drawn:
            self.canvas.after.remove(line)
        self._drawn, self._strokes, self._line = [], [], None

    def on_touch_down(self, touch: MotionEvent) -> bool:
        """A stroke begins."""
        if not self.collide_point(*touch.pos):
            return False
        touch.grab(self)
        self._strokes.append([(touch.pos[0], touch.pos[1])])
        with self.canvas.after:
            Color(*theme.INK)
            self._line = SmoothLine(points=[*touch.pos, *touch.pos], width=self._surface.px(_WIDTH) / 2)
        self._drawn.append(self._line)
        return True

    def on_touch_move(self, touch: MotionEvent) -> bool:
        """It goes on, inside the field."""
        if touch.grab_current is not self or self._line is None:
            return False
        x = min(max(touch.pos[0], self.x), self.right)
        y = min(max(touch.pos[1], self.y), self.top)
        stroke = self._strokes[-1]
        if len(stroke) < _MOST and abs(x - stroke[-1][0]) + abs(y - stroke[-1][1]) >= _LEAST:
            stroke.append((x, y))
            self._line.points = [part for point in stroke for part in point]
        return True

    def on_touch_up(self, touch: MotionEvent) -> bool:
        """It ends: what it may be is asked for."""
        if touch.grab_current is not self:
            return False
        touch.ungrab(self)
        self._line = None
        self._written(Ink(self.strokes))
        return True
