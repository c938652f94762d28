"""Plain shapes: a rounded panel, a rule, a disc."""

from kivy.graphics import Color, Rectangle, SmoothEllipse, SmoothLine, SmoothRoundedRectangle
from kivy.uix.widget import Widget

from ui import theme
from ui.surface import Box, Surface


class Panel(Widget):
    """A rounded rectangle with an optional edge.

    Args:
        surface: where it is drawn.
        box: its place.
        fill: colour of the inside.
        edge: colour of the outline, None for none.
        radius: of the corners, in design units.
        weight: of the outline, in design units.

    Attributes:
        token: colour of the inside now, as it is called.
    """

    def __init__(
        self,
        surface: Surface,
        box: Box,
        *,
        fill: theme.Colour = theme.SURFACE,
        edge: theme.Colour | None = None,
        radius: float = theme.RADIUS,
        weight: float = 2.0,
    ) -> None:
        super().__init__(size_hint=(None, None), pos=surface.pos(box), size=surface.size(box))
        self._surface = surface
        self.token = fill
        corner = min(surface.px(radius), self.width / 2, self.height / 2)
        with self.canvas:
            self._fill = Color(*surface.tone(fill))
            SmoothRoundedRectangle(pos=self.pos, size=self.size, radius=[corner])
            self._edge = Color(*surface.tone(edge or theme.CLEAR))
            if edge is not None:
                # A smooth line is drawn to both sides of its path: it is set in, so that it stays inside the box.
                half = max(1.0, surface.px(weight) / 2)
                SmoothLine(
                    rounded_rectangle=(
                        self.x + half,
                        self.y + half,
                        self.width - 2 * half,
                        self.height - 2 * half,
                        max(1.0, corner - half),
                    ),
                    width=half,
                )

    @property
    def fill(self) -> theme.Colour:
        """Colour of the inside, as it is drawn."""
        return self._surface.tone(self.token)

    def paint(self, fill: theme.Colour) -> None:
        """Change the inside's colour."""
        self.token = fill
        self._fill.rgba = self._surface.tone(fill)


class Rule(Widget):
    """A hairline, or any filled rectangle."""

    def __init__(self, surface: Surface, box: Box, colour: theme.Colour = theme.HAIRLINE) -> None:
        x, y = surface.pos(box)
        w, h = surface.size(box)
        super().__init__(size_hint=(None, None), pos=(x, round(y)), size=(w, max(1.0, h)))
        with self.canvas:
            Color(*surface.tone(colour))
            Rectangle(pos=self.pos, size=self.size)


class Disc(Widget):
    """A filled circle.

    Attributes:
        fill: its colour, as it is drawn.
    """

    def __init__(self, surface: Surface, box: Box, colour: theme.Colour) -> None:
        super().__init__(size_hint=(None, None), pos=surface.pos(box), size=surface.size(box))
        self.fill = surface.tone(colour)
        with self.canvas:
            Color(*self.fill)
            SmoothEllipse(pos=self.pos, size=self.size)
