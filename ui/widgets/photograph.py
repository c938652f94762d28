"""A captured page: a JPEG, whole in its box; a pattern where staff look on."""

from io import BytesIO

from kivy.graphics import Color, Rectangle
from kivy.graphics.texture import Texture
from kivy.uix.widget import Widget
from PIL import Image

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
        room = surface.size(box)
        texture = None if surface.discreet else _texture(page, (int(room[0]), int(room[1])))
        if texture is None:
            self.add_widget(Panel(surface, box, fill=theme.BLUE_TINT))
            side = min(box.w, box.h) * 0.4
            self.add_widget(Pictogram(surface, "paper", box.square(side)))
            return
        width, height = (side / surface.scale for side in texture.size)
        place = Box(box.x + (box.w - width) / 2, box.y + (box.h - height) / 2, width, height)
        with self.canvas:
            Color(*surface.tone(theme.HAIRLINE))
            edge = place.inset(-2)
            Rectangle(pos=surface.pos(edge), size=surface.size(edge))
            Color(*theme.WHITE)
            Rectangle(texture=texture, pos=surface.pos(place), size=surface.size(place))


def _texture(page: bytes, room: tuple[int, int]) -> Texture | None:
    """A picture as large as its room allows, made small before it is a texture: a page is millions of pixels."""
    if not page:
        return None
    try:
        with Image.open(BytesIO(page)) as picture:
            share = min(room[0] / picture.width, room[1] / picture.height)
            size = max(1, round(picture.width * share)), max(1, round(picture.height * share))
            picture.draft("RGB", size)
            small = picture.convert("RGB").resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):  # what Pillow raises of a broken file
        return None
    texture = Texture.create(size=size, colorfmt="rgb")
    texture.blit_buffer(small.transpose(Image.Transpose.FLIP_TOP_BOTTOM).tobytes(), colorfmt="rgb", bufferfmt="ubyte")
    return texture
