"""The A4 printer works."""

from kiosk.view.afterwards import Printing
from ui import theme
from ui.screens.sheet import DeskSheet
from ui.widgets.top_bar import HEIGHT as TOP_HEIGHT


class PrintingScreen(DeskSheet[Printing]):
    """Stay here."""

    def draw(self, state: Printing) -> None:
        """Draw it."""
        say = self.say
        self.frame(back=None, forward=None, leave=False)
        y = self.emblem("printer", TOP_HEIGHT + 240, 360)
        words = say("正在打印 {count} 页").format(count=state.pages) if state.pages else say("正在打印")
        y = self.write(words, y + 64, 176, size=theme.TITLE, bold=True, align="center")
        self.write(say("请不要离开，打好了会告诉您。"), y + 16, 144, colour=theme.INK_SOFT, align="center")
