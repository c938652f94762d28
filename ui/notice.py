"""The hall's message: a bar over the hall's name and the time, on the screens before which nobody is being served."""

from typing import Final

from kivy.uix.widget import Widget

from kiosk.view import common, desk, gate
from kiosk.view.screen import Screen
from ui import theme
from ui.surface import Box, Surface
from ui.widgets.pictogram import Pictogram
from ui.widgets.shape import Disc, Panel
from ui.widgets.text import Text
from ui.widgets.top_bar import HEIGHT

_SIDE: Final = 56
_AT_REST: Final = (gate.Welcome, gate.HallFull, gate.LanePaused, desk.Start, common.OutOfService)


class NoticeBar(Widget):
    """The message.

    Args:
        surface: where it is drawn.
        words: two lines at most.
    """

    def __init__(self, surface: Surface, words: str) -> None:
        box = Box(0, 0, theme.WIDTH, HEIGHT)
        super().__init__(size_hint=(None, None), pos=surface.pos(box), size=surface.size(box))
        self.add_widget(Panel(surface, box, fill=theme.BLUE_TINT, radius=0))
        mark = Box(24, (HEIGHT - _SIDE) / 2, _SIDE, _SIDE)
        self.add_widget(Disc(surface, mark, theme.BLUE))
        self.add_widget(Pictogram(surface, "info", mark.inset(10), colour=theme.WHITE, weight=5.0))
        room = Box(mark.right + 24, 4, theme.WIDTH - mark.right - 48, HEIGHT - 8)
        self.add_widget(Text(surface, words, room, size=theme.CAPTION, bold=True, rise="middle"))


class Notices:
    """Puts the message on the window, and takes it away.

    Args:
        root: the stage, on which it lies.
    """

    def __init__(self, root: Widget) -> None:
        self._root = root
        self._shown: tuple[object, ...] | None = None
        self.bar: NoticeBar | None = None

    def show(self, screen: Screen, surface: Surface) -> None:
        """A screen was drawn: put the message on top of it, where it is to be seen."""
        words = screen.notice if isinstance(screen.state, _AT_REST) else ""
        wanted = (words, surface.scale, surface.origin, surface.modes) if words else None
        if wanted != self._shown:
            if self.bar is not None:
                self._root.remove_widget(self.bar)
            self._shown, self.bar = wanted, NoticeBar(surface, words) if words else None
        if self.bar is not None and self.bar.parent is not self._root:
            self._root.add_widget(self.bar)
