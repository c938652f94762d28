"""Staff have been called."""

from kiosk.view.common import Back
from kiosk.view.desk import StaffCalled
from ui import theme
from ui.screens.sheet import Sheet
from ui.surface import Box
from ui.widgets.bottom_row import HEIGHT, TOP
from ui.widgets.button import WordButton
from ui.widgets.target import FILLED


class StaffCalledScreen(Sheet[StaffCalled]):
    """They are coming; one may go back meanwhile."""

    def draw(self, state: StaffCalled) -> None:
        """Draw it."""
        del state
        self.head()
        y = self.emblem("staff", 360, 440, tint=theme.HELP_TINT)
        y = self.write(self.say("工作人员马上来"), y + 80, 240, size=theme.TITLE, bold=True, align="center")
        line = self.say("请在这里等一下。您填的内容都还在。")
        self.write(line, y + 24, 200, colour=theme.INK_SOFT, align="center")
        self.bars(help_here=False)
        box = Box(theme.MARGIN, TOP, theme.INNER, HEIGHT)
        self.put(WordButton(self.surface, box, self.say("返回继续办理"), Back(), look=FILLED, size=48, bold=True))
