"""Text in large type."""

from collections.abc import Sequence
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
_LEAST: Final = 128
"""Height of a line of the talk; one that is long is higher, never smaller."""
_WIDE: Final = theme.INNER - 120
_INSET: Final = 32
_AIR: Final = 24


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
        top = y + 16
        if not state.lines:
            self.write(say("请稍候，工作人员马上写给您。"), top + 24, 200, colour=theme.INK_SOFT)
        for line, high in self._newest(state.lines, keys - 24 - top):
            self._line(line, top, high)
            top += high + _GAP
        wide = (theme.INNER - 2 * _GAP) / 3
        for place, words in enumerate(ANSWERS):
            box = Box(theme.MARGIN + place % 3 * (wide + _GAP), keys + place // 3 * (_ROW + _GAP), wide, _ROW)
            told = say(words)
            self.put(WordButton(self.surface, box, told, Help(Wish.SAY, told), look=PLAIN, size=theme.BODY))
        half = (theme.INNER - theme.GAP) / 2
        for place, (words, wish) in enumerate(((say("回到我的页面"), Wish.GO_ON), (say("结束通话"), Wish.END))):
            box = Box(theme.MARGIN + place * (half + theme.GAP), TOP, half, HEIGHT)
            self.put(WordButton(self.surface, box, words, Help(wish), look=OUTLINED, size=theme.BODY))

    def _newest(self, lines: Sequence[Said], room: float) -> list[tuple[Said, float]]:
        """The last lines that there is room for at their full size, and the height of each."""
        found: list[tuple[Said, float]] = []
        for said in reversed(lines):
            told = Text(self.surface, said.words, Box(0, 0, _WIDE - 2 * _INSET, room), size=theme.QUESTION)
            high = min(max(_LEAST, told.bottom + 2 * _AIR), room)
            room -= high + _GAP
            if room < -_GAP and found:
                break
            found.append((said, high))
        return found[::-1]

    def _line(self, said: Said, y: float, high: float) -> None:
        box = Box(theme.MARGIN + (theme.INNER - _WIDE if said.mine else 0), y, _WIDE, high)
        fill = theme.BLUE_TINT if said.mine else theme.SURFACE
        self.put(Panel(self.surface, box, fill=fill, edge=None if said.mine else theme.EDGE))
        self.put(Text(self.surface, said.words, box.inset(_INSET, 8), size=theme.QUESTION, rise="middle"))
