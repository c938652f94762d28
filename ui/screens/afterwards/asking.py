"""The hub is being asked."""

from kiosk.view.afterwards import Asking
from ui import theme
from ui.screens.sheet import DeskSheet
from ui.widgets.top_bar import HEIGHT as TOP_HEIGHT


class AskingScreen(DeskSheet[Asking]):
    """A moment."""

    def draw(self, state: Asking) -> None:
        """Draw it."""
        del state
        self.frame(back=None, forward=None, leave=False)
        y = self.emblem("clock", TOP_HEIGHT + 240, 360)
        y = self.write(self.say("正在联系办事系统"), y + 64, 176, size=theme.TITLE, bold=True, align="center")
        self.write(self.say("一般几秒钟，请稍候。"), y + 16, 144, colour=theme.INK_SOFT, align="center")
