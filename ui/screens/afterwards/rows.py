"""A list of rows on pages, the same for every screen that has one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from kiosk.view.screen import Intent, State
from ui import theme
from ui.screens.desk.pages import HEIGHT as TURNER
from ui.screens.desk.pages import PageTurner
from ui.screens.sheet import FLOOR, DeskSheet
from ui.surface import Box
from ui.widgets.choice_row import ChoiceRow
from ui.widgets.pictogram import Name, Pictogram
from ui.widgets.shape import Disc, Panel
from ui.widgets.text import Text, shared_room

Shown = TypeVar("Shown", bound=State)
_SIGN = 88


@dataclass(frozen=True, slots=True)
class Entry:
    """One row.

    Attributes:
        act: None for a row that cannot be pressed now.
        sign: before the words.
        warm: it wants something from the person.
    """

    title: str
    line: str = ""
    act: Intent | Callable[[], None] | None = None
    sign: Name | None = None
    warm: bool = False


class RowsSheet(DeskSheet[Shown]):
    """A screen with a list of rows that turn like pages.

    Attributes:
        page: which one is shown, from 0.
    """

    page = 0

    def rows(self, entries: Sequence[Entry], top: float, high: float, floor: float = FLOOR) -> None:
        """Draw the page of rows that fits between two heights."""
        if self.surface.large:
            high += 40
        top = self.from_reach(top)
        step = high + theme.GAP
        fit = self.at_once((floor - top + theme.GAP) // step)
        if len(entries) > fit:
            fit = self.at_once((floor - TURNER - top) // step)
        pages = max(1, -(-len(entries) // fit))
        self.page = min(self.page, pages - 1)
        for place, entry in enumerate(entries[self.page * fit : (self.page + 1) * fit]):
            self._row(entry, Box(theme.MARGIN, top + place * step, theme.INNER, high))
        if pages > 1:
            self.put(PageTurner(self.surface, floor - TURNER, self.page, pages, self._turn))

    def _row(self, entry: Entry, box: Box) -> None:
        side = min(_SIGN, box.h - 40)
        mark = Box(box.x + 28, box.y + (box.h - side) / 2, side, side)
        inset = side + 40 if entry.sign is not None else 0
        if entry.act is not None:
            self.put(ChoiceRow(self.surface, box, entry.title, entry.line, entry.act, inset=inset))
        else:
            self.put(Panel(self.surface, box, fill=theme.SAND))
            inner = Box(box.x + 32 + inset, box.y + 8, box.w - 64 - inset, box.h - 16)
            self._words(entry, inner)
        if entry.sign is not None:
            ink = theme.HELP if entry.warm else theme.BLUE if entry.act is not None else theme.INK_SOFT
            tint = theme.HELP_TINT if entry.warm else theme.BLUE_TINT if entry.act is not None else theme.PAPER
            self.put(Disc(self.surface, mark, tint))
            self.put(Pictogram(self.surface, entry.sign, mark.square(side * 0.58), colour=ink, weight=4.0))

    def _words(self, entry: Entry, box: Box) -> None:
        if not entry.line:
            self.put(Text(self.surface, entry.title, box, colour=theme.INK_SOFT, rise="middle"))
            return
        upper, lower = shared_room(self.surface, box, entry.title, entry.line)
        self.put(Text(self.surface, entry.title, upper, colour=theme.INK_SOFT, rise="bottom"))
        self.put(Text(self.surface, entry.line, lower, size=theme.CAPTION, colour=theme.INK_SOFT))

    def _turn(self, page: int) -> None:
        self.page = page
        self.redraw()
