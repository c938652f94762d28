"""The shape of an outcome: circle with an arrow, octagon with a bar, diamond with a person."""

import math
from typing import Final, Literal

from kivy.graphics import Color, Mesh, SmoothLine
from kivy.uix.widget import Widget

from ui import theme
from ui.surface import Box, Surface
from ui.widgets.pictogram import Name, Pictogram

Outcome = Literal["go", "stop", "wait"]

_CORNERS: Final[dict[Outcome, tuple[int, float]]] = {"go": (96, 0.0), "stop": (8, math.pi / 8), "wait": (4, 0.0)}
_SIGN: Final[dict[Outcome, Name]] = {"go": "arrow", "stop": "minus", "wait": "staff"}
_SHARE: Final[dict[Outcome, float]] = {"go": 0.56, "stop": 0.62, "wait": 0.42}


class OutcomeShape(Widget):
    """The shape in one colour, its sign in another.

    Attributes:
        fill: its colour, as it is drawn.
    """

    def __init__(
        self,
        surface: Surface,
        outcome: Outcome,
        box: Box,
        *,
        fill: theme.Colour,
        ink: theme.Colour,
        sign: Name | None = None,
    ) -> None:
        super().__init__(size_hint=(None, None), pos=surface.pos(box), size=surface.size(box))
        self.fill = surface.tone(fill)
        count, turn = _CORNERS[outcome]
        x, y = self.center
        radius = self.width / 2 - surface.px(4)
        points = [
            (
                x + radius * math.cos(turn + math.tau * step / count),
                y + radius * math.sin(turn + math.tau * step / count),
            )
            for step in range(count)
        ]
        flat = [number for point in points for number in point]
        with self.canvas:
            Color(*self.fill)
            Mesh(
                vertices=[number for px, py in points for number in (px, py, 0.0, 0.0)],
                indices=list(range(count)),
                mode="triangle_fan",
            )
            SmoothLine(points=flat, width=surface.px(4), close=True)
        inner = box.square(box.w * _SHARE[outcome])
        self.add_widget(Pictogram(surface, sign or _SIGN[outcome], inner, colour=ink, weight=5.0))
