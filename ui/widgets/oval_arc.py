"""How far a movement is, on the oval around the face: the eyes are there, not at a bar below."""

import math
from enum import StrEnum
from typing import Final

from kivy.graphics import Color, SmoothLine
from kivy.uix.widget import Widget

from ui import theme
from ui.surface import Box, Surface

_STEPS: Final = 72


class Side(StrEnum):
    """Which part of the oval fills, seen on the screen."""

    LEFT = "left"
    RIGHT = "right"
    BOTH = "both"


_SIGNS: Final[dict[Side, tuple[int, ...]]] = {Side.LEFT: (-1,), Side.RIGHT: (1,), Side.BOTH: (-1, 1)}


class OvalArc(Widget):
    """An oval that fills from its top down, on one side or on both; `set` changes it in place.

    Args:
        surface: where it is drawn.
        box: around the oval.
        side: which part fills.
        share: 0 to 1.
    """

    def __init__(self, surface: Surface, box: Box, side: Side, share: float) -> None:
        super().__init__(size_hint=(None, None), pos=surface.pos(box), size=surface.size(box))
        with self.canvas:
            self._ink = Color(*theme.BLUE)
            self._lines = [(sign, SmoothLine(points=[], width=surface.px(9))) for sign in _SIGNS[side]]
        self.set(share)

    def set(self, share: float) -> None:
        """Fill it to a share, 0 to 1."""
        share = min(1.0, max(0.0, share))
        self._ink.rgba = theme.BLUE if share > 0 else theme.CLEAR
        x, y = self.center
        steps = max(2, round(_STEPS * share))
        for sign, line in self._lines:
            points: list[float] = []
            for step in range(steps + 1):
                angle = math.pi * share * step / steps
                points += [x + sign * self.width / 2 * math.sin(angle), y + self.height / 2 * math.cos(angle)]
            line.points = points
