"""A QR code, drawn module by module with its quiet zone."""

import segno
from kivy.graphics import Color, Rectangle
from kivy.uix.widget import Widget

from ui import theme
from ui.surface import Box, Surface
from ui.widgets.pictogram import Pictogram
from ui.widgets.shape import Panel

_QUIET = 4


class CodeSquare(Widget):
    """The code of a payload in a white square; staff see a sign of it only."""

    def __init__(self, surface: Surface, box: Box, payload: str) -> None:
        super().__init__(size_hint=(None, None), pos=surface.pos(box), size=surface.size(box))
        self.add_widget(Panel(surface, box, fill=theme.CODE_LIGHT, edge=theme.HAIRLINE))
        if surface.discreet:
            self.add_widget(Pictogram(surface, "code", box.square(box.w * 0.5), colour=theme.CODE_DARK))
            return
        matrix = [bytes(row) for row in segno.make(payload, error="m", micro=False, boost_error=False).matrix]
        count = len(matrix) + 2 * _QUIET
        # Whole pixels a module: a scanner dislikes modules of uneven width.
        module = max(1, int(self.width / count))
        left = round(self.x + (self.width - module * len(matrix)) / 2)
        top = round(self.top - (self.height - module * len(matrix)) / 2)
        with self.canvas:
            Color(*theme.CODE_DARK)
            for line, row in enumerate(matrix):
                start = None
                for column, dark in enumerate([*row, 0]):
                    if dark and start is None:
                        start = column
                    elif not dark and start is not None:
                        Rectangle(
                            pos=(left + start * module, top - (line + 1) * module),
                            size=((column - start) * module, module),
                        )
                        start = None
