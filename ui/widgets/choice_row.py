"""A main choice: a full-width row with a title and one line of explanation."""

from collections.abc import Callable

from kiosk.view.screen import Intent
from ui import theme
from ui.surface import Box, Surface
from ui.widgets.pictogram import Pictogram
from ui.widgets.shape import Disc
from ui.widgets.target import CHOSEN, PLAIN, Target
from ui.widgets.text import Text, shared_room


class ChoiceRow(Target):
    """A row.

    Args:
        surface: where it is drawn.
        box: its place.
        title: the choice.
        line: its explanation, may be empty.
        act: what it does.
        chosen: None for a row that leads on (with a chevron); otherwise whether this is the answer now.
        inset: room for a sign before the words.
        enabled: whether it can be chosen now.
    """

    def __init__(
        self,
        surface: Surface,
        box: Box,
        title: str,
        line: str,
        act: Intent | Callable[[], None],
        *,
        chosen: bool | None = None,
        inset: float = 0,
        enabled: bool = True,
    ) -> None:
        look = CHOSEN if chosen else PLAIN
        super().__init__(surface, box, act, look=look, enabled=enabled, weight=4.0 if chosen else 2.0)
        mark = Box(box.right - 88, box.y + (box.h - 48) / 2, 48, 48)
        if not enabled:
            self.add_widget(Pictogram(surface, "pause", mark, colour=theme.INK_SOFT, weight=4.0))
        elif chosen is None:
            self.add_widget(Pictogram(surface, "chevron", mark, colour=theme.BLUE, weight=4.0))
        else:
            self.add_widget(Disc(surface, mark.inset(-4), theme.BLUE if chosen else theme.EDGE))
            self.add_widget(Disc(surface, mark.inset(0), theme.BLUE if chosen else theme.SURFACE))
            if chosen:
                self.add_widget(Pictogram(surface, "tick", mark.inset(6), colour=theme.WHITE, weight=6.0))
        inner = Box(box.x + 32 + inset, box.y + 8, box.w - 32 - 112 - inset, box.h - 16)
        if not line:
            self.add_widget(Text(surface, title, inner, rise="middle"))
            return
        upper, lower = shared_room(surface, inner, title, line)
        self.add_widget(Text(surface, title, upper, rise="bottom"))
        self.add_widget(Text(surface, line, lower, size=theme.CAPTION, colour=theme.INK_SOFT))
