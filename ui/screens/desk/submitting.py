"""It is being stored."""

from kiosk.view.desk import Submitting
from ui import theme
from ui.screens.sheet import Sheet


class SubmittingScreen(Sheet[Submitting]):
    """A moment."""

    def draw(self, state: Submitting) -> None:
        """Draw it."""
        del state
        self.head()
        y = self.emblem("dots", 480, 400)
        y = self.write(self.say("正在提交"), y + 80, 240, size=theme.TITLE, bold=True, align="center")
        self.write(self.say("请稍候，不要拿走证件。"), y + 24, 200, colour=theme.INK_SOFT, align="center")
