"""What was answered to one's own opinions."""

from typing import Final

from kiosk.view.afterwards import OpinionLine, Opinions
from ui import theme
from ui.screens.afterwards.words import OPINIONS
from ui.screens.desk.pages import HEIGHT as TURNER
from ui.screens.desk.pages import PageTurner
from ui.screens.sheet import FLOOR, DeskSheet
from ui.surface import Box
from ui.widgets.shape import Panel
from ui.widgets.text import Text
from ui.widgets.top_bar import HEIGHT as TOP_HEIGHT

_HIGH: Final = 376
_HIDDEN: Final = "••••"


class OpinionsScreen(DeskSheet[Opinions]):
    """One panel an opinion, with its reply, or by when it comes.

    Attributes:
        page: which one is shown, from 0.
    """

    page = 0

    def draw(self, state: Opinions) -> None:
        """Draw it."""
        say = self.say
        self.frame(words=say("知道了"))
        y = self.write(say("您的意见和答复"), TOP_HEIGHT + 40, 120, size=theme.TITLE, bold=True) + 32
        fit = max(1, int((FLOOR - TURNER - 16 - y) // (_HIGH + 16)))
        pages = max(1, -(-len(state.lines) // fit))
        for place, line in enumerate(state.lines[self.page * fit : (self.page + 1) * fit]):
            self._line(line, Box(theme.MARGIN, y + place * (_HIGH + 16), theme.INNER, _HIGH))
        if pages > 1:
            self.put(PageTurner(self.surface, FLOOR - TURNER, self.page, pages, self._turn))

    def _line(self, line: OpinionLine, box: Box) -> None:
        say = self.say
        self.put(Panel(self.surface, box, edge=theme.HAIRLINE))
        inner = box.inset(32, 20)
        when = line.at.astimezone(self.surface.now().tzinfo) if line.at.tzinfo else line.at
        kind = say(OPINIONS.get(line.kind, line.kind))
        head = say("{kind} · {day} · 编号 {code}").format(kind=kind, day=say.day(when.date()), code=line.code)
        top = Box(inner.x, inner.y, inner.w, 88)
        self.put(Text(self.surface, head, top, size=theme.CAPTION, colour=theme.INK_SOFT, rise="middle"))
        if line.reply:
            words = _HIDDEN if self.surface.discreet else line.reply
        elif line.due is not None:
            words = say("还没有答复，{day} 前会有。").format(day=say.day(line.due))
        else:
            words = say("还没有答复。")
        body = Box(inner.x, top.bottom + 8, inner.w, inner.bottom - top.bottom - 8)
        self.put(Text(self.surface, words, body, size=36))

    def _turn(self, page: int) -> None:
        self.page = page
        self.redraw()
