"""What would you like to do?"""

from kiosk.view.afterwards import OpenServices
from kiosk.view.common import Back
from kiosk.view.desk import Choose, ChooseItem
from ui import theme
from ui.screens.desk.pages import HEIGHT as TURNER
from ui.screens.desk.pages import PageTurner
from ui.screens.desk.ways import HEIGHT as WAYS
from ui.screens.desk.ways import Ways
from ui.screens.sheet import FLOOR, DeskSheet
from ui.surface import Box
from ui.widgets.button import WordButton
from ui.widgets.choice_row import ChoiceRow
from ui.widgets.target import OUTLINED
from ui.widgets.top_bar import HEIGHT as TOP_HEIGHT

_HIGH = 176


class ChooseItemScreen(DeskSheet[ChooseItem]):
    """One row an item, and the ways to find another one."""

    page = 0

    def draw(self, state: ChooseItem) -> None:
        """Draw it."""
        say = self.say
        group = say.of(state.group)
        self.frame(back=Back(), forward=None)
        y: float = TOP_HEIGHT + 40
        if state.name_masked and not group:
            hello = say("{name}，您好").format(name=state.name_masked)
            y = self.write(hello, y, 72, colour=theme.INK_SOFT) + 8
        y = self.write(group or say("您要办什么？"), y, 176, size=theme.TITLE, bold=True) + 32
        if not group:
            y = self.from_reach(y)
            self.put(Ways(self.surface, y))
            y += WAYS + theme.GAP
            if state.services:
                box = Box(theme.MARGIN, y, theme.INNER, WAYS)
                words = say("已办业务 · 其他服务")
                self.put(WordButton(self.surface, box, words, OpenServices(), look=OUTLINED, pictogram="receipt"))
                y += WAYS + theme.GAP
            y += 16
        step = _HIGH + theme.GAP
        y = self.from_reach(y)
        count = self.at_once((FLOOR - y + theme.GAP) // step)
        if len(state.items) > count:
            count = self.at_once((FLOOR - TURNER - y) // step)
        pages = -(-len(state.items) // count)
        for place, item in enumerate(state.items[self.page * count : (self.page + 1) * count]):
            box = Box(theme.MARGIN, y + place * step, theme.INNER, _HIGH)
            line = say("摄像头坏了，要拍材料，请到窗口办") if item.closed else say.of(item.line)
            self.put(ChoiceRow(self.surface, box, say.of(item.title), line, Choose(item.key), enabled=not item.closed))
        if pages > 1:
            self.put(PageTurner(self.surface, FLOOR - TURNER, self.page, pages, self._turn))

    def _turn(self, page: int) -> None:
        self.page = page
        self.redraw()
