"""A text that was shaped, in a box."""

from kivy.graphics import Color, Rectangle
from kivy.graphics.texture import Texture
from kivy.uix.widget import Widget

from ui import theme
from ui.other_scripts.shaping import LEADING, Writing, broken, check, drawn
from ui.surface import Box, Surface


class ShapedText(Widget):
    """Text of a script that has to be shaped. Set smaller until it fits.

    Args:
        surface: where it is drawn.
        content: the text.
        writing: its script.
        box: the room it has, in design units.
        size: token of `ui.theme`.
        colour: of the letters.
        align: `start` of a line, or `center`.

    Attributes:
        lines: as it was broken.
        letters: size that was taken, in design units.
        bottom: where the last line ends, in design units.
        fits: whether it does at the smallest size.

    Raises:
        ShapingMissingError: it cannot be drawn on this machine.
    """

    def __init__(
        self,
        surface: Surface,
        content: str,
        writing: Writing,
        box: Box,
        *,
        size: float = theme.BODY,
        colour: theme.Colour = theme.INK,
        align: str = "start",
    ) -> None:
        check(writing)
        super().__init__(size_hint=(None, None), pos=surface.pos(box), size=surface.size(box))
        wide, high = surface.size(box)
        letters = surface.letters(size)
        while True:
            pixels = max(1, round(letters * surface.scale))
            lines = broken(content, writing, pixels, wide)
            needed = len(lines) * round(pixels * LEADING)
            if needed <= high or letters <= theme.SMALLEST:
                break
            letters = max(float(theme.SMALLEST), letters - 4)
        self.content, self.lines, self.letters = content, lines, letters
        self.fits = needed <= high + 1
        self.bottom = box.y + needed / surface.scale
        picture = drawn(lines, writing, pixels, round(wide), align)
        texture = Texture.create(size=picture.size, colorfmt="rgba")
        white = bytes(255 for _ in range(3))
        texture.blit_buffer(
            b"".join(white + bytes((ink,)) for ink in picture.tobytes()), colorfmt="rgba", bufferfmt="ubyte"
        )
        texture.flip_vertical()
        x, y = surface.pos(box)
        with self.canvas:
            Color(*surface.tone(colour))
            Rectangle(texture=texture, pos=(x, y + high - picture.height), size=picture.size)
