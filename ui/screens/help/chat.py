"""Text in large type."""

from typing import Final

from kiosk.view.help import Chat, Help, Said, Wish
from ui import theme
from ui.language import N_
from ui.screens.help.sheet import HelpSheet
from ui.screens.sheet import FLOOR
from ui.surface import Box
from ui.widgets.bottom_row import HEIGHT, TOP
from ui.widgets.button import WordButton
from ui.widgets.shape import Panel
from ui.widgets.target import OUTLINED, PLAIN
from ui.widgets.text import Text
from ui.widgets.top_bar import HEIGHT as TOP_HEIGHT

ANSWERS: Final = (N_("是"), N_("不是"), N_("好的"), N_("我不明白"), N_("请再说一遍"), N_("谢谢"))
_ROW: Final = 112
_GAP: Final = 16
_LINE: Final = 176
"""Height of one line of the talk."""


class ChatScreen(HelpSheet[Chat]):
    """What was said, the newest below, and answers to touch."""

    def draw(self, state: Chat) -> None:
        """Draw it."""
        say = self.say
        self.head()
        self.bars(help_here=False, remote=False)
        title = say("和 {name} 文字交流").format(name=state.staff) if state.staff else say("正在呼叫工作人员")
        y = self.write(title, TOP_HEIGHT + 24, 96, size=theme.QUESTION, bold=True)
        keys = FLOOR - 2 * _ROW - _GAP
        room = int((keys - 24 - y - 16) / _LINE)
        top = y + 16
        if not state.lines:
            self.write(say("请稍候，工作人员马上写给您。"), top + 24, 200, colour=theme.INK_SOFT)
        for line in state.lines[-room:]:
            self._line(line, top)
            top += _LINE
        wide = (theme.INNER - 2 * _GAP) / 3
        for place, words in enumerate(ANSWERS):
            box = Box(theme.MARGIN + place % 3 * (wide + _GAP), keys + place // 3 * (_ROW + _GAP), wide, _ROW)
            told = say(words)
            self.put(WordButton(self.surface, box, told, Help(Wish.SAY, told), look=PLAIN, size=theme.BODY))
        half = (theme.INNER - theme.GAP) / 2
        for place, (words, wish) in enumerate(((say("回到我的页面"), Wish.GO_ON), (say("结束通话"), Wish.END))):
            box = Box(theme.MARGIN + place * (half + theme.GAP), TOP, half, HEIGHT)
            self.put(WordButton(self.surface, box, words, Help(wish), look=OUTLINED, size=theme.BODY))

    def _line(self, said: Said, y: float) -> None:
        box = Box(theme.MARGIN + (120 if said.mine else 0), y, theme.INNER - 120, _LINE - 16)
        fill = theme.BLUE_TINT if said.mine else theme.SURFACE
        self.put(Panel(self.surface, box, fill=fill, edge=None if said.mine else theme.EDGE))
        words = Text(self.surface, said.words, box.inset(32, 8), size=theme.QUESTION, rise="middle")
        self.put(words)
