"""A button with a word and perhaps a pictogram."""

from collections.abc import Callable

from kiosk.view.screen import Intent
from ui import text, theme
from ui.surface import Box, Surface, Toward
from ui.widgets.pictogram import Name, Pictogram
from ui.widgets.target import PLAIN, Look, Target
from ui.widgets.text import Text


class WordButton(Target):
    """A button.

    Args:
        surface: where it is drawn.
        box: its place.
        words: what it says; may be empty when there is a pictogram.
        act: what it does.
        look: its colours.
        pictogram: drawn before the word.
        toward: turns the pictogram.
        size: of the letters.
        bold: in the bold weight.
        enabled: whether it answers.
        told: what it is called aloud, where it has no words.
    """

    def __init__(
        self,
        surface: Surface,
        box: Box,
        words: str,
        act: Intent | Callable[[], None],
        *,
        look: Look = PLAIN,
        pictogram: Name | None = None,
        toward: Toward = Toward.UP,
        size: float = theme.BODY,
        bold: bool = False,
        enabled: bool = True,
        told: str = "",
    ) -> None:
        super().__init__(surface, box, act, look=look, enabled=enabled, told=told, sign=pictogram or "")
        ink = self.look.ink
        inner = box.inset(16, 0)
        side = 0.0
        if pictogram is not None:
            side = min(surface.letters(size) * 1.2, box.h * 0.6)
            gap = 16.0 if words else 0.0
            letters = surface.letters(size)
            wide = min(text.width(words, bold=bold) * letters + 2, inner.w - side - gap)
            left = box.x + (box.w - wide - side - gap) / 2
            mark = Box(left, box.y + (box.h - side) / 2, side, side)
            self.add_widget(Pictogram(surface, pictogram, mark, colour=ink, toward=toward, weight=4.5))
            inner = Box(left + side + gap, box.y, wide + 2, box.h)
        if words:
            self.add_widget(
                Text(surface, words, inner, size=size, bold=bold, colour=ink, align="center", rise="middle")
            )
