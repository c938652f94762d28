"""A captured page: a JPEG, whole in its box; a pattern where staff look on."""

from io import BytesIO

from kivy.core.image import Image
from kivy.graphics import Color, Rectangle
from kivy.uix.widget import Widget

from ui import theme
from ui.surface import Box, Surface
from ui.widgets.pictogram import Pictogram
from ui.widgets.shape import Panel


class Photograph(Widget):
    """The page.

    Args:
        surface: where it is drawn; a discreet one shows a sheet of paper instead.
        box: its place; the page is as large in it as its shape allows.
        page: JPEG; empty or broken shows a sheet of paper.
    """

    def __init__(self, surface: Surface, box: Box, page: bytes) -> None:
        super().__init__(size_hint=(None, None), pos=surface.pos(box), size=surface.size(box))
        texture = None
        if page and not surface.discreet:
            try:
                texture = Image(BytesIO(page), ext="jpg").texture
            except Exception:  # noqa: BLE001  Kivy's loaders raise whatever their provider raises
                texture = None
        if texture is None:
            self.add_widget(Panel(surface, box, fill=theme.BLUE_TINT))
            side = min(box.w, box.h) * 0.4
            self.add_widget(Pictogram(surface, "paper", box.square(side)))
            return
        width, height = texture.size
        share = min(box.w / width, box.h / height)
        place = Box(
            box.x + (box.w - width * share) / 2, box.y + (box.h - height * share) / 2, width * share, height * share
        )
        with self.canvas:
            Color(*surface.tone(theme.HAIRLINE))
            edge = place.inset(-2)
            Rectangle(pos=surface.pos(edge), size=surface.size(edge))
            Color(*theme.WHITE)
            Rectangle(texture=texture, pos=surface.pos(place), size=surface.size(place))
