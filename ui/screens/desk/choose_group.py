"""Which life event, or which department?"""

from kiosk.view.desk import By, Choose, ChooseGroup
from ui import theme
from ui.screens.desk.pages import HEIGHT as TURNER
from ui.screens.desk.pages import PageTurner
from ui.screens.sheet import FLOOR, DeskSheet
from ui.surface import Box
from ui.widgets.choice_row import ChoiceRow
from ui.widgets.top_bar import HEIGHT as TOP_HEIGHT

_HIGH = 168


class ChooseGroupScreen(DeskSheet[ChooseGroup]):
    """One row a group, with how many items it has."""

    page = 0

    def draw(self, state: ChooseGroup) -> None:
        """Draw it."""
        self.frame(forward=None)
        say = self.say
        title = say("您遇到什么事？") if state.by is By.EVENT else say("找哪个部门？")
        y = self.write(title, TOP_HEIGHT + 48, 176, size=theme.TITLE, bold=True) + 40
        step = _HIGH + theme.GAP
        y = self.from_reach(y)
        count = self.at_once((FLOOR - y + theme.GAP) // step)
        if len(state.groups) > count:
            count = self.at_once((FLOOR - TURNER - y) // step)
        pages = -(-len(state.groups) // count) if state.groups else 1
        for place, group in enumerate(state.groups[self.page * count : (self.page + 1) * count]):
            box = Box(theme.MARGIN, y + place * step, theme.INNER, _HIGH)
            name = say.of(group.title)
            if group.count:
                name = say("{title}（{count} 项）").format(title=name, count=group.count)
            self.put(ChoiceRow(self.surface, box, name, say.of(group.line), Choose(group.key)))
        if pages > 1:
            self.put(PageTurner(self.surface, FLOOR - TURNER, self.page, pages, self._turn))

    def _turn(self, page: int) -> None:
        self.page = page
        self.redraw()
