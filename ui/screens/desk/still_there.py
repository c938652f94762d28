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
        self._count: Text | None = None
        if state.calm:
            self._calmly(state)
            return
        self.write(self.say("您还在吗？"), 240, 200, size=theme.TITLE, bold=True, align="center")
        self._count = self._number(state.seconds)
        self.put(self._count)
        line = self.say("秒后清除已填的内容，保护您的隐私。")
        self.write(line, 792, 200, colour=theme.INK_SOFT, align="center")
        self._go_on(Box(theme.MARGIN, 1032, theme.INNER, 256))
        leave = Box(theme.MARGIN, 1336, theme.INNER, 144)
        self.put(WordButton(self.surface, leave, self.say("退出并清除"), Cancel(), look=OUTLINED))

    def _go_on(self, box: Box) -> None:
        words = self.say("继续办理")
        self.put(WordButton(self.surface, box, words, Stay(), look=FILLED, size=theme.TITLE, bold=True))

    def _calmly(self, state: StillThere) -> None:
        """Without counting; whoever comes next has a way of their own."""
        say = self.say
        y = self.emblem("card_on_reader" if state.card else "cup", 176, 296)
        y = self.write(say("您还在吗？"), y + 40, 120, size=theme.TITLE, bold=True, align="center")
        line = say("请把您的身份证再放一次，接着办。") if state.card else say("不着急，没有时间限制。")
        y = self.write(line, y + 16, 160, size=theme.QUESTION, align="center")
        note = say("已填的内容都在，别人看不到。")
        self.write(note, y + 16, 160, colour=theme.INK_SOFT, align="center")
        if not state.card:
            self._go_on(Box(theme.MARGIN, 1064, theme.INNER, 224))
        leave = Box(theme.MARGIN, 1336, theme.INNER, 144)
        self.put(WordButton(self.surface, leave, say("刚才的人走了，我来办"), Cancel(), look=OUTLINED))

    def _number(self, seconds: int) -> Text:
        box = Box(theme.MARGIN, 472, theme.INNER, 296)
        return Text(self.surface, str(max(0, seconds)), box, size=200, colour=theme.BLUE, align="center", rise="middle")

    def take(self, state: StillThere) -> bool:
        """Only the number changes."""
        if self._count is None or state.calm:
            return False
        self.state = state
        self.remove_widget(self._count)
        self._count = self._number(state.seconds)
        self.put(self._count)
        return True
