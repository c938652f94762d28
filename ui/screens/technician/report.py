"""What was found: a row a line, with what to do where something is not as it should be."""

from typing import Final

from kiosk.view.common import Back
from kiosk.view.technician import Good, Line, Report, Task
from ui import theme
from ui.screens.attendant.one_passage import MARKS
from ui.screens.desk.pages import HEIGHT as TURNER
from ui.screens.desk.pages import PageTurner
from ui.screens.sheet import FLOOR
from ui.screens.technician.sheet import TechnicianSheet
from ui.surface import Box
from ui.technician_words import TASKS
from ui.widgets.button import WordButton
from ui.widgets.pictogram import Pictogram
from ui.widgets.shape import Disc, Panel, Rule
from ui.widgets.target import FILLED
from ui.widgets.text import Text

_NAME: Final = 424.0
_ROW: Final = 96.0
_ADVICE: Final = 64.0


class ReportScreen(TechnicianSheet[Report]):
    """A table with pages."""

    page = 0

    def take(self, state: Report) -> bool:
        """A live report changes in place, on the page that is looked at."""
        self.state = state
        self.redraw()
        return True

    def draw(self, state: Report) -> None:
        """Draw it."""
        say = self.say
        bad = sum(line.good is Good.NO for line in state.lines)
        if state.failed:
            about = say("没有完成")
        elif bad:
            about = say("{count} 项需要处理").format(count=bad)
        elif state.live:
            about = say("实时更新")
        else:
            about = say("全部正常") if state.task in {Task.QUICK, Task.FULL, Task.DOCTOR} else ""
        y = self.frame(say(TASKS[state.task].title), about) + 16
        if state.failed:
            for line in state.lines:
                y = self.note(self.told(line.value), y, FLOOR - y)
            return
        pages = self._pages(state.lines, y)
        page = min(self.page, len(pages) - 1)
        shown = pages[page]
        high = sum(self._high(line) for line in shown)
        if shown:
            self.put(Panel(self.surface, Box(theme.MARGIN, y, theme.INNER, high), edge=theme.HAIRLINE))
        else:
            self.emblem("tick", y + 120, 320)
        for place, line in enumerate(shown):
            self._row(Box(theme.MARGIN, y, theme.INNER, self._high(line)), line, first=place == 0)
            y += self._high(line)
        if len(pages) > 1:
            self.put(PageTurner(self.surface, FLOOR - TURNER, page, len(pages), self._turn))

    def forward(self, box: Box) -> WordButton | None:
        """It was read."""
        return WordButton(self.surface, box, self.say("知道了"), Back(), look=FILLED, size=48, bold=True)

    def _high(self, line: Line) -> float:
        row = _ROW * (1.35 if self.surface.large else 1.0)
        return row + (_ADVICE * (1.6 if self.surface.large else 1.2) if line.advice else 0.0)

    def _pages(self, lines: tuple[Line, ...], y: float) -> list[list[Line]]:
        """Lines by the page: as many as fit."""
        floor = FLOOR if sum(self._high(line) for line in lines) <= FLOOR - y else FLOOR - TURNER - 24
        pages: list[list[Line]] = [[]]
        room = floor - y
        for line in lines:
            if pages[-1] and room < self._high(line):
                pages.append([])
                room = floor - y
            pages[-1].append(line)
            room -= self._high(line)
        return pages

    def _row(self, box: Box, line: Line, *, first: bool) -> None:
        if not first:
            self.put(Rule(self.surface, Box(box.x + 24, box.y, box.w - 48, 2)))
        row = Box(box.x, box.y, box.w, _ROW * (1.35 if self.surface.large else 1.0))
        left = Box(row.x + 24, row.y + 4, _NAME - 24, row.h - 8)
        name = self.named(line.name)
        if name:
            self.put(Text(self.surface, name, left, size=theme.CAPTION, colour=theme.INK_SOFT, rise="middle"))
        else:
            left = Box(row.x + 24, row.y, 0, row.h)
        right = row.right - 24
        if line.good is not Good.QUIET:
            sign, colour = MARKS[line.good.value]
            mark = Box(right - 40, row.y + (row.h - 40) / 2, 40, 40)
            self.put(Disc(self.surface, mark, colour))
            self.put(Pictogram(self.surface, sign, mark.inset(8), colour=theme.WHITE, weight=6.0))
            right = mark.x - 16
        begin = left.right + (16 if name else 0)
        value = self.valued(line.value)
        if value:
            place = Box(begin, row.y + 4, right - begin, row.h - 8)
            self.put(Text(self.surface, value, place, size=theme.CAPTION, rise="middle"))
        if line.advice:
            place = Box(row.x + 24, row.bottom - 8, row.w - 48, box.bottom - row.bottom)
            self.put(Text(self.surface, self.told(line.advice), place, size=theme.CAPTION, colour=theme.HELP))

    def _turn(self, page: int) -> None:
        self.page = page
        self.redraw()
