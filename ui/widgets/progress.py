"""How far one is: steps of an application, and a share of a moment."""

import math

from kivy.graphics import Color, SmoothEllipse, SmoothLine
from kivy.uix.widget import Widget

from ui import theme
from ui.surface import Box, Surface
from ui.widgets.shape import Panel, Rounded
from ui.widgets.text import Text


class Bar(Panel):
    """A bar that fills; `set` changes it in place."""

    def __init__(self, surface: Surface, box: Box, share: float, colour: theme.Colour = theme.BLUE) -> None:
        super().__init__(surface, box, fill=theme.HAIRLINE, radius=box.h / 2)
        with self.canvas:
            self._full = Rounded((*self.pos, *self.size), self.height / 2)
        self._full.paint(surface.tone(colour))
        self.set(share)

    def set(self, share: float) -> None:
        """Fill it to a share, 0 to 1."""
        wide = max(self.height, self.width * min(1.0, max(0.0, share)))
        self._full.move((*self.pos, wide, self.height))


class Steps(Widget):
    """第 2 步 共 5 步, with a bar."""

    def __init__(self, surface: Surface, box: Box, step: int, steps: int) -> None:
        super().__init__(size_hint=(None, None), pos=surface.pos(box), size=surface.size(box))
        words = surface.words("第 {step} 步 共 {steps} 步").format(step=step, steps=steps)
        label = Text(
            surface,
            words,
            Box(box.x, box.y, box.w, box.h - 16),
            size=theme.CAPTION,
            colour=theme.INK_SOFT,
            rise="middle",
        )
        self.add_widget(label)
        self.add_widget(Bar(surface, Box(box.x, box.bottom - 12, box.w, 12), step / max(1, steps)))


class Ring(Widget):
    """A ring that fills before something happens by itself; `set` changes it in place."""

    def __init__(self, surface: Surface, box: Box, share: float, colour: theme.Colour = theme.BLUE) -> None:
        super().__init__(size_hint=(None, None), pos=surface.pos(box), size=surface.size(box))
        self._radius = self.width / 2 - surface.px(24)
        self._colour = surface.tone(colour)
        with self.canvas:
            Color(*surface.tone(theme.SURFACE))
            SmoothEllipse(pos=self.pos, size=self.size)
            Color(*surface.tone(theme.HAIRLINE))
            SmoothLine(circle=(*self.center, self._radius), width=surface.px(7))
            self._ink = Color(*self._colour)
            self._arc = SmoothLine(points=[], width=surface.px(7))
        self.set(share)

    def set(self, share: float) -> None:
        """Fill it to a share, 0 to 1, clockwise from the top."""
        share = min(1.0, max(0.0, share))
        self._ink.rgba = self._colour if share > 0 else theme.CLEAR
        x, y = self.center
        steps = max(2, round(72 * share))
        points: list[float] = []
        for step in range(steps + 1):
            angle = math.tau * share * step / steps
            points += [x + self._radius * math.sin(angle), y + self._radius * math.cos(angle)]
        self._arc.points = points
