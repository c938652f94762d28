"""A moment."""

from kiosk.view.gate import Deciding
from ui import theme
from ui.screens.sheet import Sheet


class DecidingScreen(Sheet[Deciding]):
    """Please wait a moment."""

    def draw(self, state: Deciding) -> None:
        """Draw it."""
        del state
        self.head()
        y = self.emblem("dots", 480, 400)
        y = self.write(self.say("请稍候"), y + 80, 240, size=theme.TITLE, bold=True, align="center")
        self.write(self.say("正在核对，请站在原地。"), y + 24, 200, colour=theme.INK_SOFT, align="center")
