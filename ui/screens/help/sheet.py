"""What the screens of remote help have in common: rows of choices from the bottom upwards."""

from collections.abc import Sequence
from typing import Final, TypeVar

from kiosk.view.help import Cover, Help, Wish
from ui import theme
from ui.screens.sheet import FLOOR, Sheet
from ui.surface import Box
from ui.widgets.bottom_row import HEIGHT, TOP
from ui.widgets.button import WordButton
from ui.widgets.pictogram import Name
from ui.widgets.target import FILLED, OUTLINED, Look

Shown = TypeVar("Shown", bound=Cover)
ROW: Final = 136
GAP: Final = 24


class HelpSheet(Sheet[Shown]):
    """A screen of remote help."""

    def intro(
        self, pictogram: Name, title: str, line: str, *, tint: theme.Colour = theme.HELP_TINT, rows: int = 0
    ) -> float:
        """Head, pictogram, title and line; returns where the text ends. Many rows of choices leave less room."""
        self.head()
        self.bars(help_here=False, remote=False)
        y = self.emblem(pictogram, 176, 288 if rows < 4 else 176, tint=tint)
        y = self.write(title, y + 48, 200, size=theme.TITLE, bold=True, align="center")
        return self.write(line, y + 24, 240, colour=theme.INK_SOFT, align="center")

    def choices(self, rows: Sequence[tuple[str, Wish, Look]]) -> float:
        """Full-width choices above the bars; returns where the first begins."""
        y = FLOOR - len(rows) * ROW - (len(rows) - 1) * GAP
        first = y
        for words, wish, look in rows:
            box = Box(theme.MARGIN, y, theme.INNER, ROW)
            self.put(WordButton(self.surface, box, words, Help(wish), look=look, size=48, bold=look is FILLED))
            y += ROW + GAP
        return first

    def last(self, words: str, wish: Wish, look: Look = OUTLINED) -> None:
        """The one button at the bottom, where back and next are otherwise."""
        box = Box(theme.MARGIN, TOP, theme.INNER, HEIGHT)
        self.put(WordButton(self.surface, box, words, Help(wish), look=look, size=48, bold=look is FILLED))
