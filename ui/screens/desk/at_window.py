"""What was begun goes on at a window, by this code only."""

from typing import Final

from kiosk.view.desk import AtWindow, PrinterProblem, Receipt, Reprint
from ui import theme
from ui.screens.sheet import FLOOR, DeskSheet
from ui.surface import Box
from ui.widgets.button import WordButton
from ui.widgets.code_square import CodeSquare
from ui.widgets.note import Note
from ui.widgets.target import OUTLINED
from ui.widgets.top_bar import HEIGHT as TOP_HEIGHT

_CODE: Final = 560
_HIGH: Final = 120


class AtWindowScreen(DeskSheet[AtWindow]):
    """The code, until when, and that nothing is left here."""

    def draw(self, state: AtWindow) -> None:
        """Draw it."""
        say = self.say
        printing = state.receipt is Receipt.PRINTING
        self.frame(back=None, words=say("完成"), enabled=not printing, leave=False)
        y = self.write(say("请拿这个码到窗口接着办"), TOP_HEIGHT + 32, 168, size=theme.TITLE, bold=True, align="center")
        y = self.write(say.of(state.title), y + 4, 72, colour=theme.INK_SOFT, align="center")
        box = Box((theme.WIDTH - _CODE) / 2, y + 12, _CODE, _CODE)
        self.put(CodeSquare(self.surface, box, state.qr))
        until = say("{day} 前有效。只有这个码能打开，请收好。").format(day=say.day(state.until))
        y = self.write(until, box.bottom + 12, 112, size=theme.CAPTION, align="center")
        again = Box(theme.MARGIN, FLOOR - _HIGH, theme.INNER, _HIGH)
        floor: float = FLOOR
        if not printing:
            words = say("再打印一张")
            self.put(WordButton(self.surface, again, words, Reprint(), look=OUTLINED, pictogram="printer"))
            floor = again.y - theme.GAP
        gone = say("本机的副本已经销毁（{time}），钥匙只在您手里。").format(time=say.moment(state.gone))
        lines = [gone]
        if state.offline:
            lines.append(say("现在断网，网络恢复后窗口才能打开。"))
        if state.receipt is Receipt.ON_SCREEN:
            out = state.problem is PrinterProblem.PAPER_OUT
            lines.append(say("缺纸，请用手机拍下这个码。") if out else say("打印机用不了，请用手机拍下这个码。"))
        elif state.receipt is Receipt.PRINT_UNSURE:
            lines.append(say("请看看小票有没有出来。没有的话，请拍下这个码。"))
        warning = state.offline or state.receipt in (Receipt.ON_SCREEN, Receipt.PRINT_UNSURE)
        room = Box(theme.MARGIN, y + 12, theme.INNER, floor - y - 24)
        self.put(Note(self.surface, "\n".join(lines), room, warning=warning, size=34))
