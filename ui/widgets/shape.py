"""Plain shapes: a rounded panel, a rule, a disc."""

from functools import lru_cache

from kivy.graphics import BorderImage, Color, Rectangle
from kivy.graphics.texture import Texture

from ui import masks, theme
from ui.surface import Box, Surface
from ui.widgets.drawn import Drawn


@lru_cache(maxsize=256)
def _picture(radius: float, weight: float, fill: theme.Colour, edge: theme.Colour) -> Texture:
    """A small rounded rectangle; its corners are used as they are, its middle is stretched."""
    shape, inner = masks.rounded(radius, weight)
    return picture(masks.coloured(shape, inner, fill, edge), shape.shape[0])


def picture(pixels: bytes, side: int) -> Texture:
    """A square texture that is drawn pixel by pixel.

    Args:
        pixels: RGBA, lowest row first.
        side: in pixels.
    """
    texture = Texture.create(size=(side, side), colorfmt="rgba")
    texture.blit_buffer(pixels, colorfmt="rgba", bufferfmt="ubyte")
    texture.mag_filter = texture.min_filter = "nearest"
    return texture


class Rounded:
    """A rounded rectangle on a canvas, of whole pixels; made while the canvas is open.

    Args:
        place: x, y, width and height in pixels.
        radius: of the corners, in pixels.
        weight: of the edge, in pixels; 0 for none.
    """

    def __init__(self, place: tuple[float, float, float, float], radius: float, weight: float = 0.0) -> None:
        self._weight = min(weight, place[2] / 2, place[3] / 2)
        self._radius = max(self._weight, min(radius, round(place[2]) // 2, round(place[3]) // 2))
        corner = masks.corner_px(self._radius, self._weight)
        Color(1.0, 1.0, 1.0, 1.0)
        self._image = BorderImage(border=(corner,) * 4)
        self.move(place)

    def move(self, place: tuple[float, float, float, float]) -> None:
        """Put it elsewhere: x, y, width and height in pixels."""
        x, y, w, h = place
        left, low = round(x), round(y)
        self._image.pos = (left, low)
        self._image.size = (max(1, round(x + w) - left), max(1, round(y + h) - low))

    def paint(self, fill: theme.Colour, edge: theme.Colour | None = None) -> None:
        """Colours, as they are drawn."""
        self._image.texture = _picture(self._radius, self._weight, fill, edge or fill)


class Panel(Drawn):
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
        super().__init__(surface.pos(box), surface.size(box))
        self._surface = surface
        self.token = fill
        self._edge = None if edge is None else surface.tone(edge)
        with self.canvas:
            place = (*self.pos, *self.size)
            self._shape = Rounded(place, surface.px(radius), 0.0 if edge is None else max(1.0, surface.px(weight)))
        self.paint(fill)

    @property
    def fill(self) -> theme.Colour:
        """Colour of the inside, as it is drawn."""
        return self._surface.tone(self.token)

    def paint(self, fill: theme.Colour) -> None:
        """Change the inside's colour."""
        self.token = fill
        self._shape.paint(self._surface.tone(fill), self._edge)


class Rule(Drawn):
    """A hairline, or any filled rectangle."""

    def __init__(self, surface: Surface, box: Box, colour: theme.Colour = theme.HAIRLINE) -> None:
        x, y = surface.pos(box)
        w, h = surface.size(box)
        super().__init__((x, round(y)), (w, max(1.0, h)))
        with self.canvas:
            Color(*surface.tone(colour))
            Rectangle(pos=self.pos, size=self.size)


class Disc(Drawn):
    """A filled circle.

    Attributes:
        fill: its colour, as it is drawn.
    """

    def __init__(self, surface: Surface, box: Box, colour: theme.Colour) -> None:
        super().__init__(surface.pos(box), surface.size(box))
        self.fill = surface.tone(colour)
        with self.canvas:
            Rounded((*self.pos, *self.size), min(self.size) / 2).paint(self.fill)
