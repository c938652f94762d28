"""The picture of whoever helps. It is drawn live from a source that the stage sets; a pictogram while there is none."""

from kivy.graphics import Color, Rectangle
from kivy.graphics.texture import Texture
from kivy.uix.widget import Widget

from ui import theme
from ui.surface import Box, Surface
from ui.widgets.pictogram import Pictogram
from ui.widgets.shape import Panel


class StaffPicture(Widget):
    """The picture, cut to its place.

    Args:
        surface: where it is drawn.
        box: its place.
    """

    def __init__(self, surface: Surface, box: Box) -> None:
        super().__init__(size_hint=(None, None), pos=surface.pos(box), size=surface.size(box))
        self.add_widget(Panel(surface, box, fill=theme.HELP_TINT))
        self.add_widget(Pictogram(surface, "staff", box.square(min(box.w, box.h) * 0.5), colour=theme.HELP))
        with self.canvas.after:
            self._ink = Color(1, 1, 1, 0)
            self._rectangle = Rectangle(pos=self.pos, size=self.size)

    def refresh(self, texture: Texture | None) -> None:
        """Show the newest picture; None shows the pictogram."""
        if texture is None:
            self._ink.rgba = theme.CLEAR
            return
        picture, place = texture.size[0] / texture.size[1], self.width / self.height
        across, down = (place / picture, 1.0) if picture > place else (1.0, picture / place)
        left, right, top, bottom = (1 - across) / 2, (1 + across) / 2, (1 - down) / 2, (1 + down) / 2
        # The buffer's first row is the picture's top: the lower corners take the larger coordinate.
        self._rectangle.tex_coords = (left, bottom, right, bottom, right, top, left, top)
        self._rectangle.texture = texture
        self._ink.rgba = theme.WHITE
