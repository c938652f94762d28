"""Welcome back: go on with what was begun?"""

from typing import Final

from kiosk.view.desk import Choose, Discard, SavedDraft, SavedDrafts
from ui import theme
from ui.screens.desk.pages import HEIGHT as TURNER
from ui.screens.desk.pages import PageTurner
from ui.screens.sheet import FLOOR, DeskSheet
from ui.surface import Box
from ui.widgets.button import WordButton
from ui.widgets.choice_row import ChoiceRow
from ui.widgets.top_bar import HEIGHT as TOP_HEIGHT

_HIGH: Final = 200
_DELETE: Final = 176


class SavedDraftsScreen(DeskSheet[SavedDrafts]):
    """One row a draft, and beside it the way to delete it."""

    page = 0

    def draw(self, state: SavedDrafts) -> None:
        """Draw it."""
        say = self.say
        self.frame(back=None, words=say("办新的事"))
        hello = say("{name}，您好").format(name=state.name_masked)
        y = self.write(hello, TOP_HEIGHT + 48, 72, colour=theme.INK_SOFT)
        y = self.write(say("您有没办完的事，要继续吗？"), y + 8, 200, size=theme.TITLE, bold=True) + 40
        step = _HIGH + theme.GAP
        y = self.from_reach(y)
        count = self.at_once((FLOOR - y + theme.GAP) // step)
        if len(state.drafts) > count:
            count = self.at_once((FLOOR - TURNER - y) // step)
        pages = -(-len(state.drafts) // count) if state.drafts else 1
        self.page = min(self.page, pages - 1)
        for place, draft in enumerate(state.drafts[self.page * count : (self.page + 1) * count]):
            self._row(Box(theme.MARGIN, y + place * step, theme.INNER, _HIGH), draft)
        if pages > 1:
            self.put(PageTurner(self.surface, FLOOR - TURNER, self.page, pages, self._turn))

    def _row(self, box: Box, draft: SavedDraft) -> None:
        say = self.say
        left = Box(box.x, box.y, box.w - _DELETE - theme.GAP, box.h)
        line = say("保留到 {day}").format(day=say.day(draft.until))
        self.put(ChoiceRow(self.surface, left, say.of(draft.title), line, Choose(draft.key)))
        right = Box(box.right - _DELETE, box.y, _DELETE, box.h)
        self.put(WordButton(self.surface, right, say("删除"), Discard(draft.key)))

    def _turn(self, page: int) -> None:
        self.page = page
        self.redraw()
