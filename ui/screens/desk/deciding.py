"""Handed in; it is decided at once."""

from kiosk.view.common import Next
from kiosk.view.desk import Deciding
from ui import text, theme
from ui.screens.sheet import DeskSheet
from ui.widgets.top_bar import HEIGHT as TOP_HEIGHT


class DecidingScreen(DeskSheet[Deciding]):
    """A moment; nobody has to wait for it."""

    def draw(self, state: Deciding) -> None:
        """Draw it."""
        say = self.say
        self.frame(back=None, forward=Next(), words=say("不等了，先打印回执"), leave=False)
        y = self.emblem("dots", TOP_HEIGHT + 120, 360)
        y = self.write(say("已经提交，马上出结果"), y + 64, 176, size=theme.TITLE, bold=True, align="center")
        y = self.write(say.of(state.title), y + 8, 128, colour=theme.INK_SOFT, align="center")
        number = say("回执号 {number}").format(number=text.grouped(state.number))
        y = self.write(number, y + 48, 72, align="center")
        line = say("最多等 {count} 秒。不等也不要紧，结果凭回执查。").format(count=state.seconds)
        self.write(line, y + 24, 160, colour=theme.INK_SOFT, align="center")
