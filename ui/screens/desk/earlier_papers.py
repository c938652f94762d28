"""Which of the papers that were handed in before?"""

from typing import Final

from kiosk.view.desk import Choose, EarlierPaper, EarlierPapers
from ui import theme
from ui.screens.desk.pages import HEIGHT as TURNER
from ui.screens.desk.pages import PageTurner
from ui.screens.sheet import FLOOR, DeskSheet
from ui.surface import Box
from ui.widgets.choice_row import ChoiceRow

_HIGH: Final = 184


class EarlierPapersScreen(DeskSheet[EarlierPapers]):
    """One row a paper: when, and for what."""

    page = 0

    def draw(self, state: EarlierPapers) -> None:
        """Draw it."""
        say = self.say
        self.frame(forward=None)
        y = self.steps(state.step, state.steps)
        y = self.write(say("用哪一份交过的材料？"), y + 40, 160, size=theme.QUESTION, bold=True)
        y = self.write(say.of(state.title), y + 8, 72, colour=theme.INK_SOFT) + 40
        y = self.from_reach(y)
        step = _HIGH + theme.GAP
        count = self.at_once((FLOOR - y + theme.GAP) // step)
        if len(state.papers) > count:
            count = self.at_once((FLOOR - TURNER - y) // step)
        pages = max(1, -(-len(state.papers) // count))
        self.page = min(self.page, pages - 1)
        for place, paper in enumerate(state.papers[self.page * count : (self.page + 1) * count]):
            box = Box(theme.MARGIN, y + place * step, theme.INNER, _HIGH)
            self.put(ChoiceRow(self.surface, box, say.day(paper.handed_in), self._line(paper), Choose(paper.key)))
        if pages > 1:
            self.put(PageTurner(self.surface, FLOOR - TURNER, self.page, pages, self._turn))

    def _line(self, paper: EarlierPaper) -> str:
        say = self.say
        return say("{item} · 共 {count} 页").format(item=say.of(paper.item), count=paper.pages)

    def _turn(self, page: int) -> None:
        self.page = page
        self.redraw()
