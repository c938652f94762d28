"""Nobody has touched anything for a while."""

from kiosk.view.common import Cancel, Stay
from kiosk.view.desk import StillThere
from ui import theme
from ui.screens.sheet import Sheet
from ui.surface import Box
from ui.widgets.button import WordButton
from ui.widgets.target import FILLED, OUTLINED
from ui.widgets.text import Text


class StillThereScreen(Sheet[StillThere]):
    """One big button to go on."""

    def draw(self, state: StillThere) -> None:
        """Draw it."""
        self.head()
        self.bars()
        self.write(self.say("您还在吗？"), 240, 200, size=theme.TITLE, bold=True, align="center")
        self._count = self._number(state.seconds)
        self.put(self._count)
        line = self.say("秒后清除已填的内容，保护您的隐私。")
        self.write(line, 792, 200, colour=theme.INK_SOFT, align="center")
        go_on = Box(theme.MARGIN, 1032, theme.INNER, 256)
        self.put(
            WordButton(self.surface, go_on, self.say("继续办理"), Stay(), look=FILLED, size=theme.TITLE, bold=True)
        )
        leave = Box(theme.MARGIN, 1336, theme.INNER, 144)
        self.put(WordButton(self.surface, leave, self.say("退出并清除"), Cancel(), look=OUTLINED))

    def _number(self, seconds: int) -> Text:
        box = Box(theme.MARGIN, 472, theme.INNER, 296)
        return Text(self.surface, str(max(0, seconds)), box, size=200, colour=theme.BLUE, align="center", rise="middle")

    def take(self, state: StillThere) -> bool:
        """Only the number changes."""
        self.state = state
        self.remove_widget(self._count)
        self._count = self._number(state.seconds)
        self.put(self._count)
        return True
