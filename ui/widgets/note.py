"""A quiet box that says what went wrong or what is different today, and what to do."""

from ui import text, theme
from ui.surface import Box, Surface
from ui.widgets.pictogram import Name, Pictogram
from ui.widgets.shape import Disc, Panel
from ui.widgets.text import Text

_SIDE = 56


class Note(Panel):
    """A note; it is as high as its words need.

    Args:
        surface: where it is drawn.
        words: what it says.
        box: its place; the height is the most it may take.
        warning: amber when something has to be mended, blue otherwise.
        size: of the letters.
        sign: instead of the exclamation mark or the tick.
    """

    def __init__(
        self,
        surface: Surface,
        words: str,
        box: Box,
        *,
        warning: bool = True,
        size: float = theme.BODY,
        sign: Name | None = None,
    ) -> None:
        room = box.w - 2 * 24 - _SIDE - 24
        fit = text.fitted(words, (room, box.h - 48), surface.letters(size), surface.smallest)
        high = max(_SIDE, len(fit.lines) * fit.size * text.LINE_HEIGHT) + 48
        place = Box(box.x, box.y, box.w, min(high, box.h))
        super().__init__(surface, place, fill=theme.AMBER_TINT if warning else theme.BLUE_TINT)
        self.bottom = place.bottom
        ink = theme.AMBER_INK if warning else theme.BLUE
        mark = Box(place.x + 24, place.y + (place.h - _SIDE) / 2, _SIDE, _SIDE)
        self.add_widget(Disc(surface, mark, ink))
        self.add_widget(
            Pictogram(
                surface, sign or ("exclamation" if warning else "tick"), mark.inset(10), colour=theme.WHITE, weight=5.0
            )
        )
        inner = Box(mark.right + 24, place.y + 16, room, place.h - 32)
        self.add_widget(Text(surface, words, inner, size=size, colour=ink if warning else theme.INK, rise="middle"))
