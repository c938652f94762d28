"""The card is being read."""

from kiosk.view.desk import ReadingCard
from ui import theme
from ui.screens.sheet import Sheet


class ReadingCardScreen(Sheet[ReadingCard]):
    """Leave it where it is."""

    def draw(self, state: ReadingCard) -> None:
        """Draw it."""
        del state
        self.head()
        self.bars()
        y = self.emblem("card", 400, 440)
        y = self.write(self.say("正在读身份证"), y + 80, 240, size=theme.TITLE, bold=True, align="center")
        self.write(self.say("请不要移动证件。"), y + 24, 200, colour=theme.INK_SOFT, align="center")
