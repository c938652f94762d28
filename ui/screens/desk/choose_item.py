"""What would you like to do?"""

from kiosk.view.desk import Choose, ChooseItem
from ui import theme
from ui.screens.desk.pages import HEIGHT as TURNER
from ui.screens.desk.pages import PageTurner
from ui.screens.sheet import FLOOR, DeskSheet
from ui.surface import Box
from ui.widgets.choice_row import ChoiceRow
from ui.widgets.top_bar import HEIGHT as TOP_HEIGHT

_HIGH = 184
_TOP = 560


class ChooseItemScreen(DeskSheet[ChooseItem]):
    """One row an item."""

    page = 0

    def draw(self, state: ChooseItem) -> None:
        """Draw it."""
        self.frame(back=None, forward=None)
        say = self.say
        y = self.emblem("face", TOP_HEIGHT + 32, 176)
        y = self.write(
            say("{name}，您好").format(name=state.name_masked), y + 16, 72, colour=theme.INK_SOFT, align="center"
        )
        self.write(say("您要办什么？"), y, _TOP - y - 16, size=theme.TITLE, bold=True, align="center")
        step = _HIGH + theme.GAP
        floor = 1536
        count = int((floor - _TOP + theme.GAP) // step)
        if len(state.items) > count:
            count = int((floor - TURNER - _TOP) // step)
        pages = -(-len(state.items) // count)
        for place, item in enumerate(state.items[self.page * count : (self.page + 1) * count]):
            box = Box(theme.MARGIN, _TOP + place * step, theme.INNER, _HIGH)
            self.put(ChoiceRow(self.surface, box, say.of(item.title), say.of(item.line), Choose(item.key)))
        if pages > 1:
            self.put(PageTurner(self.surface, FLOOR - TURNER, self.page, pages, self._turn))

    def _turn(self, page: int) -> None:
        self.page = page
        self.redraw()
