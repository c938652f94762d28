"""A piece of text in a box."""

from typing import Literal

from kivy.core.text.markup import MarkupLabel
from kivy.graphics import Color, Rectangle
from kivy.uix.widget import Widget

from ui import text, theme
from ui.surface import Box, Surface

Align = Literal["left", "center", "right"]
Rise = Literal["top", "middle", "bottom"]
_TITLE_SHARE = 0.54
_ROUNDING = 2.0


def shared_room(
    surface: Surface, box: Box, title: str, line: str, *, size: float = theme.BODY, bold: bool = False
) -> tuple[Box, Box]:
    """Divide a box between a title and a line of captions below it, so that neither is shortened while there is room.

    Args:
        surface: where they are drawn.
        box: the room of both.
        title: above.
        line: below, in captions.
        size: of the title's letters.
        bold: the title's weight.

    Returns:
        The upper and the lower part.
    """
    low = text.fitted(line, (box.w, box.h), surface.smallest, surface.smallest)
    below = len(low.lines) * low.size * text.LINE_HEIGHT
    high = text.fitted(title, (box.w, box.h - below), surface.letters(size), surface.smallest, bold=bold)
    above = len(high.lines) * high.size * text.LINE_HEIGHT
    # What is drawn is a little higher than what was computed: each line is rounded up to a whole pixel.
    spare = max(0.0, box.h - above - below) / 2
    above += min(spare, _ROUNDING * len(high.lines))
    below += min(spare, _ROUNDING * len(low.lines))
    upper = Box(box.x, box.y, box.w, min(max(box.h * _TITLE_SHARE, above), box.h - below))
    return upper, Box(box.x, upper.bottom, box.w, box.bottom - upper.bottom)


class Text(Widget):
    """Text broken by our own rules, in a box it always fits.

    Args:
        surface: where it is drawn.
        content: the text; line feeds are kept.
        box: the room it has, in design units.
        size: token of `ui.theme`; large type is applied here.
        bold: in the bold weight.
        colour: of the letters.
        align: of the lines.
        rise: where the lines stand in the box when there is more room.
        fixed: large type leaves it as it is: its button stays at one place, and has a pictogram.

    Attributes:
        content: the text as it was given.
        lines: as it was broken.
        room: the box.
        bottom: where the last line ends, in design units.
        cut: whether it had to be shortened.
        colour: of the letters, as it is called.
        bold: in the bold weight.
    """

    def __init__(
        self,
        surface: Surface,
        content: str,
        box: Box,
        *,
        size: float = theme.BODY,
        bold: bool = False,
        colour: theme.Colour = theme.INK,
        align: Align = "left",
        rise: Rise = "top",
        fixed: bool = False,
    ) -> None:
        letters = max(size, surface.smallest) if fixed else surface.letters(size)
        fit = text.fitted(content, (box.w, box.h), letters, surface.smallest, bold=bold, even=align == "center")
        face = text.BOLD if bold else text.REGULAR
        super().__init__(size_hint=(None, None))
        label = MarkupLabel(
            text=text.markup("\n".join(fit.lines), bold=bold),
            font_name=face.name,
            font_size=fit.size * surface.scale,
            halign=align,
            color=surface.tone(colour),
        )
        label.refresh()
        self.content, self.colour, self.bold = content, colour, bold
        self.lines = fit.lines
        self.room = box
        self.cut = fit.cut
        self.letters = fit.size
        width, height = label.texture.size
        self.size = (width, height)
        x, y = surface.pos(box)
        w, h = surface.size(box)
        self.x = round(x + {"left": 0.0, "center": (w - width) / 2, "right": w - width}[align])
        self.y = round(y + {"top": h - height, "middle": (h - height) / 2, "bottom": 0.0}[rise])
        used = height / surface.scale
        self.bottom = box.y + {"top": used, "middle": (box.h + used) / 2, "bottom": box.h}[rise]
        with self.canvas:
            Color(*theme.WHITE)
            Rectangle(texture=label.texture, pos=self.pos, size=self.size)
