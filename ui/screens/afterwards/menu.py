"""What else can be done here."""

from kiosk.view.afterwards import Closed, Menu, MenuRow, Open
from ui import theme
from ui.screens.afterwards.rows import Entry, RowsSheet
from ui.screens.afterwards.words import CLOSED, SERVICES
from ui.screens.sheet import FLOOR
from ui.surface import Box
from ui.widgets.note import Note
from ui.widgets.top_bar import HEIGHT as TOP_HEIGHT


class MenuScreen(RowsSheet[Menu]):
    """One row a service; what cannot be used now says why."""

    def draw(self, state: Menu) -> None:
        """Draw it."""
        say = self.say
        self.frame(forward=None)
        title = say("已办业务和其他服务") if state.part is None else say(SERVICES[state.part][1])
        y: float = TOP_HEIGHT + 40
        if state.name_masked:
            y = self.write(say("{name}，您好").format(name=state.name_masked), y, 72, colour=theme.INK_SOFT) + 8
        y = self.write(title, y, 176, size=theme.TITLE, bold=True) + 32
        if state.offline:
            words = say("网络暂时不通。能用的照常用，接通后自动上传。")
            note = Note(self.surface, words, Box(theme.MARGIN, y, theme.INNER, 168), warning=False, sign="info")
            self.put(note)
            y = note.bottom + 24
        self.rows([self._entry(row) for row in state.rows], y, 168, FLOOR)

    def _entry(self, row: MenuRow) -> Entry:
        sign, title, line = SERVICES[row.service]
        if row.closed is not Closed.NO:
            return Entry(self.say(title), self.say(CLOSED[row.closed]), None, sign)
        return Entry(self.say(title), self.say(line) if line else "", Open(row.service), sign)
