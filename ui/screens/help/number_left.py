"""The number is kept."""

from kiosk.view.help import NumberLeft, Wish
from ui import theme
from ui.screens.help.sheet import HelpSheet
from ui.widgets.target import FILLED


class NumberLeftScreen(HelpSheet[NumberLeft]):
    """Staff will call."""

    def draw(self, state: NumberLeft) -> None:
        """Draw it."""
        del state
        line = self.say("工作人员会打电话给您。您可以继续办理，填的内容都还在。")
        self.intro("phone", self.say("电话已经记下"), line, tint=theme.BLUE_TINT)
        self.last(self.say("返回继续办理"), Wish.GO_ON, FILLED)
