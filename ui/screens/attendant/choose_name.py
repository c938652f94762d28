"""Who are you?"""

from typing import Final

from kiosk.view.attendant import Choose, ChooseName
from ui import theme
from ui.screens.attendant.sheet import StaffSheet
from ui.screens.desk.pages import HEIGHT as TURNER
from ui.screens.desk.pages import PageTurner
from ui.screens.sheet import FLOOR
from ui.surface import Box
from ui.widgets.choice_row import ChoiceRow

_HIGH: Final = 120.0
_GAP: Final = 20.0


class ChooseNameScreen(StaffSheet[ChooseName]):
    """The names, who was here lately first."""

    page = 0

    def draw(self, state: ChooseName) -> None:
        """Draw it."""
        say = self.say
        line = say("请选择姓名，或把本人证件放在感应区。") if state.card else say("请选择姓名。")
        y = self.frame(say("工作人员登录"), line if state.names else "") + 32
        if not state.names:
            words = say("还没有收到工作人员名单。请在控制台登记本大厅的工作人员，名单会自动下发。")
            self.note(words, y, 400)
            return
        if state.refused:
            y = self.note(say("名单里没有这张证件。请选择姓名，输入密码。"), y, 200)
        y = self.from_reach(y)
        fit = int((FLOOR - y + _GAP) // (_HIGH + _GAP))
        if len(state.names) > fit:
            fit = max(1, int((FLOOR - TURNER - _GAP - y + _GAP) // (_HIGH + _GAP)))
        pages = -(-len(state.names) // fit)
        page = min(self.page, pages - 1)
        for place, name in enumerate(state.names[page * fit : (page + 1) * fit]):
            box = Box(theme.MARGIN, y + place * (_HIGH + _GAP), theme.INNER, _HIGH)
            self.put(ChoiceRow(self.surface, box, name.name, "", Choose(name.id)))
        if pages > 1:
            self.put(PageTurner(self.surface, FLOOR - TURNER, page, pages, self._turn))

    def _turn(self, page: int) -> None:
        self.page = page
        self.redraw()
